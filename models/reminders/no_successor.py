"""Find who follows when a shift ends.

When nobody does, the person on call must know in time. A person who stays on gets the open cases.
"""

from datetime import datetime, timedelta

from models.oncall.snapshot import OnCallSnapshot
from models.rules.rota.gaps import EMPTY_SLOT_REASONS, Gap
from models.rules.rota.on_call import Slot
from models.rules.rota.overrides import select_in_force
from models.rules.rota.shifts import Shift

RECENT = timedelta(hours=1)
"""So long after its end a shift is looked at again when the rota changes."""
MOMENT = timedelta(seconds=1)
LONGEST_HOLE = timedelta(days=1)
"""After a longer time without anybody in a place, cases are not passed on by themselves."""


def gap_after(snapshot: OnCallSnapshot, shift: Shift) -> Gap | None:
    """The gap with which a shift ends; None when somebody follows in its place, or nobody is owed."""
    if snapshot.has_shift_from(Slot(shift.seat, shift.slot_number), shift.end):
        return None
    here = (gap for gap in snapshot.gaps if gap.seat == shift.seat and gap.reason in EMPTY_SLOT_REASONS)
    return next((gap for gap in here if gap.start <= shift.end < gap.end), None)


def known_since(snapshot: OnCallSnapshot, shift: Shift) -> datetime:
    """Since when it is known who follows a shift."""
    changes = select_in_force(snapshot.rota_state.overrides) if snapshot.rota_state else ()
    touching = (
        change.at for change in changes if change.start <= shift.end <= change.end and change.seat in {"", shift.seat}
    )
    return max(touching, default=snapshot.planned_at)


def on_at_end(snapshot: OnCallSnapshot, shift: Shift) -> str:
    """The Slack id of who is on when a shift ends: its person, or whoever was not relieved by them."""
    place = Slot(shift.seat, shift.slot_number)
    last = snapshot.find_intervals(shift.end - MOMENT, shift.end)
    return next((snapshot.user_of(interval.person) for interval in last if interval.slot == place), "")


def on_before_gap(snapshot: OnCallSnapshot, shift: Shift) -> str:
    """The Slack id of who was on in a place last, before a gap that somebody stands in for with this shift."""
    if not shift.source.startswith("change:"):
        return ""
    place = (shift.seat, shift.slot_number)
    before = [
        planned
        for planned in snapshot.shifts
        if (planned.seat, planned.slot_number) == place and planned.start < shift.start
    ]
    last = max((planned for planned in before if not planned.absent), key=lambda planned: planned.end, default=None)
    is_hole = last is not None and timedelta() < shift.start - last.end <= LONGEST_HOLE
    return on_at_end(snapshot, last) if last and is_hole and last.member != shift.member else ""
