"""A holiday week: reviewed long before, and again while people can still plan.

After the last review each of its gaps has reminders of its own.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from models.rules.outbox.message_kinds import MessageKind
from models.rules.outbox.reminder_details import Audience
from models.rules.reminders.digest import at_reminder_time
from models.rules.reminders.step import DueSteps, ReminderStep, owed

A = Audience
DAYS_BEFORE = (60, 45, 30, 21)
"""How many days before its first day it is reviewed; after the first time only while coverage is missing."""
LEADS_WITHIN = 30  # days before; from here on the leads are called too
TOO_NEAR = 14
"""Days before from which each gap has a card of its own: no review begins any more."""
BEGUN = "begun"
"""The step of the first day: the cards are redrawn to say that the week has begun."""


@dataclass(frozen=True)
class WeekFacts:
    """What the steps of a holiday week depend on."""

    subject: str
    starts: date  # its first day
    since: datetime  # UTC; when there was a rota first
    changed_at: datetime  # UTC; when something that its card shows last changed


def find_steps(week: WeekFacts, now: datetime, zone: ZoneInfo) -> DueSteps:
    """Return the steps of a week that are due by now; once it has begun, only that its cards say so."""
    first = max(_at(week.starts, DAYS_BEFORE[0], zone), week.since)
    if first >= _at(week.starts, TOO_NEAR, zone):
        return DueSteps()
    begins = datetime.combine(week.starts, time(0), zone).astimezone(UTC)
    begun = ReminderStep(week.subject, BEGUN, begins, MessageKind.REMINDER_REFRESH, alone=True)
    if now >= begins:
        return DueSteps([begun])
    later = [(days, _at(week.starts, days, zone)) for days in DAYS_BEFORE[1:]]
    steps = [_step(week, DAYS_BEFORE[0], first), *(_step(week, days, at) for days, at in later if at > first)]
    shown = max((step.due_at for step in steps if step.due_at <= now), default=None)
    if shown and week.changed_at > shown:
        name = f"drawn@{week.changed_at:%Y%m%dT%H%M%S%f}"
        steps.append(
            ReminderStep(
                week.subject, "drawn", week.changed_at, MessageKind.HOLIDAY_REVIEW_REFRESH, alone=True, own_name=name
            )
        )
    return owed([*steps, begun], now)


def _step(week: WeekFacts, days: int, due_at: datetime) -> ReminderStep:
    to = {A.CHANNEL, A.LEADS} if days <= LEADS_WITHIN else {A.CHANNEL}
    return ReminderStep(week.subject, f"{days}d", due_at, MessageKind.HOLIDAY_REVIEW, frozenset(to))


def _at(starts: date, days: int, zone: ZoneInfo) -> datetime:
    return at_reminder_time(starts - timedelta(days=days), zone)
