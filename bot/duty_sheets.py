"""Duty sheets at secret, revocable addresses, and as a file: read from the store at the moment they are asked for."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.clock import Clock
from handlers.i18n.words import Words
from handlers.printable.duty_sheet import SheetFacts, write_sheet
from models.escalations.queries import EscalationQueries
from models.oncall import calendar_feeds
from models.oncall.rota_store import RotaStore
from models.oncall.snapshot import SnapshotCache
from models.store.database import Store

SHEET = ":sheet"
"""Whose address it is among the secret addresses."""
GAPS_AHEAD = timedelta(days=7)


class DutySheets:
    """Answers who has the secret address of a sheet."""

    def __init__(self, store: Store, clock: Clock, words: Words, contacts: Mapping[str, str], zone: ZoneInfo) -> None:
        self._store, self._clock, self._words = store, clock, words
        self._contacts, self._zone = contacts, zone
        self._snapshots = SnapshotCache(store, RotaStore(store))

    def __call__(self, secret: str) -> str | None:
        """Return the sheet of a secret, or None where the secret is unknown. Raises NotSaved."""
        if calendar_feeds.member_of(self._store, secret) != SHEET:
            return None
        return self.write(self._clock.now())

    def write(self, now: datetime) -> str:
        """Return the sheet as of an instant. Raises NotSaved."""
        snapshot, queries = self._snapshots.at(now), EscalationQueries(self._store)
        names = snapshot.names
        gaps = [gap for gap in snapshot.gaps if gap.end > now and gap.start < now + GAPS_AHEAD]
        facts = SheetFacts(
            now, self._zone, snapshot.intervals_at(now), snapshot.shifts, gaps, list(queries.all_escalations()),
            self._contacts, lambda user: names.get(user) or queries.name_of(user),
        )  # fmt: skip
        return write_sheet(facts, self._words)
