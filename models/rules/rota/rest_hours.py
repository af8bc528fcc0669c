"""How long people are on in one go, and how long they rest between. Interval arithmetic only."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from itertools import pairwise

from models.rules.rota.shifts import SeatTimelines
from models.rules.rota.timeline import Window, iterate_intervals, merge_windows


def find_runs(final: Mapping[str, SeatTimelines], until: int) -> Mapping[str, list[Window]]:
    """By person the unbroken times at which they stand anywhere."""
    times: dict[str, list[Window]] = defaultdict(list)
    for line in (line for places in final.values() for line in places):
        for start, end, post in iterate_intervals(line, until):
            if post and not post.absent:
                times[post.member].append((start, end))
    return {who: merge_windows(mine) for who, mine in times.items()}


def find_time_over_limit(runs: Sequence[Window], longest: timedelta | None) -> Iterator[Window]:
    """The part of each unbroken time that goes beyond the longest allowed; None is no limit."""
    limit = int(longest.total_seconds()) if longest else None
    for start, end in runs:
        if limit is not None and end - start > limit:
            yield start + limit, end


def find_time_without_rest(runs: Sequence[Window], rest: timedelta | None) -> Iterator[Window]:
    """The part of each unbroken time in which its person has not rested enough; None is no limit."""
    limit = int(rest.total_seconds()) if rest else 0
    for (_, stopped), (start, _) in pairwise(runs):
        if start < stopped + limit:
            yield start, stopped + limit
