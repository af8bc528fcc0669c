"""Calls to acknowledge, drawn when they are sent: for each case what its reader can do now. Nothing here needs the rota
to be understood.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from handlers.blocks import block_kit, call
from handlers.blocks.call import CalledCase, CallState
from handlers.i18n.words import Words
from handlers.notifications.context import MessageContext
from handlers.notifications.message import Message, NotReady
from models.escalations.queries import CallRecord
from models.rules.delivery import UNFINISHED, DeliveryState
from models.rules.escalations.deadlines import AwaitedStep, acknowledge_by, find_awaited_step


def call_message(context: MessageContext) -> Message | None:
    """The message that calls; None when nobody has to acknowledge any of its cases any more."""
    listed = context.render_context.queries.call_message(context.delivery.id)
    called = _called(listed.calls, context, CallState.ASKS, CallState.REMINDED) if listed else []
    return _message(called, context) if called else None


def refreshed_call(context: MessageContext) -> Message | None:
    """The same message where it stands, with what became of each case. Raises NotYet while it is being sent."""
    listed = context.render_context.queries.call_message(context.delivery.redraws or "")
    if listed and listed.state in UNFINISHED:
        raise NotReady
    if listed is None or listed.state is not DeliveryState.SENT or listed.place is None:
        return None
    theirs = MessageContext(replace(context.delivery, user=listed.user), context.render_context)
    drawn = _message(_called(listed.calls, theirs, *CallState), theirs)
    return Message(drawn.text, drawn.blocks, listed.place.channel, update_ts=listed.place.ts)


def _message(called: Sequence[CalledCase], context: MessageContext) -> Message:
    words, zone = context.reader_words, context.reader_zone(context.render_context.settings.timezone)
    why = _why(called, context, words)
    blocks = call.blocks(called, why, words, context.render_context.policy, context.now)
    text = call.fallback(called, why, words, _clock(called[0].due, zone))
    if context.delivery.channel:
        leads = " ".join(block_kit.mention(lead) for lead in sorted(context.render_context.settings.leads))
        blocks, text = [*blocks, *([block_kit.section(leads)] if leads else [])], f"{text}\n{leads}".rstrip()
    return Message(text, blocks, context.delivery.channel, context.delivery.user)


def _clock(at: datetime | None, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%H:%M}" if at else ""


def _called(calls: Sequence[CallRecord], context: MessageContext, *stands: CallState) -> list[CalledCase]:
    """The cases of a message that stand so: what asks for something first, then the most severe, then the oldest. Those
    that are only counted are not looked at any closer: a message of hundreds must not take longer to draw.
    """
    newest = {one.case.number: one for one in calls}
    standing = [(how, one) for one in newest.values() if (how := _stands(one)) in stands]
    ordered = sorted(standing, key=lambda it: (it[0] is not CallState.ASKS, it[1].case.severity, it[1].case.number))
    return [_case(one, how, context, shown=at < call.LISTED) for at, (how, one) in enumerate(ordered)]


def _case(one: CallRecord, stands: CallState, context: MessageContext, *, shown: bool) -> CalledCase:
    render_context, queries, case = (
        context.render_context,
        context.render_context.queries,
        one.case,
    )
    due = acknowledge_by(case, render_context.policy.reminder_times)
    yours = case.owner == context.user
    if not shown:
        return CalledCase(case, None, due=due, is_yours=yours, state=stands)
    entry, place = queries.entry(case.number, one.seq), queries.card_place(case.number)
    url = block_kit.permalink(render_context.workspace(), place.channel, place.ts) if place else ""
    move, by = (entry.move, render_context.name_of(entry.by)) if entry else (None, "")
    owner = render_context.name_of(case.owner) if case.owner else ""
    return CalledCase(case, move, by, owner, due, url, yours, stands)


def _stands(one: CallRecord) -> CallState:
    if one.overtaken or find_awaited_step(one.case) is not AwaitedStep.ACKNOWLEDGEMENT:
        return CallState.OVER
    return CallState.REMINDED if one.reminded else CallState.ASKS


def _why(called: Sequence[CalledCase], context: MessageContext, words: Words) -> str:
    """Why its reader is called: they are on call, or nobody is. Who owns the cases needs no reason."""
    if context.user and all(it.case.owner == context.user for it in called):
        return ""
    on_call = context.render_context.on_call_at(context.now).on_call
    if context.user in on_call:
        return words("You are on call.")
    return "" if on_call else words("Nobody is on call.")
