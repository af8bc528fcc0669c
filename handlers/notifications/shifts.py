"""What is said of shifts and handovers: reminders to confirm, the card with its buttons, that a press is missing."""

from collections.abc import Iterator
from dataclasses import replace

from handlers.blocks import block_kit, handover_card, shift_reminders
from handlers.blocks.gap_card import slot_name
from handlers.blocks.handover_card import HandoverView
from handlers.blocks.shift_reminders import ReminderBody, ShiftView
from handlers.notifications import no_successor
from handlers.notifications.context import MessageContext
from handlers.notifications.message import Message
from models.reminders import changeover
from models.reminders.due import handover_name
from models.rules.delivery import MessageKind
from models.rules.reminders import subjects
from models.rules.reminders.handover import CARD_BEFORE
from models.rules.reminders.shift import ABOUT_ITS_END, CANNOT_STAY, NOBODY_FOLLOWS
from models.rules.rota.on_call import Handover, find_confirmation


def reminder(context: MessageContext) -> Message | None:
    """To its person, ahead of their shift, or before its end when nobody follows."""
    if context.reminder.step == NOBODY_FOLLOWS:
        return no_successor.to_outgoing(context)
    if context.is_outdated:
        return None
    view = _shift(context)
    return _message(shift_reminders.own_shift(view, context.viewer) if view else None, context)


def unconfirmed(context: MessageContext) -> Message | None:
    """A shift nobody confirmed: to its person, or to whoever is called. Or one that nobody follows."""
    if context.reminder.step == CANNOT_STAY:
        return no_successor.to_others(context)
    return _message(_of_shift(context), context)


def _of_shift(context: MessageContext) -> ReminderBody | None:
    view = _shift(context)
    if view is None or view.confirmation:
        return None
    if _is_own(view, context):
        return shift_reminders.own_shift(view, context.viewer)
    if view.handover and context.now >= view.shift.start:
        return None  # it comes late, and the handover speaks
    return shift_reminders.unconfirmed_shift(view, context.user, _leads(context), context.viewer)


def waiting(context: MessageContext) -> Message | None:
    """A handover that lacks a press: to one of the two, to a lead, or in its thread."""
    said = _of_handover(context)
    return _message(said, context, context.thread(MessageKind.HANDOVER) if said and not context.user else None)


def _of_handover(context: MessageContext) -> ReminderBody | None:
    found = _handover(context)
    if found is None or found.done_at or context.now >= found.incoming.end:
        return None
    return handover_card.waiting_handover(found, context.user, _leads(context), context.viewer)


def anew(context: MessageContext) -> ReminderBody | None:
    """A direct message as it would be said now, with all that changes at the same instant; None when nothing is left
    to say, and of one that is about the end of a shift.
    """
    if not context.user or not changeover.is_of_one(context.subject, context.reminder.step):
        return None
    view = _shift(context) if context.subject.startswith(subjects.SHIFT) else None
    own = shift_reminders.own_shift(view, context.viewer) if view and _is_own(view, context) else _of_any(context)
    together = _together(own, context)
    return together[0] if together else None


def beside(context: MessageContext) -> list[block_kit.Block]:
    """What else of the same instant its reader is still called about."""
    if not context.user or not changeover.is_of_one(context.subject, context.reminder.step):
        return []
    return [block for text, blocks in _others(context) for block in (block_kit.section(text), *blocks)]


def _of_any(context: MessageContext) -> ReminderBody | None:
    return _of_handover(context) if context.subject.startswith(subjects.HANDOVER) else _of_shift(context)


def _others(context: MessageContext) -> Iterator[ReminderBody]:
    """What is said of the other places, to a reader who is called about them too."""
    leads = context.render_context.settings.leads
    for name in changeover.beside(context.snapshot, context.subject, context.user, leads, context.now):
        said = _of_any(MessageContext(replace(context.delivery, subject=name), context.render_context))
        if said:
            yield said


