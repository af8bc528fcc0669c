"""Values that change at certain seconds: each holds until the next. All arithmetic on time is a look at each stretch
between two edges: there nothing changes, however many things are looked at together.

A year has thousands of stretches and a tick looks at all of them: whole columns are made at once.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Any, TypeVar

T = TypeVar("T")
Window = tuple[int, int]
Steps = list[tuple[int, T]]
"""From each second on, in order, a value; of two at the same second the later one counts. Before the first: None."""


def edges_of(lines: Iterable[Steps[Any]], window: Window, more: Iterable[int] = ()) -> list[int]:
    """The beginnings of all stretches of a window, which must not be empty."""
    start, end = window
    edges = {at for line in lines for at, _ in line}
    edges.update(more)
    return [start, *sorted(at for at in edges if start < at < end)]


def column(line: Steps[T | None], edges: Sequence[int]) -> list[T | None]:
    """What a line says in each stretch."""
    changes = dict(line)
    held = _at(line, edges[0])
    return [held := changes.get(at, held) for at in edges]


def _at(line: Steps[T | None], second: int) -> T | None:
    held: T | None = None
    for at, value in line:
        if at > second:
            break
        held = value
    return held


def slice_of(edges: Sequence[int], start: int, end: int) -> slice:
    """The stretches between two seconds, which are edges or outside of all of them."""
    return slice(bisect_left(edges, start), bisect_left(edges, end))


def steps(edges: Iterable[int], values: Sequence[T]) -> Steps[T]:
    """A column as a line: what is the same as before is left out."""
    changed = zip(edges, values, (None, *values), strict=False)
    return [(at, value) for at, value, before in changed if value != before]


def stretches(line: Steps[T | None], window: Window) -> Iterator[tuple[int, int, T]]:
    """The stretches of a line that hold something, within a window."""
    start, end = window
    for (since, value), (until, _) in pairwise([*line, (end, None)]):
        if value is not None and until > start and since < end:
            yield (since if since > start else start), (until if until < end else end), value
