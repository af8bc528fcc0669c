"""What comes at its time of the day: what is open, the picture of the weeks ahead. The time is the installation's."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from models.delivery import What
from models.nags import subjects
from models.nags.step import Audience, Owed, Step

AT = time(9)
MONDAY = 0


def daily(since: datetime, now: datetime, zone: ZoneInfo) -> Owed:
    """The digests from ``since`` to ``now``, one a day, and when the next one is."""
    return _owed(subjects.DIGEST, What.DIGEST, since, now, zone, None)


def weekly(since: datetime, now: datetime, zone: ZoneInfo) -> Owed:
    """The pictures from ``since`` to ``now``, one on each Monday, and when the next one is."""
    return _owed(subjects.PICTURE, What.PICTURE, since, now, zone, MONDAY)


def _owed(subject: str, what: What, since: datetime, now: datetime, zone: ZoneInfo, weekday: int | None) -> Owed:
    days = (since.astimezone(zone).date() + timedelta(days=n) for n in range((now - since).days + 9))
    times = [(day, _at(day, zone)) for day in days if weekday is None or day.weekday() == weekday]
    to = frozenset({Audience.DIGEST})
    due = [Step(subject, day.isoformat(), at, what, to) for day, at in times if since <= at <= now]
    return Owed(due, min(at for _, at in times if at > now))


def _at(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, AT, zone).astimezone(UTC)