def _together(said: ReminderBody | None, context: MessageContext) -> tuple[ReminderBody, str] | None:
    """One message for one person of all that changes at the same instant, and all of its text for notifications."""
    parts = [*([said] if said else []), *_others(context)]
    if not parts:
        return None
    (text, blocks), *others = parts
    below = [block for more, buttons in others for block in (block_kit.section(more), *buttons)]
    return (text, [*blocks, *below]), "\n".join(one for one, _ in parts)


def card(context: MessageContext) -> Message | None:
    """The card of a handover with its note; the outgoing person's cases come first."""
    found, words = _handover(context), context.words
    if found is None:
        return None
    shift, outgoing = found.incoming, context.snapshot.user_of(found.outgoing)
    cases = sorted(
        context.render_context.queries.all_escalations(),
        key=lambda case: (case.owner != outgoing, case.number),
    )
    coming = [gap for gap in context.render_context.gaps.open() if gap.start < shift.end and shift.start < gap.end]
    requester = [
        press for press in context.snapshot.presses if press.slot == found.slot and press.shift_start == found.at
    ]
    view = HandoverView(found, cases, coming, [one.text for one in requester if one.text])
    said = f"🤝 {words('Handover')}{words.colon}{slot_name(found.slot, words)}"
    return context.placed(said, handover_card.handover_card(view, context.viewer))


def over(context: MessageContext) -> str:
    """What stands in place of a reminder once what it asked for was done; empty while it was not."""
    if context.subject.startswith(subjects.HANDOVER):
        found = _handover(context)
        if found and found.done_at:
            return handover_card.completed_handover(found, context.user, context.viewer)
        is_waited_for = found and context.now < found.incoming.end
        return (
            "" if is_waited_for else handover_card.ended_handover(subjects.handover_of(context.subject), context.viewer)
        )
    return no_successor.over(context) if context.reminder.step in ABOUT_ITS_END else _shift_over(context)


def _shift_over(context: MessageContext) -> str:
    view = _shift(context)
    if view is None:
        return shift_reminders.ended_shift(subjects.shift_of(context.subject), context.viewer)
    if not view.confirmation:
        return ""
    if not _is_own(view, context):
        return shift_reminders.confirmed_shift(view, context.viewer)
    said, buttons = shift_reminders.own_shift(view, context.viewer)
    return "" if buttons else said  # it is confirmed, and still to be taken over


def about(context: MessageContext) -> str:
    """What a reminder is about, in a few words; empty when it is not there any more."""
    if context.subject.startswith(subjects.HANDOVER):
        found = _handover(context)
        return handover_card.handover_title(found, context.viewer) if found else ""
    view = _shift(context)
    return shift_reminders.shift_title(view, context.viewer) if view else ""


def _message(said: ReminderBody | None, context: MessageContext, thread: str | None = None) -> Message | None:
    if context.user:
        together = _together(said, context)
        return context.message(*together[0], short=together[1], timed=True) if together else None
    return context.called(*said, thread, timed=True) if said else None


def _leads(context: MessageContext) -> bool:
    return context.user in context.render_context.settings.leads


def _is_own(view: ShiftView, context: MessageContext) -> bool:
    return bool(context.user) and context.user == context.snapshot.user_of(view.shift.member)


def _shift(context: MessageContext) -> ShiftView | None:
    name, snapshot = subjects.shift_of(context.subject), context.snapshot
    found = snapshot.shift(name.place, name.start, name.person)
    if found is None or context.now >= found.end:
        return None
    due = (
        handover
        for handover in snapshot.handovers
        if handover.incoming == found and context.now >= handover.at - CARD_BEFORE
    )
    since = max(found.start, snapshot.since(found))
    return ShiftView(found, find_confirmation(found, snapshot.presses), next(due, None), since)


def _handover(context: MessageContext) -> Handover | None:
    name = subjects.handover_of(context.subject)
    return next((handover for handover in context.snapshot.handovers if handover_name(handover) == name), None)
