"""Renders the card of a holiday week ahead."""

from handlers.blocks import block_kit, holiday_review
from handlers.notifications.context import MessageContext
from handlers.notifications.message import Message
from models.rules.outbox.message_kinds import MessageKind
from models.rules.reminders.subjects import HolidayWeekName
from models.rules.rota import holidays


def render_card(context: MessageContext) -> Message | None:
    """Return a card, as a new message each time: once in any case, then while the coverage is weak."""
    rota_state, render_context = context.snapshot.rota_state, context.render_context
    review = render_context.holiday_reviews.review(context.subject, rota_state, context.now) if rota_state else None
    is_new = context.delivery.what is MessageKind.HOLIDAY_REVIEW
    if review is None or (is_new and context.is_outdated):
        return None
    if is_new and not review.staffing.is_thin and context.find_place(MessageKind.HOLIDAY_REVIEW):
        return None
    blocks = holiday_review.card(review, context.viewer, context.mentions)
    late = context.build_lateness()
    late = late if holiday_review.shows_times(review) else context.name_zone_of(late)
    return context.build_card(holiday_review.title(review, context.viewer), [*blocks, *late])


def describe_end(context: MessageContext) -> str:
    """Return the text that replaces a card once its days have begun, or a newer card was posted; empty before."""
    name, render_context = context.subject_as(HolidayWeekName), context.render_context
    week = holidays.find_holiday_week(name.festival, name.year, context.snapshot.rota.calendar)
    if week.start <= context.now.astimezone(render_context.settings.timezone).date():
        return holiday_review.week_begun(week, context.words)
    newest, own = context.find_place(MessageKind.HOLIDAY_REVIEW), context.find_redrawn()
    if newest is None or own is None or newest == own[1:]:
        return ""
    url = block_kit.permalink(render_context.workspace(), *newest)
    return holiday_review.newer_card(week, url, context.words)
