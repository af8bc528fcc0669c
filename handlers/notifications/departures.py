"""What is said of somebody who is not in the workspace any more: which open escalations need somebody else."""

from collections.abc import Sequence

from handlers.blocks import block_kit, open_escalations
from handlers.notifications import escalations
from handlers.notifications.context import MessageContext
from handlers.notifications.message import Message
from models.rules.escalations.escalation import Escalation
from models.rules.reminders import subjects


def nag(context: MessageContext) -> Message | None:
    """What they own, each with a button to reassign it; None when there is nothing any more, or they are back."""
    user, owned = subjects.left_of(context.subject)[0], _owned(context)
    if not owned or not _is_gone(context):
        return None
    words, name = context.words, block_kit.escape(escalations.name_of(user, context))
    said = words("{who} is not in the Slack workspace any more. Please reassign their open escalations.", who=name)
    if context.snapshot.member_of(user):
        said += " " + words("Their upcoming shifts are gaps until somebody takes them.")
    told = [escalations.told(case, context) for case in owned[: open_escalations.LISTED]]
    blocks = [open_escalations.reassign_line(it, words) for it in told]
    if len(owned) > len(told):
        more = words("… and {n} more. `/csp-escalate list` lists them.", n=len(owned) - len(told))
        blocks.append(block_kit.context(more))
    short = f"{said}\n{words.join_items(case.name for case in owned[: open_escalations.LISTED])}"
    return (context.message if context.user else context.called)(f"👋 {said}", blocks, short=short)


def over(context: MessageContext) -> str:
    """What stands in its place once nothing is left to reassign; empty while something is."""
    name = block_kit.escape(escalations.name_of(subjects.left_of(context.subject)[0], context))
    if not _is_gone(context):
        return "👋 " + context.words("{who} is in the Slack workspace again.", who=name)
    if _owned(context):
        return ""
    return "✅ " + context.words("{who} no longer owns any open escalations.", who=name)


def _owned(context: MessageContext) -> Sequence[Escalation]:
    return context.render_context.queries.owned_by(subjects.left_of(context.subject)[0])


def _is_gone(context: MessageContext) -> bool:
    return context.render_context.queries.has_left(subjects.left_of(context.subject)[0])
