"""What a lane of the picture shows: who is on in a place of a seat, and its gaps by the two words for them.

*Uncovered* is time at which nobody is on in a seat; *below the requirement* is somebody who does not meet what is owed,
and an empty place beside somebody. *Meant* is an empty place that nobody reported as a gap.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from itertools import pairwise

from models.rules.rota.gaps import EMPTY_SLOT_REASONS, UNCOVERED_REASONS, Gap, GapReason
from models.rules.rota.rota import Rota, Seat
from models.rules.rota.shifts import Shift


class LaneState(StrEnum):
    """How it stands with a piece of a lane."""

    COVERED = "stands"
    BELOW_REQUIREMENT = "below_requirement"
    UNCOVERED = "uncovered"
    ACCEPTED = "meant"


@dataclass(frozen=True, slots=True)
class LaneSegment:
    """A stretch of a lane (UTC) in which nothing changes: ``member`` stands there, or is why nobody does."""

    start: datetime
    end: datetime
    state: LaneState
    member: str = ""
    reasons: tuple[GapReason, ...] = ()

    @property
    def is_filled(self) -> bool:
        """Whether somebody stands there, well or not."""
        return self.state is LaneState.COVERED or (
            self.state is LaneState.BELOW_REQUIREMENT and not EMPTY_SLOT_REASONS.intersection(self.reasons)
        )


@dataclass(frozen=True, slots=True)
class Lane:
    """One place of a seat, over the whole period."""

    seat: str
    slot_number: int
    segments: tuple[LaneSegment, ...]


Window = tuple[datetime, datetime]


def build_lanes(rota: Rota, shifts: Iterable[Shift], gaps: Iterable[Gap], window: Window) -> list[Lane]:
    """Return one lane for each place of each seat, in the rota's order."""
    standing = _by_place(shifts)
    found = sorted(gaps, key=lambda gap: gap.start)
    made = {
        seat.name: _seat_lanes(seat, standing, [gap for gap in found if gap.seat == seat.name], window)
        for seat in rota.seats
    }
    return [lane for seat in rota.seats for lane in made[seat.name]]


def group_simultaneous(pieces: Iterable[LaneSegment], *states: LaneState) -> list[Window]:
    """The times at which any piece is in one of these states, joined."""
    joined: list[Window] = []
    for start, end in sorted((piece.start, piece.end) for piece in pieces if piece.state in states):
        if joined and joined[-1][1] >= start:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return joined


# One seat -------------------------------------------------------------------------------------------------------

Standing = Mapping[tuple[str, int], Sequence[Shift]]


def _by_place(shifts: Iterable[Shift]) -> Standing:
    places: dict[tuple[str, int], list[Shift]] = {}
    for shift in sorted(shifts, key=lambda shift: shift.start):
        places.setdefault((shift.seat, shift.slot_number), []).append(shift)
    return places


def _seat_lanes(seat: Seat, standing: Standing, gaps: Sequence[Gap], window: Window) -> list[Lane]:
    places = [_Track(standing.get((seat.name, place), ())) for place in range(1, seat.people + 1)]
    edges = {edge for track in places for shift in track.shifts for edge in (shift.start, shift.end)}
    edges |= {edge for gap in gaps for edge in (gap.start, gap.end)}
    cuts = sorted({*window, *(edge for edge in edges if window[0] < edge < window[1])})
    rows: list[list[LaneSegment]] = [[] for _ in places]
    for (start, end), active in zip(pairwise(cuts), _active(gaps, cuts), strict=True):
        for row, piece in zip(rows, _judged([track.at(start) for track in places], active, (start, end)), strict=True):
            _extend(row, piece)
    return [Lane(seat.name, place, tuple(row)) for place, row in enumerate(rows, 1)]


def _active(gaps: Sequence[Gap], cuts: Sequence[datetime]) -> Iterator[list[Gap]]:
    """The gaps at the beginning of each stretch between two cuts."""
    waiting, open_now = list(reversed(gaps)), list[Gap]()
    for start in cuts[:-1]:
        while waiting and waiting[-1].start <= start:
            open_now.append(waiting.pop())
        open_now = [gap for gap in open_now if gap.end > start]
        yield open_now


def _judged(shifts: Sequence[Shift | None], gaps: Sequence[Gap], window: Window) -> list[LaneSegment]:
    """What each place of a seat shows between two cuts."""
    return [
        _standing(shift, gaps, window) if shift and not shift.absent else _missing(shift, gaps, window)
        for shift in shifts
    ]


def _standing(shift: Shift, gaps: Iterable[Gap], window: Window) -> LaneSegment:
    reasons = [gap.reason for gap in gaps if gap.concerns(shift.member)]
    return LaneSegment(
        *window,
        LaneState.BELOW_REQUIREMENT if reasons else LaneState.COVERED,
        shift.member,
        tuple(dict.fromkeys(reasons)),
    )


def _missing(shift: Shift | None, gaps: Sequence[Gap], window: Window) -> LaneSegment:
    member = shift.member if shift else ""
    about = [gap for gap in gaps if gap.concerns("")]
    named = [gap for gap in about if member in gap.people] if member else [gap for gap in about if not gap.people]
    reasons: tuple[GapReason, ...] = tuple(dict.fromkeys(gap.reason for gap in named or about))
    if not reasons:
        return LaneSegment(*window, LaneState.ACCEPTED)
    return LaneSegment(
        *window,
        LaneState.UNCOVERED if UNCOVERED_REASONS.intersection(reasons) else LaneState.BELOW_REQUIREMENT,
        member,
        reasons,
    )


def _extend(row: list[LaneSegment], piece: LaneSegment) -> None:
    if row and replace(row[-1], end=piece.end) == replace(piece, start=row[-1].start):
        row[-1] = replace(row[-1], end=piece.end)
    else:
        row.append(piece)


class _Track:
    """The shifts of one place, to be asked for an instant."""

    def __init__(self, shifts: Sequence[Shift]) -> None:
        self.shifts = shifts
        self._starts = [shift.start for shift in shifts]

    def at(self, moment: datetime) -> Shift | None:
        """The shift that holds an instant."""
        place = bisect_right(self._starts, moment) - 1
        return self.shifts[place] if place >= 0 and self.shifts[place].end > moment else None
