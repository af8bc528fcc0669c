"""Renders reminders of escalations, and the daily list of all that are open."""

from datetime import datetime

from handlers.blocks import block_kit, open_escalations
from handlers.notifications.context import MessageContext
from handlers.notifications.message import Message, NotReady
from models.rules.escalations.deadlines import due_by
from models.rules.escalations.escalation import Escalation
from models.rules.escalations.transitions import list_moves, list_moves_of
from models.rules.people import Actor
from models.rules.reminders.escalation import counted_from
from models.rules.reminders.subjects import EscalationName


def render_reminder(context: MessageContext) -> Message | None:
    """Return a reminder of an escalation without progress; None when somebody acted or snoozed it since."""
    escalation, due = _find_escalation(context)
    if escalation is None or due is None or due > context.now or context.reminder.counted_from != counted_from(due):
        return None
    line = build_line(escalation, context)
    text = open_escalations.sentence(line, context.words, context.now)
    short = open_escalations.fallback(line, context.words, context.now)
    if context.delivery.lane == escalation.name and not context.user:
        blocks = [open_escalations.thread_reminder(line, context.words)]
        return context.build_mentioning_message(text, blocks, _find_thread(escalation.number, context))
    by = Actor(context.user, escalation.team_id, context.is_lead)
    is_on_call = context.user in context.snapshot.everybody_on_call(context.now)
    # A channel shows every possible move: whether somebody may make it is checked at the press.
    possible = list_moves_of(escalation, by, is_on_call) if context.user else list_moves(escalation)
    details, buttons = (
        open_escalations.reminder(line, context.words),
        open_escalations.buttons(escalation, possible, context.words),
    )
    build = context.build_message if context.user else context.build_mentioning_message
    return build(text, [details, *buttons], short=short)


def describe_end(context: MessageContext) -> str:
    """Return the text that replaces a reminder once somebody acted or snoozed the escalation; empty before."""
    escalation, due = _find_escalation(context)
    if escalation is None or (due and context.reminder.counted_from == counted_from(due)):
        return ""
    owner = find_name(escalation.owner, context) if escalation.owner else ""
    return open_escalations.current_state(build_line(escalation, context), owner, context.words, context.now)


def describe(context: MessageContext) -> str:
    """Return the escalation in a few words; empty when it is not on record."""
    escalation, _ = _find_escalation(context)
    return f"{escalation.name} · {block_kit.escape(block_kit.clip(escalation.title, 60))}" if escalation else ""


def render_digest(context: MessageContext) -> Message:
    """Return the list of all open escalations, the oldest first, or that there are none."""
    escalations = sorted(context.render_context.queries.all_escalations(), key=lambda escalation: escalation.raised_at)
    lines = [build_line(escalation, context) for escalation in escalations[: open_escalations.LISTED]]
    blocks = open_escalations.digest(lines, len(escalations), context.words, context.now)
    blocks += context.build_lateness()
    return Message(block_kit.fallback_text(blocks), blocks, context.delivery.channel)


def build_line(escalation: Escalation, context: MessageContext) -> open_escalations.EscalationLine:
    """Return an escalation with who must act next: its owner, or the people on call where the owner has left."""
    place = context.render_context.queries.card_place(escalation.number)
    url = block_kit.permalink(context.render_context.workspace(), place.channel, place.ts) if place else ""
    is_owned = escalation.owner and not context.snapshot.is_gone(escalation.owner, context.now)
    users = [escalation.owner] if escalation.owner and is_owned else context.snapshot.on_call(context.now)
    if context.delivery.user in users:
        return open_escalations.EscalationLine(escalation, context.words("you"), url)
    names = context.words.join_items(find_name(user, context) for user in users)
    return open_escalations.EscalationLine(escalation, names, url)


def find_name(user: str, context: MessageContext) -> str:
    """Return the name of a user (a Slack id): as Slack knows it, else as the rota does."""
    person = context.render_context.queries.person(user)
    return person[0].name if person else context.snapshot.member_of(user) or user


def _find_escalation(context: MessageContext) -> tuple[Escalation | None, datetime | None]:
    """Return the escalation, and from when it is due (UTC)."""
    escalation = context.render_context.queries.escalation(context.subject_as(EscalationName).number)
    return escalation, due_by(escalation, context.render_context.policy.reminder_times) if escalation else None


def _find_thread(number: int, context: MessageContext) -> str:
    place = context.render_context.queries.card_place(number)
    if place is None:
        raise NotReady
    return place.ts
