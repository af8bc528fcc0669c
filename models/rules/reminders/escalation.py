"""An escalation nobody took, or nobody speaks of: reminders slow down and widen, and never stop while it is due.

When it is due is told by ``models.rules.escalations.deadlines``; while it is snoozed, that is its end,
at which its card is drawn anew.
"""

from collections.abc import Iterator
from datetime import datetime

from models.rules.delivery import Audience, MessageKind
from models.rules.escalations.deadlines import acknowledge_by, due_by, find_pace
from models.rules.escalations.escalation import Escalation
from models.rules.policy.reminders import ReminderTimes
from models.rules.reminders import subjects
from models.rules.reminders.step import RECENT, DueSteps, ReminderStep, owed

A = Audience
UNACKNOWLEDGED = (
    frozenset({A.ON_CALL, A.BACKUP}),
    frozenset({A.ON_CALL, A.BACKUP, A.LEADS}),
    frozenset({A.ON_CALL, A.BACKUP, A.LEADS, A.CHANNEL}),
    frozenset({A.ON_CALL, A.BACKUP, A.LEADS, A.CHANNEL, A.EVERYONE}),
)
"""Who is reminded when nobody took it, step by step; the last again and again. Its owner and whoever is on call were
called when it began to wait (``models.rules.escalations.calls``); the first step leaves them out."""
UNACKNOWLEDGED_STEP, SILENT_STEP = "unacknowledged", "silent"
SILENT = (
    frozenset({A.PERSON}),
    frozenset({A.PERSON, A.ON_CALL}),
    frozenset({A.PERSON, A.ON_CALL, A.LEADS}),
    frozenset({A.PERSON, A.ON_CALL, A.LEADS, A.CHANNEL}),
)
"""Who is called when nobody speaks of it, beginning with its owner."""


def ladder(escalation: Escalation, policy: ReminderTimes, now: datetime) -> DueSteps:
    """What is owed of an escalation by now; nothing, without end, when it is ended."""
    return owed(_steps(escalation, policy, now), now)


def counted_from(due: datetime | None) -> datetime | None:
    """Return the instant that all reminders carry which ask for what is due since ``due``, in whole seconds.

    Once the escalation moved, was snoozed or ended, another instant counts: older reminders then ask for nothing.
    """
    return due.replace(microsecond=0) if due else None


def _steps(escalation: Escalation, policy: ReminderTimes, now: datetime) -> Iterator[ReminderStep]:
    due, subject = due_by(escalation, policy), subjects.escalation(escalation.number)
    if due is None:
        return
    waits = acknowledge_by(escalation, policy) is not None
    name, widening = (UNACKNOWLEDGED_STEP, UNACKNOWLEDGED) if waits else (SILENT_STEP, SILENT)
    people = (escalation.owner,) if escalation.owner else ()
    if escalation.snoozed_until:
        end = escalation.snoozed_until
        yield ReminderStep(subject, "woken", end, MessageKind.REFRESH, alone=True, counted_from=end)
    rhythm = find_pace(escalation, policy)
    for n in range(max(0, rhythm.step_at(now - RECENT - due)), rhythm.step_at(now - due) + 2):
        to = widening[min(n, len(widening) - 1)] | ({A.PERSON} if people else frozenset())
        due_at = due + rhythm.after(n)
        yield ReminderStep(subject, name, due_at, MessageKind.REMINDER, to, people, n=n, counted_from=due)
