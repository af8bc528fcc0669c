"""When somebody must act on an escalation, from its facts and the policy alone. Pure: reads no clock and no store.

Until an escalation has ended, exactly one deadline runs: :func:`find_deadline`. After its time people are reminded
again and again, at the pace of :func:`find_pace`. Only a duplicate that follows its original has none but a promise.

A snooze moves the due time to its end: then the step is due at once, because what was awaited did not come. So
the deadline is all a caller needs to know when to look again, snoozed or not.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from models.rules.escalations.clocks import NO_TIMES, CaseTimeline, CaseTimes, find_case_times
from models.rules.escalations.desk_hours import IsWorkday
from models.rules.escalations.escalation import ENDED, Escalation, ReviewState, Status, Turn
from models.rules.escalations.request import RequestKind, Severity
from models.rules.escalations.reviews import find_filing_start
from models.rules.policy.reminders import ReminderPace, ReminderTimes
from models.rules.policy.vendor import VendorPolicy


class AwaitedStep(StrEnum):
    """What an open escalation waits for: from the person on call while nobody owns it, else from its owner."""

    ACKNOWLEDGEMENT = "acknowledgement"
    SOLUTION = "solution"  # it is ours to solve.
    SENT_BACK = "sent_back"  # a lead sent it back: something is missing, or it can be solved.
    NUMBER = "number"  # of 21Vianet: the escalation must be submitted.
    FIRST_ANSWER = "first_answer"  # 21Vianet's, within its own target.
    ANSWER = "answer"  # 21Vianet's next one, or its first where no target is known.
    OURS = "ours"  # it is our turn.
    CUSTOMER = "customer"  # it is the customer's turn.
    PROMISE = "promise"  # the customer was promised an update.
    INFORMING = "telling"  # the customer must be informed
    CLOSING = "closing"


STEP_OF_REVIEW: Mapping[ReviewState | None, AwaitedStep] = {
    ReviewState.OURS: AwaitedStep.SOLUTION,
    ReviewState.SENT_BACK: AwaitedStep.SENT_BACK,
}
"""What a case without a number waits for, by its review, where that is not the number."""
EARLY = frozenset({AwaitedStep.OURS, AwaitedStep.PROMISE})
"""Steps whose owner is also reminded at two thirds of the time."""


@dataclass(frozen=True)
class Deadline:
    """What an escalation waits for, and by when. Instants are in UTC."""

    step: AwaitedStep
    since: datetime  # from when its time counts
    due_at: datetime
    early_at: datetime | None = None  # when its owner alone is reminded; None for steps without


def awaits_acknowledgement(escalation: Escalation) -> bool:
    """Return whether somebody must acknowledge it.

    An escalation handed over after it was submitted or resolved also waits for its new owner. A duplicate that follows
    its original does not wait.
    """
    return escalation.status not in ENDED and not escalation.acknowledged_at and not escalation.follows_original


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
    """Return until when somebody has to acknowledge it; None when somebody has, or it has ended."""
    if not awaits_acknowledgement(escalation):
        return None
    due = waiting_since(escalation) + policy.acknowledge[escalation.severity]
    return max(due, escalation.snoozed_until) if escalation.snoozed_until else due


def find_deadline(escalation: Escalation, policy: ReminderTimes, times: CaseTimes = NO_TIMES) -> Deadline | None:
    """Return the one deadline that runs; None when the escalation has ended.

    ``times`` is what its history says of its turns. A promise to the customer replaces a later deadline. It is all that
    a duplicate has which follows its original; without one, None.
    """
    step, promise = _find_step(escalation, times), _find_promise(escalation)
    deadline = _build(escalation, step, policy, times) if step else promise
    if deadline is None or escalation.status in ENDED:
        return None
    if promise and step is not AwaitedStep.ACKNOWLEDGEMENT and promise.due_at < deadline.due_at:
        deadline = promise
    return _after_snooze(_add_early(deadline), escalation.snoozed_until)


def _find_promise(escalation: Escalation) -> Deadline | None:
    """Return the deadline of what the customer was promised; None without a promise."""
    if escalation.promised_at is None:
        return None
    return Deadline(AwaitedStep.PROMISE, escalation.told_at or last_activity(escalation), escalation.promised_at)


def may_be_due_before(escalation: Escalation, policy: ReminderTimes, instant: datetime) -> bool:
    """Return whether it may fall due before an instant (UTC), so that its history must be read to know.

    Its history can only move our turn later. It can also give a first answer of 21Vianet, at any time.
    """
    deadline = find_deadline(escalation, policy)
    if deadline is None:
        return False
    is_with_vendor = escalation.status is Status.SUBMITTED and escalation.turn is Turn.VENDOR
    may_be_first_answer = is_with_vendor and not escalation.first_contact_at and not escalation.follows_original
    return may_be_first_answer or deadline.due_at < instant


def find_deadline_from_history(
    escalation: Escalation, timeline: CaseTimeline, policy: VendorPolicy, is_workday: IsWorkday
) -> Deadline | None:
    """Return the deadline that runs, from what the history says; ``policy`` is the version it is judged by."""
    return find_deadline(escalation, policy.reminder_times, find_case_times(timeline, policy, is_workday))


def find_pace(escalation: Escalation, policy: ReminderTimes) -> ReminderPace:
    """Return how reminders follow each other once it is due: they slow down and never stop."""
    return policy.repeat[escalation.severity]


def _find_step(escalation: Escalation, times: CaseTimes) -> AwaitedStep | None:
    """Return what it waits for apart from a promise; None when nothing is waited for."""
    if escalation.status in ENDED or escalation.follows_original:
        return None
    if not escalation.acknowledged_at:
        return AwaitedStep.ACKNOWLEDGEMENT
    if escalation.status is Status.RESOLVED:
        must_tell = escalation.kind is RequestKind.CUSTOMER and not escalation.told_at
        return AwaitedStep.INFORMING if must_tell else AwaitedStep.CLOSING
    return _find_step_of_turn(escalation, times)


def _find_step_of_turn(escalation: Escalation, times: CaseTimes) -> AwaitedStep:
    """Return what an acknowledged escalation waits for until it is resolved."""
    if escalation.turn is Turn.CUSTOMER:
        return AwaitedStep.CUSTOMER
    if not escalation.request_number:
        return STEP_OF_REVIEW.get(escalation.review, AwaitedStep.NUMBER)
    if escalation.turn is Turn.OURS:
        return AwaitedStep.OURS
    return AwaitedStep.FIRST_ANSWER if times.answer_due_at else AwaitedStep.ANSWER


def _build(escalation: Escalation, step: AwaitedStep, policy: ReminderTimes, times: CaseTimes) -> Deadline:
    """Return the deadline of a step, before snoozes."""
    since = _counts_from(escalation, step, times)
    if step is AwaitedStep.FIRST_ANSWER and times.answer_due_at:
        return Deadline(step, since, times.answer_due_at)
    return Deadline(step, since, since + _time_allowed(step, escalation.severity, policy))


def _counts_from(escalation: Escalation, step: AwaitedStep, times: CaseTimes) -> datetime:
    """Return from when the time of a step counts.

    A turn never begins after the last activity: that corrects instants of a clock that was ahead.
    """
    last = last_activity(escalation)
    match step:
        case AwaitedStep.ACKNOWLEDGEMENT:
            return waiting_since(escalation)
        case AwaitedStep.NUMBER | AwaitedStep.SOLUTION | AwaitedStep.SENT_BACK | AwaitedStep.OURS:
            began = [at for at in (escalation.acknowledged_at, times.turn_since) if at]
            start = min(max(began, default=last), last)
            return start if step is AwaitedStep.OURS else max(start, find_filing_start(escalation) or start)
        case AwaitedStep.FIRST_ANSWER:
            return min(times.turn_since or last, last)
        case _:
            return last


def _time_allowed(step: AwaitedStep, severity: Severity, policy: ReminderTimes) -> timedelta:
    by_severity: Mapping[AwaitedStep, Mapping[str, timedelta]] = {
        AwaitedStep.ACKNOWLEDGEMENT: policy.acknowledge,
        AwaitedStep.NUMBER: policy.number,
        AwaitedStep.SOLUTION: policy.number,
        AwaitedStep.SENT_BACK: policy.number,
        AwaitedStep.OURS: policy.ours,
        AwaitedStep.CUSTOMER: policy.customer,
    }
    if step in {AwaitedStep.INFORMING, AwaitedStep.CLOSING}:
        return policy.tell if step is AwaitedStep.INFORMING else policy.close
    return by_severity.get(step, policy.submitted)[severity]


def _add_early(deadline: Deadline) -> Deadline:
    """Add two thirds of the time, where the owner is reminded then."""
    if deadline.step not in EARLY or deadline.due_at <= deadline.since:
        return deadline
    return replace(deadline, early_at=deadline.since + (deadline.due_at - deadline.since) * 2 / 3)


def _after_snooze(deadline: Deadline, until: datetime | None) -> Deadline:
    """Move a deadline to the end of a snooze; an early reminder within the snooze is left out."""
    if until is None:
        return deadline
    early_at = deadline.early_at if deadline.early_at and until <= deadline.early_at else None
    return replace(deadline, due_at=max(deadline.due_at, until), early_at=early_at)
