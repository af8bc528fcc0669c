"""Values that change at certain seconds: each holds until the next. The arithmetic behind shifts and gaps.

Timelines that are compared are cut at all their edges; between two edges nothing changes. A year has thousands of such
intervals and each tick needs all of them, so whole columns are computed at once.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Any, TypeVar

T = TypeVar("T")
Window = tuple[int, int]
"""Start and end, in seconds since 1970."""
Timeline = dict[int, T]
"""By second, in order, the value that holds from then on. Before the first there is none."""


def find_edges(timelines: Iterable[Timeline[Any]], window: Window, more: Iterable[int] = ()) -> list[int]:
    """Return the starts of all intervals of a window, which must not be empty."""
    edges = sorted(dict.fromkeys(chain(*timelines, more)))  # unlike a set, it stays nearly sorted
    return [window[0], *edges[bisect_right(edges, window[0]) : bisect_left(edges, window[1])]]


def sample(timeline: Timeline[T | None], edges: Sequence[int]) -> list[T | None]:
    """Return the value of a timeline in each interval."""
    value = _find_value(timeline, edges[0])
    return [value := timeline.get(edge, value) for edge in edges]


def _find_value(timeline: Timeline[T | None], second: int) -> T | None:
    """Return the value that holds at a second."""
    current: T | None = None
    for start, value in timeline.items():
        if start > second:
            break
        current = value
    return current


def find_slice(edges: Sequence[int], start: int, end: int) -> slice:
    """Return the intervals between two seconds, which are edges or outside of all of them."""
    return slice(bisect_left(edges, start), bisect_left(edges, end))


def build_timeline(edges: Iterable[int], values: Sequence[T]) -> Timeline[T]:
    """Return a column of values as a timeline: values equal to the one before are left out."""
    changed = zip(edges, values, (None, *values), strict=False)
    return {edge: value for edge, value, before in changed if value != before}


def iterate_intervals(timeline: Timeline[T], end: int) -> Iterator[tuple[int, int, T]]:
    """Return each interval of a timeline until ``end``, which the timeline does not pass, with its value."""
    return zip(timeline, [*timeline, end][1:], timeline.values(), strict=True)


def merge_windows(windows: Iterable[Window]) -> list[Window]:
    """Return windows in order; those that touch or overlap become one."""
    ordered = sorted(windows)
    merged: list[Window] = []
    merged_start, merged_end = ordered[0] if ordered else (0, 0)
    for start, end in ordered:
        if start > merged_end:
            merged.append((merged_start, merged_end))
            merged_start, merged_end = start, end
        elif end > merged_end:
            merged_end = end
    return [*merged, (merged_start, merged_end)] if ordered else []


def measure_overlap(windows: Iterable[Window], edges: Sequence[int]) -> list[int]:
    """Return how many seconds of some windows lie between each edge and the next."""
    seconds = [0] * (len(edges) - 1)
    for start, end in windows:
        index = max(0, bisect_right(edges, start) - 1)
        while index < len(seconds) and edges[index] < end:
            seconds[index] += max(0, min(end, edges[index + 1]) - max(start, edges[index]))
            index += 1
    return seconds
