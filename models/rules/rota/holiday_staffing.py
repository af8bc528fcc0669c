"""How a holiday week is staffed: gaps, times with one person only, and people with too many hours."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from models.rules.rota.gaps import Gap
from models.rules.rota.impact import RotaState
from models.rules.rota.intervals import Window, merge_windows
from models.rules.rota.local_clock import to_seconds
from models.rules.rota.resolved_rota import find_gaps
from models.rules.rota.shifts import Shift, resolve_shifts

WEEK, HOUR = timedelta(days=7), 3600
Time = tuple[datetime, datetime]


@dataclass(frozen=True)
class OverLimit:
    """A person with more hours than the limit of a week."""

    person: str
    hours: float
    shifts: int  # number of separate times on call


@dataclass(frozen=True)
class HolidayStaffing:
    """What is thin between two instants (UTC)."""

    gaps: Sequence[Gap] = ()
    alone: Sequence[Time] = ()  # when a single person covers all seats
    over_limit: Sequence[OverLimit] = ()

    @property
    def is_thin(self) -> bool:
        """Whether a person has to act. One person alone may be what the rota intends."""
        return bool(self.gaps or self.over_limit)


def assess_staffing(state: RotaState, start: datetime, end: datetime) -> HolidayStaffing:
    """Return how the time between two instants is staffed, on final shifts."""
    missing = find_gaps(state.rota, state.overrides, start, end, state.absences)
    shifts = [
        shift for shift in resolve_shifts(state.rota, state.overrides, start, end, state.absences) if not shift.absent
    ]
    longest = state.rota.limits.week * max(1.0, (end - start) / WEEK)
    return HolidayStaffing(missing, _find_alone(shifts, missing, start, end), _find_over_limit(shifts, longest))


def _group_windows(shifts: Sequence[Shift]) -> dict[str, list[Window]]:
    windows: dict[str, list[Window]] = defaultdict(list)
    for shift in shifts:
        windows[shift.member].append((to_seconds(shift.start), to_seconds(shift.end)))
    return {who: merge_windows(times) for who, times in windows.items()}


def _hours(times: Sequence[Window]) -> float:
    """Return the hours of some times."""
    return sum(end - start for start, end in times) / HOUR


def _find_over_limit(shifts: Sequence[Shift], longest: timedelta) -> list[OverLimit]:
    totals = [OverLimit(who, _hours(times), len(times)) for who, times in _group_windows(shifts).items()]
    over = [total for total in totals if total.hours * HOUR > longest.total_seconds()]
    return sorted(over, key=lambda total: (-total.hours, total.person))


def _find_alone(shifts: Sequence[Shift], missing: Sequence[Gap], start: datetime, end: datetime) -> list[Time]:
    """Return when one person is on call alone and no gap shows it already."""
    times = [*((shift.start, shift.end) for shift in shifts), *((gap.start, gap.end) for gap in missing)]
    edges = {start, end, *(edge for both in times for edge in both)}
    alone: list[Time] = []
    for begins, ends in pairwise(sorted(edge for edge in edges if start <= edge <= end)):
        people = {shift.member for shift in shifts if shift.start <= begins < shift.end}
        if len(people) != 1 or any(gap.start <= begins < gap.end for gap in missing):
            continue
        adjoins = alone and alone[-1][1] == begins
        alone[-1:] = [(alone[-1][0], ends)] if adjoins else [*alone[-1:], (begins, ends)]
    return alone
