"""Who is on now and next: told in the on-call channel, in its topic, and by the on-call user group."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from handlers.blocks import block_kit, gap_card
from handlers.i18n.words import Words
from handlers.notifications.context import Frame
from handlers.notifications.message import Group, Message, Topic
from models.rules.rota.on_call import Place, Stretch, planned_until
from models.rules.rota.rota import PRIMARY
from models.rules.rota.shifts import Shift

FOLLOWED = timedelta(days=3)
"""Who is next is told so far ahead."""


def on_now(frame: Frame) -> Message | None:
    """Who is on, and until when; who is not known to Slack; that nobody is."""
    if frame.is_outdated:
        return None
    scene = frame.scene
    standing = scene.on_duty(frame.now)
    if not standing:
        return None
    unknown = [one.person for one in standing if _is_unknown(scene.user_of(one.person), frame)]
    following = list(_following(standing, frame))
    lines = gap_card.on_now(standing, following, _vacant(standing, following, frame), unknown, frame.reader)
    lines += [gap_card.missing(gap, frame.reader) for gap in scene.gaps_at(frame.now)]
    if not any(scene.user_of(one.person) for one in standing):
        lines += _nobody(frame)
    return frame.message("\n".join(lines), [], timed=True)


def topic(frame: Frame) -> Topic:
    """The channel's topic with who is on, the first seat first; people's own words stay."""
    standing = sorted(frame.scene.on_duty(frame.now), key=lambda one: (one.place.seat != PRIMARY, one.place.name))
    settings = frame.studio.settings
    words = Words.of(settings.language)
    gaps = frame.scene.gaps_at(frame.now)
    there = any(one.person for one in standing)
    names = [name for one in standing if there and (name := gap_card.in_topic(one, gaps, words))]
    return Topic(frame.delivery.channel or settings.oncall_channel, lambda old: gap_card.topic(old, names, words))


def group(frame: Frame) -> Group | None:
    """Who is in the user group from now on. Slack refuses an empty one: rather the leads than whoever was on before."""
    settings = frame.studio.settings
    on = tuple(user for user in frame.scene.everybody_on(frame.now) if not _is_unknown(user, frame))
    users = on or tuple(sorted(settings.leads))
    return Group(settings.oncall_usergroup, users) if settings.oncall_usergroup and users else None


def _is_unknown(user: str, frame: Frame) -> bool:
    return bool(user) and frame.studio.unknown(user)


def _following(standing: Sequence[Stretch], frame: Frame) -> Iterator[Shift]:
    """The shifts to come, after those whose person is due and has not taken over yet."""
    until = frame.now + FOLLOWED
    awaited = {(one.place, one.awaited) for one in standing if one.awaited}
    for shift in sorted(frame.scene.shifts, key=lambda one: one.start):
        runs = shift.start <= frame.now < shift.end and (Place(shift.seat, shift.place), shift.member) in awaited
        if (runs or frame.now < shift.start < until) and not shift.absent:
            yield shift


def _vacant(standing: Sequence[Stretch], following: Sequence[Shift], frame: Frame) -> Mapping[Place, datetime]:
    """When a place falls vacant, where nobody follows at once."""
    found = {}
    for one in standing:
        until = planned_until(frame.scene.shifts, one.place, one.person, frame.now)
        starts = [shift.start for shift in following if Place(shift.seat, shift.place) == one.place]
        if not one.awaited and frame.now < until < min([*starts, frame.now + FOLLOWED]):
            found[one.place] = until
    return found


def _nobody(frame: Frame) -> list[str]:
    settings, words = frame.studio.settings, frame.words
    leads = " ".join(block_kit.mention(lead) for lead in sorted(settings.leads))
    if settings.oncall_usergroup and leads:
        return [words("Until somebody is on, the on-call group reaches the leads: {leads}", leads=leads)]
    if settings.oncall_usergroup:
        return [words("The on-call group still names who was on before: Slack can't empty it.")]
    return [leads] if leads else []
