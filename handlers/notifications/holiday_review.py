"""The card that rehearses a holiday week."""

from handlers.blocks import block_kit, holiday_review
from handlers.notifications.context import MessageContext
from handlers.notifications.message import Message
from models.rules.delivery import MessageKind
from models.rules.reminders import subjects
from models.rules.rota import holidays


def card(context: MessageContext) -> Message | None:
    """A card of its own each time it is spoken of: once for certain, then while something is thin."""
    known, render_context = context.snapshot.rota_state, context.render_context
    found = render_context.rehearsals.review(context.subject, known, context.now) if known else None
    is_new = context.delivery.what is MessageKind.REHEARSAL
    if found is None or (is_new and context.is_outdated):
        return None
    if is_new and not found.staffing.is_thin and render_context.reminders.place(context.subject, MessageKind.REHEARSAL):
        return None
    said = holiday_review.title(found, context.viewer)
    blocks = holiday_review.card(found, context.viewer, context.calls)
    return context.placed(said, [*blocks, *(context.lateness() if is_new else ())])


def over(context: MessageContext) -> str:
    """What stands in place of a card once its days have begun, or a newer card was posted; empty while it is the one
    to look at.
    """
    festival, year = subjects.rehearsal_of(context.subject)
    week = holidays.find_holiday_week(festival, year, context.snapshot.rota.calendar)
    if week.start <= context.now.astimezone(context.render_context.settings.timezone).date():
        return holiday_review.week_begun(week, context.words)
    newest = context.render_context.reminders.place(context.subject, MessageKind.REHEARSAL)
    own = context.render_context.reminders.said(context.delivery.redraws or "")
    if newest is None or own is None or newest == own[1:]:
        return ""
    return holiday_review.newer_card(
        week, block_kit.permalink(context.render_context.workspace(), *newest), context.words
    )
