"""An escalation whose deadline passed: nobody acknowledged it, submitted it, answered, informed or closed.

Reminders come less often and reach more people with time, and never stop while the escalation is due. The instant is
computed by ``models.rules.escalations.deadlines``. A snoozed escalation is due when its snooze ends; its card is
redrawn then.
"""

from collections.abc import Iterator
from datetime import datetime

from models.rules.escalations.deadlines import AwaitedStep, Deadline, find_pace
from models.rules.escalations.escalation import Escalation
from models.rules.outbox.message_kinds import MessageKind
from models.rules.outbox.reminder_details import Audience
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
"""Who is reminded of an unacknowledged escalation, step by step; the last step repeats.

Its owner and the people on call were called when it began to wait. The first step leaves them out
(``models.rules.escalations.acknowledgement_calls``).
"""
UNACKNOWLEDGED_STEP, SILENT_STEP, EARLY_STEP = "unacknowledged", "silent", "early"
SILENT = (
    frozenset({A.PERSON}),
    frozenset({A.PERSON, A.ON_CALL}),
    frozenset({A.PERSON, A.ON_CALL, A.BACKUP}),
    frozenset({A.PERSON, A.ON_CALL, A.BACKUP, A.LEADS, A.CHANNEL}),
)
"""Who is reminded of an acknowledged escalation after its deadline, step by step; the last step repeats."""


def find_steps(escalation: Escalation, deadline: Deadline | None, policy: ReminderTimes, now: datetime) -> DueSteps:
    """Return the steps of an escalation that are due by now; none without a deadline, when it has ended."""
    return owed(_steps(escalation, deadline, policy, now) if deadline else (), now)


def counted_from(deadline: Deadline | None) -> datetime | None:
    """Return the instant, in whole seconds, that reminders of a deadline carry.

    Once the escalation moves, is snoozed or ends, another instant counts: older reminders are then outdated.
    """
    return deadline.due_at.replace(microsecond=0) if deadline else None


def _steps(escalation: Escalation, deadline: Deadline, policy: ReminderTimes, now: datetime) -> Iterator[ReminderStep]:
    due, subject = deadline.due_at, subjects.escalation(escalation.number)
    is_unacknowledged = deadline.step is AwaitedStep.ACKNOWLEDGEMENT
    name, widening = (UNACKNOWLEDGED_STEP, UNACKNOWLEDGED) if is_unacknowledged else (SILENT_STEP, SILENT)
    people = (escalation.owner,) if escalation.owner else ()
    if escalation.snoozed_until:
        end = escalation.snoozed_until
        yield ReminderStep(subject, "woken", end, MessageKind.REFRESH, alone=True, counted_from=end)
    if deadline.early_at:
        owner = frozenset({A.PERSON})
        yield ReminderStep(
            subject, EARLY_STEP, deadline.early_at, MessageKind.REMINDER, owner, people, counted_from=due
        )
    pace = find_pace(escalation, policy)
    for n in range(max(0, pace.step_at(now - RECENT - due)), pace.step_at(now - due) + 2):
        to = widening[min(n, len(widening) - 1)] | {A.PERSON if people else A.ON_CALL}
        due_at = due + pace.after(n)
        yield ReminderStep(subject, name, due_at, MessageKind.REMINDER, to, people, n=n, counted_from=due)
