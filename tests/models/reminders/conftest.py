"""A reminder engine over a store with a small rota, and the messages that it enqueues."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import event, select

from models.escalations.commands import EscalationCommands
from models.oncall.confirmations import Confirmations
from models.oncall.override_rows import save as save_overrides
from models.oncall.rota_store import RotaStore
from models.oncall.rota_versions import import_rota
from models.oncall.snapshot import SnapshotCache
from models.reminders.engine import ReminderEngine, TickResult
from models.reminders.settings import ReminderSettings
from models.rules.outbox.message_kinds import MessageKind
from models.rules.policy import reader
from models.rules.rota.on_call import ShiftEvent, ShiftEventKind, Slot
from models.rules.rota.overrides import Override, OverrideKind
from models.store.database import Store
from models.store.oncall_tables import REMINDER
from models.store.tables import OUTBOX
from tests.models.samples import LI, NOW
from tests.sample_rotas import DAILY_TURNS_WITH_BACKUP

REMINDER_SETTINGS = ReminderSettings(
    "C0ONCALL", "C0ESCAL", (LI.id,), ZoneInfo("Asia/Shanghai"), reader.load_packaged(), "S0ONCALL"
)
# NOW is Sunday 22 November 2026, 15:30 in Shanghai: bob's day (01 ann, 02 bob, ..., 22 bob).
BOBS = datetime(2026, 11, 22, 0, 0, tzinfo=NOW.tzinfo)
DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)


@dataclass(frozen=True)
class EnqueuedMessage:
    """One message in the outbox."""

    what: MessageKind
    subject: str
    to: str
    key: str
    at: datetime


class Duty:
    """A store with a reminder engine; tests call its ticks."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.rota_store = RotaStore(store)
        self.confirmations = Confirmations(store, self.rota_store)
        self.commands = EscalationCommands(store)
        self.engine = self.replica()

    def replica(self, services: ReminderSettings = REMINDER_SETTINGS) -> ReminderEngine:
        """Another engine over the same store."""
        return ReminderEngine(self.store, SnapshotCache(self.store, RotaStore(self.store)), services)

    def rota(self, text: str = DAILY_TURNS_WITH_BACKUP, at: datetime = NOW - 30 * DAY) -> None:
        """Import a rota."""
        import_rota(self.store, text, "cli", at)

    def changed(self, kind: OverrideKind, start: datetime, end: datetime, at: datetime, **facts: str) -> None:
        """Change the rota, whoever may."""
        wanted = Override(0, at, "U0LINA", kind, start, end, **facts)  # type: ignore[arg-type]
        self.store.write(lambda c: save_overrides(c, [wanted], "U0LINA", at, f"key-{kind}-{start}-{at}-{facts}"))

    def leave(self, who: str, start: datetime, end: datetime, at: datetime = NOW) -> None:
        """Somebody is away."""
        self.changed(OverrideKind.TIME_OFF, start, end, at, member=who)

    def stand(self, who: str, start: datetime, end: datetime, at: datetime = NOW, seat: str = "primary") -> None:
        """Somebody stands in."""
        self.changed(OverrideKind.OVERRIDE, start, end, at, member=who, seat=seat)

    def press(self, kind: ShiftEventKind, who: str, start: datetime, at: datetime) -> None:
        """Somebody presses at a shift of the primary seat."""
        press = ShiftEvent(0, at, f"U0{who.upper()}", kind, Slot("primary"), start, who)
        self.confirmations.record(press, replace(LI, id=press.by), f"{kind}-{who}-{start}")

    def confirmed(self, start: datetime, days: int) -> None:
        """Ann and Bob, in turn, have confirmed these days, and handed over in between."""
        for n in range(days):
            day = start + n * DAY
            before, who = ("ann", "bob") if (day - BOBS).days % 2 == 0 else ("bob", "ann")
            self.press(ShiftEventKind.CONFIRM, who, day, NOW)
            self.press(ShiftEventKind.HAND_OVER, before, day, NOW)
            self.press(ShiftEventKind.TAKE_OVER, who, day, NOW)

    def backup_confirmed(self) -> None:
        """Let Cid have confirmed the one backup shift, of which everybody is reminded again and again otherwise."""
        begins = datetime(2026, 11, 1, 0, 0, tzinfo=NOW.tzinfo)
        press = ShiftEvent(0, NOW, "U0CID", ShiftEventKind.CONFIRM, Slot("backup"), begins, "cid")
        self.confirmations.record(press, replace(LI, id=press.by), "backup")

    def tick(self, at: datetime) -> TickResult:
        """One tick, in which nothing fails."""
        ticked = self.engine.tick(at)
        assert ticked.failed == {}
        return ticked

    def ticks(self, start: datetime, end: datetime) -> None:
        """Ticks from one instant to another: whenever something is due, and each hour."""
        while start < end:
            following = self.tick(start).next_due
            start = min(start + HOUR, following or end, end)
        self.tick(end)

    def said(self, subject: str = "", what: Iterable[MessageKind] = ()) -> list[EnqueuedMessage]:
        """What was enqueued about subjects that begin so, oldest first."""
        query = select(OUTBOX).order_by(OUTBOX.c.position)
        rows = self.store.read(lambda c: c.execute(query).all())
        all_said = [
            EnqueuedMessage(MessageKind(r.what), r.subject or "", r.user or r.channel, r.dedupe_key, r.created_at)
            for r in rows
        ]
        return [one for one in all_said if one.subject.startswith(subject) and (not what or one.what in what)]

    def made(self, subject: str = "") -> list[tuple[str, datetime, datetime, str]]:
        """The reminders that were made: step, due, made, and which spoke for it."""
        rows = self.store.read(lambda c: c.execute(select(REMINDER).order_by(REMINDER.c.due_at)).all())
        return [(r.step, r.due_at, r.made_at, r.merged_into) for r in rows if r.subject.startswith(subject)]


def hasty(store: Store) -> Store:
    """The store, which now need not survive a power cut: thousands of ticks wait for no disk."""
    if store.is_sqlite:
        event.listen(store.engine, "connect", lambda raw, _record: raw.execute("PRAGMA synchronous=OFF"))
        store.engine.dispose()
    return store


@pytest.fixture
def duty(store: Store) -> Duty:
    """A reminder engine over an empty store."""
    return Duty(hasty(store))
