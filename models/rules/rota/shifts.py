"""From a plan and its changes to final shifts: who stands in each seat, without overlap. Interval arithmetic only.

Changes are laid over the plan in the order in which they became known:

- a stand *instead of* somebody replaces that person wherever they are in the seat, also where they are on leave;
- any other stand first fills what is empty in the seat, and replaces the first place where nothing is;
- whoever is not in the workspace stands nowhere from the moment that is known, and their place counts as empty;
- a leave takes its person out of all they had until then; who stands in afterwards, knows of it and means it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from models.rules.rota.departures import NO_ABSENCES, WorkspaceAbsences, find_member_windows
from models.rules.rota.local_clock import to_instant, to_seconds
from models.rules.rota.overrides import Override, OverrideKind, select_in_force
from models.rules.rota.rota import Rota, Seat
from models.rules.rota.rotation import Assignment, RotationTrack, SlotColumn, SlotTimeline, build_tracks
from models.rules.rota.timeline import Window, build_timeline, find_edges, find_slice

ON_LEAVE = "on_leave"
LEFT_WORKSPACE = "left_workspace"
_LEAVE, _STAND = (
    OverrideKind.TIME_OFF,
    OverrideKind.OVERRIDE,
)  # Python 3.11 takes long to look up a member of an enumeration
SeatTimelines = list[SlotTimeline]


class Shift(NamedTuple):
    """One person in one seat, from ``start`` to ``end`` (UTC). ``place`` counts the people of a seat from 1.
    ``absent`` tells why an otherwise planned person does not stand there: ``on_leave`` or ``left_workspace``; empty
    when they do.
    ``source`` is the layer's name, ``change:ID`` or ``calendar``. ``accepted`` is when the person chose the shift
    themselves (took a gap or an offer, stepped in, covered), which confirms it; None when somebody else planned it.
    """

    seat: str
    slot_number: int
    member: str
    start: datetime
    end: datetime
    source: str
    absent: str = ""
    accepted: datetime | None = None


def resolve_shifts(
    rota: Rota, changes: Iterable[Override], start: datetime, end: datetime, left: WorkspaceAbsences = NO_ABSENCES
) -> list[Shift]:
    """The final shifts of all seats between two instants, by seat, place and time; absences included and marked."""
    window = (to_seconds(start), to_seconds(end))
    return build_shifts(resolve_timelines(rota, select_in_force(changes), window, left), window)


def build_shifts(final: Mapping[str, SeatTimelines], window: Window) -> list[Shift]:
    """What final lines tell about a window, as shifts."""
    return [
        shift
        for seat, places in final.items()
        for place, line in enumerate(places, 1)
        for shift in _of_place(seat, place, line, window)
    ]


def _of_place(seat: str, place: int, line: SlotTimeline, window: Window) -> Iterator[Shift]:
    """The shifts of one place. Where one ends something begins, even if it is nobody's time."""
    first, end = window
    moments = [to_instant(at if at > first else first) for at in (*line, end)]
    for begins, ends, post in zip(moments, moments[1:], line.values(), strict=False):
        if post and begins < ends:
            yield Shift(seat, place, post.member, begins, ends, *post[1:])


class _Move(NamedTuple):
    """What a change does in a seat: ``placed`` stands instead of ``whose``, or of nobody in particular when that is
    empty; without ``placed`` they are ``absent``.
    """

    start: int
    end: int
    whose: str
    placed: Assignment | None = None
    absent: str = ON_LEAVE


