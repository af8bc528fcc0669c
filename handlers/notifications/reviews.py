"""Renders what is sent about the review of an escalation: to leads, and to whom it concerns."""

from handlers import ids
from handlers.blocks import block_kit, review_outcome
from handlers.blocks.turn_line import by as write_time
from handlers.i18n import labels
from handlers.notifications.context import MessageContext
from handlers.notifications.escalations import find_name
from handlers.notifications.message import Message
from models.rules.escalations.escalation import Escalation, Move, ReviewState, Status
from models.rules.escalations.reviews import find_lead_note, find_request_to_lead, is_decidable
from models.rules.escalations.transitions import list_moves_of
from models.rules.people import Actor
from models.rules.reminders.review import ASKED, DECIDED, LET_GO
from models.rules.reminders.subjects import ReviewName

DETAILS = 600
"""How much of the details a lead reads in the message; the rest is in the thread."""


def render_reminder(context: MessageContext) -> Message | None:
    """Return the question to a lead, or how the review ended; None when that is not so any more."""
    case = _find_case(context)
    if case is None or not _is_current(case, context) or (case.is_escalated and not _asks(case, context)):
        return None
    text = _describe(case, context)
    more = _facts(case, context) if _asks(case, context) else _note(case, context)
    blocks = [*more, *_buttons(case, context)]
    build = context.build_message if context.user else context.build_mentioning_message
    return build(text, blocks, short=text, timed=context.reminder.step != DECIDED)


def describe_end(context: MessageContext) -> str:
    """Return the text that replaces a question once it is answered; empty while it is asked."""
    case = _find_case(context)
    if case is None:
        return ""
    if case.review is ReviewState.SENT_BACK:
        who = block_kit.escape(find_name(case.reviewed_by or "", context))
        sentence = context.words("{who} sent {name} back. Its owner has been told.", who=who, name=_name_case(case))
        return f"↩️ {sentence}"
    if case.review is ReviewState.APPROVED:
        return _decided(case, context)
    if is_decidable(case):
        return ""
    status = context.words(labels.STATUS[case.status])
    return context.words("No lead is needed any more: {name} is {status}.", name=_name_case(case), status=status)


def describe(context: MessageContext) -> str:
    """Return the escalation in a few words; empty when it is not on record."""
    case = _find_case(context)
    return _name_case(case) if case else ""


def _find_case(context: MessageContext) -> Escalation | None:
    return context.render_context.queries.escalation(context.subject_as(ReviewName).number)


def _is_current(case: Escalation, context: MessageContext) -> bool:
    """Return whether a message still has a reason: another review, or a decision, outdates it."""
    if context.reminder.step == DECIDED:
        counted = case.reviewed_at.replace(microsecond=0) if case.reviewed_at else None
        return context.reminder.counted_from == counted and not is_decidable(case)
    until = case.review_until.replace(microsecond=0) if case.review_until else None
    wanted = {ASKED: ReviewState.PENDING, LET_GO: ReviewState.RELEASED}.get(context.reminder.step)
    return case.review is wanted and context.reminder.counted_from == until and is_decidable(case)


def _asks(case: Escalation, context: MessageContext) -> bool:
    """Return whether the reader is asked to decide: a lead, or the channel where there is none."""
    return is_decidable(case) and (context.is_lead or not context.user)


def _describe(case: Escalation, context: MessageContext) -> str:
    words, name = context.words, _name_case(case)
    if context.reminder.step == DECIDED:
        return _decided(case, context)
    until = write_time(case.review_until or context.now, context.viewer.zone, words, context.now)
    if context.reminder.step == ASKED:
        asked = words("Please look at {name} before it goes to 21Vianet. It may go without a lead from {until}.",
                      name=name, until=until)  # fmt: skip
        return f"🔎 {asked}"
    if case.is_escalated:
        return f"⏱️ {words('{name} went to 21Vianet without a lead. Please look at it afterwards.', name=name)}"
    if case.review_until == case.raised_at:
        return f"⏱️ {words('{name} goes without waiting for a lead. A lead looks at it afterwards.', name=name)}"
    return f"⏱️ {words('No lead looked at {name} by {until}: it may go to 21Vianet now.', name=name, until=until)}"


