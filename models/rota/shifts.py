"""From a plan and its changes to final shifts: who stands in each seat, without overlap. Interval arithmetic only.

Changes are laid over the plan in the order in which they became known:

- a stand *instead of* somebody replaces that person wherever they are in the seat, also where they are on leave;
- any other stand first fills what is empty in the seat, and replaces the first place where nothing is;
- a leave takes its person out of all they had until then; who stands in afterwards, knows of it and means it.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from models.rota.changes import Change, ChangeKind, in_force
from models.rota.plan import Plan
from models.rota.turns import Span, Window, extend, planned
from models.rota.wall import instant, seconds

ON_LEAVE = "on_leave"
Places = list[list[Span]]


@dataclass(frozen=True, slots=True)
class Shift:
    """One person in one seat, from ``start`` to ``end`` (UTC). ``place`` counts the people of a seat from 1.
    ``absent`` tells why an otherwise planned person does not stand there: ``on_leave``; empty when they do.
    ``source`` is the layer's name, ``change:ID`` or ``calendar``."""

    seat: str
    place: int
    member: str
    start: datetime
    end: datetime
    source: str
    absent: str = ""


def resolve(plan: Plan, changes: Iterable[Change], start: datetime, end: datetime) -> list[Shift]:
    """The final shifts of all seats between two instants, by seat, place and time; absences included and marked."""
    final = final_spans(plan, in_force(changes), (seconds(start), seconds(end)))
    return [
        Shift(seat, place, span.member, instant(span.start), instant(span.end), span.source, span.absent)
        for seat, places in final.items()
        for place, spans in enumerate(places, 1)
        for span in spans
    ]


def final_spans(plan: Plan, counting: Iterable[Change], window: Window) -> Mapping[str, Places]:
    """By seat and place what :func:`resolve` tells, in seconds. ``counting`` comes from ``changes.in_force``."""
    seats = {seat.name: planned(plan, seat, window) for seat in plan.seats}
    for change in counting:
        within = (max(seconds(change.start), window[0]), min(seconds(change.end), window[1]))
        if within[0] < within[1]:
            _apply(seats, change, within)
    return {seat: [_joined(spans) for spans in _once_each(places)] for seat, places in seats.items()}


def _apply(seats: Mapping[str, Places], change: Change, within: Window) -> None:
    if change.kind is ChangeKind.LEAVE:
        for places in seats.values():
            for spans in places:
                _recast(spans, within, lambda part: _left(part, change.member))
    elif change.kind is ChangeKind.STAND and change.seat in seats:
        placed = Span(*within, change.member, f"change:{change.id}")
        if change.instead_of:
            for spans in seats[change.seat]:
                _recast(spans, within, lambda part: _replaced(part, change.instead_of, placed))
        else:
            _put(seats[change.seat], placed)


def _left(part: Span, member: str) -> Span:
    return part._replace(absent=ON_LEAVE) if part.member == member else part


def _replaced(part: Span, member: str, placed: Span) -> Span:
    return Span(part.start, part.end, *placed[2:]) if part.member == member else part


def _put(places: Places, placed: Span) -> None:
    """Who stands already, stays; what is empty is filled first; the rest goes to the first place."""
    left = [placed]
    for spans in places:
        left = _minus(left, [span for span in _touching(spans, placed) if _stands(span, placed.member)])
    for spans in places:
        standing = [span for span in _touching(spans, placed) if not span.absent]
        free = _minus(left, standing)
        left = _minus(left, free)
        _lay_over(spans, free)
    _lay_over(places[0], left)


def _stands(span: Span, member: str) -> bool:
    return span.member == member and not span.absent


def _lay_over(spans: list[Span], over: list[Span]) -> None:
    for span in over:
        low, high = _reach(spans, span)
        spans[low:high] = sorted([*_minus(spans[low:high], [span]), span])


def _recast(spans: list[Span], within: Window, make: Callable[[Span], Span]) -> None:
    """Replace the part of each span that lies within by what ``make`` makes of it."""
    low, high = _reach(spans, within)
    new: list[Span] = []
    for span in spans[low:high]:
        part = span._replace(start=max(span.start, within[0]), end=min(span.end, within[1]))
        made = make(part)
        new += [span] if made == part else sorted([*_minus([span], [part]), made])
    spans[low:high] = new


def _once_each(places: Places) -> Places:
    """Nobody stands in two places of a seat: the upper one counts."""
    for place in range(1, len(places)):
        for above in places[:place]:
            standing = [span for span in above if not span.absent]
            twice = _same_person(places[place], standing)
            for span in twice:
                low, high = _reach(places[place], span)
                places[place][low:high] = _minus(places[place][low:high], [span])
    return places


def _same_person(spans: list[Span], above: list[Span]) -> list[Span]:
    """The parts of ``above`` at which the same person is in ``spans`` too."""
    return [
        one._replace(start=max(one.start, other.start), end=min(one.end, other.end))
        for one in above
        for other in _touching(spans, one)
        if other.member == one.member
    ]


# Small arithmetic on sorted, disjoint spans --------------------------------------------------------------------


def _reach(spans: list[Span], within: Window | Span) -> tuple[int, int]:
    """The slice of spans that share time with this."""
    low = bisect_right(spans, within[0], key=lambda span: span.end)
    return low, max(low, bisect_left(spans, within[1], key=lambda span: span.start))


def _touching(spans: list[Span], within: Span) -> list[Span]:
    low, high = _reach(spans, within)
    return spans[low:high]


def _minus(spans: list[Span], away: list[Span]) -> list[Span]:
    """Spans less the time of others."""
    kept: list[Span] = []
    for span in spans:
        at = span.start
        for other in _touching(away, span):
            if other.start > at:
                kept.append(span._replace(start=at, end=other.start))
            at = other.end
        if at < span.end:
            kept.append(span._replace(start=at))
    return kept


def _joined(spans: list[Span]) -> list[Span]:
    joined: list[Span] = []
    for span in spans:
        extend(joined, span)
    return joined
