"""Who is on now and next: told in the on-call channel, in its topic, and by the on-call user group."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from handlers.blocks import block_kit
from handlers.blocks import on_call as on_call_blocks
from handlers.i18n.words import Words
from handlers.notifications.context import MessageContext
from handlers.notifications.message import Message, TopicUpdate, UserGroupUpdate
from models.rules.rota.on_call import OnCallInterval, Slot, find_planned_end
from models.rules.rota.rota import PRIMARY
from models.rules.rota.shifts import Shift

FOLLOWED = timedelta(days=3)
"""Who is next is told so far ahead."""


def on_now(context: MessageContext) -> Message | None:
    """Who is on, and until when; who is not known to Slack; that nobody is."""
    if context.is_outdated:
        return None
    snapshot = context.snapshot
    standing = snapshot.on_duty(context.now)
    if not standing:
        return None
    unknown = [one.person for one in standing if _is_unknown(snapshot.user_of(one.person), context)]
    following = list(_following(standing, context))
    lines = on_call_blocks.on_call_lines(
        standing, following, _vacant(standing, following, context), unknown, context.viewer
    )
    lines += [on_call_blocks.running_gap(gap, context.viewer) for gap in snapshot.gaps_at(context.now)]
    if not any(snapshot.user_of(one.person) for one in standing):
        lines += _nobody(context)
    return context.message("\n".join(lines), [], timed=True)


def topic(context: MessageContext) -> TopicUpdate:
    """The channel's topic with who is on, the first seat first; people's own words stay."""
    standing = sorted(context.snapshot.on_duty(context.now), key=lambda one: (one.slot.seat != PRIMARY, one.slot.name))
    settings = context.render_context.settings
    words = Words.of(settings.language)
    gaps = context.snapshot.gaps_at(context.now)
    there = any(one.person for one in standing)
    names = [name for one in standing if there and (name := on_call_blocks.topic_entry(one, gaps, words))]
    return TopicUpdate(
        context.delivery.channel or settings.oncall_channel, lambda old: on_call_blocks.new_topic(old, names, words)
    )


def user_group(context: MessageContext) -> UserGroupUpdate | None:
    """Who is in the user group from now on. Slack refuses an empty one: rather the leads than whoever was on before."""
    settings = context.render_context.settings
    on = tuple(user for user in context.snapshot.everybody_on(context.now) if not _is_unknown(user, context))
    users = on or tuple(sorted(settings.leads))
    return UserGroupUpdate(settings.oncall_usergroup, users) if settings.oncall_usergroup and users else None


def _is_unknown(user: str, context: MessageContext) -> bool:
    return bool(user) and context.render_context.unknown(user)


def _following(standing: Sequence[OnCallInterval], context: MessageContext) -> Iterator[Shift]:
    """The shifts to come, after those whose person is due and has not taken over yet."""
    until = context.now + FOLLOWED
    awaited = {(one.slot, one.awaited) for one in standing if one.awaited}
    for shift in sorted(context.snapshot.shifts, key=lambda one: one.start):
        runs = shift.start <= context.now < shift.end and (Slot(shift.seat, shift.slot_number), shift.member) in awaited
        if (runs or context.now < shift.start < until) and not shift.absent:
            yield shift


def _vacant(
    standing: Sequence[OnCallInterval], following: Sequence[Shift], context: MessageContext
) -> Mapping[Slot, datetime]:
    """When a place falls vacant, where nobody follows at once."""
    found = {}
    for one in standing:
        until = find_planned_end(context.snapshot.shifts, one.slot, one.person, context.now)
        starts = [shift.start for shift in following if Slot(shift.seat, shift.slot_number) == one.slot]
        if not one.awaited and context.now < until < min([*starts, context.now + FOLLOWED]):
            found[one.slot] = until
    return found


def _nobody(context: MessageContext) -> list[str]:
    settings, words = context.render_context.settings, context.words
    leads = " ".join(block_kit.mention(lead) for lead in sorted(settings.leads))
    if settings.oncall_usergroup and leads:
        return [words("Until somebody is on call, the on-call group reaches the leads: {leads}", leads=leads)]
    if settings.oncall_usergroup:
        return [words("The on-call group still contains the previous person: Slack can't empty it.")]
    return [leads] if leads else []
