"""Who is responsible at each minute, from the final shifts and the buttons people pressed. Pure.

A shift is its person's from its start, unless another person is on call in the slot. Then a handover needs two presses,
“I hand over” and “I take over”, and until the second the outgoing person stays responsible. Kept by
``models.oncall.confirmations``.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from models.rules.rota.departures import NO_ABSENCES, MemberAbsences, find_first_absence
from models.rules.rota.shifts import Shift

LOOK_BACK = timedelta(days=15)
"""How far before an instant shifts are resolved to know who was on call: a whole week's turn, and the one before."""


class ShiftEventKind(StrEnum):
    """What a press at a shift means."""

    CONFIRM = "confirm"  # “I'm on call”
    HAND_OVER = "hand_over"  # the first half of a handover
    TAKE_OVER = "take_over"  # the second half
    NOTE = "note"  # the outgoing person's handover note
    CANNOT_STAY = "cannot_stay"  # another person must follow


class CoverageStatus(StrEnum):
    """How sure it is that somebody was on call."""

    PLANNED = "planned"
    CONFIRMED = "confirmed"
    HANDED_OVER = "handed_over"
    UNCOVERED = "uncovered"  # a gap, as in ``gaps.GapKind``
    BELOW_REQUIREMENT = "below_requirement"  # a gap, as in ``gaps.GapKind``
    ACCEPTED = "intended"  # a gap that a person accepted


class Slot(NamedTuple):
    """One position of a seat."""

    seat: str
    number: int = 1  # counted from 1

    @property
    def name(self) -> str:
        """The seat, with a number from the second slot on, for reports."""
        return self.seat if self.number == 1 else f"{self.seat} {self.number}"


@dataclass(frozen=True)
class ShiftEvent:
    """A press of a button at the shift that begins in ``slot`` at ``shift_start``."""

    id: int
    at: datetime  # UTC
    by: str  # Slack id of who pressed
    kind: ShiftEventKind
    slot: Slot
    shift_start: datetime  # UTC
    person: str  # the rota's name of whose shift or handover it is; a lead may press for them
    text: str = ""
    came_by: str = ""  # how it came, where it was not pressed in Slack


@dataclass(frozen=True)
class Confirmation:
    """A person confirmed that they are on call in a shift."""

    at: datetime
    evidence: str  # the record that proves it: ``watch:ID`` or ``change:ID``
    came_by: str = ""  # how it came, where it was not pressed in Slack


@dataclass(frozen=True)
class OnCallInterval:
    """A person is responsible in a slot; nobody when ``person`` is empty."""

    slot: Slot
    start: datetime  # UTC, like ``end``
    end: datetime
    person: str
    status: CoverageStatus
    evidence: str  # what proves the status: ``watch:ID``, ``change:ID`` or the shift's source
    awaited: str = ""  # whose take-over is missing, once the shift of ``person`` is over


@dataclass(frozen=True)
class Handover:
    """The change from one person to another, with the presses that were made."""

    slot: Slot
    at: datetime  # UTC
    outgoing: str
    incoming: Shift
    handed_over: ShiftEvent | None = None
    taken_over: ShiftEvent | None = None

    @property
    def done_at(self) -> datetime | None:
        """When it took effect: at the second press, but not before the shift begins; None while a press is missing."""
        if not self.handed_over or not self.taken_over:
            return None
        return max(self.handed_over.at, self.taken_over.at, self.at)


def find_on_call_intervals(
    shifts: Iterable[Shift],
    events: Iterable[ShiftEvent],
    start: datetime,
    end: datetime,
    absences: MemberAbsences = NO_ABSENCES,
) -> list[OnCallInterval]:
    """Return who is responsible from ``start`` to ``end`` in each slot that has a shift, by slot.

    The intervals of a slot are disjoint and without holes. ``shifts`` must reach back far enough to include who was on
    call before ``start``. ``absences`` are by the rota's names: nobody stays on for a handover once they left the
    workspace.
    """
    events_by_shift = _group_by_shift(events)
    intervals: list[OnCallInterval] = []
    for slot, shifts_of_slot in _group_by_slot(shifts).items():
        intervals += _clip(list(_SlotWalk(slot, events_by_shift, absences).walk(shifts_of_slot, end)), slot, start, end)
    return intervals


