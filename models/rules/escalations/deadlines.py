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
    """What a case that is not ended waits for: of whoever is on call while nobody owns it, else of its owner."""

    ACKNOWLEDGEMENT = "acknowledgement"
    PROGRESS = "progress"
    ANSWER = "answer"  # 21Vianet's
    INFORMING = "telling"  # the customer
    CLOSING = "closing"


def find_awaited_step(escalation: Escalation) -> AwaitedStep | None:
    """What it waits for; None when it is ended."""
    if escalation.status in ENDED:
        return None
    if not escalation.acknowledged_at:
        return AwaitedStep.ACKNOWLEDGEMENT
    if escalation.status is Status.RESOLVED:
        must_tell = escalation.kind is RequestKind.CUSTOMER and not escalation.told_at
        return AwaitedStep.INFORMING if must_tell else AwaitedStep.CLOSING
    return AwaitedStep.ANSWER if escalation.status is Status.SUBMITTED else AwaitedStep.PROGRESS


def waiting_since(escalation: Escalation) -> datetime:
    """Since when it waits to be acknowledged, or waited: raised, handed over or reopened, whichever was last."""
    return escalation.waiting_since or escalation.raised_at


def last_activity(escalation: Escalation) -> datetime:
    """When something was last done or said of it. A note counts; a snooze does not."""
    return escalation.active_at or escalation.raised_at


def is_snoozed(escalation: Escalation, now: datetime) -> bool:
    """True until the end of a snooze. The field itself stays until the next move."""
    return escalation.snoozed_until is not None and now < escalation.snoozed_until


def acknowledge_by(escalation: Escalation, policy: ReminderTimes) -> datetime | None:
    """Until when somebody has to press “Acknowledge”; None when somebody has, or it is ended.

    Also what was handed over after it was submitted or resolved waits so for its new owner.
    """
    if find_awaited_step(escalation) is not AwaitedStep.ACKNOWLEDGEMENT:
        return None
    return _not_before(escalation, waiting_since(escalation) + policy.acknowledge[escalation.severity])


def progress_by(escalation: Escalation, policy: ReminderTimes) -> datetime | None:
    """Until when something must be done or said of what is acknowledged; None when it is not, or ended.

    Resolved, that is telling the customer, and then closing it.
    """
    what = find_awaited_step(escalation)
    if what is None or what is AwaitedStep.ACKNOWLEDGEMENT:
        return None
    patience = {
        AwaitedStep.PROGRESS: policy.acknowledged[escalation.severity],
        AwaitedStep.ANSWER: policy.submitted[escalation.severity],
        AwaitedStep.INFORMING: policy.tell,
        AwaitedStep.CLOSING: policy.close,
    }
    return _not_before(escalation, last_activity(escalation) + patience[what])


def due_by(escalation: Escalation, policy: ReminderTimes) -> datetime | None:
    """The one instant of the two above that counts; None when it is ended."""
    return acknowledge_by(escalation, policy) or progress_by(escalation, policy)


def find_pace(escalation: Escalation, policy: ReminderTimes) -> ReminderPace:
    """How reminders of it follow each other once it is due: they slow down and never stop."""
    return policy.repeat[escalation.severity]


def _not_before(escalation: Escalation, due: datetime) -> datetime:
    """When it is due, but not while it is snoozed."""
    return max(due, escalation.snoozed_until) if escalation.snoozed_until else due
