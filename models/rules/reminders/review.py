"""The review of an escalation: leads are asked to look, people are told how it ended or that it may go without.

When its time is over and no lead looked, the program lets the case go in the same transaction as the reminder says so.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from models.rules.escalations.escalation import Escalation, ReviewState
from models.rules.escalations.reviews import BY_LEAD, UNDECIDED, is_decidable
from models.rules.outbox.message_kinds import MessageKind
from models.rules.outbox.reminder_details import Audience
from models.rules.reminders import subjects
from models.rules.reminders.step import OVER, DueSteps, ReminderStep, owed

ASKED, LET_GO, DECIDED = "asked", "let_go", "decided"


@dataclass(frozen=True)
class ReviewFacts:
    """What the steps of a review depend on."""

    case: Escalation
    was_asked: bool  # whether a reminder about it was made before


def find_steps(facts: ReviewFacts, leads: Audience, now: datetime) -> DueSteps:
    """Return the steps of a review that are due by now, addressed to ``leads``: the leads or the channel."""
    return owed(_steps(facts, leads), now)


def _steps(facts: ReviewFacts, leads: Audience) -> Iterator[ReminderStep]:
    case, subject = facts.case, subjects.review(facts.case.number)
    if case.review in UNDECIDED and is_decidable(case) and case.review_until:
        yield from _undecided_steps(case, subject, leads, case.review_until)
    elif case.review in BY_LEAD and case.reviewed_at:
        people = tuple(user for user in _list_people(case) if user != case.reviewed_by)
        to = frozenset({Audience.PERSON} if people else ())
        yield ReminderStep(
            subject, DECIDED, case.reviewed_at, MessageKind.REMINDER, to, people, alone=True,
            counted_from=case.reviewed_at,
        )  # fmt: skip
    elif facts.was_asked:
        yield ReminderStep(
            subject, OVER, case.changed_at, MessageKind.REMINDER_REFRESH, alone=True, counted_from=case.changed_at
        )


def _undecided_steps(case: Escalation, subject: str, leads: Audience, until: datetime) -> Iterator[ReminderStep]:
    """Yield that leads are asked, unless the case may go at once, and from when it may go."""
    asked_at = min(case.changed_at, until)
    people = _list_people(case)
    if case.review is ReviewState.PENDING and asked_at < until:
        yield ReminderStep(
            subject, ASKED, asked_at, MessageKind.REMINDER, frozenset({leads}), alone=True, counted_from=until
        )
    yield ReminderStep(
        subject, LET_GO, until, MessageKind.REMINDER, frozenset({leads, Audience.PERSON}), people, alone=True,
        counted_from=until,
    )  # fmt: skip


def _list_people(case: Escalation) -> tuple[str, ...]:
    """Return whom it concerns, by Slack id: its owner and who raised it."""
    return tuple(dict.fromkeys(user for user in (case.owner, case.raised_by) if user))
