"""What the auditor judges by: all that was seen, set and pressed, and when the bot and Slack were there. Judges
nothing itself.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from bot.simulation.checks.labels import clock
from bot.simulation.checks.observed import gaps_told, look
from bot.simulation.checks.outages import Outages
from bot.simulation.checks.reference_rota import MINUTE, ReferenceInterval, ReferenceRota
from bot.simulation.world import World
from models.oncall.rota_store import change_from
from models.store.oncall_tables import ROTA_CHANGE, WATCH

PROMPT = timedelta(minutes=15)
"""So soon whatever is owed is to be seen, while the bot and Slack are there."""
LATE = timedelta(minutes=3)
"""What comes later than that must say that it is late."""
RECOVERY = timedelta(minutes=20)
"""How long after an outage everything that waited may take: one post a second and channel."""
HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Violation:
    """A promise that was broken: which, when, and about what."""

    promise: str
    at: datetime
    about: str

    def __str__(self) -> str:
        return f"{clock(self.at)} {self.promise}: {self.about}"


class Evidence:
    """A world from its start to now."""

    def __init__(self, world: World, start: datetime) -> None:
        self.world, self.start, self.end = world, start, world.now
        self.seen = look(world.sandbox.slack, world.store)
        self.told = gaps_told(self.seen, world.store)
        bent = [(begins - HOUR, ends + HOUR) for begins, ends in world.diary.bent]
        self.shade = Outages([*world.diary.all_dark(), *bent], RECOVERY)
        changes = [change_from(row._mapping) for row in self.rows(select(ROTA_CHANGE).order_by(ROTA_CHANGE.c.id))]
        self.minutes = ReferenceRota(world.plan, changes, start, self.end)
        self._changes = {f"change:{change.id}": change for change in changes}
        self.presses = self.rows(select(WATCH).order_by(WATCH.c.id))
        self.pressed = self._pressed()
        self.settings = world.wire.settings

    def rows(self, query: Any) -> Sequence[Any]:
        """What is in the store."""
        return self.world.store.read(lambda c: c.execute(query).all())

    def silences(
        self, start: datetime, end: datetime, heard: Iterable[datetime], most: timedelta
    ) -> Iterator[tuple[datetime, datetime]]:
        """The times between two instants at which nothing was heard for too long."""
        at = start
        for moment in [*sorted(one for one in heard if start < one < end), min(end, self.end)]:
            if self.shade.light(at, moment) > most:
                yield at, moment
            at = moment

    def _pressed(self) -> dict[tuple[str, datetime, str], datetime]:
        """When which button was first pressed at which shift; ``there`` for who said in time to be there."""
        found: dict[tuple[str, datetime, str], datetime] = {}
        for row in self.presses:
            found.setdefault((row.seat, whole(row.shift_start), row.kind), row.at)
            if row.kind in {"confirm", "take_over"}:
                found.setdefault((row.seat, whole(row.shift_start), "there"), row.at)
        for seat in self.minutes.lived:
            for shift in self.minutes.shifts(seat):
                if at := self.accepted(shift):
                    found[seat, shift.start, "there"] = at
        return found

    def accepted(self, shift: ReferenceInterval) -> datetime | None:
        """When somebody put themselves into a shift, which confirms it; None when somebody else did."""
        change = self._changes.get(shift.cell.source) if shift.cell else None
        member = self.world.plan.members.get(change.member) if change else None
        return min(change.at, shift.start) if change and member and member.slack_id == change.by else None


def whole(at: datetime) -> datetime:
    """The first whole minute that is not before an instant: where the array of minutes sees it begin."""
    return at if at.second == at.microsecond == 0 else at.replace(second=0, microsecond=0) + MINUTE