def resolve_timelines(
    rota: Rota, counting: Iterable[Override], window: Window, left: WorkspaceAbsences = NO_ABSENCES
) -> Mapping[str, SeatTimelines]:
    """By seat and place who is there in the end. ``counting`` comes from ``changes.in_force``."""
    gone = [
        _Move(start, end, name, absent=LEFT_WORKSPACE)
        for name, times in find_member_windows(rota, left).items()
        for start, end in times
        if start < window[1] and window[0] < end
    ]
    moves: dict[str, list[_Move]] = {seat.name: [] for seat in rota.seats}
    for change in counting:
        start, end, kind = to_seconds(change.start), to_seconds(change.end), change.kind
        if start >= window[1] or end <= window[0]:
            continue
        if kind is _LEAVE:
            leave = _Move(start, end, change.member)
            for some in moves.values():
                some.append(leave)
        elif kind is _STAND and change.seat in moves:
            placed = Assignment(change.member, f"change:{change.id}", accepted=_accepted(rota, change))
            moves[change.seat].append(_Move(start, end, change.instead_of, placed))
    return {
        # Before all else, so that their places count as empty; and after it, whoever put them in since.
        seat.name: _final(seat, build_tracks(rota, seat.name, window), [*gone, *moves[seat.name], *gone], window)
        for seat in rota.seats
    }


def _accepted(rota: Rota, change: Override) -> datetime | None:
    """When somebody put themselves into a seat; None when somebody else did."""
    member = rota.members.get(change.member)
    return change.at if member and member.slack_id and member.slack_id == change.by else None


def _final(seat: Seat, stack: Sequence[RotationTrack], moves: Sequence[_Move], window: Window) -> SeatTimelines:
    """The lines of one seat, place by place."""
    if window[0] >= window[1]:
        return [{} for _ in range(seat.people)]
    lines = [line for track in stack for line in track if line]
    edges = find_edges(lines, window, [edge for move in moves for edge in move[:2]])
    places = _uppermost([track.column(edges) for track in stack], seat.people, len(edges))
    for move in moves:
        _apply(move, places, find_slice(edges, move.start, move.end))
    return [build_timeline(edges, place) for place in (_once_each(places) if len(places) > 1 else places)]


def _uppermost(stack: Sequence[SlotColumn], people: int, length: int) -> list[SlotColumn]:
    """For each place the uppermost person who stands in no place above it."""
    if people == 1:
        top, *others = stack or [[None] * length]
        for below in others:
            top = [post or other for post, other in zip(top, below, strict=True)]
        return [top]
    rows = [_first(people, posts) for posts in zip(*stack, strict=True)] or [[None] * people] * length
    return [list(place) for place in zip(*rows, strict=True)]


def _first(people: int, posts: Iterable[Assignment | None]) -> list[Assignment | None]:
    """The first so many people, each once."""
    found: dict[str, Assignment] = {}
    for post in filter(None, posts):
        found.setdefault(post.member, post)
    return [*found.values(), *[None] * people][:people]


def _apply(move: _Move, places: Sequence[SlotColumn], when: slice) -> None:
    if not move.whose and move.placed:
        _put(move.placed, places, when)
        return
    for place in places:
        place[when] = [_instead(post, move) if post and post.member == move.whose else post for post in place[when]]


def _instead(post: Assignment, move: _Move) -> Assignment:
    return move.placed or Assignment(post.member, post.source, move.absent)


def _put(placed: Assignment, places: Sequence[SlotColumn], when: slice) -> None:
    """Who stands already, stays; what is empty is filled first; else they stand in the first place."""
    if len(places) == 1:
        [place] = places
        place[when] = [post if _stands(post, placed) else placed for post in place[when]]
        return
    for at in range(when.start, when.stop):
        posts = [place[at] for place in places]
        if not any(_stands(post, placed) for post in posts):
            empty = [place for place, post in enumerate(posts) if not post or post.absent]
            places[empty[0] if empty else 0][at] = placed


def _stands(post: Assignment | None, placed: Assignment) -> bool:
    return post is not None and post.member == placed.member and not post.absent


def _once_each(places: Sequence[SlotColumn]) -> Iterator[SlotColumn]:
    """Nobody stands in two places of a seat: the upper one counts."""
    standing: list[set[str]] = [set() for _ in places[0]]
    for place in places:
        yield [None if post and post.member in above else post for post, above in zip(place, standing, strict=True)]
        for post, above in zip(place, standing, strict=True):
            if post and not post.absent:
                above.add(post.member)
