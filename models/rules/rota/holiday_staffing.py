"""How a holiday week is staffed: where the policy is unmet, where one person stands alone, who has too much of it."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from models.rules.rota.gaps import Gap, find_gaps
from models.rules.rota.impact import RotaState
from models.rules.rota.local_clock import to_seconds
from models.rules.rota.shifts import Shift, resolve_shifts
from models.rules.rota.timeline import Window, merge_windows

WEEK, HOUR = timedelta(days=7), 3600
Time = tuple[datetime, datetime]


@dataclass(frozen=True)
class OverLimit:
    """Somebody who stands more hours than a week may have; in how many times of standing."""

    person: str
    hours: float
    shifts: int


@dataclass(frozen=True)
class HolidayStaffing:
    """What is thin between two instants. ``alone`` is when a single person stands in all seats together."""

    gaps: Sequence[Gap] = ()
    alone: Sequence[Time] = ()
    over_limit: Sequence[OverLimit] = ()

    @property
    def is_thin(self) -> bool:
        """Whether somebody has to do something. Standing alone may be how the rota is meant."""
        return bool(self.gaps or self.over_limit)


def assess_staffing(known: RotaState, start: datetime, end: datetime) -> HolidayStaffing:
    """How the time between two instants is staffed, on final shifts."""
    missing = find_gaps(known.rota, known.overrides, start, end, known.absences)
    shifts = [one for one in resolve_shifts(known.rota, known.overrides, start, end, known.absences) if not one.absent]
    most = known.rota.limits.week * max(1.0, (end - start) / WEEK)
    return HolidayStaffing(missing, _alone(shifts, missing, start, end), _often(shifts, most))


def _times(shifts: Sequence[Shift]) -> dict[str, list[Window]]:
    mine: dict[str, list[Window]] = defaultdict(list)
    for shift in shifts:
        mine[shift.member].append((to_seconds(shift.start), to_seconds(shift.end)))
    return {who: merge_windows(times) for who, times in mine.items()}


def _hours(times: Sequence[Window]) -> float:
    return sum(end - start for start, end in times) / HOUR


def _often(shifts: Sequence[Shift], most: timedelta) -> list[OverLimit]:
    found = [OverLimit(who, _hours(times), len(times)) for who, times in _times(shifts).items()]
    many = [one for one in found if one.hours * HOUR > most.total_seconds()]
    return sorted(many, key=lambda one: (-one.hours, one.person))


def _alone(shifts: Sequence[Shift], missing: Sequence[Gap], start: datetime, end: datetime) -> list[Time]:
    """When one person stands and no gap says so already."""
    times = [*((shift.start, shift.end) for shift in shifts), *((one.start, one.end) for one in missing)]
    edges = {start, end, *(edge for both in times for edge in both)}
    found: list[Time] = []
    for begins, ends in pairwise(sorted(edge for edge in edges if start <= edge <= end)):
        there = {shift.member for shift in shifts if shift.start <= begins < shift.end}
        if len(there) != 1 or any(one.start <= begins < one.end for one in missing):
            continue
        joins = found and found[-1][1] == begins
        found[-1:] = [(found[-1][0], ends)] if joins else [*found[-1:], (begins, ends)]
    return found
