"""Duty sheets at secret, revocable addresses, and as a file: read from the store at the moment they are asked for."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.clock import Clock
from handlers.i18n.words import Words
from handlers.printable.duty_sheet import SheetFacts, write_sheet
from models.escalations.queries import EscalationQueries
from models.oncall import calendar_feeds
from models.oncall.rota_store import RotaStore
from models.oncall.snapshot import SnapshotCache
from models.rules.reach.reach_plan import ReachPlan
from models.store.database import Store

SHEET = ":sheet"
"""Whose address it is among the secret addresses."""
GAPS_AHEAD = timedelta(days=7)


class DutySheets:
    """Answers who has the secret address of a sheet."""

    def __init__(self, store: Store, clock: Clock, words: Words, reach: ReachPlan, zone: ZoneInfo) -> None:
        self._store, self._clock, self._words = store, clock, words
        self._reach, self._zone = reach, zone
        self._snapshots = SnapshotCache(store, RotaStore(store))

    def __call__(self, secret: str) -> str | None:
        """Return the sheet of a secret, or None where the secret is unknown. Raises NotSaved."""
        if calendar_feeds.member_of(self._store, secret) != SHEET:
            return None
        return self.write(self._clock.now())

    def write(self, now: datetime) -> str:
        """Return the sheet as of an instant. Raises NotSaved."""
        return write_sheet(self.read(now), self._words)

    def read(self, now: datetime) -> SheetFacts:
        """Return what the sheet shows as of an instant. Raises NotSaved."""
        snapshot, queries = self._snapshots.at(now), EscalationQueries(self._store)
        names = snapshot.names
        gaps = [gap for gap in snapshot.gaps if gap.end > now and gap.start < now + GAPS_AHEAD]
        keys = {name: member.keys for name, member in snapshot.rota.members.items()}
        return SheetFacts(
            now, self._zone, snapshot.intervals_at(now), snapshot.shifts, gaps, list(queries.all_escalations()),
            {name: self._reach.find_contact(each) for name, each in keys.items()},
            {name: self._reach.find_channels(each) for name, each in keys.items()},
            lambda user: names.get(user) or queries.name_of(user),
        )  # fmt: skip