def _decided(case: Escalation, context: MessageContext) -> str:
    words, name = context.words, _name_case(case)
    who = block_kit.escape(find_name(case.reviewed_by or "", context))
    if case.review is ReviewState.APPROVED:
        return f"✅ {words('{who} approved {name}: it may go to 21Vianet.', who=who, name=name)}"
    sent = words(
        "{who} sent {name} back. Add what is missing and ask again, solve it, or withdraw it.", who=who, name=name
    )
    return f"↩️ {sent}"


def _name_case(case: Escalation) -> str:
    return f"{case.name} · {block_kit.escape(block_kit.clip(case.title, 60))}"


def _facts(case: Escalation, context: MessageContext) -> list[block_kit.Block]:
    """Return what a lead needs to decide: who asks and why, whose problem it is, the details, and each point."""
    words, policy = context.words, context.render_context.policies.of_version(case.policy_version)
    service = policy.service(case.service)
    shown = {
        "customer_name": case.customer_name,
        "service": words.pick(service.en, service.zh) if case.service else "",
        "severity": labels.describe_severity(case, words),
        "details": block_kit.clip(case.details, DETAILS),
        "tried": block_kit.clip(str(case.answers.get("tried") or ""), DETAILS),
        "why": block_kit.clip(str(case.answers.get("why") or ""), DETAILS),
    }
    rows = [(words(labels.FIELD[name]), [block_kit.run(value)]) for name, value in shown.items() if value]
    if asked := find_request_to_lead(case, context.render_context.queries.whole_history):
        wrote = "" if asked.erased_at else block_kit.clip(asked.text, DETAILS)
        said = "\n".join(filter(None, [find_name(asked.by, context), wrote]))
        rows.insert(0, (words("Asked by"), [block_kit.run(said)]))
    return [
        block_kit.rich(block_kit.facts(rows, words.colon)),
        *review_outcome.in_private(case, policy.review, words),
    ]


def _note(case: Escalation, context: MessageContext) -> list[block_kit.Block]:
    """Return what a lead wrote who sent it back."""
    note = find_lead_note(case, context.render_context.queries.whole_history)
    return [block_kit.rich(block_kit.quote(note))] if note else []


def _buttons(case: Escalation, context: MessageContext) -> list[block_kit.Block]:
    """Return what the reader may do next: decide, or go on with a case that was sent back."""
    by = Actor(context.user, case.team_id, context.is_lead or not context.user)
    possible = list_moves_of(case, by, on_call=False)
    wanted = (Move.APPROVE, Move.SEND_BACK) if _asks(case, context) else _next_moves(case)
    value = str(ids.EscalationSubject(case.number, case.version))
    pressable = [move for move in wanted if move in possible]
    buttons = [
        block_kit.button(context.words(labels.MOVE[move]), ids.move_button(move), value, None if n else "primary")
        for n, move in enumerate(pressable)
    ]
    place = context.render_context.queries.card_place(case.number)
    url = block_kit.permalink(context.render_context.workspace(), place.channel, place.ts) if place else ""
    card = [block_kit.rich(block_kit.line(block_kit.link(url, context.words("Open the card"))))] if url else []
    return [*card, *([block_kit.actions(buttons)] if buttons else [])]


def _next_moves(case: Escalation) -> tuple[Move, ...]:
    if case.review is ReviewState.SENT_BACK:
        return (Move.CORRECT, Move.ASK_LEAD, Move.RESOLVE, Move.WITHDRAW)
    return () if case.status is Status.SUBMITTED else (Move.RECORD,)
