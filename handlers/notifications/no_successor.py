"""What is said when a shift ends and nobody follows."""

from handlers.blocks import no_successor as no_successor_blocks
from handlers.blocks.shift_reminders import ended_shift
from handlers.notifications.context import MessageContext
from handlers.notifications.message import Message
from models.reminders.no_successor import RECENT, gap_after
from models.rules.reminders import subjects
from models.rules.rota.gaps import Gap
from models.rules.rota.shifts import Shift


def to_outgoing(context: MessageContext) -> Message | None:
    """To whoever is on; None when somebody follows by now."""
    found = _ending(context)
    if found is None or context.is_outdated:
        return None
    is_lead = context.user in context.render_context.settings.leads
    return context.message(*no_successor_blocks.outgoing_reminder(*found, is_lead, context.viewer), timed=True)


def to_others(context: MessageContext) -> Message | None:
    """To a lead, or to the on-call channel, once whoever is on has said that they can't stay."""
    found = _ending(context)
    if found is None:
        return None
    said = no_successor_blocks.others_reminder(*found, context.user, context.viewer)
    return context.message(*said, timed=True) if context.user else context.called(*said, timed=True)


def over(context: MessageContext) -> str:
    """What stands in place of both once somebody follows, or the shift is over; empty while nobody does."""
    name = subjects.shift_of(context.subject)
    shift = context.snapshot.shift(name.place, name.start, name.person)
    gap = gap_after(context.snapshot, shift) if shift else None
    if shift is None or (gap and context.now >= min(gap.end, shift.end + RECENT)):
        return ended_shift(name, context.viewer)
    if gap:
        return ""
    there = (
        one
        for one in context.snapshot.shifts
        if (one.start, one.seat, one.slot_number) == (shift.end, shift.seat, shift.slot_number)
    )
    return no_successor_blocks.gap_covered(
        shift, next((one.member for one in there if not one.absent), ""), context.viewer
    )


def _ending(context: MessageContext) -> tuple[Shift, Gap] | None:
    """The shift with the gap after it; None when there is none, or it is over."""
    name = subjects.shift_of(context.subject)
    shift = context.snapshot.shift(name.place, name.start, name.person)
    gap = gap_after(context.snapshot, shift) if shift else None
    return (shift, gap) if shift and gap and context.now < gap.end else None
