"""From a plan to who is meant to stand: whose turn it is in each layer of a seat, and what was imported.

Lengths are wall time, so that a turn across a clock change is an hour shorter or longer and handoffs keep their time.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from models.rota.plan import Fixed, Layer, Plan, Seat
from models.rota.steps import Steps, Window, column, edges_of, steps
from models.rota.wall import DAY, Wall, midnight, seconds, since_midnight


class Post(NamedTuple):
    """Somebody in a seat. ``source`` is the layer's name, ``change:ID`` or ``calendar``; ``absent`` is why they do not
    stand there after all, empty when they do."""

    member: str
    source: str
    absent: str = ""


Line = Steps[Post | None]
"""Who is in one place at each second."""


def planned(plan: Plan, seat: Seat, window: Window) -> Sequence[Line]:
    """Who is planned for each place of a seat: imported shifts stand above all layers, a later layer above an earlier
    one, and nobody stands twice. Good for a window, and never to be changed."""
    layers = tuple(layer for layer in plan.layers if layer.seat == seat.name)
    imported = tuple(shift for shift in plan.fixed if shift.seat == seat.name)
    return planned_places(layers, imported, seat.people, (window[0] // DAY * DAY, -(-window[1] // DAY) * DAY))


@lru_cache(maxsize=64)  # by whole days: each tick of a day asks for the same
def planned_places(layers: Sequence[Layer], imported: Sequence[Fixed], people: int, window: Window) -> Sequence[Line]:
    """:func:`planned` of some layers and imported shifts of one seat."""
    stack = [*_tracks(imported), *(layer_line(layer, window) for layer in reversed(layers))]
    if not stack or window[0] >= window[1]:
        return [{} for _ in range(people)]
    edges = edges_of(stack, window)
    rows = zip(*(column(line, edges) for line in stack), strict=True)
    return [steps(edges, place) for place in zip(*(_uppermost(posts, people) for posts in rows), strict=True)]


def _uppermost(posts: Iterable[Post | None], people: int) -> list[Post | None]:
    """For each place the uppermost person who stands in no place above it."""
    if people == 1:
        return [next(filter(None, posts), None)]
    found: dict[str, Post] = {}
    for post in filter(None, posts):
        found.setdefault(post.member, post)
    return [*found.values(), *[None] * people][:people]


def layer_line(layer: Layer, window: Window) -> Line:
    """Whose turn it is in one layer, good for a window."""
    if not layer.members or window[0] >= window[1]:
        return {}
    wall = Wall(layer.zone, *window)
    turns = _turns(layer, wall, window)
    if len(layer.days) == 7 and layer.opens == layer.closes:
        return turns
    return _within(turns, _hours(layer, wall, window))


def _within(turns: Line, hours: Iterable[Window]) -> Line:
    """Turns within hours only."""
    line: Line = {}
    begins, posts = [*turns], [None, *turns.values()]
    for opens, closes in hours:
        first, after = bisect_right(begins, opens), bisect_left(begins, closes)
        line[opens] = posts[first]
        if first < after:
            line.update(zip(begins[first:after], posts[first + 1 :], strict=False))
        line[closes] = None
    return line


def _turns(layer: Layer, wall: Wall, window: Window) -> Line:
    """The turns that touch the window."""
    zero = midnight(layer.starts) + since_midnight(layer.handoff)
    length = int(layer.length.total_seconds())
    first, last = ((wall.shown(at) - zero) // length for at in window)
    turns = range(max(0, first), last + 1)
    people = [Post(member, layer.name) for member in layer.members]
    begins = wall.instants([zero + turn * length for turn in turns])
    return dict(zip(begins, [people[turn % len(people)] for turn in turns], strict=True))


def _hours(layer: Layer, wall: Wall, window: Window) -> Iterable[Window]:
    """The layer's hours, day by day, from the day before the window begins; some may be empty."""
    opens, closes = since_midnight(layer.opens), since_midnight(layer.closes)
    closes += DAY if closes <= opens else 0
    first, last = (wall.shown(at) // DAY for at in window)
    # 1 January 1970 was a Thursday.
    days = [day * DAY for day in range(first - 1, last + 1) if (day + 3) % 7 in layer.days]
    return zip(*(wall.instants([day + clock for day in days]) for clock in (opens, closes)), strict=True)


def _tracks(shifts: Sequence[Fixed]) -> list[Line]:
    """Imported shifts, which may overlap, as lines in which they don't: each goes into the first that has room."""
    lines: list[Line] = []
    ends: list[int] = []
    for start, end, member in sorted((seconds(one.start), seconds(one.end), one.member) for one in shifts):
        free = next((number for number, until in enumerate(ends) if until <= start), len(ends))
        if free == len(ends):
            lines.append({})
            ends.append(end)
        lines[free].update({start: Post(member, "calendar"), end: None})
        ends[free] = end
    return lines
