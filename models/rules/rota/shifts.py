"""From a rota and its overrides to final shifts: who is on call in each seat, without overlap. Interval arithmetic.

Overrides are applied in the order in which they became known:

- an override *instead of* a person replaces that person in the whole seat, also while they are on leave;
- any other override first fills an empty slot of the seat; without one it replaces the first slot;
- a person outside the workspace is on call nowhere from the moment that is known, and their slot counts as empty;
- time off removes its person from everything they had until then; a later override knows of it and counts.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from models.rules.rota.departures import NO_ABSENCES, WorkspaceAbsences, find_member_windows
from models.rules.rota.intervals import Window, build_timeline, find_edges, find_slice
from models.rules.rota.local_clock import to_instant, to_seconds
from models.rules.rota.overrides import Override, OverrideKind, select_in_force
from models.rules.rota.rota import Rota, Seat
from models.rules.rota.rotation import Assignment, RotationTrack, SlotColumn, SlotTimeline, build_tracks

ON_LEAVE = "on_leave"
LEFT_WORKSPACE = "left_workspace"
_TIME_OFF, _OVERRIDE = OverrideKind.TIME_OFF, OverrideKind.OVERRIDE  # members are slow to look up in Python 3.11
SeatTimelines = list[SlotTimeline]
"""The timelines of a seat, slot by slot."""


class Shift(NamedTuple):
    """One person on call in one slot."""

    seat: str
    slot_number: int  # counts the slots of a seat from 1
    member: str
    start: datetime  # UTC, like ``end``
    end: datetime
    source: str  # the layer's name, ``change:ID`` or ``calendar``
    absent: str = ""  # why the person is not on call after all: ``on_leave`` or ``left_workspace``; else empty
    # when the person chose the shift themselves, which confirms it; None when others planned it
    accepted: datetime | None = None


def resolve_shifts(
    rota: Rota, overrides: Iterable[Override], start: datetime, end: datetime, absences: WorkspaceAbsences = NO_ABSENCES
) -> list[Shift]:
    """Return the final shifts of all seats between two instants, by seat, slot and time; absences are marked."""
    window = (to_seconds(start), to_seconds(end))
    return build_shifts(resolve_timelines(rota, select_in_force(overrides), window, absences), window)


def build_shifts(timelines: Mapping[str, SeatTimelines], window: Window) -> list[Shift]:
    """Return what resolved timelines hold within a window, as shifts."""
    return [
        shift
        for seat, slots in timelines.items()
        for number, timeline in enumerate(slots, 1)
        for shift in _build_shifts_of_slot(seat, number, timeline, window)
    ]


def _build_shifts_of_slot(seat: str, number: int, timeline: SlotTimeline, window: Window) -> Iterator[Shift]:
    """Return the shifts of one slot. A shift also ends where nobody's time begins."""
    first, end = window
    instants = [to_instant(at if at > first else first) for at in (*timeline, end)]
    for begins, ends, assignment in zip(instants, instants[1:], timeline.values(), strict=False):
        if assignment and begins < ends:
            yield Shift(seat, number, assignment.member, begins, ends, *assignment[1:])


class _Replacement(NamedTuple):
    """What an override does in a seat."""

    start: int  # seconds since 1970, like ``end``
    end: int
    whose: str  # who is replaced; empty is nobody in particular
    placed: Assignment | None = None  # who is on call instead; None: ``whose`` is ``absent``
    absent: str = ON_LEAVE


def resolve_timelines(
    rota: Rota, overrides: Iterable[Override], window: Window, absences: WorkspaceAbsences = NO_ABSENCES
) -> Mapping[str, SeatTimelines]:
    """Return by seat and slot who is there in the end. ``overrides`` come from :func:`select_in_force`."""
    departures = [
        _Replacement(start, end, name, absent=LEFT_WORKSPACE)
        for name, windows in find_member_windows(rota, absences).items()
        for start, end in windows
        if start < window[1] and window[0] < end
    ]
    replacements: dict[str, list[_Replacement]] = {seat.name: [] for seat in rota.seats}
    for override in overrides:
        start, end, kind = to_seconds(override.start), to_seconds(override.end), override.kind
        if start >= window[1] or end <= window[0]:
            continue
        if kind is _TIME_OFF:
            time_off = _Replacement(start, end, override.member)
            for of_seat in replacements.values():
                of_seat.append(time_off)
        elif kind is _OVERRIDE and override.seat in replacements:
            placed = Assignment(
                override.member, f"change:{override.id}", accepted=_find_acceptance_time(rota, override)
            )
            replacements[override.seat].append(_Replacement(start, end, override.instead_of, placed))
    return {
        # Departures first, so that their slots count as empty; and last, for people placed after they left.
        seat.name: _resolve_seat(
            seat, build_tracks(rota, seat.name, window), [*departures, *replacements[seat.name], *departures], window
        )
        for seat in rota.seats
    }


