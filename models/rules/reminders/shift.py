"""A shift: its person is reminded before it as they prefer. Until they confirm it, others are called.

A person who gets a shift at short notice is asked alone first. The others are called as long after that as they would
be after the last reminder. Where a shift begins with a handover, they are called only up to the handover. From then on
the person before stays on call, and the reminders of the handover follow (``models.rules.reminders.handover``).
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property

from models.rules.outbox.message_kinds import MessageKind
from models.rules.outbox.reminder_details import Audience
from models.rules.reminders.step import OVER, DueSteps, ReminderStep, every, owed
from models.rules.reminders.subjects import ShiftName

A = Audience
BACKUP_BEFORE, LEADS_BEFORE = timedelta(minutes=10), timedelta(minutes=5)
ASKED_ALONE = timedelta(minutes=10)
"""How long a person who was planned at short notice is asked alone."""
UNCONFIRMED = timedelta(minutes=15)
"""How often an unconfirmed shift is announced after its start."""
ALONE_BEFORE = timedelta(minutes=15)
"""How long before the end of a shift its person is reminded that nobody follows."""
NOBODY_FOLLOWS, CANNOT_STAY, NOT_ALONE, RELIEVES = "alone", "cannot_stay", "not_alone", "relieves"
ASKED, CONFIRMED = "asked", "confirmed"
"""The steps that ask a person at once who gets a shift at short notice, and that redraw what asked."""
ABOUT_ITS_END = frozenset({NOBODY_FOLLOWS, CANNOT_STAY})
"""The steps of a shift that are about its end."""
_AHEAD = "min"
"""How the name of a step ends that reminds the person so many minutes ahead."""
EVERYONE_FROM = 2
"""The repetition, counted from 0, from which on everybody is called."""


@dataclass(frozen=True)
class ShiftFacts:
    """What the steps of a shift depend on. People are Slack ids, instants are in UTC."""

    name: ShiftName
    end: datetime
    user: str
    minutes: tuple[int, ...]  # how long before its start the person wants to be reminded.
    since: datetime  # when the shift became theirs.
    confirmed_at: datetime | None = None  # when they said that they are on call.
    handed: bool = False  # whether it begins with a handover.
    after: datetime | None = None  # steps due up to here were made before.
    chosen: bool = False  # whether the person chose ``minutes``.
    alone_since: datetime | None = None  # since when it is known that nobody follows.
    alone_until: datetime | None = None  # until when somebody may still follow.
    on_at_end: str = ""  # who is on call at its end, where nobody follows.
    cannot_stay_at: datetime | None = None  # when that person said that they cannot stay.
    relieves: str = ""  # who was on call before a gap that this shift ends; empty for nobody.
    confirmed_by: str = ""  # how it was confirmed, where that was not pressed in Slack.

    @cached_property
    def subject(self) -> str:
        """Its name in the store."""
        return str(self.name)

    @property
    def begins(self) -> datetime:
        """When it counts as begun: its start, or some time after it became its person's."""
        return max(self.name.start, self.since + ASKED_ALONE + BACKUP_BEFORE)


def find_steps(shift: ShiftFacts, now: datetime) -> DueSteps:
    """Return the steps of a shift that are due by now. A confirmation is shown to those who were called."""
    steps = (
        *_remind_ahead(shift),
        *(_show_confirmation(shift) if shift.confirmed_at else _call_until_confirmed(shift, now)),
    )
    return owed((*steps, *_remind_of_missing_successor(shift), *_relieve(shift)), now)


def _remind_of_missing_successor(shift: ShiftFacts) -> Iterator[ReminderStep]:
    """Remind the person on call that nobody follows, and call others at once when they cannot stay.

    When nobody is needed any more, the messages are redrawn.
    """
    if shift.alone_since is None or not shift.on_at_end:
        return
    people, due = (shift.on_at_end,), max(shift.end - ALONE_BEFORE, shift.alone_since)
    if due < shift.end:
        yield ReminderStep(
            shift.subject, NOBODY_FOLLOWS, due, MessageKind.SHIFT, frozenset({A.PERSON}), people, alone=True,
            counted_from=shift.end,
        )  # fmt: skip
    if shift.cannot_stay_at:
        to = frozenset({A.LEADS, A.CHANNEL})
        yield ReminderStep(shift.subject, CANNOT_STAY, shift.cannot_stay_at, MessageKind.REMINDER, to, alone=True)
    if shift.alone_until:
        yield ReminderStep(shift.subject, NOT_ALONE, shift.alone_until, MessageKind.REMINDER_REFRESH, alone=True)


