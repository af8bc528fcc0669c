"""Renders the reminder that somebody left the workspace and still owns open escalations."""

from collections.abc import Sequence

from handlers.blocks import block_kit, open_escalations
from handlers.notifications import escalations
from handlers.notifications.context import MessageContext
from handlers.notifications.message import Message
from models.rules.escalations.escalation import Escalation
from models.rules.reminders.subjects import DepartureName


def render_reminder(context: MessageContext) -> Message | None:
    """Return their escalations, each with a button to reassign it; None when there is none, or they are back."""
    user, owned = _user(context), _find_owned(context)
    if not owned or not _is_gone(context):
        return None
    words, name = context.words, block_kit.escape(escalations.find_name(user, context))
    text = words("{who} is not in the Slack workspace any more. Please reassign their open escalations.", who=name)
    if context.snapshot.member_of(user):
        text += " " + words("Their upcoming shifts are gaps until somebody takes them.")
    shown = owned[: open_escalations.LISTED]
    blocks = [
        open_escalations.reassign_line(escalations.build_line(escalation, context), words) for escalation in shown
    ]
    if len(owned) > len(shown):
        more = words("… and {n} more. `/csp-escalate list` lists them.", n=len(owned) - len(shown))
        blocks.append(block_kit.context(more))
    short = f"{text}\n{words.join_items(escalation.name for escalation in shown)}"
    build = context.build_message if context.user else context.build_mentioning_message
    return build(f"👋 {text}", blocks, short=short)


def describe_end(context: MessageContext) -> str:
    """Return the text that replaces it once nothing is left to reassign; empty before."""
    name = block_kit.escape(escalations.find_name(_user(context), context))
    if not _is_gone(context):
        return "👋 " + context.words("{who} is in the Slack workspace again.", who=name)
    if _find_owned(context):
        return ""
    return "✅ " + context.words("{who} no longer owns any open escalations.", who=name)


def _user(context: MessageContext) -> str:
    return context.subject_as(DepartureName).user


def _find_owned(context: MessageContext) -> Sequence[Escalation]:
    return context.render_context.queries.owned_by(_user(context))


def _is_gone(context: MessageContext) -> bool:
    return context.render_context.queries.has_left(_user(context))
