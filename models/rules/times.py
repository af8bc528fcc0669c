"""Instants are aware and in UTC everywhere below the edges; local time exists only where a person reads it."""

from datetime import UTC, datetime, timedelta

SECOND = timedelta(seconds=1)
FIRST_YEAR, LAST_YEAR = 2000, 2100
"""Dates beyond are typing slips, and near the end of the calendar no length of time can be added to them."""
REST_OF_SECOND = SECOND - timedelta(microseconds=1)
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
"""Before anything this program knows of."""
ENDLESS = datetime(2100, 1, 1, tzinfo=UTC)
"""Where something ends of which no end is known: no rota is planned beyond."""
FIRST_PART = timedelta(hours=12)
"""So much of what has no end somebody takes at first."""


def parse_utc(text: str) -> datetime:
    """An ISO 8601 instant as stored in JSON, in UTC. Raises ValueError when it is malformed or has no offset."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text} has no UTC offset")
    return moment.astimezone(UTC)


def first_part_end(start: datetime, end: datetime) -> datetime:
    """Until when somebody takes what goes on from ``start`` to ``end``: all of it, or a part where it has no end."""
    return end if end < ENDLESS else start + FIRST_PART


def truncate_to_second(at: datetime) -> datetime:
    """The beginning of the second in which an instant lies: times of duty know no fractions."""
    return at.replace(microsecond=0)