def _find_acceptance_time(rota: Rota, override: Override) -> datetime | None:
    """Return when a person put themselves on call; None when another person did."""
    member = rota.members.get(override.member)
    return override.at if member and member.slack_id and member.slack_id == override.by else None


def _resolve_seat(
    seat: Seat, tracks: Sequence[RotationTrack], replacements: Sequence[_Replacement], window: Window
) -> SeatTimelines:
    """Return the timelines of one seat, slot by slot."""
    if window[0] >= window[1]:
        return [{} for _ in range(seat.people)]
    timelines = [timeline for track in tracks for timeline in track if timeline]
    edges = find_edges(timelines, window, [edge for replacement in replacements for edge in replacement[:2]])
    columns = _take_uppermost([track.column(edges) for track in tracks], seat.people, len(edges))
    for replacement in replacements:
        _apply(replacement, columns, find_slice(edges, replacement.start, replacement.end))
    return [build_timeline(edges, column) for column in (_remove_duplicates(columns) if len(columns) > 1 else columns)]


def _take_uppermost(columns: Sequence[SlotColumn], people: int, length: int) -> list[SlotColumn]:
    """Return for each slot the uppermost person who is in no slot above it."""
    if people == 1:
        top, *others = columns or [[None] * length]
        for below in others:
            top = [assignment or other for assignment, other in zip(top, below, strict=True)]
        return [top]
    rows = [_take_first(people, assignments) for assignments in zip(*columns, strict=True)] or [
        [None] * people
    ] * length
    return [list(column) for column in zip(*rows, strict=True)]


def _take_first(people: int, assignments: Iterable[Assignment | None]) -> list[Assignment | None]:
    """Return the first people, as many as there are slots, each once."""
    by_member: dict[str, Assignment] = {}
    for assignment in filter(None, assignments):
        by_member.setdefault(assignment.member, assignment)
    return [*by_member.values(), *[None] * people][:people]


def _apply(replacement: _Replacement, columns: Sequence[SlotColumn], interval: slice) -> None:
    if not replacement.whose and replacement.placed:
        _fill(replacement.placed, columns, interval)
        return
    for column in columns:
        column[interval] = [
            _replace(assignment, replacement) if assignment and assignment.member == replacement.whose else assignment
            for assignment in column[interval]
        ]


def _replace(assignment: Assignment, replacement: _Replacement) -> Assignment:
    return replacement.placed or Assignment(assignment.member, assignment.source, replacement.absent)


def _fill(placed: Assignment, columns: Sequence[SlotColumn], interval: slice) -> None:
    """Put a person into a seat. Who is on call already stays; empty slots are filled first, then the first slot."""
    if len(columns) == 1:
        [column] = columns
        column[interval] = [
            assignment if _is_on_call(assignment, placed) else placed for assignment in column[interval]
        ]
        return
    for at in range(interval.start, interval.stop):
        assignments = [column[at] for column in columns]
        if not any(_is_on_call(assignment, placed) for assignment in assignments):
            empty = [column for column, assignment in enumerate(assignments) if not assignment or assignment.absent]
            columns[empty[0] if empty else 0][at] = placed


def _is_on_call(assignment: Assignment | None, placed: Assignment) -> bool:
    return assignment is not None and assignment.member == placed.member and not assignment.absent


def _remove_duplicates(columns: Sequence[SlotColumn]) -> Iterator[SlotColumn]:
    """Take care that nobody is in two slots of a seat: the upper one counts."""
    people: list[set[str]] = [set() for _ in columns[0]]
    for column in columns:
        yield [
            None if assignment and assignment.member in above else assignment
            for assignment, above in zip(column, people, strict=True)
        ]
        for assignment, above in zip(column, people, strict=True):
            if assignment and not assignment.absent:
                above.add(assignment.member)
