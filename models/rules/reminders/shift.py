"""A shift: its person is reminded ahead as they wish; while nobody said “I'm on call”, others are called.

Who comes into a shift at short notice, by a change or a new rota, is asked first; the others are called as long after
that as they would be after the last reminder. In a handover they are called only up to the change: from then on whoever
stood before stays, and the handover's own ladder goes on (``models.rules.reminders.handover``).
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property

from models.rules.delivery import Audience, MessageKind
from models.rules.reminders.step import OVER, DueSteps, ReminderStep, every, owed
from models.rules.reminders.subjects import ShiftName

A = Audience
BACKUP_BEFORE, LEADS_BEFORE = timedelta(minutes=10), timedelta(minutes=5)
PATIENCE = timedelta(minutes=10)
"""So long somebody who was planned at short notice is asked alone."""
UNCONFIRMED = timedelta(minutes=15)
"""How often it is said from its start on that nobody confirmed it."""
ALONE_BEFORE = timedelta(minutes=15)
"""So long before the end of a shift its person is told that nobody follows."""
NOBODY_FOLLOWS, CANNOT_STAY, NOT_ALONE, RELIEVES = "alone", "cannot_stay", "not_alone", "relieves"
ABOUT_ITS_END = frozenset({NOBODY_FOLLOWS, CANNOT_STAY})
"""The steps of a shift that are about its end."""
EVERYONE_FROM = 2
"""From this repetition on everybody is called."""


@dataclass(frozen=True)
class ShiftFacts:
    """What the ladder needs to know of a shift. ``minutes`` is how long ahead its person (``user``, a Slack id) wants
    to be reminded, ``chosen`` that they said so themselves; ``since`` is when the shift became theirs; ``confirmed_at``
    when they said that they are on call; ``handed`` says that from its start on a handover is what is waited for;
    ``after`` is up to when its steps were made before.

    Where nobody follows at its ``end``, ``alone_since`` is since when that is known, ``alone_until`` until when it can
    be mended, ``on_at_end`` who is on then (a Slack id), and ``cannot_stay_at`` when they said that they can't stay.
    ``relieves`` is who was on before a gap that this shift ends (a Slack id, empty for nobody).
    """

    name: ShiftName
    end: datetime
    user: str
    minutes: tuple[int, ...]
    since: datetime
    confirmed_at: datetime | None = None
    handed: bool = False
    after: datetime | None = None
    chosen: bool = False
    alone_since: datetime | None = None
    alone_until: datetime | None = None
    on_at_end: str = ""
    cannot_stay_at: datetime | None = None
    relieves: str = ""

    @cached_property
    def subject(self) -> str:
        """What it is called."""
        return str(self.name)

    @property
    def begins(self) -> datetime:
        """When it counts as begun for those who are called: its start, or some time after it became its person's."""
        return max(self.name.start, self.since + PATIENCE + BACKUP_BEFORE)


def ladder(shift: ShiftFacts, now: datetime) -> DueSteps:
    """What is owed of a shift by now. That it was confirmed is said to those who were called."""
    steps = (*_ahead(shift), *(_said(shift) if shift.confirmed_at else _unconfirmed(shift, now)))
    return owed((*steps, *_alone(shift), *_relieving(shift)), now)


def _alone(shift: ShiftFacts) -> Iterator[ReminderStep]:
    """Whoever is on is told in time that nobody follows; when they can't stay, others are called at once. When there is
    nothing left to fill, that is drawn anew.
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


def _relieving(shift: ShiftFacts) -> Iterator[ReminderStep]:
    """Who stands in after a gap gets the open cases of who was on before it, once they said that they are there."""
    if shift.relieves and shift.confirmed_at:
        due = max(shift.name.start, shift.confirmed_at)
        yield ReminderStep(shift.subject, RELIEVES, due, MessageKind.REMINDER_REFRESH, alone=True)


def _ahead(shift: ShiftFacts) -> Iterator[ReminderStep]:
    for minutes in _wished(shift):
        due = shift.name.start - timedelta(minutes=minutes)
        if due > shift.since:
            yield _step(shift, f"{minutes}min", due, MessageKind.SHIFT, A.PERSON)


def _wished(shift: ShiftFacts) -> list[int]:
    """What is confirmed is not asked again: unless its person wished otherwise, they are reminded once more."""
    wished = sorted(set(shift.minutes), reverse=True)
    return wished if shift.chosen or not shift.confirmed_at else wished[-1:]


def _said(shift: ShiftFacts) -> Iterator[ReminderStep]:
    if shift.confirmed_at and shift.confirmed_at > shift.begins - BACKUP_BEFORE:
        yield ReminderStep(shift.subject, "confirmed", shift.confirmed_at, MessageKind.REMINDER_REFRESH, alone=True)


def _unconfirmed(shift: ShiftFacts, now: datetime) -> Iterator[ReminderStep]:
    """Those that would come after the shift is over, or after a handover has begun, are not owed. At its end what was
    said loses its buttons.
    """
    until = min(shift.name.start, shift.end) if shift.handed else shift.end
    yield from (step for step in _calls(shift, now) if step.due_at < until)
    yield ReminderStep(shift.subject, OVER, shift.end, MessageKind.REMINDER_REFRESH, alone=True)


def _calls(shift: ShiftFacts, now: datetime) -> Iterator[ReminderStep]:
    begins = shift.begins
    if begins > shift.name.start:
        yield _step(shift, "asked", shift.since, MessageKind.SHIFT, A.PERSON)
    yield _step(shift, "backup", begins - BACKUP_BEFORE, MessageKind.REMINDER, A.PERSON, A.BACKUP)
    yield _step(shift, "leads", begins - LEADS_BEFORE, MessageKind.REMINDER, A.PERSON, A.BACKUP, A.LEADS)
    for n, at in every(begins, UNCONFIRMED, shift.end, now, shift.after):
        to = [A.PERSON, A.BACKUP, A.LEADS, A.CHANNEL, *([A.EVERYONE] if n >= EVERYONE_FROM else [])]
        yield replace(_step(shift, "open", at, MessageKind.REMINDER, *to), n=n)


def _step(shift: ShiftFacts, name: str, due_at: datetime, what: MessageKind, *to: Audience) -> ReminderStep:
    return ReminderStep(shift.subject, name, due_at, what, frozenset(to), (shift.user,) if shift.user else ())
