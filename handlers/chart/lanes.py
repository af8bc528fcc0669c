"""What a lane of the chart shows: who is on call in a slot of a seat, and its gaps by their two kinds.

*Uncovered*: nobody is on call in a seat. *Below the requirement*: a person who does not meet it, or an empty slot
beside a person. *Accepted*: an empty slot that is no gap.
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
    """The state of a segment."""

    COVERED = "covered"
    BELOW_REQUIREMENT = "below_requirement"
    UNCOVERED = "uncovered"
    ACCEPTED = "accepted"


@dataclass(frozen=True, slots=True)
class LaneSegment:
    """A time of a lane in which nothing changes."""

    start: datetime  # UTC, like ``end``
    end: datetime
    state: LaneState
    member: str = ""  # who is on call, or whose absence leaves the slot empty
    reasons: tuple[GapReason, ...] = ()

    @property
    def is_filled(self) -> bool:
        """Whether a person is on call, meeting the requirement or not."""
        return self.state is LaneState.COVERED or (
            self.state is LaneState.BELOW_REQUIREMENT and not EMPTY_SLOT_REASONS.intersection(self.reasons)
        )


@dataclass(frozen=True, slots=True)
class Lane:
    """One slot of a seat, over the whole period."""

    seat: str
    slot_number: int
    segments: tuple[LaneSegment, ...]


Window = tuple[datetime, datetime]


def build_lanes(rota: Rota, shifts: Iterable[Shift], gaps: Iterable[Gap], window: Window) -> list[Lane]:
    """Return one lane for each slot of each seat, in the rota's order."""
    by_slot = _group_by_slot(shifts)
    ordered = sorted(gaps, key=lambda gap: gap.start)
    lanes = {
        seat.name: _build_seat_lanes(seat, by_slot, [gap for gap in ordered if gap.seat == seat.name], window)
        for seat in rota.seats
    }
    return [lane for seat in rota.seats for lane in lanes[seat.name]]


def merge_times(segments: Iterable[LaneSegment], *states: LaneState) -> list[Window]:
    """Return the times at which any segment is in one of these states, merged."""
    merged: list[Window] = []
    for start, end in sorted((segment.start, segment.end) for segment in segments if segment.state in states):
        if merged and merged[-1][1] >= start:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged


# One seat -------------------------------------------------------------------------------------------------------

ShiftsBySlot = Mapping[tuple[str, int], Sequence[Shift]]


def _group_by_slot(shifts: Iterable[Shift]) -> ShiftsBySlot:
    groups: dict[tuple[str, int], list[Shift]] = {}
    for shift in sorted(shifts, key=lambda shift: shift.start):
        groups.setdefault((shift.seat, shift.slot_number), []).append(shift)
    return groups


def _build_seat_lanes(seat: Seat, by_slot: ShiftsBySlot, gaps: Sequence[Gap], window: Window) -> list[Lane]:
    tracks = [_Track(by_slot.get((seat.name, number), ())) for number in range(1, seat.people + 1)]
    edges = {edge for track in tracks for shift in track.shifts for edge in (shift.start, shift.end)}
    edges |= {edge for gap in gaps for edge in (gap.start, gap.end)}
    cuts = sorted({*window, *(edge for edge in edges if window[0] < edge < window[1])})
    rows: list[list[LaneSegment]] = [[] for _ in tracks]
    for (start, end), active in zip(pairwise(cuts), _find_active_gaps(gaps, cuts), strict=True):
        for row, segment in zip(
            rows, _build_segments([track.at(start) for track in tracks], active, (start, end)), strict=True
        ):
            _append(row, segment)
    return [Lane(seat.name, number, tuple(row)) for number, row in enumerate(rows, 1)]


def _find_active_gaps(gaps: Sequence[Gap], cuts: Sequence[datetime]) -> Iterator[list[Gap]]:
    """Return the gaps at the start of each interval between two cuts."""
    waiting, open_now = list(reversed(gaps)), list[Gap]()
    for start in cuts[:-1]:
        while waiting and waiting[-1].start <= start:
            open_now.append(waiting.pop())
        open_now = [gap for gap in open_now if gap.end > start]
        yield open_now


def _build_segments(shifts: Sequence[Shift | None], gaps: Sequence[Gap], window: Window) -> list[LaneSegment]:
    """Return what each slot of a seat shows between two cuts."""
    return [
        _build_covered(shift, gaps, window) if shift and not shift.absent else _build_empty(shift, gaps, window)
        for shift in shifts
    ]


def _build_covered(shift: Shift, gaps: Iterable[Gap], window: Window) -> LaneSegment:
    reasons = [gap.reason for gap in gaps if gap.concerns(shift.member)]
    return LaneSegment(
        *window,
        LaneState.BELOW_REQUIREMENT if reasons else LaneState.COVERED,
        shift.member,
        tuple(dict.fromkeys(reasons)),
    )


def _build_empty(shift: Shift | None, gaps: Sequence[Gap], window: Window) -> LaneSegment:
    member = shift.member if shift else ""
    empty_slot_gaps = [gap for gap in gaps if gap.concerns("")]
    own = (
        [gap for gap in empty_slot_gaps if member in gap.people]
        if member
        else [gap for gap in empty_slot_gaps if not gap.people]
    )
    reasons: tuple[GapReason, ...] = tuple(dict.fromkeys(gap.reason for gap in own or empty_slot_gaps))
    if not reasons:
        return LaneSegment(*window, LaneState.ACCEPTED)
    return LaneSegment(
        *window,
        LaneState.UNCOVERED if UNCOVERED_REASONS.intersection(reasons) else LaneState.BELOW_REQUIREMENT,
        member,
        reasons,
    )


def _append(row: list[LaneSegment], segment: LaneSegment) -> None:
    if row and replace(row[-1], end=segment.end) == replace(segment, start=row[-1].start):
        row[-1] = replace(row[-1], end=segment.end)
    else:
        row.append(segment)


class _Track:
    """The shifts of one slot, to look up an instant."""

    def __init__(self, shifts: Sequence[Shift]) -> None:
        self.shifts = shifts
        self._starts = [shift.start for shift in shifts]

    def at(self, moment: datetime) -> Shift | None:
        """Return the shift at an instant, or None."""
        index = bisect_right(self._starts, moment) - 1
        return self.shifts[index] if index >= 0 and self.shifts[index].end > moment else None
