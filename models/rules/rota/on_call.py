"""Who is responsible at each minute: the final shifts, and what people pressed. Pure; ``models.oncall.rota_store``
reads and keeps.

A shift becomes somebody's at its start, unless somebody else stands there already: then a handover needs two presses,
“I hand over” and “I take over”, and until the second the outgoing person stays responsible.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from models.rules.rota.departures import NO_ABSENCES, MemberAbsences, find_first_absence
from models.rules.rota.shifts import Shift


class ShiftEventKind(StrEnum):
    """``CONFIRM`` says “I'm on call”; ``HAND_OVER`` and ``TAKE_OVER`` are the two halves of a handover; ``NOTE``
    is what the outgoing person adds to the handover note; ``CANNOT_STAY`` says that somebody else must follow.
    """

    CONFIRM = "confirm"
    HAND_OVER = "hand_over"
    TAKE_OVER = "take_over"
    NOTE = "note"
    CANNOT_STAY = "cannot_stay"


class CoverageStatus(StrEnum):
    """How sure it is that somebody was on. ``UNCOVERED`` and ``BELOW_REQUIREMENT`` are gaps, as in
    ``models.rules.rota.gaps.GapKind``; ``INTENDED`` is a gap that somebody accepted.
    """

    PLANNED = "planned"
    CONFIRMED = "confirmed"
    HANDED_OVER = "handed_over"
    UNCOVERED = "uncovered"
    BELOW_REQUIREMENT = "below_requirement"
    ACCEPTED = "intended"


@dataclass(frozen=True)
class Slot:
    """One place of a seat; places count from 1."""

    seat: str
    number: int = 1

    @property
    def name(self) -> str:
        """What it is called in reports: the seat, with a number from the second place on."""
        return self.seat if self.number == 1 else f"{self.seat} {self.number}"


@dataclass(frozen=True)
class ShiftEvent:
    """Somebody pressed a button at the shift that begins in ``place`` at ``shift_start`` (UTC). ``by`` is a Slack id,
    ``person`` the plan's name of whose shift or handover it is (a lead may press for somebody).
    """

    id: int
    at: datetime
    by: str
    kind: ShiftEventKind
    slot: Slot
    shift_start: datetime
    person: str
    text: str = ""


@dataclass(frozen=True)
class Confirmation:
    """Somebody said that they stand in a shift: when, and the record that proves it (``watch:ID``, ``change:ID``)."""

    at: datetime
    evidence: str


@dataclass(frozen=True)
class OnCallInterval:
    """Somebody is responsible in ``place`` from ``start`` to ``end`` (UTC); nobody when ``person`` is empty.

    ``evidence`` names the record that proves the verdict: ``watch:ID``, ``change:ID``, or the shift's source.
    ``awaited`` is whose take-over is still missing, when the shift of ``person`` is over.
    """

    slot: Slot
    start: datetime
    end: datetime
    person: str
    status: CoverageStatus
    evidence: str
    awaited: str = ""


@dataclass(frozen=True)
class Handover:
    """The change from one person to another at ``at`` (UTC), and which of its presses are there."""

    slot: Slot
    at: datetime
    outgoing: str
    incoming: Shift
    handed_over: ShiftEvent | None = None
    taken_over: ShiftEvent | None = None

    @property
    def done_at(self) -> datetime | None:
        """When it took effect: the second press, but not before the shift begins; None while one is missing."""
        if not self.handed_over or not self.taken_over:
            return None
        return max(self.handed_over.at, self.taken_over.at, self.at)


def find_on_call_intervals(
    shifts: Iterable[Shift],
    presses: Iterable[ShiftEvent],
    start: datetime,
    end: datetime,
    absences: MemberAbsences = NO_ABSENCES,
) -> list[OnCallInterval]:
    """Who is responsible from ``start`` to ``end`` in each place that has any shift: disjoint, without holes, by place.

    ``shifts`` must reach back far enough to hold whoever stood before ``start``. ``absences`` tells by the plan's names
    who was not in the workspace when: nobody stays on for a handover after that.
    """
    pressed = _by_shift(presses)
    found: list[OnCallInterval] = []
    for place, mine in _by_place(shifts).items():
        found += _clipped(list(_Place(place, pressed, absences).stood(mine, end)), place, start, end)
    return found


def find_handovers(
    shifts: Iterable[Shift],
    presses: Iterable[ShiftEvent],
    start: datetime,
    end: datetime,
    absences: MemberAbsences = NO_ABSENCES,
) -> list[Handover]:
    """The handovers due from ``start`` to before ``end``: somebody follows somebody else who is responsible there."""
    pressed = _by_shift(presses)
    found: list[Handover] = []
    for place, mine in _by_place(shifts).items():
        keeper = _Place(place, pressed, absences)
        list(keeper.stood(mine, end))
        found += [handover for handover in keeper.handovers if start <= handover.at < end]
    return sorted(found, key=lambda one: (one.at, one.slot.name))


def find_confirmation(shift: Shift, presses: Iterable[ShiftEvent]) -> Confirmation | None:
    """How the shift's person said that they are on call, if they did: by choosing the shift themselves, by a press,
    or by taking over.
    """
    if shift.accepted:
        return Confirmation(min(shift.accepted, shift.start), shift.source)
    place = Slot(shift.seat, shift.slot_number)
    for press in presses:
        is_ours = press.slot == place and press.shift_start == shift.start and press.person == shift.member
        if is_ours and press.kind in {ShiftEventKind.CONFIRM, ShiftEventKind.TAKE_OVER}:
            return Confirmation(press.at, f"watch:{press.id}")
    return None


def find_planned_end(shifts: Iterable[Shift], place: Slot, person: str, at: datetime) -> datetime:
    """Until when somebody is planned in a place in one go from an instant on; that instant when they are not."""
    until = at
    for shift in sorted(shifts, key=lambda one: one.start):
        ours = (shift.seat, shift.slot_number, shift.member) == (place.seat, place.number, person)
        if ours and not shift.absent and shift.start <= until < shift.end:
            until = shift.end
    return until


Pressed = Mapping[tuple[Slot, datetime], Sequence[ShiftEvent]]


def _by_shift(presses: Iterable[ShiftEvent]) -> Pressed:
    found: dict[tuple[Slot, datetime], list[ShiftEvent]] = defaultdict(list)
    for press in sorted(presses, key=lambda one: (one.at, one.id)):
        found[press.slot, press.shift_start].append(press)
    return found


def _by_place(shifts: Iterable[Shift]) -> Mapping[Slot, list[Shift]]:
    found: dict[Slot, list[Shift]] = defaultdict(list)
    for shift in sorted(shifts, key=lambda one: one.start):
        found[Slot(shift.seat, shift.slot_number)].append(shift)
    return found


class _Place:
    """Walks through the shifts of one place, oldest first."""

    def __init__(self, place: Slot, pressed: Pressed, absences: MemberAbsences) -> None:
        self._place, self._pressed, self._absences = place, pressed, absences
        self.handovers: list[Handover] = []

    def stood(self, shifts: Sequence[Shift], end: datetime) -> Iterator[OnCallInterval]:
        """Each stretch, in order; after the last shift somebody stays only if nobody took over from them."""
        last: OnCallInterval | None = None
        for shift in shifts:
            if shift.absent or shift.start >= end:
                continue
            for stretch in self._shift(shift, last):
                yield stretch
                last = stretch

    def _shift(self, shift: Shift, last: OnCallInterval | None) -> Iterator[OnCallInterval]:
        """The stretches of one shift: whoever stays until the handover is done, then the shift's own person."""
        begins, evidence, verdict = shift.start, shift.source, CoverageStatus.PLANNED
        if (
            last
            and last.end == shift.start
            and last.person != shift.member
            and last.status is not CoverageStatus.PLANNED
        ):
            handover = self._handover(shift, last)
            done = min(handover.done_at or shift.end, shift.end)
            gone = find_first_absence(self._absences.get(last.person, ()), shift.start, done)
            if gone:  # they can neither stay on nor hand over
                self.handovers.remove(handover)
            begins = gone or done
            if begins > shift.start:
                yield replace(last, start=shift.start, end=begins, awaited=shift.member)
            if handover.taken_over and handover.done_at and not gone:
                verdict, evidence = CoverageStatus.HANDED_OVER, f"watch:{handover.taken_over.id}"
        if begins < shift.end:
            yield from self._own(shift, begins, verdict, evidence)

    def _handover(self, shift: Shift, last: OnCallInterval) -> Handover:
        pressed = self._pressed.get((self._place, shift.start), ())
        found = Handover(
            self._place, shift.start, last.person, shift,
            next((one for one in pressed if one.kind is ShiftEventKind.HAND_OVER and one.person == last.person), None),
            next((one for one in pressed if one.kind is ShiftEventKind.TAKE_OVER and one.person == shift.member), None),
        )  # fmt: skip
        self.handovers.append(found)
        return found

    def _own(self, shift: Shift, begins: datetime, verdict: CoverageStatus, evidence: str) -> Iterator[OnCallInterval]:
        """The person's own part: only planned until they say that they are on call."""
        whole = OnCallInterval(self._place, begins, shift.end, shift.member, verdict, evidence)
        said = find_confirmation(shift, self._pressed.get((self._place, shift.start), ()))
        if verdict is CoverageStatus.HANDED_OVER or not said or said.at >= shift.end:
            yield whole
            return
        if said.at > begins:
            yield replace(whole, end=said.at)
        yield replace(whole, start=max(said.at, begins), status=CoverageStatus.CONFIRMED, evidence=said.evidence)


def _clipped(found: Sequence[OnCallInterval], place: Slot, start: datetime, end: datetime) -> Iterator[OnCallInterval]:
    """The part between two instants, with the holes named."""
    at = start
    for stretch in found:
        begins, ends = max(stretch.start, start), min(stretch.end, end)
        if begins < ends:
            if at < begins:
                yield OnCallInterval(place, at, begins, "", CoverageStatus.UNCOVERED, "rota")
            yield replace(stretch, start=begins, end=ends)
            at = ends
    if at < end:
        yield OnCallInterval(place, at, end, "", CoverageStatus.UNCOVERED, "rota")