def _relieve(shift: ShiftFacts) -> Iterator[ReminderStep]:
    """Give a person who ends a gap the open cases of the person before it, once they confirm."""
    if shift.relieves and shift.confirmed_at:
        due = max(shift.name.start, shift.confirmed_at)
        yield ReminderStep(shift.subject, RELIEVES, due, MessageKind.REMINDER_REFRESH, alone=True)


def _remind_ahead(shift: ShiftFacts) -> Iterator[ReminderStep]:
    for minutes in _find_minutes(shift):
        due = shift.name.start - timedelta(minutes=minutes)
        if due > shift.since:
            yield _step(shift, f"{minutes}{_AHEAD}", due, MessageKind.SHIFT, A.PERSON)


def _find_minutes(shift: ShiftFacts) -> list[int]:
    minutes = sorted(set(shift.minutes), reverse=True)
    return [each for each in minutes if not shift.confirmed_at or reminds_confirmed(each, minutes, shift.chosen)]


def reminds_confirmed(minutes: int, all_minutes: Collection[int], chosen: bool) -> bool:
    """Return whether a reminder so long before a shift is also for a person who has confirmed it.

    After a confirmation the last one is enough, unless the person chose their times.
    """
    return chosen or minutes <= min(all_minutes, default=minutes)


def asks_to_confirm(step: str, all_minutes: Collection[int], chosen: bool) -> bool:
    """Return whether a step ahead of a shift has no reason any more once the shift is confirmed."""
    ahead = step.removesuffix(_AHEAD)
    return step.endswith(_AHEAD) and not reminds_confirmed(int(ahead), all_minutes, chosen)


def _show_confirmation(shift: ShiftFacts) -> Iterator[ReminderStep]:
    # What asked before loses its button, wherever the answer was given: in Slack, by link, by a change of the rota.
    if shift.confirmed_at:
        yield ReminderStep(shift.subject, CONFIRMED, shift.confirmed_at, MessageKind.REMINDER_REFRESH, alone=True)


def _call_until_confirmed(shift: ShiftFacts, now: datetime) -> Iterator[ReminderStep]:
    """Yield the calls about an unconfirmed shift, up to its end or its handover.

    At its end the messages lose their buttons.
    """
    until = min(shift.name.start, shift.end) if shift.handed else shift.end
    yield from (step for step in _find_calls(shift, now) if step.due_at < until)
    yield ReminderStep(shift.subject, OVER, shift.end, MessageKind.REMINDER_REFRESH, alone=True)


def _find_calls(shift: ShiftFacts, now: datetime) -> Iterator[ReminderStep]:
    begins = shift.begins
    if begins > shift.name.start:
        yield _step(shift, ASKED, shift.since, MessageKind.SHIFT, A.PERSON)
    yield _step(shift, "backup", begins - BACKUP_BEFORE, MessageKind.REMINDER, A.PERSON, A.BACKUP)
    yield _step(shift, "leads", begins - LEADS_BEFORE, MessageKind.REMINDER, A.PERSON, A.BACKUP, A.LEADS)
    for n, at in every(begins, UNCONFIRMED, shift.end, now, shift.after):
        to = [A.PERSON, A.BACKUP, A.LEADS, A.CHANNEL, *([A.EVERYONE] if n >= EVERYONE_FROM else [])]
        yield replace(_step(shift, "open", at, MessageKind.REMINDER, *to), n=n)


def _step(shift: ShiftFacts, name: str, due_at: datetime, what: MessageKind, *to: Audience) -> ReminderStep:
    return ReminderStep(shift.subject, name, due_at, what, frozenset(to), (shift.user,) if shift.user else ())
