"""From a plan to planned spans: whose turn it is in each layer, and who of several layers stands in a seat.

Lengths are wall time, so that a turn across a clock change is an hour shorter or longer and handoffs keep their time.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from models.rota.plan import Fixed, Layer, Plan, Seat
from models.rota.wall import DAY, Wall, midnight, seconds, since_midnight

Window = tuple[int, int]


class Span(NamedTuple):
    """Somebody in a seat between two seconds. ``source`` is the layer's name, ``change:ID`` or ``calendar``;
    ``absent`` is why they do not stand there after all, empty when they do."""

    start: int
    end: int
    member: str
    source: str
    absent: str = ""


def planned(plan: Plan, seat: Seat, window: Window) -> list[list[Span]]:
    """The planned spans of each place of a seat: the highest layers win, nobody stands in two places at once.

    Imported shifts stand above all layers.
    """
    tracks = _tracks([fixed for fixed in plan.fixed if fixed.seat == seat.name], window)
    layers = [list(layer_spans(layer, window)) for layer in plan.layers if layer.seat == seat.name]
    return _stacked([*tracks, *reversed(layers)], seat.people)


def layer_spans(layer: Layer, window: Window) -> Iterator[Span]:
    """The spans of one layer within the window, turn by turn."""
    start, end = window
    if not layer.members or start >= end:
        return
    wall = Wall(layer.zone, start, end)
    hours = None if _covers_all(layer) else list(_hours(layer, wall, window))
    for turn_start, turn_end, member in _turns(layer, wall, window):
        begins, ends = max(turn_start, start), min(turn_end, end)
        if hours is None:
            yield Span(begins, ends, member, layer.name)
        else:
            yield from _within(Span(begins, ends, member, layer.name), hours)


def _turns(layer: Layer, wall: Wall, window: Window) -> Iterator[tuple[int, int, str]]:
    """Each turn that touches the window, with whose it is."""
    first = midnight(layer.starts) + since_midnight(layer.handoff)
    length = int(layer.length.total_seconds())
    turn = max(0, (wall.local(window[0]) - first) // length - 1)
    begins = wall.instant(first + turn * length)
    while begins < window[1]:
        ends = wall.instant(first + (turn + 1) * length)
        if ends > max(begins, window[0]):
            yield begins, ends, layer.members[turn % len(layer.members)]
        turn, begins = turn + 1, ends


def _covers_all(layer: Layer) -> bool:
    return len(layer.days) == 7 and layer.opens == layer.closes


def _hours(layer: Layer, wall: Wall, window: Window) -> Iterator[Window]:
    """The layer's hours, day by day, from the day before the window begins."""
    opens, closes = since_midnight(layer.opens), since_midnight(layer.closes)
    closes += DAY if closes <= opens else 0
    first, last = (wall.local(at) // DAY for at in window)
    for day in range(first - 1, last + 1):
        if (day + 3) % 7 in layer.days:  # 1 January 1970 was a Thursday
            begins, ends = wall.instant(day * DAY + opens), wall.instant(day * DAY + closes)
            if begins < ends:
                yield begins, ends


def _within(span: Span, hours: Sequence[Window]) -> Iterator[Span]:
    at = max(0, bisect_right(hours, (span.start, span.start)) - 1)  # the one before may reach into the span
    while at < len(hours) and hours[at][0] < span.end:
        start, end = max(hours[at][0], span.start), min(hours[at][1], span.end)
        if start < end:
            yield Span(start, end, span.member, span.source)
        at += 1


def _tracks(shifts: Sequence[Fixed], window: Window) -> list[list[Span]]:
    """Imported shifts, which may overlap, as lists in which they don't: each goes into the first that has room."""
    tracks: list[list[Span]] = []
    for start, end, member in sorted((seconds(one.start), seconds(one.end), one.member) for one in shifts):
        free = next((track for track in tracks if track[-1].end <= start), None)
        if free is None:
            tracks.append(free := [])
        free.append(Span(start, end, member, "calendar"))
    return [list(_clipped(track, window)) for track in tracks]


def _clipped(spans: Iterable[Span], window: Window) -> Iterator[Span]:
    for span in spans:
        start, end = max(span.start, window[0]), min(span.end, window[1])
        if start < end:
            yield span._replace(start=start, end=end)


def _stacked(stack: Sequence[list[Span]], people: int) -> list[list[Span]]:
    """For each place the uppermost person who stands in no place above it."""
    if len(stack) <= 1:
        return [*stack, *([] for _ in range(people - len(stack)))]
    places: list[list[Span]] = [[] for _ in range(people)]
    reached = [0] * len(stack)
    for start, end in pairwise(sorted({edge for spans in stack for span in spans for edge in span[:2]})):
        taken: list[str] = []
        for span in _covering(stack, reached, start):
            if span.member not in taken:
                extend(places[len(taken)], Span(start, end, *span[2:]))
                taken.append(span.member)
                if len(taken) == people:
                    break
    return places


def _covering(stack: Sequence[list[Span]], reached: list[int], at: int) -> Iterator[Span]:
    """The spans that cover a second, uppermost first; ``reached`` moves on with the time."""
    for layer, spans in enumerate(stack):
        here = reached[layer]
        while here < len(spans) and spans[here].end <= at:
            here += 1
        reached[layer] = here
        if here < len(spans) and spans[here].start <= at:
            yield spans[here]


def extend(spans: list[Span], span: Span) -> None:
    """Add a span behind the others; it becomes one with the last when both touch and say the same."""
    if spans and spans[-1].end == span.start and spans[-1][2:] == span[2:]:
        spans[-1] = Span(spans[-1].start, *span[1:])
    else:
        spans.append(span)
