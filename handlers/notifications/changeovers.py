"""Renders reminders of shifts and handovers: one message per person for all slots that change at the same instant."""

from collections.abc import Iterator
from dataclasses import replace

from handlers.blocks import block_kit
from handlers.blocks.shift_reminders import ReminderBody
from handlers.notifications import handovers, no_successor, shifts
from handlers.notifications.context import MessageContext
from handlers.notifications.message import Message
from models.reminders import changeover
from models.rules.delivery import MessageKind
from models.rules.reminders.shift import CANNOT_STAY, NOBODY_FOLLOWS
from models.rules.reminders.subjects import HandoverName


def render_own_shift(context: MessageContext) -> Message | None:
    """Return a reminder to the person of a shift, ahead of it, or before its end when nobody follows."""
    if context.reminder.step == NOBODY_FOLLOWS:
        return no_successor.render_outgoing_reminder(context)
    if context.is_outdated:
        return None
    return _build_message(shifts.build_own_body(context), context)


def render_shift_reminder(context: MessageContext) -> Message | None:
    """Return a reminder of a shift that nobody confirmed, or of one that nobody follows."""
    if context.reminder.step == CANNOT_STAY:
        return no_successor.render_others_reminder(context)
    return _build_message(shifts.build_unconfirmed_body(context), context)


def render_handover_reminder(context: MessageContext) -> Message | None:
    """Return a reminder of a handover that lacks a press; in a channel it stands in the thread of the card."""
    body = handovers.build_waiting_body(context)
    thread = context.find_thread(MessageKind.HANDOVER) if body and not context.user else None
    return _build_message(body, context, thread)


def build_current_body(context: MessageContext) -> ReminderBody | None:
    """Return a direct message as it would be sent now, with all that changes at the same instant.

    None when nothing is left to say, and for a reminder about the end of a shift.
    """
    if not _is_combined(context):
        return None
    is_handover = isinstance(context.subject_name, HandoverName)
    body = handovers.build_waiting_body(context) if is_handover else shifts.build_current_body(context)
    combined = _combine(body, context)
    return combined[0] if combined else None


def build_other_blocks(context: MessageContext) -> list[block_kit.Block]:
    """Return the blocks about the other slots that change at the same instant and concern the reader."""
    if not _is_combined(context):
        return []
    return [block for text, blocks in _find_others(context) for block in (block_kit.section(text), *blocks)]


def _is_combined(context: MessageContext) -> bool:
    return bool(context.user) and changeover.is_changeover(context.subject_name, context.reminder.step)


def _find_others(context: MessageContext) -> Iterator[ReminderBody]:
    name, leads = context.subject_name, context.render_context.settings.leads
    if not isinstance(name, changeover.ChangeName):
        return
    for other_name in changeover.find_others_for(context.snapshot, name, context.user, leads, context.now):
        other = MessageContext(replace(context.delivery, subject=str(other_name)), context.render_context)
        is_handover = isinstance(other.subject_name, HandoverName)
        body = handovers.build_waiting_body(other) if is_handover else shifts.build_unconfirmed_body(other)
        if body:
            yield body


def _combine(body: ReminderBody | None, context: MessageContext) -> tuple[ReminderBody, str] | None:
    """Return one message for one person about all slots, and its text for notifications."""
    bodies = [*([body] if body else []), *_find_others(context)]
    if not bodies:
        return None
    (text, blocks), *others = bodies
    below = [block for other_text, buttons in others for block in (block_kit.section(other_text), *buttons)]
    return (text, [*blocks, *below]), "\n".join(text for text, _ in bodies)


def _build_message(body: ReminderBody | None, context: MessageContext, thread: str | None = None) -> Message | None:
    if context.user:
        combined = _combine(body, context)
        return context.build_message(*combined[0], short=combined[1], timed=True) if combined else None
    return context.build_mentioning_message(*body, thread, timed=True) if body else None
