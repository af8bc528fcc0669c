"""A handover: its card comes before the change; while a press is missing both are reminded, then leads, then all.

Sooner they are called of an incoming person nobody has heard of at all. A change at short notice is waited for as long
as any other.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from models.rules.delivery import Audience, MessageKind
from models.rules.reminders.step import OVER, DueSteps, ReminderStep, every, owed
from models.rules.reminders.subjects import HandoverName

A = Audience
CARD_BEFORE = timedelta(minutes=15)
WAIT = timedelta(minutes=10)
LEADS_FROM, EVERYONE_FROM = 3, 6
"""From which reminder on the leads, and everybody, are called; the first is made after :data:`WAIT`."""
UNHEARD_LEADS_FROM, UNHEARD_EVERYONE_FROM = 1, 3
"""The same while the incoming person has neither confirmed nor taken over: the leads were called before the change."""
DONE = "done"
SLOWER_FROM, SLOWER = 6, 3
"""From that reminder on only every so-manieth is made."""


@dataclass(frozen=True)
class HandoverFacts:
    """What the ladder needs to know of a handover: between whom (Slack ids, empty without one), ``end`` is when the
    incoming shift is over, ``told`` who gets the card privately too, ``unheard`` that the incoming person has said
    nothing yet, ``pressed_at`` and ``done_at`` when the first and the second press were made, ``since`` when it was
    planned, ``after`` up to when its steps were made before.
    """

    name: HandoverName
    end: datetime
    outgoing: str
    incoming: str
    since: datetime
    told: tuple[str, ...] = ()
    unheard: bool = False
    pressed_at: datetime | None = None
    done_at: datetime | None = None
    after: datetime | None = None

    @property
    def people(self) -> tuple[str, ...]:
        """Both of them, as far as they can be reached."""
        return tuple(user for user in (self.outgoing, self.incoming) if user)

    @property
    def card_at(self) -> datetime:
        """When its card comes."""
        return max(self.name.at - CARD_BEFORE, self.since)


def ladder(handover: HandoverFacts, now: datetime) -> DueSteps:
    """What is owed of a handover by now; each press shows in its card, and once it is done, cases move."""
    return owed(_steps(handover, now), now)


def _steps(handover: HandoverFacts, now: datetime) -> Iterator[ReminderStep]:
    card = frozenset({A.CHANNEL, A.PERSON})
    yield ReminderStep(str(handover.name), "card", handover.card_at, MessageKind.HANDOVER, card, handover.told, True)
    if handover.done_at is not None:
        yield ReminderStep(str(handover.name), DONE, handover.done_at, MessageKind.HANDOVER_REFRESH, alone=True)
        return
    if handover.pressed_at is not None:
        yield ReminderStep(str(handover.name), "pressed", handover.pressed_at, MessageKind.HANDOVER_REFRESH, alone=True)
    for n, due in every(handover.card_at + CARD_BEFORE, WAIT, handover.end, now, handover.after, SLOWER):
        if n and (n <= SLOWER_FROM or n % SLOWER == 0):
            yield ReminderStep(
                str(handover.name), "open", due, MessageKind.REMINDER, _to(n, handover.unheard), handover.people, n=n
            )
    yield ReminderStep(str(handover.name), OVER, handover.end, MessageKind.REMINDER_REFRESH, alone=True)


def _to(n: int, unheard: bool) -> frozenset[Audience]:
    leads = {A.LEADS} if n >= (UNHEARD_LEADS_FROM if unheard else LEADS_FROM) else set()
    everyone = {A.EVERYONE} if n >= (UNHEARD_EVERYONE_FROM if unheard else EVERYONE_FROM) else set()
    return frozenset({A.PERSON, A.CHANNEL, *leads, *everyone})
