"""A handover: its card comes before the change; while a press is missing both are reminded, then leads, then all."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from models.delivery import What
from models.nags.step import Audience, Owed, Step, every, owed
from models.nags.subjects import HandoverName

A = Audience
CARD_BEFORE = timedelta(minutes=15)
WAIT = timedelta(minutes=10)
LEADS_FROM, EVERYONE_FROM = 3, 6
"""From which reminder on the leads, and everybody, are called; the first is made after :data:`WAIT`."""
SLOWER_FROM, SLOWER = 6, 3
"""From that reminder on only every so-manieth is made."""


@dataclass(frozen=True)
class HandoverFacts:
    """What the ladder needs to know of a handover: between whom (Slack ids, empty without one), ``end`` is when the
    incoming shift is over, ``done_at`` when the second press was made, ``since`` when it was planned,
    ``after`` up to when its steps were made before."""

    name: HandoverName
    end: datetime
    outgoing: str
    incoming: str
    since: datetime
    done_at: datetime | None = None
    after: datetime | None = None

    @property
    def people(self) -> tuple[str, ...]:
        """Both of them, as far as they can be reached."""
        return tuple(user for user in (self.outgoing, self.incoming) if user)


def ladder(handover: HandoverFacts, now: datetime) -> Owed:
    """What is owed of a handover by now; once it is done, that is said in its card, and cases move."""
    return owed(_steps(handover, now), now)


def _steps(handover: HandoverFacts, now: datetime) -> Iterator[Step]:
    at = handover.name.at
    card_at = max(at - CARD_BEFORE, handover.since)
    yield Step(str(handover.name), "card", card_at, What.HANDOVER, frozenset({A.CHANNEL}), handover.people, True)
    if handover.done_at is not None:
        yield Step(str(handover.name), "done", handover.done_at, What.HANDOVER_REFRESH, alone=True)
        return
    for n, due in every(at, WAIT, handover.end, now, handover.after, SLOWER):
        if n and (n <= SLOWER_FROM or n % SLOWER == 0) and due > handover.since:
            yield Step(str(handover.name), f"open{n}", due, What.NAG, _to(n), handover.people)


def _to(n: int) -> frozenset[Audience]:
    leads = {A.LEADS} if n >= LEADS_FROM else set()
    everyone = {A.EVERYONE} if n >= EVERYONE_FROM else set()
    return frozenset({A.PERSON, A.CHANNEL, *leads, *everyone})