def find_handovers(
    shifts: Iterable[Shift],
    events: Iterable[ShiftEvent],
    start: datetime,
    end: datetime,
    absences: MemberAbsences = NO_ABSENCES,
) -> list[Handover]:
    """Return the handovers due from ``start`` to before ``end``: a person follows another who is responsible."""
    events_by_shift = _group_by_shift(events)
    handovers: list[Handover] = []
    for slot, shifts_of_slot in _group_by_slot(shifts).items():
        walk = _SlotWalk(slot, events_by_shift, absences)
        list(walk.walk(shifts_of_slot, end))
        handovers += [handover for handover in walk.handovers if start <= handover.at < end]
    return sorted(handovers, key=lambda handover: (handover.at, handover.slot.name))


def find_handover_at_start(due: Iterable[Handover], shift: Shift) -> Handover | None:
    """Return the handover at the start of a shift, until both have pressed."""
    return next((handover for handover in due if handover.incoming == shift and not handover.done_at), None)


def find_open_handovers(due: Iterable[Handover], shift: Shift) -> Iterator[Handover]:
    """Yield the handovers at the start or end of a shift that wait for its person's press."""
    for handover in due:
        ends = (handover.slot, handover.at, handover.outgoing) == (
            Slot(shift.seat, shift.slot_number),
            shift.end,
            shift.member,
        )
        if (handover.incoming == shift and not handover.taken_over) or (ends and not handover.handed_over):
            yield handover


def find_confirmation(shift: Shift, events: Iterable[ShiftEvent]) -> Confirmation | None:
    """Return how the shift's person confirmed it, or None.

    They confirm by choosing the shift themselves, by the button, or by taking over.
    """
    if shift.accepted:
        return Confirmation(min(shift.accepted, shift.start), shift.source)
    slot = Slot(shift.seat, shift.slot_number)
    for event in events:
        is_of_shift = event.slot == slot and event.shift_start == shift.start and event.person == shift.member
        if is_of_shift and event.kind in {ShiftEventKind.CONFIRM, ShiftEventKind.TAKE_OVER}:
            return Confirmation(event.at, f"watch:{event.id}", event.came_by)
    return None


def find_planned_end(shifts: Iterable[Shift], slot: Slot, person: str, at: datetime) -> datetime:
    """Return until when a person is planned in a slot without a break from ``at`` on; ``at`` when they are not."""
    end = at
    for shift in sorted(shifts, key=lambda shift: shift.start):
        is_theirs = (shift.seat, shift.slot_number, shift.member) == (slot.seat, slot.number, person)
        if is_theirs and not shift.absent and shift.start <= end < shift.end:
            end = shift.end
    return end


EventsByShift = Mapping[tuple[Slot, datetime], Sequence[ShiftEvent]]


def _group_by_shift(events: Iterable[ShiftEvent]) -> EventsByShift:
    groups: dict[tuple[Slot, datetime], list[ShiftEvent]] = defaultdict(list)
    for event in sorted(events, key=lambda event: (event.at, event.id)):
        groups[event.slot, event.shift_start].append(event)
    return groups


def _group_by_slot(shifts: Iterable[Shift]) -> Mapping[Slot, list[Shift]]:
    groups: dict[Slot, list[Shift]] = defaultdict(list)
    for shift in sorted(shifts, key=lambda shift: shift.start):
        groups[Slot(shift.seat, shift.slot_number)].append(shift)
    return groups


