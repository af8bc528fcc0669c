"""How long people are on call without a break, and how long they rest between. Interval arithmetic only."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from itertools import pairwise

from models.rules.rota.intervals import Window, iterate_intervals, merge_windows
from models.rules.rota.shifts import SeatTimelines


def find_runs(timelines: Mapping[str, SeatTimelines], window_end: int) -> Mapping[str, list[Window]]:
    """Return by person the uninterrupted times at which they are on call in any slot, in seconds since 1970."""
    windows_by_person: dict[str, list[Window]] = defaultdict(list)
    for timeline in (timeline for slots in timelines.values() for timeline in slots):
        for start, end, assignment in iterate_intervals(timeline, window_end):
            if assignment and not assignment.absent:
                windows_by_person[assignment.member].append((start, end))
    return {person: merge_windows(windows) for person, windows in windows_by_person.items()}


def find_time_over_limit(runs: Sequence[Window], longest: timedelta | None) -> Iterator[Window]:
    """Return the part of each run that exceeds the longest allowed; None is no limit."""
    limit = int(longest.total_seconds()) if longest else None
    for start, end in runs:
        if limit is not None and end - start > limit:
            yield start + limit, end


def find_time_without_rest(runs: Sequence[Window], rest: timedelta | None) -> Iterator[Window]:
    """Return the part of each run in which its person has not rested enough; None is no limit."""
    limit = int(rest.total_seconds()) if rest else 0
    for (_, stopped), (start, _) in pairwise(runs):
        if start < stopped + limit:
            yield start, stopped + limit
