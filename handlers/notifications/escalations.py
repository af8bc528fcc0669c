"""What is said of escalations that wait: reminders of one, and the list of each morning."""

from datetime import datetime

from handlers.blocks import block_kit, open_escalations
from handlers.notifications.context import MessageContext
from handlers.notifications.message import Message, NotReady
from models.rules.escalations.deadlines import due_by
from models.rules.escalations.escalation import Escalation
from models.rules.escalations.transitions import list_moves, list_moves_of
from models.rules.people import Actor
from models.rules.reminders import subjects
from models.rules.reminders.escalation import counted_from


def nag(context: MessageContext) -> Message | None:
    """Of one that nobody acknowledged or spoke of; None when somebody took it, spoke of it or put it off meanwhile."""
    case, due = _case(context)
    if case is None or due is None or due > context.now or context.reminder.counted_from != counted_from(due):
        return None
    it = told(case, context)
    said, short = (
        open_escalations.sentence(it, context.words, context.now),
        open_escalations.fallback(it, context.words, context.now),
    )
    if context.delivery.lane == case.name and not context.user:
        return context.called(
            said, [open_escalations.thread_reminder(it, context.words)], _thread(case.number, context)
        )
    by = Actor(context.user, case.team_id, context.user in context.render_context.settings.leads)
    # In a channel everything is offered: who may is checked at the press.
    possible = (
        list_moves_of(case, by, context.user in context.snapshot.everybody_on(context.now))
        if context.user
        else list_moves(case)
    )
    blocks = [open_escalations.reminder(it, context.words), *open_escalations.buttons(case, possible, context.words)]
    return (context.message if context.user else context.called)(said, blocks, short=short)


def over(context: MessageContext) -> str:
    """What stands in place of a reminder once somebody took it, spoke of it or put it off; empty while nobody has."""
    case, due = _case(context)
    if case is None or (due and context.reminder.counted_from == counted_from(due)):
        return ""
    owner = name_of(case.owner, context) if case.owner else ""
    return open_escalations.current_state(told(case, context), owner, context.words, context.now)


def about(context: MessageContext) -> str:
    """What a reminder is about, in a few words; empty when it is not there any more."""
    case, _ = _case(context)
    return f"{case.name} · {block_kit.escape(block_kit.clip(case.title, 60))}" if case else ""


def digest(context: MessageContext) -> Message:
    """All that are open, the oldest first, or that nothing is."""
    open_ = sorted(context.render_context.queries.all_escalations(), key=lambda case: case.raised_at)
    listed = [told(case, context) for case in open_[: open_escalations.LISTED]]
    blocks = [*open_escalations.digest(listed, len(open_), context.words, context.now), *context.lateness()]
    return Message(block_kit.fallback_text(blocks), blocks, context.delivery.channel)


def _case(context: MessageContext) -> tuple[Escalation | None, datetime | None]:
    """The case, and since or from when it is due."""
    case = context.render_context.queries.escalation(subjects.number_of(context.subject))
    return case, due_by(case, context.render_context.policy.reminder_times) if case else None


def told(case: Escalation, context: MessageContext) -> open_escalations.EscalationLine:
    """An escalation with whose turn it is: the owner's, or of who is on call where they have left."""
    place = context.render_context.queries.card_place(case.number)
    url = block_kit.permalink(context.render_context.workspace(), place.channel, place.ts) if place else ""
    is_theirs = case.owner and not context.snapshot.is_gone(case.owner, context.now)
    whose = [case.owner] if case.owner and is_theirs else context.snapshot.on_call(context.now)
    turn = (
        context.words("you")
        if context.delivery.user in whose
        else context.words.join_items(name_of(u, context) for u in whose)
    )
    return open_escalations.EscalationLine(case, turn, url)


def name_of(user: str, context: MessageContext) -> str:
    """As Slack calls them, else as the plan does."""
    known = context.render_context.queries.person(user)
    return known[0].name if known else context.snapshot.member_of(user) or user


def _thread(number: int, context: MessageContext) -> str:
    place = context.render_context.queries.card_place(number)
    if place is None:
        raise NotReady
    return place.ts
