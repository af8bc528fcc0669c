"""Renders the reminders of remediation records: the meeting, the review, and actions that fall due."""

from datetime import date, datetime

from handlers import ids
from handlers.blocks import block_kit, remediation
from handlers.blocks.remediation_forms import LABELS
from handlers.blocks.schedule import ViewContext
from handlers.notifications.context import MessageContext
from handlers.notifications.message import Message
from models.rules.remediation.record import Remediation, RemediationAction
from models.rules.reminders.remediation import MEETING
from models.rules.reminders.subjects import RemediationActionName, RemediationName


def render_record_reminder(context: MessageContext) -> Message | None:
    """Return the reminder of a meeting or a review; None for a record that is closed, or was changed since."""
    record, words = _find_record(context, context.subject_as(RemediationName).number), context.words
    if record is None or not record.is_open:
        return None
    if context.reminder.step == MEETING:
        if record.meeting_at is None or record.meeting_at != context.reminder.counted_from:
            return None
        text = _describe_meeting(record.name, record.meeting_at, context.viewer)
    else:
        if record.review_on is None:
            return None
        text = words("{plan}: the plan is reviewed on {day}.", plan=record.name, day=record.review_on)
    open_actions = words.plural("{n} action open", "{n} actions open", len(record.open_actions))
    subject = str(ids.RemediationSubject(record.number))
    show = block_kit.button(words("Show"), f"{ids.REMEDIATION}show", subject)
    is_timed = context.reminder.step == MEETING
    return context.build_message(f"📋 {text}\n{open_actions}", [block_kit.actions([show])], timed=is_timed)


def _describe_meeting(plan: str, at: datetime, viewer: ViewContext) -> str:
    return viewer.line_per_language(
        lambda view: view.words(
            "{plan}: the meeting with 21Vianet is at {at}.", plan=plan, at=view.moment_in_sentence(at)
        )
    )


def render_action_reminder(context: MessageContext) -> Message | None:
    """Return the reminder of an action, with the button that marks it done; None once it is done."""
    record, action = _find_action(context)
    if record is None or action is None or action.done_at or not record.is_open:
        return None
    words, today = context.words, _today(context)
    values = {"plan": record.name, "action": block_kit.escape(block_kit.clip(action.text, 300)), "day": action.due}
    if action.due < today:
        text = words("{plan}: “{action}” was due on {day}. Mark it as done, or agree on another day.", **values)
    elif action.due == today:
        text = words("{plan}: “{action}” is due today, {day}.", **values)
    else:
        text = words("{plan}: “{action}” is due on {day}.", **values)
    owner = (
        f"{words(LABELS['owner'])}{words.colon}{block_kit.mention(action.owner)}"
        if context.user != action.owner
        else ""
    )
    buttons = remediation.action_buttons(record, action, words, is_lead=context.is_lead)
    return context.build_message("\n".join(filter(None, [f"📋 {text}", owner])), [block_kit.actions(buttons)])


def describe_record_end(context: MessageContext) -> str:
    """Return the text that replaces the reminders of a closed record; empty while it is open."""
    record = _find_record(context, context.subject_as(RemediationName).number)
    closed = record is not None and not record.is_open
    return "✅ " + context.words("{plan} is closed.", plan=record.name) if record and closed else ""


def describe_action_end(context: MessageContext) -> str:
    """Return the text that replaces the reminders of an action that is done; empty before."""
    record, action = _find_action(context)
    if record is None or action is None:
        return ""
    text = block_kit.escape(block_kit.clip(action.text, 300))
    if action.done_at:
        name = block_kit.escape(context.render_context.find_name(action.done_by))
        return "✅ " + context.words("{who} marked it as done: “{action}”", who=name, action=text)
    return "" if record.is_open else "✅ " + context.words("{plan} is closed.", plan=record.name)


def _find_record(context: MessageContext, number: int) -> Remediation | None:
    return context.render_context.remediation_records.find(number)


def _find_action(context: MessageContext) -> tuple[Remediation | None, RemediationAction | None]:
    name = context.subject_as(RemediationActionName)
    record = _find_record(context, name.number)
    return record, record.action(name.action) if record else None


def _today(context: MessageContext) -> date:
    """Return the day in the installation's zone."""
    return context.now.astimezone(context.render_context.settings.timezone).date()
