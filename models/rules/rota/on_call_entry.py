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
    ours = [item for item in held if item.slot == slot]
    now = next((our for our in ours if our.start <= at < our.end and our.person), None)
    mine = [
        shift for shift in shifts if (shift.seat, shift.slot_number) == (slot.seat, slot.number) and not shift.absent
    ]
    since = min((item.start for item in _unbroken(ours, now)), default=at) if now else at
    until = find_planned_end(mine, slot, now.person, at) if now else at
    due = [item for item in mine if now and item.member == now.awaited and item.start <= at < item.end]
    coming = [item for item in mine if item.start >= (at if now and now.awaited else until)]
    follows = next(iter([*due, *sorted(coming, key=lambda item: item.start)]), None)
    sure = follows is not None and find_confirmation(follows, presses) is not None
    if now is None:
        return OnCallEntry(slot, next=follows, next_confirmed=sure)
    falls_vacant = not now.awaited and until < (follows.start if follows else truncate_to_second(at) + LOOK_BACK)
    vacant = until if falls_vacant else None
    return OnCallEntry(slot, now.person, since, until, now.status, now.awaited, follows, sure, vacant)


def expect_confirmed(
    entry: OnCallEntry, at: datetime, shifts: Sequence[Shift], presses: Sequence[ShiftEvent]
) -> OnCallEntry:
    """Return the entry of a time ahead as confirmed when its shift is confirmed or taken over."""
    mine = (
        shift for shift in shifts if (Slot(shift.seat, shift.slot_number), shift.member) == (entry.slot, entry.person)
    )
    current = next((shift for shift in mine if shift.start <= at < shift.end and not shift.absent), None)
    is_confirmed = current is not None and find_confirmation(current, presses) is not None
    return replace(entry, status=CoverageStatus.CONFIRMED) if is_confirmed else entry


def _unbroken(held: Sequence[OnCallInterval], now: OnCallInterval) -> Iterator[OnCallInterval]:
    """Yield the intervals up to now in which one person was on call in a slot without a break."""
    return takewhile(lambda interval: interval.person == now.person, reversed(held[: held.index(now) + 1]))
