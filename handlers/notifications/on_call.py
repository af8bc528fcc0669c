"""Renders who is on call: the message in the on-call channel, its topic, and the on-call user group."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from handlers.blocks import block_kit, on_call
from handlers.i18n.words import Words
from handlers.notifications.context import MessageContext
from handlers.notifications.message import Message, TopicUpdate, UserGroupUpdate
from models.rules.rota.on_call import OnCallInterval, Slot, find_planned_end
from models.rules.rota.rota import PRIMARY
from models.rules.rota.shifts import Shift

NEXT_WITHIN = timedelta(days=3)
"""How far ahead the next person is shown."""


def render_on_call(context: MessageContext) -> Message | None:
    """Return who is on call and until when, who is not known to Slack, or that nobody is on call."""
    if context.is_outdated:
        return None
    snapshot = context.snapshot
    intervals = snapshot.intervals_at(context.now)
    if not intervals:
        return None
    unknown = [interval.person for interval in intervals if _is_unknown(snapshot.user_of(interval.person), context)]
    next_shifts = list(_find_next_shifts(intervals, context))
    vacant = _find_vacant_slots(intervals, next_shifts, context)
    lines = on_call.on_call_lines(intervals, next_shifts, vacant, unknown, context.viewer)
    lines += [on_call.running_gap(gap, context.viewer) for gap in snapshot.gaps_at(context.now)]
    if not any(snapshot.user_of(interval.person) for interval in intervals):
        lines += _list_fallback(context)
    return context.build_message("\n".join(lines), [], timed=True)


def render_topic(context: MessageContext) -> TopicUpdate:
    """Return the topic of the channel with who is on call, the primary seat first."""
    intervals = sorted(
        context.snapshot.intervals_at(context.now),
        key=lambda interval: (interval.slot.seat != PRIMARY, interval.slot.name),
    )
    settings = context.render_context.settings
    words = Words.of(settings.language)
    gaps = context.snapshot.gaps_at(context.now)
    is_covered = any(interval.person for interval in intervals)
    entries = [on_call.topic_entry(interval, gaps, words) for interval in intervals] if is_covered else []
    names = [entry for entry in entries if entry]
    channel = context.delivery.channel or settings.oncall_channel
    return TopicUpdate(channel, lambda old: on_call.new_topic(old, names, words))


def render_user_group(context: MessageContext) -> UserGroupUpdate | None:
    """Return who is in the user group: the people on call, else the leads, because Slack refuses an empty group."""
    settings = context.render_context.settings
    people = tuple(user for user in context.snapshot.everybody_on_call(context.now) if not _is_unknown(user, context))
    users = people or tuple(sorted(settings.leads))
    return UserGroupUpdate(settings.oncall_usergroup, users) if settings.oncall_usergroup and users else None


def _is_unknown(user: str, context: MessageContext) -> bool:
    return bool(user) and context.render_context.is_unknown(user)


def _find_next_shifts(intervals: Sequence[OnCallInterval], context: MessageContext) -> Iterator[Shift]:
    """Yield the shifts to come, first those that have begun and are not taken over yet."""
    until = context.now + NEXT_WITHIN
    awaited = {(interval.slot, interval.awaited) for interval in intervals if interval.awaited}
    for shift in sorted(context.snapshot.shifts, key=lambda shift: shift.start):
        is_awaited = (Slot(shift.seat, shift.slot_number), shift.member) in awaited
        is_running = shift.start <= context.now < shift.end and is_awaited
        if (is_running or context.now < shift.start < until) and not shift.absent:
            yield shift


def _find_vacant_slots(
    intervals: Sequence[OnCallInterval], next_shifts: Sequence[Shift], context: MessageContext
) -> Mapping[Slot, datetime]:
    """Return from when a slot is vacant (UTC), where nobody follows at once."""
    vacant = {}
    for interval in intervals:
        end = find_planned_end(context.snapshot.shifts, interval.slot, interval.person, context.now)
        starts = [shift.start for shift in next_shifts if Slot(shift.seat, shift.slot_number) == interval.slot]
        if not interval.awaited and context.now < end < min([*starts, context.now + NEXT_WITHIN]):
            vacant[interval.slot] = end
    return vacant


def _list_fallback(context: MessageContext) -> list[str]:
    """Return whom the on-call group reaches while nobody is on call."""
    settings, words = context.render_context.settings, context.words
    leads = " ".join(block_kit.mention(lead) for lead in sorted(settings.leads))
    if settings.oncall_usergroup and leads:
        return [words("Until somebody is on call, the on-call group reaches the leads: {leads}", leads=leads)]
    if settings.oncall_usergroup:
        return [words("The on-call group still contains the previous person: Slack can't empty it.")]
    return [leads] if leads else []
