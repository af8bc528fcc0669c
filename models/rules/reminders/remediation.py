"""A remediation record: its meeting and its review are announced, and the owners of its actions reminded.

An action's owner is reminded at two thirds of the time, on the due day, and each day after it; leads too once it is
overdue. Times are 09:00 of the installation's zone.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from models.rules.outbox.message_kinds import MessageKind
from models.rules.outbox.reminder_details import Audience
from models.rules.remediation.record import Remediation, RemediationAction
from models.rules.reminders import subjects
from models.rules.reminders.digest import at_reminder_time
from models.rules.reminders.step import OVER, RECENT, DueSteps, ReminderStep, owed

DAY = timedelta(days=1)
EARLY_MEETING = timedelta(hours=1)
"""A meeting that begins before 10:00 is announced on its day so long before."""
MEETING, REVIEW = "meeting", "review"
EARLY, DUE, OVERDUE = "early", "due", "overdue"
PERSON, LEADS = frozenset({Audience.PERSON}), frozenset({Audience.LEADS})


def find_record_steps(record: Remediation, now: datetime, zone: ZoneInfo) -> DueSteps:
    """Return the steps of a record: a day before its meeting and its review, and on the day of each."""
    if not record.is_open:
        return DueSteps([_over(subjects.remediation(record.number), record.closed_at or now)])
    return owed([*_meeting_steps(record, zone), *_review_steps(record, zone)], now)


def _meeting_steps(record: Remediation, zone: ZoneInfo) -> Iterator[ReminderStep]:
    if record.meeting_at:
        day = record.meeting_at.astimezone(zone).date()
        same_day = min(at_reminder_time(day, zone), record.meeting_at - EARLY_MEETING)
        for due_at in (at_reminder_time(day - DAY, zone), same_day):
            if due_at >= record.set_at["meeting_at"]:
                yield _to_leads(record, MEETING, due_at, record.meeting_at)


def _review_steps(record: Remediation, zone: ZoneInfo) -> Iterator[ReminderStep]:
    if record.review_on:
        review_at = at_reminder_time(record.review_on, zone)
        for due_at in (at_reminder_time(record.review_on - DAY, zone), review_at):
            if due_at >= record.set_at["review_on"]:
                yield _to_leads(record, REVIEW, due_at, review_at)


def _to_leads(record: Remediation, step: str, due_at: datetime, counted_from: datetime) -> ReminderStep:
    name = f"{step}{due_at:%Y%m%dT%H%M}@{counted_from:%Y%m%dT%H%M}"
    return ReminderStep(
        subjects.remediation(record.number), step, due_at, MessageKind.REMINDER, LEADS, alone=True,
        counted_from=counted_from, own_name=name,
    )  # fmt: skip


def find_action_steps(record: Remediation, action: RemediationAction, now: datetime, zone: ZoneInfo) -> DueSteps:
    """Return the steps of an action: once it is done, or its record closed, only that its messages say so."""
    subject = subjects.remediation_action(record.number, action.number)
    ended_at = action.done_at or record.closed_at
    if ended_at:
        return DueSteps([_over(subject, ended_at)])
    due_at = at_reminder_time(action.due, zone)
    early_at = (action.due_set_at + (due_at - action.due_set_at) * 2 / 3).replace(microsecond=0)
    steps = [_to_owner(subject, action, EARLY, early_at, due_at)] if due_at - action.due_set_at >= DAY else []
    if due_at >= action.due_set_at:
        steps.append(_to_owner(subject, action, DUE, due_at, due_at))
    return owed([*steps, *_overdue_steps(subject, action, now, zone)], now)


def _overdue_steps(subject: str, action: RemediationAction, now: datetime, zone: ZoneInfo) -> Iterator[ReminderStep]:
    """Yield the recent daily reminders and the next one."""
    today = now.astimezone(zone).date()
    first = max(1, (today - action.due).days - RECENT.days)
    last = max(1, (today - action.due).days + 1)
    due_at = at_reminder_time(action.due, zone)
    for days in range(first, last + 1):
        yield ReminderStep(
            subject, OVERDUE, at_reminder_time(action.due + days * DAY, zone), MessageKind.REMINDER, PERSON | LEADS,
            (action.owner,), n=days, counted_from=due_at,
        )  # fmt: skip


def _to_owner(
    subject: str, action: RemediationAction, step: str, due_at: datetime, counted_from: datetime
) -> ReminderStep:
    return ReminderStep(
        subject, step, due_at, MessageKind.REMINDER, PERSON, (action.owner,), counted_from=counted_from
    )  # fmt: skip


def _over(subject: str, at: datetime) -> ReminderStep:
    return ReminderStep(subject, OVER, at, MessageKind.REMINDER_REFRESH, counted_from=at)
