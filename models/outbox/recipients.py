"""Whom a change of the rota or an offer is told, as rows of the outbox. What it says is drawn when it is sent."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import timedelta

from models.outbox.messages import Owed
from models.rules.delivery import What
from models.rules.rota.impact import Outcome
from models.rules.rota.overrides import Change, ChangeKind
from models.rules.rota.rota import Member, Plan

LANE = "rota"
UNTIL_ANNOUNCED = timedelta(seconds=10)
"""So long after a leave its line waits for the next look: the cards of the gaps it opened mostly say it all."""


def of_change(
    key: str, wanted: Sequence[Change], outcome: Outcome, members: Mapping[str, Member], by: str, channel: str
) -> list[Owed]:
    """A line in the channel, and the difference for everybody whose shifts differ, but for who changed it."""
    subject = f"change:{key}"
    concerned = {*outcome.people, *(one.member for one in wanted if one.member)}
    wait = UNTIL_ANNOUNCED if outcome.opened and _only_leaves(wanted) else timedelta()
    is_told = bool(channel) and _is_news(outcome)
    public = [Owed(What.CHANGED, subject, subject, LANE, channel, wait=wait)] if is_told else []
    return [*public, *_privately(subject, accounts(concerned, members) - {by})]


def of_plan(number: int, outcome: Outcome, plans: Iterable[Plan], by: str, channel: str) -> list[Owed]:
    """The same for a new version of the rota; whoever is no member any more is told too."""
    subject = f"plan:{number}"
    public = [Owed(What.CHANGED, subject, subject, LANE, channel)] if channel else []
    told = set[str]().union(*(accounts(outcome.people, plan.members) for plan in plans))
    return [*public, *_privately(subject, told - {by})]


def of_offer(number: int, asked: Collection[str], channel: str) -> list[Owed]:
    """The card of an offer: in the channel, or with each person who is asked."""
    subject = f"offer:{number}"
    if asked:
        return [Owed(What.OFFER, f"{subject}/{user}", subject, f"dm:{user}", user=user) for user in sorted(asked)]
    return [Owed(What.OFFER, subject, subject, subject, channel)] if channel else []


def of_offers_end(number: int, asked: Collection[str], channel: str) -> list[Owed]:
    """The same cards anew, once it was taken or withdrawn."""
    subject = f"offer:{number}"
    if asked:
        return [
            Owed(What.OFFER_REFRESH, f"{subject}/over/{user}", subject, f"{subject}/{user}", user=user)
            for user in sorted(asked)
        ]
    return [Owed(What.OFFER_REFRESH, f"{subject}/over", subject, f"{subject}/card", channel)] if channel else []


def of_decline(number: int, by: str, asker: str) -> Owed:
    """A word to who made the offer, that somebody can't."""
    subject = f"offer:{number}"
    return Owed(What.OFFERED, f"{subject}/no/{by}", subject, f"dm:{asker}", user=asker, reminder=by)


def accounts(names: Iterable[str], members: Mapping[str, Member]) -> set[str]:
    """The Slack ids of these members, of those who have one."""
    return {members[name].slack_id for name in names if name in members} - {""}


def _is_news(outcome: Outcome) -> bool:
    return bool(outcome.moved or outcome.opened or outcome.closed)


def _only_leaves(wanted: Iterable[Change]) -> bool:
    return all(one.kind is ChangeKind.LEAVE for one in wanted)


def _privately(subject: str, users: Collection[str]) -> list[Owed]:
    return [Owed(What.CHANGED, f"{subject}/{user}", subject, f"dm:{user}", user=user) for user in sorted(users)]