class _SlotWalk:
    """Walks through the shifts of one slot, oldest first."""

    def __init__(self, slot: Slot, events: EventsByShift, absences: MemberAbsences) -> None:
        self._slot, self._events, self._absences = slot, events, absences
        self.handovers: list[Handover] = []

    def walk(self, shifts: Sequence[Shift], end: datetime) -> Iterator[OnCallInterval]:
        """Return each interval, in order. After the last shift a person stays only if nobody took over from them."""
        last: OnCallInterval | None = None
        for shift in shifts:
            if shift.absent or shift.start >= end:
                continue
            for interval in self._walk_shift(shift, last):
                yield interval
                last = interval

    def _walk_shift(self, shift: Shift, last: OnCallInterval | None) -> Iterator[OnCallInterval]:
        """Return the intervals of one shift: who stays until the handover is done, then the shift's own person."""
        own_start, evidence, status = shift.start, shift.source, CoverageStatus.PLANNED
        if (
            last
            and last.end == shift.start
            and last.person != shift.member
            and last.status is not CoverageStatus.PLANNED
        ):
            handover = self._build_handover(shift, last)
            done_at = min(handover.done_at or shift.end, shift.end)
            left_at = find_first_absence(self._absences.get(last.person, ()), shift.start, done_at)
            if left_at:  # they can neither stay on nor hand over
                self.handovers.remove(handover)
            own_start = left_at or done_at
            if own_start > shift.start:
                yield replace(last, start=shift.start, end=own_start, awaited=shift.member)
            if handover.taken_over and handover.done_at and not left_at:
                status, evidence = CoverageStatus.HANDED_OVER, f"watch:{handover.taken_over.id}"
        if own_start < shift.end:
            yield from self._build_own_part(shift, own_start, status, evidence)

    def _build_handover(self, shift: Shift, last: OnCallInterval) -> Handover:
        events = self._events.get((self._slot, shift.start), ())
        handover = Handover(
            self._slot,
            shift.start,
            last.person,
            shift,
            _find_press(events, ShiftEventKind.HAND_OVER, last.person),
            _find_press(events, ShiftEventKind.TAKE_OVER, shift.member),
        )
        self.handovers.append(handover)
        return handover

    def _build_own_part(
        self, shift: Shift, start: datetime, status: CoverageStatus, evidence: str
    ) -> Iterator[OnCallInterval]:
        """Return the person's own part: only planned until they confirm."""
        confirmed = find_confirmation(shift, self._events.get((self._slot, shift.start), ()))
        if status is CoverageStatus.HANDED_OVER or not confirmed or confirmed.at >= shift.end:
            yield OnCallInterval(self._slot, start, shift.end, shift.member, status, evidence)
            return
        if confirmed.at > start:
            yield OnCallInterval(self._slot, start, confirmed.at, shift.member, status, evidence)
        own_start = max(confirmed.at, start)
        yield OnCallInterval(
            self._slot, own_start, shift.end, shift.member, CoverageStatus.CONFIRMED, confirmed.evidence
        )


def _find_press(events: Sequence[ShiftEvent], kind: ShiftEventKind, person: str) -> ShiftEvent | None:
    return next((event for event in events if event.kind is kind and event.person == person), None)


def _clip(intervals: Sequence[OnCallInterval], slot: Slot, start: datetime, end: datetime) -> Iterator[OnCallInterval]:
    """Return the part of the intervals between two instants, with holes marked as uncovered."""
    at = start
    for interval in intervals:
        clipped_start, clipped_end = max(interval.start, start), min(interval.end, end)
        if clipped_start < clipped_end:
            if at < clipped_start:
                yield OnCallInterval(slot, at, clipped_start, "", CoverageStatus.UNCOVERED, "rota")
            yield replace(interval, start=clipped_start, end=clipped_end)
            at = clipped_end
    if at < end:
        yield OnCallInterval(slot, at, end, "", CoverageStatus.UNCOVERED, "rota")
