"""What the auditor judges by: all that was seen, set and pressed, and when the bot and Slack were there.

It judges nothing itself.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from bot.simulation.checks.audit_names import format_time
from bot.simulation.checks.outages import Outages
from bot.simulation.checks.reference_rota import MINUTE, ReferenceInterval, ReferenceRota
from bot.simulation.checks.seen_messages import observe_gaps, observe_messages
from bot.simulation.world import World
from models.oncall.override_rows import override_from
from models.store.oncall_tables import ROTA_CHANGE, WATCH

PROMPT = timedelta(minutes=15)
"""How soon everything that is due must be seen while the bot and Slack are there."""
LATE = timedelta(minutes=3)
"""What comes later than that must be marked as late."""
RECOVERY = timedelta(minutes=20)
"""How long the backlog of an outage may take: one post a second and channel."""
HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Violation:
    """A promise that was broken: which, when, and about what."""

    promise: str
    at: datetime
    about: str

    def __str__(self) -> str:
        return f"{format_time(self.at)} {self.promise}: {self.about}"


class Evidence:
    """A world from its start to now."""

    def __init__(self, world: World, start: datetime) -> None:
        self.world, self.start, self.end = world, start, world.now
        self.messages = observe_messages(world.sandbox.slack, world.store)
        self.gap_messages = observe_gaps(self.messages, world.store)
        clock_errors = [(begins - HOUR, ends + HOUR) for begins, ends in world.event_log.clock_errors]
        self.outages = Outages([*world.event_log.all_outages(), *clock_errors], RECOVERY)
        changes = [override_from(row._mapping) for row in self.rows(select(ROTA_CHANGE).order_by(ROTA_CHANGE.c.id))]
        self.rota = ReferenceRota(world.rota, changes, start, self.end)
        self._changes = {f"change:{change.id}": change for change in changes}
        self.presses = self.rows(select(WATCH).order_by(WATCH.c.id))
        self.first_presses = self._find_first_presses()
        self.status_updates = world.outbound.status_updates

    def rows(self, query: Any) -> Sequence[Any]:
        """Return the rows of a query."""
        return self.world.store.read(lambda c: c.execute(query).all())

    def find_silences(
        self, start: datetime, end: datetime, heard: Iterable[datetime], most: timedelta
    ) -> Iterator[tuple[datetime, datetime]]:
        """Yield the times between two instants in which nothing was heard for longer than ``most``."""
        at = start
        for moment in [*sorted(instant for instant in heard if start < instant < end), min(end, self.end)]:
            if self.outages.measure_uptime(at, moment) > most:
                yield at, moment
            at = moment

    def _find_first_presses(self) -> dict[tuple[str, datetime, str], datetime]:
        """Return when each button was first pressed for each shift.

        ``confirmed`` stands for any sign that the person comes.
        """
        presses: dict[tuple[str, datetime, str], datetime] = {}
        for row in self.presses:
            presses.setdefault((row.seat, round_up_to_minute(row.shift_start), row.kind), row.at)
            if row.kind in {"confirm", "take_over"}:
                presses.setdefault((row.seat, round_up_to_minute(row.shift_start), "confirmed"), row.at)
        for seat in self.rota.history:
            for shift in self.rota.shifts(seat):
                if at := self.find_acceptance(shift):
                    presses[seat, shift.start, "confirmed"] = at
        return presses

    def find_acceptance(self, shift: ReferenceInterval) -> datetime | None:
        """Return when somebody put themselves into a shift, which confirms it; None when somebody else did."""
        change = self._changes.get(shift.cell.source) if shift.cell else None
        member = self.world.rota.members.get(change.member) if change else None
        return min(change.at, shift.start) if change and member and member.slack_id == change.by else None


def round_up_to_minute(at: datetime) -> datetime:
    """Return the first whole minute that is not before an instant: where the array of minutes sees it begin."""
    return at if at.second == at.microsecond == 0 else at.replace(second=0, microsecond=0) + MINUTE
