"""One reminder that is owed, whom it is for, and how several that come late become one."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from models.rules.delivery import MessageKind

RECENT = timedelta(days=2)
"""Steps that repeat are told so far back; whatever was missed before that is spoken for by the newest of them."""


class Audience(StrEnum):
    """Whom a step speaks to. The audience of a subject widens from step to step and never narrows while it is open."""

    DIGEST = "digest"  # a list in the on-call channel, with all else that is far ahead
    CHANNEL = "channel"  # the on-call channel, without ringing for anybody
    PERSON = "person"  # those the subject is about, by direct message
    ON_CALL = "on_call"  # who is responsible in the first seat now
    BACKUP = "backup"
    CANDIDATES = "candidates"  # who could take it
    LEADS = "leads"
    EVERYONE = "everyone"  # the on-call user group and the leads, mentioned in the on-call channel


A = Audience
OVER = "over"
"""The step with which calls lose their buttons, because nothing can be done any more."""


@dataclass(frozen=True)
class ReminderStep:
    """One step of a subject's ladder. The same step always has the same ``key``, whoever computes it and when.

    ``people`` are the Slack ids of ``PERSON``. ``alone`` steps are never merged with others.
    """

    subject: str
    step: str
    due_at: datetime
    what: MessageKind
    to: frozenset[Audience] = frozenset()
    people: tuple[str, ...] = ()
    alone: bool = False

    @property
    def key(self) -> str:
        """What makes this reminder one and the same, for ever."""
        return f"{self.subject}/{self.step}"


@dataclass(frozen=True)
class DueSteps:
    """The steps that are due by now, oldest first, and when the next one will be; None when there is none any more."""

    steps: Sequence[ReminderStep] = ()
    next_due: datetime | None = None


@dataclass(frozen=True)
class MergedReminder:
    """One reminder to be made, and the earlier ones it speaks for."""

    step: ReminderStep
    merged: Sequence[ReminderStep] = ()


def owed(steps: Iterable[ReminderStep], now: datetime) -> DueSteps:
    """Divide a ladder into what is due and when it goes on."""
    ordered = sorted(steps, key=lambda step: step.due_at)
    ahead = [step.due_at for step in ordered if step.due_at > now]
    return DueSteps([step for step in ordered if step.due_at <= now], min(ahead, default=None))


def collapse(steps: Sequence[ReminderStep]) -> list[MergedReminder]:
    """Several missed steps of one subject become the last of them, for the audience of all; oldest first."""
    alone = [MergedReminder(step) for step in steps if step.alone]
    rest = [step for step in steps if not step.alone]
    if not rest:
        return alone
    last = rest[-1]
    people = tuple(dict.fromkeys(person for step in rest for person in step.people))
    to = frozenset[Audience]().union(*(step.to for step in rest))
    spoken = ReminderStep(last.subject, last.step, last.due_at, last.what, to, people)
    return sorted([*alone, MergedReminder(spoken, rest[:-1])], key=lambda one: one.step.due_at)


def every(
    start: datetime, wait: timedelta, end: datetime, now: datetime, after: datetime | None, ahead: int = 1
) -> list[tuple[int, datetime]]:
    """The repetitions from ``start`` on, counted from 0: the recent ones that are due, and the next ``ahead``: whoever
    leaves some out asks for so many that one remains, or nobody would look again.

    ``end`` is when they stop, if that is before the next; up to ``after`` they were made already.
    """
    first = max(0, (now - RECENT - start) // wait, (after - start) // wait + 1 if after else 0)
    last = max(0, (now - start) // wait + ahead)
    found = [(n, start + n * wait) for n in range(first, last + 1)]
    return [(n, at) for n, at in found if at < end]
