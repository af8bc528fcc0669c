"""Renders what is said about one shift: to confirm it, or that nobody did."""

from datetime import datetime

from handlers.blocks import shift_reminders
from handlers.blocks.shift_reminders import ReminderBody, ShiftView
from handlers.notifications import no_successor
from handlers.notifications.context import MessageContext
from models.reminders.shift_facts import handover_name
from models.rules.reminders.handover import CARD_BEFORE
from models.rules.reminders.shift import ABOUT_ITS_END, ASKED, asks_to_confirm
from models.rules.reminders.subjects import ShiftName
from models.rules.rota.on_call import Handover
from models.rules.times import EARLIEST


def build_own_body(context: MessageContext) -> ReminderBody | None:
    """Return the reminder to the person of the shift; None once it is over, and once nothing is left to confirm."""
    view = _find_view(context)
    if view is None or _is_settled(view, context):
        return None
    return shift_reminders.own_shift(view, context.viewer)


def build_current_body(context: MessageContext) -> ReminderBody | None:
    """Return the current message for the reader: their own shift, or one that nobody confirmed."""
    view = _find_view(context)
    if view and _is_own(view, context):
        return shift_reminders.own_shift(view, context.viewer)
    return build_unconfirmed_body(context)


def build_unconfirmed_body(context: MessageContext) -> ReminderBody | None:
    """Return the notice of an unconfirmed shift; None once somebody confirmed it."""
    view = _find_view(context)
    if view is None or view.confirmation:
        return None
    if _is_own(view, context):
        return shift_reminders.own_shift(view, context.viewer)
    if view.handover and context.now >= view.shift.start:
        return None  # the reminder is late; the one of the handover asks for the press
    return shift_reminders.unconfirmed_shift(view, context.user, context.is_lead, context.viewer)


def describe_end(context: MessageContext) -> str:
    """Return the text that replaces a reminder once its request is met; empty before."""
    if context.reminder.step in ABOUT_ITS_END:
        return no_successor.describe_end(context)
    view = _find_view(context)
    if view is None:
        return shift_reminders.ended_shift(context.subject_as(ShiftName), context.viewer)
    if not view.confirmation:
        return ""
    is_own = _is_own(view, context)
    if is_own and view.handover and not view.handover.taken_over:
        return ""  # it is confirmed, and still to be taken over
    return shift_reminders.confirmed_shift(view, context.viewer, is_own=is_own)


def describe(context: MessageContext) -> str:
    """Return the shift in a few words; empty once it is over."""
    view = _find_view(context)
    return shift_reminders.shift_title(view, context.viewer) if view else ""


def is_confirmed(context: MessageContext) -> bool:
    """Return whether somebody confirmed the shift."""
    view = _find_view(context)
    return view is not None and view.confirmation is not None


def find_take_over(context: MessageContext) -> Handover | None:
    """Return the handover with which the shift begins, once its card is due and while it is not taken over."""
    view = _find_view(context)
    handover = view.handover if view else None
    return handover if handover and not handover.taken_over else None


def list_pages_to_take_over(context: MessageContext) -> list[tuple[str, datetime]]:
    """Return the subjects of pages that ask to take over, and from when on they do; nothing for any other reminder.

    That is decided for the time when the message was first sent. A page about a shift asks for that once the shift is
    confirmed and the card of its handover is due.
    """
    view, sent_at = _find_view_at(context.first_sent.sent_at, context), context.first_sent.sent_at
    if view is None or not view.handover or not _is_own(view, context):
        return []
    if view.handover.taken_over and view.handover.taken_over.at <= sent_at:
        return []
    pages = [(str(handover_name(view.handover)), EARLIEST)]
    if view.confirmation and view.confirmation.at <= sent_at:
        pages.append((context.subject, max(view.confirmation.at, view.handover.at - CARD_BEFORE)))
    return pages


def _is_settled(view: ShiftView, context: MessageContext) -> bool:
    """Return whether a reminder asked only to confirm a shift that is confirmed by now: by link, for example."""
    if not view.confirmation or (view.handover and not view.handover.taken_over):
        return False
    user, snapshot = context.user, context.snapshot
    minutes, chosen = snapshot.reminder_minutes(user), snapshot.has_chosen(user)
    return context.reminder.step == ASKED or asks_to_confirm(context.reminder.step, minutes, chosen)


def _is_own(view: ShiftView, context: MessageContext) -> bool:
    return bool(context.user) and context.user == context.snapshot.user_of(view.shift.member)


def _find_view(context: MessageContext) -> ShiftView | None:
    return _find_view_at(context.now, context)


def _find_view_at(at: datetime, context: MessageContext) -> ShiftView | None:
    name, snapshot = context.subject_as(ShiftName), context.snapshot
    shift = snapshot.shift(name.place, name.start, name.person)
    if shift is None or at >= shift.end:
        return None
    handover = snapshot.handover_to(shift) if at >= shift.start - CARD_BEFORE else None
    assigned_at = max(shift.start, snapshot.assigned_at(shift))
    return ShiftView(shift, snapshot.confirmation_of(shift), handover, assigned_at)
