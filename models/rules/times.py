"""Limits and helpers for instants. Instants are aware and in UTC; local time exists only where a person reads it."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

SECOND = timedelta(seconds=1)
FIRST_YEAR, LAST_YEAR = 2000, 2100
"""Years a date may have. Others are typing slips, and near the end of the calendar no duration can be added."""
REST_OF_SECOND = SECOND - timedelta(microseconds=1)
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
"""Before everything that is recorded."""
ENDLESS = datetime(2100, 1, 1, tzinfo=UTC)
"""The end of what has no known end: no rota is planned beyond."""
FIRST_PART = timedelta(hours=12)
"""How much of an endless gap or shift one person takes at first."""


def parse_utc(text: str) -> datetime:
    """Return an ISO 8601 instant, as stored in JSON, in UTC.

    Raises ValueError when it is malformed or has no offset.
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text} has no UTC offset")
    return moment.astimezone(UTC)


def find_zone(name: str) -> ZoneInfo | None:
    """Return an IANA time zone by its name; None when this machine knows no such zone."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def first_part_end(start: datetime, end: datetime) -> datetime:
    """Return the end of the part one person takes of a time: all of it, or the first part when it has no end."""
    return end if end < ENDLESS else start + FIRST_PART


def truncate_to_second(at: datetime) -> datetime:
    """Return the start of the second in which an instant lies. On-call times have no fractions of a second."""
    return at.replace(microsecond=0)
