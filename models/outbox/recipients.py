"""The messages about overrides, new versions of the rota and swap offers, and who gets them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import timedelta

from models.outbox.messages import OutgoingMessage
from models.rules.outbox.message_kinds import MessageKind
from models.rules.reminders import subjects
from models.rules.rota.impact import Impact
from models.rules.rota.overrides import Override, OverrideKind
from models.rules.rota.rota import Member, Rota

LANE = "rota"
TIME_OFF_DELAY = timedelta(seconds=10)
"""How long the line about time off waits. By then the cards of the gaps it opened mostly say the same."""


def of_change(
    key: str, wanted: Sequence[Override], outcome: Impact, members: Mapping[str, Member], by: str, channel: str
) -> list[OutgoingMessage]:
    """Return a line for the channel, and a message for each person whose shifts change, except ``by``."""
    subject = f"{subjects.CHANGE}{key}"
    concerned = {*outcome.people, *(override.member for override in wanted if override.member)}
    wait = TIME_OFF_DELAY if outcome.opened_gaps and _is_time_off(wanted) else timedelta()
    is_public = bool(channel) and _is_news(outcome)
    public = [OutgoingMessage(MessageKind.CHANGED, subject, subject, LANE, channel, wait=wait)] if is_public else []
    return [*public, *_privately(subject, slack_ids(concerned, members) - {by})]


def of_rota(number: int, outcome: Impact, rotas: Iterable[Rota], by: str, channel: str) -> list[OutgoingMessage]:
    """Return the same for a new version of the rota, including people who are no longer members."""
    subject = f"{subjects.PLAN}{number}"
    public = [OutgoingMessage(MessageKind.CHANGED, subject, subject, LANE, channel)] if channel else []
    user_ids = set[str]().union(*(slack_ids(outcome.people, rota.members) for rota in rotas))
    return [*public, *_privately(subject, user_ids - {by})]


def of_offer(number: int, asked: Collection[str], channel: str) -> list[OutgoingMessage]:
    """Return the card of an offer, for the channel or for each person who is asked."""
    subject = f"{subjects.OFFER}{number}"
    if asked:
        return [
            OutgoingMessage(MessageKind.OFFER, f"{subject}/{user}", subject, f"dm:{user}", user=user)
            for user in sorted(asked)
        ]
    return [OutgoingMessage(MessageKind.OFFER, subject, subject, subject, channel)] if channel else []


def of_ended_offer(number: int, asked: Collection[str], channel: str) -> list[OutgoingMessage]:
    """Return redrawings of the cards of an offer that was taken or withdrawn."""
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
    """Return the message to ``asker``, who made the offer, that somebody declined."""
    subject = f"{subjects.OFFER}{number}"
    return OutgoingMessage(MessageKind.OFFERED, f"{subject}/no/{by}", subject, f"dm:{asker}", user=asker, note=by)


def slack_ids(names: Iterable[str], members: Mapping[str, Member]) -> set[str]:
    """Return the Slack ids of some members. Members without one are left out."""
    return {members[name].slack_id for name in names if name in members} - {""}


def _is_news(outcome: Impact) -> bool:
    return bool(outcome.reassigned or outcome.opened_gaps or outcome.closed_gaps)


def _is_time_off(wanted: Iterable[Override]) -> bool:
    return all(override.kind is OverrideKind.TIME_OFF for override in wanted)


def _privately(subject: str, users: Collection[str]) -> list[OutgoingMessage]:
    return [
        OutgoingMessage(MessageKind.CHANGED, f"{subject}/{user}", subject, f"dm:{user}", user=user)
        for user in sorted(users)
    ]
