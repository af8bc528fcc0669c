"""Renders reminders of shifts and handovers: one message per person for all slots that change at the same instant."""

from collections.abc import Iterable, Iterator

from handlers.blocks import block_kit
from handlers.blocks.shift_reminders import ReminderBody
from handlers.notifications import handovers, no_successor, shifts
from handlers.notifications.context import MessageContext
from handlers.notifications.message import Message
from models.reminders import changeover
from models.rules.outbox.message_kinds import MessageKind
from models.rules.reminders.shift import CANNOT_STAY, NOBODY_FOLLOWS
from models.rules.reminders.subjects import HandoverName, ShiftName

Part = tuple[MessageContext, ReminderBody]
"""What a message says about one slot."""


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
    """Return a message as it would be sent now: to a person with all that changes at the same instant.

    None when nothing is left to say, and for a reminder about the end of a shift, or in a channel about any shift.
    """
    is_handover = isinstance(context.subject_name, HandoverName)
    if not _is_combined(context):
        return handovers.build_waiting_body(context) if is_handover else None
    body = handovers.build_waiting_body(context) if is_handover else shifts.build_current_body(context)
    parts = _list_parts(body, context)
    return (parts[0][1][0], [*parts[0][1][1], *_draw_below(parts[1:])]) if parts else None


def build_other_blocks(context: MessageContext) -> list[block_kit.Block]:
    """Return the blocks about the other slots that change at the same instant and concern the reader."""
    if not _is_combined(context):
        return []
    return _draw_below(_find_others(context))


def list_page_subjects(context: MessageContext) -> list[str]:
    """Return what a page names: its own subject, and what else its reader is called about at the same instant.

    Its own is left out once nobody is asked about it any more, while something else is open.
    """
    others = [other.subject for other, _ in _find_others(context)] if _is_combined(context) else []
    return others if others and _is_settled(context) else [context.subject, *others]


def _is_settled(context: MessageContext) -> bool:
    if isinstance(context.subject_name, HandoverName):
        return handovers.build_waiting_body(context) is None
    return shifts.build_current_body(context) is None


def _draw_below(parts: Iterable[Part]) -> list[block_kit.Block]:
    return [
        block
        for context, (text, buttons) in parts
        for block in (block_kit.section(text), *build_told(context), *buttons)
    ]


def _is_combined(context: MessageContext) -> bool:
    return bool(context.user) and changeover.is_changeover(context.subject_name, context.reminder.step)


def _find_others(context: MessageContext) -> Iterator[Part]:
    name, leads = context.subject_name, context.render_context.settings.leads
    if not isinstance(name, changeover.ChangeName):
        return
    for other_name in changeover.find_others_for(context.snapshot, name, context.user, leads, context.now):
        other = context.about(str(other_name))
        is_handover = isinstance(other.subject_name, HandoverName)
        body = handovers.build_waiting_body(other) if is_handover else shifts.build_unconfirmed_body(other)
        if body:
            yield other, body


def _list_parts(body: ReminderBody | None, context: MessageContext) -> list[Part]:
    """Return what one message says to one person, about all slots."""
    return [*([(context, body)] if body else []), *_find_others(context)]


def _build_message(body: ReminderBody | None, context: MessageContext, thread: str | None = None) -> Message | None:
    if not context.user:
        return context.build_mentioning_message(*body, thread, timed=True) if body else None
    parts = _list_parts(body, context)
    if not parts:
        return None
    (first, (text, buttons)), *others = parts
    short = "\n".join(part_text for _, (part_text, _) in parts)
    below = [*buttons, *_draw_below(others)]
    return context.build_message(text, below, short=short, timed=True, told_note=build_told(first))


def build_told(context: MessageContext) -> list[block_kit.Block]:
    """Return how the reader was told by another way what one part of a message says, before it was first sent."""
    is_shift = isinstance(context.subject_name, ShiftName)
    return context.build_told(shifts.list_pages_to_take_over(context) if is_shift else ())
