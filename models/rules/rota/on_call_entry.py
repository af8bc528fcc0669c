"""Who is on call in one slot at an instant, since when and until when, and who follows. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import takewhile

from models.rules.rota.on_call import (
    LOOK_BACK,
    CoverageStatus,
    OnCallInterval,
    ShiftEvent,
    Slot,
    find_confirmation,
    find_planned_end,
)
from models.rules.rota.shifts import Shift
from models.rules.times import truncate_to_second


@dataclass(frozen=True)
class OnCallEntry:
    """Who is on call in one slot, and who follows. Times are None where nobody is on call.

    ``awaited`` is who should have taken over; then ``next`` is the shift they are due for. Where nobody follows at
    once, ``vacant_from`` is when that begins.
    """

    slot: Slot
    person: str = ""
    since: datetime | None = None
    until: datetime | None = None
    status: CoverageStatus = CoverageStatus.UNCOVERED
    awaited: str = ""
    next: Shift | None = None
    next_confirmed: bool = False
    vacant_from: datetime | None = None


def build_entry(
    slot: Slot, at: datetime, shifts: Sequence[Shift], presses: Sequence[ShiftEvent], held: Sequence[OnCallInterval]
) -> OnCallEntry:
    """Return who is on call in a slot at an instant, since and until when, how sure that is, and who is next."""
    intervals = [interval for interval in held if interval.slot == slot]
    current = next(
        (interval for interval in intervals if interval.start <= at < interval.end and interval.person), None
    )
    slot_shifts = [
        shift for shift in shifts if (shift.seat, shift.slot_number) == (slot.seat, slot.number) and not shift.absent
    ]
    since = min((interval.start for interval in _unbroken(intervals, current)), default=at) if current else at
    until = find_planned_end(slot_shifts, slot, current.person, at) if current else at
    awaited = current.awaited if current else ""
    due = [shift for shift in slot_shifts if current and shift.member == awaited and shift.start <= at < shift.end]
    coming = [shift for shift in slot_shifts if shift.start >= (at if awaited else until)]
    following = next(iter([*due, *sorted(coming, key=lambda shift: shift.start)]), None)
    is_sure = following is not None and find_confirmation(following, presses) is not None
    if current is None:
        return OnCallEntry(slot, next=following, next_confirmed=is_sure)
    falls_vacant = not awaited and until < (following.start if following else truncate_to_second(at) + LOOK_BACK)
    return OnCallEntry(
        slot, current.person, since, until, current.status, awaited, following, is_sure, until if falls_vacant else None
    )


def expect_confirmed(
    entry: OnCallEntry, at: datetime, shifts: Sequence[Shift], presses: Sequence[ShiftEvent]
) -> OnCallEntry:
    """Return the entry of a time ahead as confirmed when its shift is confirmed or taken over."""
    own_shifts = (
        shift for shift in shifts if (Slot(shift.seat, shift.slot_number), shift.member) == (entry.slot, entry.person)
    )
    current = next((shift for shift in own_shifts if shift.start <= at < shift.end and not shift.absent), None)
    is_confirmed = current is not None and find_confirmation(current, presses) is not None
    return replace(entry, status=CoverageStatus.CONFIRMED) if is_confirmed else entry


def _unbroken(held: Sequence[OnCallInterval], now: OnCallInterval) -> Iterator[OnCallInterval]:
    """Yield the intervals up to now in which one person was on call in a slot without a break."""
    return takewhile(lambda interval: interval.person == now.person, reversed(held[: held.index(now) + 1]))
