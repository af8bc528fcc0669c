"""Renders reminders, and what replaces them and their buttons.

How a reminder looks depends on what its subject is: :data:`REMINDERS` is the table. A reminder is not sent when its
reason no longer holds. Where a later one waits, that one covers those that could not be sent.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from handlers.blocks import block_kit
from handlers.blocks.schedule import zone_note
from handlers.notifications import (
    changeovers,
    departures,
    escalations,
    gaps,
    handovers,
    holiday_review,
    remediation,
    returned_cases,
    reviews,
    shifts,
    week_ahead,
)
from handlers.notifications.context import MessageContext
from handlers.notifications.message import Message, NotReady
from models.rules.outbox.delivery import UNFINISHED, WITHOUT_TEXTS, DeliveryState
from models.rules.outbox.message_kinds import MessageKind
from models.rules.reminders import subjects
from models.rules.reminders.subjects import SubjectName


@dataclass(frozen=True)
class ReminderRenderer:
    """How the reminders of one kind of subject look."""

    render: Callable[[MessageContext], Message | None]
    """Return the reminder; None when its reason no longer holds."""
    describe_end: Callable[[MessageContext], str]
    """Return the text that replaces it once nothing is asked any more; empty before."""
    describe: Callable[[MessageContext], str] = lambda _: ""
    """Return its subject in a few words."""
    shows_times: bool = True
    """Whether the text of its end shows times, so that their zone is named below."""


REMINDERS: Mapping[type[SubjectName], ReminderRenderer] = {
    subjects.GapName: ReminderRenderer(gaps.render_reminder, gaps.describe_end, gaps.describe),
    subjects.ShiftName: ReminderRenderer(changeovers.render_shift_reminder, shifts.describe_end, shifts.describe),
    subjects.HandoverName: ReminderRenderer(
        changeovers.render_handover_reminder, handovers.describe_end, handovers.describe
    ),
    subjects.EscalationName: ReminderRenderer(
        escalations.render_reminder, escalations.describe_end, escalations.describe, shows_times=False
    ),
    subjects.DepartureName: ReminderRenderer(departures.render_reminder, departures.describe_end, shows_times=False),
    subjects.ReturnedName: ReminderRenderer(
        returned_cases.render_reminder, returned_cases.describe_end, shows_times=False
    ),
    subjects.ReviewName: ReminderRenderer(
        reviews.render_reminder, reviews.describe_end, reviews.describe, shows_times=False
    ),
    subjects.RemediationName: ReminderRenderer(
        remediation.render_record_reminder, remediation.describe_record_end, shows_times=False
    ),
    subjects.RemediationActionName: ReminderRenderer(
        remediation.render_action_reminder, remediation.describe_action_end, shows_times=False
    ),
    subjects.HolidayWeekName: ReminderRenderer(
        holiday_review.render_card, holiday_review.describe_end, shows_times=False
    ),
}


def render_reminder(context: MessageContext) -> Message | None:
    """Return a reminder; None when a later one waits for the same place and covers it."""
    renderer = _find_renderer(context)
    return renderer.render(context) if renderer and not context.is_outdated else None


def render_replacement(context: MessageContext) -> Message | None:
    """Return the message that replaces a reminder and its buttons.

    That is how it ended, that a newer one is below, or what is still asked. None when nothing changes.
    """
    state, channel, ts = context.find_redrawn() or (DeliveryState.DEAD, "", "")
    if state in UNFINISHED:
        raise NotReady
    if state is not DeliveryState.SENT:
        return None
    renderer, place = _find_renderer(context), (channel, ts)
    if renderer is None:
        return _replace_week(place, context)
    has_newer = context.render_context.reminders.has_newer_sent(context.delivery, context.combined_subjects)
    if context.delivery.lane.startswith(WITHOUT_TEXTS) and not has_newer:
        return _draw_without_texts(renderer, place, context)
    if end := renderer.describe_end(context):
        others = [] if has_newer or not renderer.shows_times else changeovers.build_other_blocks(context)
        return _replace(place, end, others, context, shows_times=renderer.shows_times)
    if has_newer:
        return _replace(place, _describe_newer(renderer, context), [], context, shows_times=False)
    body = changeovers.build_current_body(context)
    return _replace(place, *body, context, shows_times=True) if body else None


def _replace_week(place: tuple[str, str], context: MessageContext) -> Message | None:
    """Return the list of somebody's next week as it is now; None in the place of any other message."""
    week = week_ahead.build_body(context) if context.first_sent.delivery.what is MessageKind.WEEK else None
    return _replace(place, *week, context, shows_times=True) if week else None


def _draw_without_texts(renderer: ReminderRenderer, place: tuple[str, str], context: MessageContext) -> Message | None:
    """Return a reminder as it is drawn now, without erased texts: what is still asked, how it ended, or its subject."""
    again = renderer.render(context)
    if again is not None:
        return replace(again, channel=place[0], user=None, thread_ts=None, update_ts=place[1])
    text = renderer.describe_end(context) or renderer.describe(context)
    return _replace(place, text, [], context, shows_times=renderer.shows_times) if text else None


def _find_renderer(context: MessageContext) -> ReminderRenderer | None:
    return REMINDERS[type(context.subject_name)] if context.subject_name else None


def _replace(
    place: tuple[str, str], text: str, more: Sequence[block_kit.Block], context: MessageContext, *, shows_times: bool
) -> Message:
    """Return the message that stands in a place (channel and ts) instead of the one before."""
    first_drawn = context.about(context.first_sent.delivery.subject or context.subject)
    late, told_note = context.build_lateness(), changeovers.build_told(first_drawn)
    zone = [zone_note(context.now, context.viewer)] if shows_times or late or told_note else []
    blocks = [block_kit.section(text), *zone, *late, *told_note, *more]
    return Message(block_kit.cut(text, block_kit.FALLBACK // 2), blocks, place[0], update_ts=place[1])


def _describe_newer(renderer: ReminderRenderer, context: MessageContext) -> str:
    """Return the notice that there is a newer reminder, its topic, and that it is below where it is."""
    about, words, reminders = renderer.describe(context), context.words, context.render_context.reminders
    if reminders.is_newer_below(context.delivery, context.combined_subjects):
        below = words("A newer reminder is below: {what}", what=about)
        return f"⤵️ {below if about else words('A newer reminder of this is below.')}"
    return words("There is a newer reminder: {what}", what=about) if about else words("There is a newer reminder.")
