"""Find who follows when a shift ends.

When nobody does, the person on call must know in time. A person who stays on gets the open cases.
"""

from datetime import datetime, timedelta

from models.oncall.snapshot import OnCallSnapshot
from models.rules.rota.gaps import EMPTY_SLOT_REASONS, Gap
from models.rules.rota.on_call import Slot
from models.rules.rota.shifts import Shift
from models.rules.times import SECOND

RECENT = timedelta(hours=1)
"""How long after its end a shift is still checked when the rota changes."""
LONGEST_HOLE = timedelta(days=1)
"""After a longer time without anybody in a slot, cases are not passed on automatically."""


def gap_after(snapshot: OnCallSnapshot, shift: Shift) -> Gap | None:
    """Return the gap that begins when a shift ends; None when somebody follows, or nobody is needed."""
    if snapshot.has_shift_from(Slot(shift.seat, shift.slot_number), shift.end):
        return None
    gaps = (gap for gap in snapshot.gaps if gap.seat == shift.seat and gap.reason in EMPTY_SLOT_REASONS)
    return next((gap for gap in gaps if gap.start <= shift.end < gap.end), None)


def known_since(snapshot: OnCallSnapshot, shift: Shift) -> datetime:
    """Return since when it is known who follows a shift."""
    touching = (
        change.at
        for change in snapshot.in_force
        if change.start <= shift.end <= change.end and change.seat in {"", shift.seat}
    )
    return max(touching, default=snapshot.planned_at)


def on_at_end(snapshot: OnCallSnapshot, shift: Shift) -> str:
    """Return who is on call when a shift ends (a Slack id): its person, or the one they did not relieve."""
    place = Slot(shift.seat, shift.slot_number)
    last = snapshot.find_intervals(shift.end - SECOND, shift.end)
    return next((snapshot.user_of(interval.person) for interval in last if interval.slot == place), "")


def on_before_gap(snapshot: OnCallSnapshot, shift: Shift) -> str:
    """Return who was on call last (a Slack id) before a gap that this shift, an override, ends."""
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
