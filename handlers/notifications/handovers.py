"""Renders the card of a handover, and what is said while a press is missing."""

from handlers.blocks import block_kit, handover_card
from handlers.blocks.gap_card import slot_name
from handlers.blocks.handover_card import HandoverView
from handlers.blocks.schedule import zone_note
from handlers.blocks.shift_reminders import ReminderBody
from handlers.notifications.context import MessageContext
from handlers.notifications.escalations import find_deadlines_before
from handlers.notifications.message import Message
from models.rules.outbox.message_kinds import MessageKind
from models.rules.reminders.subjects import HandoverName
from models.rules.rota.on_call import Handover


def render_card(context: MessageContext) -> Message | None:
    """Return the card with its note; the escalations of the outgoing person come first."""
    handover, words, render_context = _find_handover(context), context.words, context.render_context
    if handover is None or (context.now >= handover.incoming.end and not handover.done_at):
        return _render_over(context)
    shift, outgoing = handover.incoming, context.snapshot.user_of(handover.outgoing)
    cases = sorted(render_context.queries.all_escalations(), key=lambda case: (case.owner != outgoing, case.number))
    due = find_deadlines_before(shift.end, cases, context)
    coming_gaps = [gap for gap in render_context.gap_register.open() if gap.start < shift.end and shift.start < gap.end]
    presses = [
        press
        for press in context.snapshot.shift_events
        if press.slot == handover.slot and press.shift_start == handover.at
    ]
    view = HandoverView(handover, cases, coming_gaps, [press.text for press in presses if press.text], due)
    text = f"🤝 {words('Handover')}{words.colon}{slot_name(handover.slot, words)}"
    return context.build_card(text, handover_card.handover_card(view, context.viewer))


def _render_over(context: MessageContext) -> Message | None:
    """Return what stands in the place of the card of a handover that is over or no longer planned."""
    if context.delivery.what is MessageKind.HANDOVER:
        return None
    name, viewer = context.subject_as(HandoverName), context.viewer
    text = handover_card.ended_handover(name, viewer)
    return context.build_card(text, [block_kit.section(text), zone_note(name.at, viewer)])


def build_waiting_body(context: MessageContext) -> ReminderBody | None:
    """Return the reminder of a handover that lacks a press; None once it is done or over."""
    handover = _find_handover(context)
    if handover is None or handover.done_at or context.now >= handover.incoming.end:
        return None
    return handover_card.waiting_handover(handover, context.user, context.is_lead, context.viewer)


def describe_end(context: MessageContext) -> str:
    """Return the text that replaces a reminder once both have pressed, or the handover is over; empty before."""
    handover = _find_handover(context)
    if handover and handover.done_at:
        return handover_card.completed_handover(handover, context.user, context.viewer)
    if handover and context.now < handover.incoming.end:
        return ""
    return handover_card.ended_handover(context.subject_as(HandoverName), context.viewer)


def describe(context: MessageContext) -> str:
    """Return the handover in a few words; empty when it is no longer planned."""
    handover = _find_handover(context)
    return handover_card.handover_title(handover, context.viewer) if handover else ""


def list_missing(context: MessageContext) -> list[str]:
    """Return who has not pressed yet, by their names in the rota; nobody when it is no longer planned."""
    handover = _find_handover(context)
    if handover is None:
        return []
    missing = [] if handover.handed_over else [handover.outgoing]
    return missing if handover.taken_over else [*missing, handover.incoming.member]


def _find_handover(context: MessageContext) -> Handover | None:
    name = context.subject_as(HandoverName)
    return context.snapshot.handover(name.place, name.at, name.outgoing, name.incoming)
