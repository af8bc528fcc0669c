"""One step of a subject that is due, and how several late steps become one reminder."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property

from models.rules.outbox.message_kinds import MessageKind
from models.rules.outbox.reminder_details import Audience, ReminderDetails

RECENT = timedelta(days=2)
"""How far back missed repetitions are made; the newest of them stands for the earlier ones."""

OVER = "over"
"""The step that removes the buttons of earlier messages, because nothing can be done any more."""


@dataclass(frozen=True)
class ReminderStep:
    """One step of a subject. The same step always has the same ``key``."""

    subject: str
    step: str
    due_at: datetime
    what: MessageKind
    to: frozenset[Audience] = frozenset()
    people: tuple[str, ...] = ()
    """The Slack ids of ``Audience.PERSON``."""
    alone: bool = False
    """Never merged with other steps."""
    n: int | None = None
    """Counts the repetitions of a step from 0; None for a step that is not repeated."""
    counted_from: datetime | None = None
    """The instant from which the step is counted: when that differs, it is another step."""
    own_name: str = ""
    """The name in the key, where it does not follow from the other fields."""

    @cached_property
    def name(self) -> str:
        """Its name, unique among the steps of its subject."""
        if self.own_name:
            return self.own_name
        count = "" if self.n is None else str(self.n)
        instant = "" if self.counted_from is None else f"@{self.counted_from:%Y%m%dT%H%M%S}"
        return f"{self.step}{count}{instant}"

    @cached_property
    def key(self) -> str:
        """The unique key of this reminder. It is built here only, and never parsed."""
        return f"{self.subject}/{self.name}"

    @cached_property
    def details(self) -> ReminderDetails:
        """The part of this step that its messages carry."""
        counted_from = self.counted_from and self.counted_from.replace(microsecond=0)
        return ReminderDetails(self.key, self.step, counted_from, self.due_at, self.to)


@dataclass(frozen=True)
class DueSteps:
    """The steps that are due by now, oldest first, and when the next one will be; None when there is none any more."""

    steps: Sequence[ReminderStep] = ()
    next_due: datetime | None = None


@dataclass(frozen=True)
class MergedReminder:
    """One reminder to be made, and the earlier steps that it replaces."""

    step: ReminderStep
    merged: Sequence[ReminderStep] = ()


def owed(steps: Iterable[ReminderStep], now: datetime) -> DueSteps:
    """Split the steps of a subject into those that are due and the instant of the next one."""
    ordered = sorted(steps, key=lambda step: step.due_at)
    ahead = [step.due_at for step in ordered if step.due_at > now]
    return DueSteps([step for step in ordered if step.due_at <= now], min(ahead, default=None))


def collapse(steps: Sequence[ReminderStep]) -> list[MergedReminder]:
    """Merge missed steps of one subject into the last of them, for the audience of all; oldest first."""
    alone = [MergedReminder(step) for step in steps if step.alone]
    rest = [step for step in steps if not step.alone]
    if not rest:
        return alone
    last = rest[-1]
    if len(rest) == 1:
        return sorted([*alone, MergedReminder(last)], key=lambda merged: merged.step.due_at)
    people = tuple(dict.fromkeys(person for step in rest for person in step.people))
    to = frozenset[Audience]().union(*(step.to for step in rest))
    collapsed = replace(last, to=to, people=people)
    return sorted([*alone, MergedReminder(collapsed, rest[:-1])], key=lambda merged: merged.step.due_at)


def every(
    start: datetime, wait: timedelta, end: datetime, now: datetime, after: datetime | None, ahead: int = 1
) -> list[tuple[int, datetime]]:
    """Return the repetitions from ``start`` on, counted from 0: the recent ones that are due, and the next ``ahead``.

    A caller that skips some must ask for enough that one remains; otherwise the subject is never due again. Repetitions
    stop at ``end``. Those up to ``after`` were made before.
    """
    first = max(0, (now - RECENT - start) // wait, (after - start) // wait + 1 if after else 0)
    last = max(0, (now - start) // wait + ahead)
    repetitions = [(n, start + n * wait) for n in range(first, last + 1)]
    return [(n, at) for n, at in repetitions if at < end]
