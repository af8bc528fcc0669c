"""Whom a change of the rota or an offer is told, as rows of the outbox. What it says is drawn when it is sent."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import timedelta

from models.outbox.messages import OutgoingMessage
from models.rules.delivery import MessageKind
from models.rules.reminders import subjects
from models.rules.rota.impact import Impact
from models.rules.rota.overrides import Override, OverrideKind
from models.rules.rota.rota import Member, Rota

LANE = "rota"
UNTIL_ANNOUNCED = timedelta(seconds=10)
"""So long after a leave its line waits for the next look: the cards of the gaps it opened mostly say it all."""


def of_change(
    key: str, wanted: Sequence[Override], outcome: Impact, members: Mapping[str, Member], by: str, channel: str
) -> list[OutgoingMessage]:
    """A line in the channel, and the difference for everybody whose shifts differ, but for who changed it."""
    subject = f"{subjects.CHANGE}{key}"
    concerned = {*outcome.people, *(override.member for override in wanted if override.member)}
    wait = UNTIL_ANNOUNCED if outcome.opened_gaps and _only_leaves(wanted) else timedelta()
    is_told = bool(channel) and _is_news(outcome)
    public = [OutgoingMessage(MessageKind.CHANGED, subject, subject, LANE, channel, wait=wait)] if is_told else []
    return [*public, *_privately(subject, accounts(concerned, members) - {by})]


def of_rota(number: int, outcome: Impact, rotas: Iterable[Rota], by: str, channel: str) -> list[OutgoingMessage]:
    """The same for a new version of the rota; whoever is no member any more is told too."""
    subject = f"{subjects.PLAN}{number}"
    public = [OutgoingMessage(MessageKind.CHANGED, subject, subject, LANE, channel)] if channel else []
    user_ids = set[str]().union(*(accounts(outcome.people, rota.members) for rota in rotas))
    return [*public, *_privately(subject, user_ids - {by})]


def of_offer(number: int, asked: Collection[str], channel: str) -> list[OutgoingMessage]:
    """The card of an offer: in the channel, or with each person who is asked."""
    subject = f"{subjects.OFFER}{number}"
    if asked:
        return [
            OutgoingMessage(MessageKind.OFFER, f"{subject}/{user}", subject, f"dm:{user}", user=user)
            for user in sorted(asked)
        ]
    return [OutgoingMessage(MessageKind.OFFER, subject, subject, subject, channel)] if channel else []


def of_offers_end(number: int, asked: Collection[str], channel: str) -> list[OutgoingMessage]:
    """The same cards anew, once it was taken or withdrawn."""
    subject = f"{subjects.OFFER}{number}"
    if asked:
        return [
            OutgoingMessage(
                MessageKind.OFFER_REFRESH, f"{subject}/over/{user}", subject, f"{subject}/{user}", user=user
            )
            for user in sorted(asked)
        ]
    return (
        [OutgoingMessage(MessageKind.OFFER_REFRESH, f"{subject}/over", subject, f"{subject}/card", channel)]
        if channel
        else []
    )


def of_decline(number: int, by: str, asker: str) -> OutgoingMessage:
    """A word to who made the offer, that somebody can't."""
    subject = f"{subjects.OFFER}{number}"
    return OutgoingMessage(MessageKind.OFFERED, f"{subject}/no/{by}", subject, f"dm:{asker}", user=asker, note=by)


def accounts(names: Iterable[str], members: Mapping[str, Member]) -> set[str]:
    """The Slack ids of these members, of those who have one."""
    return {members[name].slack_id for name in names if name in members} - {""}


def _is_news(outcome: Impact) -> bool:
    return bool(outcome.reassigned or outcome.opened_gaps or outcome.closed_gaps)


def _only_leaves(wanted: Iterable[Override]) -> bool:
    return all(override.kind is OverrideKind.TIME_OFF for override in wanted)


def _privately(subject: str, users: Collection[str]) -> list[OutgoingMessage]:
    return [
        OutgoingMessage(MessageKind.CHANGED, f"{subject}/{user}", subject, f"dm:{user}", user=user)
        for user in sorted(users)
    ]
