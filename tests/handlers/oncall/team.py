"""Instants by the clocks in Beijing and London, for tests of on-call conversations."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

BEIJING, LONDON = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/London")
LONG_AGO = datetime(2026, 11, 1, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def beijing(text: str) -> datetime:
    """An instant by the clock in Beijing: ``11-23 08:00``, ``2027-01-03 08:00``."""
    dated = text if text.count("-") > 1 else f"2026-{text}"
    return datetime.strptime(dated, "%Y-%m-%d %H:%M").replace(tzinfo=BEIJING).astimezone(UTC)


def seconds(text: str) -> int:
    """The same as a form's field gives it."""
    return int(beijing(text).timestamp())
