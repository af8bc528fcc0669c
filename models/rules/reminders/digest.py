"""Messages at a fixed time of the day: open escalations, the week ahead, the picture of the rota.

The time is that of the installation's zone.
"""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from models.rules.escalations.desk_hours import IsWorkday
from models.rules.outbox.message_kinds import MessageKind
from models.rules.outbox.reminder_details import Audience
from models.rules.reminders import subjects
from models.rules.reminders.step import DueSteps, ReminderStep

REMINDER_TIME = time(9)
"""When reminders of a day are sent, in the installation's zone."""
MONDAY, FRIDAY = 0, 4  # as date.weekday() counts
DAY = "day"
"""The step of a day; its name is the date."""


def daily(since: datetime, now: datetime, zone: ZoneInfo) -> DueSteps:
    """Return the digests from ``since`` to ``now``, one a day, and when the next one is."""
    return _find_due(subjects.DIGEST, MessageKind.DIGEST, since, now, zone, None)


def weekly(since: datetime, now: datetime, zone: ZoneInfo) -> DueSteps:
    """Return the pictures from ``since`` to ``now``, one on each Monday, and when the next one is."""
    return _find_due(subjects.PICTURE, MessageKind.PICTURE, since, now, zone, MONDAY)


def week_ahead(since: datetime, now: datetime, zone: ZoneInfo) -> DueSteps:
    """Return the lists of the week ahead from ``since`` to ``now``, one on each Friday, and when the next one is."""
    return _find_due(subjects.WEEK, MessageKind.WEEK, since, now, zone, FRIDAY)


def week_after(due_at: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return the week that a step of :func:`week_ahead` is about: from the Monday after it to the next, in UTC."""
    monday = due_at.astimezone(zone).date() + timedelta(days=7 - FRIDAY)
    start, end = (datetime.combine(day, time(), zone) for day in (monday, monday + timedelta(days=7)))
    return start.astimezone(UTC), end.astimezone(UTC)


def names_unread_pages(due_at: datetime, zone: ZoneInfo) -> bool:
    """Return whether the digest of this instant also names 21Vianet's pages that must be read again: on Mondays."""
    return due_at.astimezone(zone).weekday() == MONDAY


def names_reports(due_at: datetime, zone: ZoneInfo, is_workday: IsWorkday) -> bool:
    """Return whether the digest of this instant names the reports of last month: on the first workday of a month."""
    today = due_at.astimezone(zone).date()
    earlier = (today.replace(day=number) for number in range(1, today.day))
    return is_workday(today) and not any(map(is_workday, earlier))


def _find_due(
    subject: str, what: MessageKind, since: datetime, now: datetime, zone: ZoneInfo, weekday: int | None
) -> DueSteps:
    days = (since.astimezone(zone).date() + timedelta(days=n) for n in range((now - since).days + 9))
    times = [(day, at_reminder_time(day, zone)) for day in days if weekday is None or day.weekday() == weekday]
    to = frozenset({Audience.DIGEST})
    due = [
        ReminderStep(subject, DAY, at, what, to, own_name=day.isoformat()) for day, at in times if since <= at <= now
    ]
    return DueSteps(due, min(at for _, at in times if at > now))


def at_reminder_time(day: date, zone: ZoneInfo) -> datetime:
    """Return when reminders of a day are sent, UTC."""
    return datetime.combine(day, REMINDER_TIME, zone).astimezone(UTC)
