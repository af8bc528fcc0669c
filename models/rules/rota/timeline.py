"""Values that change at certain seconds: each holds until the next. All arithmetic on time is a look at each stretch
between two edges: there nothing changes, however many things are looked at together.

A year has thousands of stretches and a tick looks at all of them: whole columns are made at once.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Any, TypeVar

T = TypeVar("T")
Window = tuple[int, int]
Timeline = dict[int, T]
"""From each second on, in order, a value. Before the first there is none."""


def find_edges(lines: Iterable[Timeline[Any]], window: Window, more: Iterable[int] = ()) -> list[int]:
    """The beginnings of all stretches of a window, which must not be empty."""
    edges = sorted(dict.fromkeys(chain(*lines, more)))  # unlike a set, it stays nearly sorted
    return [window[0], *edges[bisect_right(edges, window[0]) : bisect_left(edges, window[1])]]


def sample(line: Timeline[T | None], edges: Sequence[int]) -> list[T | None]:
    """What a line says in each stretch."""
    held = _value(line, edges[0])
    return [held := line.get(at, held) for at in edges]


def _value(line: Timeline[T | None], second: int) -> T | None:
    held: T | None = None
    for at, value in line.items():
        if at > second:
            break
        held = value
    return held


def find_slice(edges: Sequence[int], start: int, end: int) -> slice:
    """The stretches between two seconds, which are edges or outside of all of them."""
    return slice(bisect_left(edges, start), bisect_left(edges, end))


def build_timeline(edges: Iterable[int], values: Sequence[T]) -> Timeline[T]:
    """A column as a line: what is the same as before is left out."""
    changed = zip(edges, values, (None, *values), strict=False)
    return {at: value for at, value, before in changed if value != before}


def iterate_intervals(line: Timeline[T], end: int) -> Iterator[tuple[int, int, T]]:
    """Each stretch of a line until ``end``, which the line does not pass, with what it holds."""
    return zip(line, [*line, end][1:], line.values(), strict=True)


def merge_windows(times: Iterable[Window]) -> list[Window]:
    """Times in order; those that touch or overlap become one."""
    ordered = sorted(times)
    whole: list[Window] = []
    since, until = ordered[0] if ordered else (0, 0)
    for start, end in ordered:
        if start > until:
            whole.append((since, until))
            since, until = start, end
        elif end > until:
            until = end
    return [*whole, (since, until)] if ordered else []


def measure_overlap(times: Iterable[Window], edges: Sequence[int]) -> list[int]:
    """How many seconds of some times lie between each edge and the next."""
    seconds = [0] * (len(edges) - 1)
    for start, end in times:
        at = max(0, bisect_right(edges, start) - 1)
        while at < len(seconds) and edges[at] < end:
            seconds[at] += max(0, min(end, edges[at + 1]) - max(start, edges[at]))
            at += 1
    return seconds
