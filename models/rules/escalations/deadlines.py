"""When somebody must act on an escalation, from its facts and the policy alone. Pure: reads no clock and no store.

Until an escalation has ended, exactly one of :func:`acknowledge_by` and :func:`progress_by` gives its due time. After
that time people are reminded again and again, at the pace of :func:`find_pace`.

A snooze moves the due time to its end: then the step is due at once, because what was awaited did not come. So
:func:`due_by` is all a caller needs to know when to look again, snoozed or not.
"""

from datetime import datetime
from enum import StrEnum

from models.rules.escalations.escalation import ENDED, Escalation, Status
from models.rules.escalations.request import RequestKind
from models.rules.policy.reminders import ReminderPace, ReminderTimes


class AwaitedStep(StrEnum):
    """What an open escalation waits for: from the person on call while nobody owns it, else from its owner."""

    ACKNOWLEDGEMENT = "acknowledgement"
    PROGRESS = "progress"
    ANSWER = "answer"  # 21Vianet's
    INFORMING = "telling"  # the customer must be informed
    CLOSING = "closing"


def find_awaited_step(escalation: Escalation) -> AwaitedStep | None:
    """Return what it waits for; None when it has ended."""
    if escalation.status in ENDED:
        return None
    if not escalation.acknowledged_at:
        return AwaitedStep.ACKNOWLEDGEMENT
    if escalation.status is Status.RESOLVED:
        must_tell = escalation.kind is RequestKind.CUSTOMER and not escalation.told_at
        return AwaitedStep.INFORMING if must_tell else AwaitedStep.CLOSING
    return AwaitedStep.ANSWER if escalation.status is Status.SUBMITTED else AwaitedStep.PROGRESS


def waiting_since(escalation: Escalation) -> datetime:
    """Return since when it waits or waited for acknowledgement: raised, handed over or reopened, whichever was last."""
    return escalation.waiting_since or escalation.raised_at


def last_activity(escalation: Escalation) -> datetime:
    """Return when something was last done or noted. A note counts; a snooze does not."""
    return escalation.active_at or escalation.raised_at


def is_snoozed(escalation: Escalation, now: datetime) -> bool:
    """Return whether a snooze lasts. The field itself stays until the next move."""
    return escalation.snoozed_until is not None and now < escalation.snoozed_until


def acknowledge_by(escalation: Escalation, policy: ReminderTimes) -> datetime | None:
    """Return until when somebody has to acknowledge it; None when somebody has, or it has ended.

    An escalation handed over after it was submitted or resolved also waits for its new owner.
    """
    if find_awaited_step(escalation) is not AwaitedStep.ACKNOWLEDGEMENT:
        return None
    return _not_before(escalation, waiting_since(escalation) + policy.acknowledge[escalation.severity])


def progress_by(escalation: Escalation, policy: ReminderTimes) -> datetime | None:
    """Return until when an acknowledged escalation needs progress; None when not acknowledged, or ended.

    Once resolved, the next steps are informing the customer and closing it.
    """
    awaited = find_awaited_step(escalation)
    if awaited is None or awaited is AwaitedStep.ACKNOWLEDGEMENT:
        return None
    time_allowed = {
        AwaitedStep.PROGRESS: policy.acknowledged[escalation.severity],
        AwaitedStep.ANSWER: policy.submitted[escalation.severity],
        AwaitedStep.INFORMING: policy.tell,
        AwaitedStep.CLOSING: policy.close,
    }
    return _not_before(escalation, last_activity(escalation) + time_allowed[awaited])


def due_by(escalation: Escalation, policy: ReminderTimes) -> datetime | None:
    """Return the one of the two times above that applies; None when it has ended."""
    return acknowledge_by(escalation, policy) or progress_by(escalation, policy)


def find_pace(escalation: Escalation, policy: ReminderTimes) -> ReminderPace:
    """Return how reminders follow each other once it is due: they slow down and never stop."""
    return policy.repeat[escalation.severity]


def _not_before(escalation: Escalation, due: datetime) -> datetime:
    """Return the due time, but not before the end of a snooze."""
    return max(due, escalation.snoozed_until) if escalation.snoozed_until else due
