"""Renders the reminders that a shift ends and nobody follows."""

from handlers.blocks import no_successor
from handlers.blocks.shift_reminders import ended_shift
from handlers.notifications.context import MessageContext
from handlers.notifications.message import Message
from models.reminders.no_successor import RECENT, gap_after
from models.rules.reminders.subjects import ShiftName
from models.rules.rota.gaps import Gap
from models.rules.rota.shifts import Shift


def render_outgoing_reminder(context: MessageContext) -> Message | None:
    """Return the reminder to the person on call; None when somebody follows by now."""
    ending = _find_ending_shift(context)
    if ending is None or context.is_outdated:
        return None
    return context.build_message(*no_successor.outgoing_reminder(*ending, context.is_lead, context.viewer), timed=True)


def render_others_reminder(context: MessageContext) -> Message | None:
    """Return the reminder to a lead or the on-call channel, once the person on call can't remain."""
    ending = _find_ending_shift(context)
    if ending is None:
        return None
    build = context.build_message if context.user else context.build_mentioning_message
    return build(*no_successor.others_reminder(*ending, context.user, context.viewer), timed=True)


def describe_end(context: MessageContext) -> str:
    """Return the text that replaces both once somebody follows or the shift is over; empty before."""
    name = context.subject_as(ShiftName)
    shift = context.snapshot.shift(name.place, name.start, name.person)
    gap = gap_after(context.snapshot, shift) if shift else None
    if shift is None or (gap and context.now >= min(gap.end, shift.end + RECENT)):
        return ended_shift(name, context.viewer)
    if gap:
        return ""
    slot = (shift.end, shift.seat, shift.slot_number)
    successors = (
        other.member
        for other in context.snapshot.shifts
        if (other.start, other.seat, other.slot_number) == slot and not other.absent
    )
    return no_successor.gap_covered(shift, next(successors, ""), context.viewer)


def _find_ending_shift(context: MessageContext) -> tuple[Shift, Gap] | None:
    """Return the shift with the gap after it; None when there is none or it is over."""
    name = context.subject_as(ShiftName)
    shift = context.snapshot.shift(name.place, name.start, name.person)
    gap = gap_after(context.snapshot, shift) if shift else None
    return (shift, gap) if shift and gap and context.now < gap.end else None
