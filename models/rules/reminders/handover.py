"""A handover: its card comes before the change. While a button is not pressed, reminders follow.

They go to both people, then also to the leads, then to everybody. This comes sooner when the incoming person has not
responded at all. After a change at short notice, people get as much time as after any other.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from models.rules.outbox.message_kinds import MessageKind
from models.rules.outbox.reminder_details import Audience
from models.rules.reminders.step import OVER, DueSteps, ReminderStep, every, owed
from models.rules.reminders.subjects import HandoverName

A = Audience
CARD_BEFORE = timedelta(minutes=15)  # before the handover
WAIT = timedelta(minutes=10)  # from one reminder to the next
LOOK = "look"
"""The step that redraws the card, to learn whether Slack still takes messages while its buttons are needed."""
LOOK_EVERY = timedelta(minutes=3)
"""How often that is, from the card to the first reminder: so people are told within ten minutes, of which five are
silence."""
LEADS_FROM, EVERYONE_FROM = 3, 6
"""The first reminder that goes to the leads, and to everybody; reminder 1 is made after :data:`WAIT`."""
UNHEARD_LEADS_FROM, UNHEARD_EVERYONE_FROM = 1, 3
"""The same while the incoming person has neither confirmed nor taken over: the leads already know of it."""
PRESSED, BOTH, DONE = "pressed", "both", "done"
"""The steps that redraw the card: one has pressed, both have before the time, and the incoming person is on call."""
SLOWER_FROM, SLOWER = 6, 3
"""After reminder 6, only each 3rd is made."""


@dataclass(frozen=True)
class HandoverFacts:
    """What the steps of a handover depend on. Instants are in UTC."""

    name: HandoverName
    end: datetime  # when the incoming shift ends.
    outgoing: str  # Slack id; empty without one.
    incoming: str  # Slack id; empty without one.
    since: datetime  # when it was planned.
    card_recipients: tuple[str, ...] = ()  # who gets the card by direct message too (Slack ids).
    unheard: bool = False  # whether the incoming person has not responded yet.
    pressed_at: datetime | None = None  # when the newest of both buttons was pressed.
    done_at: datetime | None = None  # when it takes effect that both were.
    after: datetime | None = None  # steps due up to here were made before.
    taken_by: str = ""  # how it was taken over, where that was not pressed in Slack.
    looks: bool = False  # whether people can be told another way when Slack is silent.
    has_card: bool = False  # whether its card is in Slack.

    @property
    def people(self) -> tuple[str, ...]:
        """The Slack ids of both people, without those who have none."""
        return tuple(user for user in (self.outgoing, self.incoming) if user)

    @property
    def card_at(self) -> datetime:
        """When its card is posted."""
        return max(self.name.at - CARD_BEFORE, self.since)


def find_steps(handover: HandoverFacts, now: datetime) -> DueSteps:
    """Return the steps of a handover that are due by now."""
    return owed(_steps(handover, now), now)


def _steps(handover: HandoverFacts, now: datetime) -> Iterator[ReminderStep]:
    card = frozenset({A.CHANNEL, A.PERSON})
    yield ReminderStep(
        str(handover.name), "card", handover.card_at, MessageKind.HANDOVER, card, handover.card_recipients, True
    )
    if handover.done_at is not None:
        if handover.pressed_at is not None and handover.card_at <= handover.pressed_at < handover.done_at:
            yield ReminderStep(str(handover.name), BOTH, handover.pressed_at, MessageKind.HANDOVER_REFRESH, alone=True)
        yield ReminderStep(str(handover.name), DONE, handover.done_at, MessageKind.HANDOVER_REFRESH, alone=True)
        return
    if handover.pressed_at is not None:
        yield ReminderStep(str(handover.name), PRESSED, handover.pressed_at, MessageKind.HANDOVER_REFRESH, alone=True)
    if handover.looks:
        yield from _look(handover, now)
    for n, due in every(handover.card_at + CARD_BEFORE, WAIT, handover.end, now, handover.after, SLOWER):
        if n and (n <= SLOWER_FROM or n % SLOWER == 0):
            yield ReminderStep(
                str(handover.name), "open", due, MessageKind.REMINDER, _to(n, handover.unheard), handover.people, n=n
            )
    yield ReminderStep(str(handover.name), OVER, handover.end, MessageKind.REMINDER_REFRESH, alone=True)


def _look(handover: HandoverFacts, now: datetime) -> Iterator[ReminderStep]:
    """Yield the newest look that is due, and the next one. A card that waits for Slack itself needs no look."""
    until = min(handover.card_at + CARD_BEFORE + WAIT, handover.end)
    for n, due in every(handover.card_at, LOOK_EVERY, until, now, now - LOOK_EVERY):
        if n and (handover.has_card or due > now):
            yield ReminderStep(str(handover.name), LOOK, due, MessageKind.HANDOVER_REFRESH, alone=True, n=n)


def _to(n: int, unheard: bool) -> frozenset[Audience]:
    leads = {A.LEADS} if n >= (UNHEARD_LEADS_FROM if unheard else LEADS_FROM) else set()
    everyone = {A.EVERYONE} if n >= (UNHEARD_EVERYONE_FROM if unheard else EVERYONE_FROM) else set()
    return frozenset({A.PERSON, A.CHANNEL, *leads, *everyone})
