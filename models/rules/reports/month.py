"""The calendar month of a report, in the installation's zone."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from models.rules.errors import refuse
from models.rules.times import FIRST_YEAR, LAST_YEAR

_MONTH = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*月?")
_LAST_MONTH = re.compile(rf"(|.*[^\d])({_MONTH.pattern})", re.DOTALL)


@dataclass(frozen=True, order=True)
class ReportMonth:
    """One calendar month."""

    year: int
    month: int  # from 1

    def __str__(self) -> str:
        return f"{self.year}-{self.month:02}"

    @property
    def first_day(self) -> date:
        """Its first day."""
        return date(self.year, self.month, 1)

    @property
    def last_day(self) -> date:
        """Its last day."""
        return self.following.first_day - timedelta(days=1)

    @property
    def following(self) -> "ReportMonth":
        """The month after it."""
        return ReportMonth(self.year + self.month // 12, self.month % 12 + 1)

    @property
    def previous(self) -> "ReportMonth":
        """The month before it."""
        return find_month(self.first_day - timedelta(days=1))


@dataclass(frozen=True)
class ReportPeriod:
    """What a report counts: a month, up to now while it lasts. Instants are in UTC; ``end`` is not in it."""

    month: ReportMonth
    zone: ZoneInfo
    now: datetime

    @cached_property
    def start(self) -> datetime:
        """When the month begins."""
        return _midnight(self.month.first_day, self.zone)

    @cached_property
    def end(self) -> datetime:
        """When the month ends, or now while it lasts."""
        return min(_midnight(self.month.following.first_day, self.zone), max(self.now, self.start))

    @property
    def is_over(self) -> bool:
        """Whether the whole month is in it."""
        return self.now >= _midnight(self.month.following.first_day, self.zone)

    def has(self, at: datetime | None) -> bool:
        """Return whether an instant is in it."""
        return at is not None and self.start <= at < self.end


def find_month(day: date) -> ReportMonth:
    """Return the month of a day."""
    return ReportMonth(day.year, day.month)


def read_month(typed: str, today: date) -> ReportMonth:
    """Return the month that was typed, as 2026-10 or 2026年10月; the last whole month when nothing was.

    Raises Refused when it is no month, or when it has not begun.
    """
    if not typed.strip():
        return find_month(today).previous
    match = _MONTH.fullmatch(typed.strip())
    year, month = (int(match[1]), int(match[2])) if match else (0, 0)
    if not (FIRST_YEAR <= year < LAST_YEAR and 1 <= month <= 12):
        raise refuse("not_a_month", typed=typed.strip()[:40])
    if date(year, month, 1) > today:
        raise refuse("month_ahead", typed=str(ReportMonth(year, month)))
    return ReportMonth(year, month)


def split_month(typed: str) -> tuple[str, str]:
    """Return what was typed without the month at its end, and that month; empty when there is none."""
    match = _LAST_MONTH.fullmatch(typed.strip())
    return (match[1].strip(), match[2]) if match else (typed.strip(), "")


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)
