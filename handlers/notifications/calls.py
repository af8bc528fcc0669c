"""Renders calls to acknowledge: for each escalation what the reader can do now. They need no rota to be sent."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from handlers.blocks import block_kit, call, own_zone, told_outside
from handlers.blocks.call import CalledCase, CallState
from handlers.i18n.words import Words
from handlers.notifications.context import MessageContext
from handlers.notifications.message import Message, NotReady
from models.escalations.queries import CallRecord
from models.rules.escalations.deadlines import acknowledge_by, awaits_acknowledgement, waiting_since
from models.rules.outbox.delivery import UNFINISHED, DeliveryState
from models.rules.reminders import subjects

ASKING = (CallState.ASKS, CallState.REMINDED)
"""The states of escalations that a call lists: they wait for acknowledgement."""
LISTED_TOLD = 5
"""Of so many escalations a call says how its reader was told by another way."""


def render_call(context: MessageContext) -> Message | None:
    """Return the message that calls; None when none of its escalations asks any more: a reminder may ask instead."""
    record = context.render_context.queries.call_message(context.delivery.id)
    called = _list_called(record.calls, context, *ASKING) if record else []
    return _build_message(called, context) if any(listed.state is CallState.ASKS for listed in called) else None


def is_wanted(context: MessageContext) -> bool:
    """Return whether :func:`render_call` has something to say, without drawing it."""
    record = context.render_context.queries.call_message(context.delivery.id)
    return record is not None and any(_find_state(call) in ASKING for call in record.calls)


def render_call_update(context: MessageContext) -> Message | None:
    """Return the same message in its place, with what happened to each escalation."""
    record = context.render_context.queries.call_message(context.delivery.redraws or "")
    if record and record.state in UNFINISHED:
        raise NotReady
    if record is None or record.state is not DeliveryState.SENT or record.place is None:
        return None
    reader = MessageContext(replace(context.delivery, user=record.user), context.render_context)
    message = _build_message(_list_called(record.calls, reader, *CallState), reader)
    return Message(message.text, message.blocks, record.place.channel, update_ts=record.place.ts)


def _build_message(called: Sequence[CalledCase], context: MessageContext) -> Message:
    words, render_context = context.reader_words, context.render_context
    why = _explain(called, context, words)
    blocks = [*call.blocks(called, why, words, render_context.policy, context.now), *_list_told(called, context)]
    due = _format_time(called[0].due, context.find_reader_zone(render_context.settings.timezone))
    text = call.fallback(called, why, words, due, context.now)
    if context.delivery.channel:
        leads = " ".join(block_kit.mention(lead) for lead in sorted(render_context.settings.leads))
        blocks, text = [*blocks, *([block_kit.section(leads)] if leads else [])], f"{text}\n{leads}".rstrip()
    return Message(text, blocks, context.delivery.channel, context.delivery.user)


def _list_told(called: Sequence[CalledCase], context: MessageContext) -> list[block_kit.Block]:
    """Return how the reader was told by another way, before the message was first sent.

    That is said of escalations that ask, and stays when they do not any more.
    """
    message, words, notes = context.first_sent, context.reader_words, list[block_kit.Block]()
    is_first = message.delivery.id == context.delivery.id
    asking = [each for each in called if each.state is CallState.ASKS or not is_first] if context.user else []
    for listed in asking[:LISTED_TOLD]:
        subject, since = subjects.escalation(listed.case.number), listed.called_at or waiting_since(listed.case)
        people = context.render_context.pages.find_told(subject, since, context.user, until=message.sent_at)
        name = listed.case.name if len(called) > 1 else ""
        notes += told_outside.reader_note(people, words, lambda at, _: own_zone.in_sentence(at, words), name)
    return notes


def _format_time(at: datetime | None, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%H:%M}" if at else ""


def _list_called(calls: Sequence[CallRecord], context: MessageContext, *states: CallState) -> list[CalledCase]:
    """Return the escalations of a message in these states: first what still asks, then by severity, then by number.

    Those that are only counted are not read in detail: a message of hundreds must not take longer to render.
    """
    newest = {record.case.number: record for record in calls}
    selected = [(state, record) for record in newest.values() if (state := _find_state(record)) in states]
    selected.sort(key=lambda pair: (pair[0] is not CallState.ASKS, pair[1].case.severity, pair[1].case.number))
    return [
        _build_case(record, state, context, is_shown=position < call.LISTED)
        for position, (state, record) in enumerate(selected)
    ]


def _build_case(record: CallRecord, state: CallState, context: MessageContext, *, is_shown: bool) -> CalledCase:
    render_context, queries, case = context.render_context, context.render_context.queries, record.case
    due, is_yours = acknowledge_by(case, render_context.policy.reminder_times), case.owner == context.user
    if not is_shown:
        return CalledCase(case, None, due=due, is_yours=is_yours, state=state)
    entry, place = queries.entry(case.number, record.seq), queries.card_place(case.number)
    url = block_kit.permalink(render_context.workspace(), place.channel, place.ts) if place else ""
    move, by = (entry.move, render_context.find_name(entry.by)) if entry else (None, "")
    owner = render_context.find_name(case.owner) if case.owner else ""
    return CalledCase(case, move, by, owner, due, url, is_yours, state, entry.at if entry else None)


def _find_state(record: CallRecord) -> CallState:
    if record.overtaken or not awaits_acknowledgement(record.case):
        return CallState.OVER
    return CallState.REMINDED if record.reminded else CallState.ASKS


def _explain(called: Sequence[CalledCase], context: MessageContext, words: Words) -> str:
    """Return why the reader is called: they are on call, or nobody is. The owner of all of them needs no reason."""
    if context.user and all(listed.case.owner == context.user for listed in called):
        return ""
    on_call = context.render_context.on_call_at(context.now).on_call
    if context.user in on_call:
        return words("You are on call.")
    return "" if on_call else words("Nobody is on call.")
