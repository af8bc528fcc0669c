"""Days typed into a filter: 2026-11-01, 2026-11, 2026年11月1日, 11月1日, today, 昨天, 7d."""

import re
import unicodedata
from calendar import monthrange
from datetime import date, timedelta

from models.rules.times import FIRST_YEAR, LAST_YEAR

_NAMED = {"today": 0, "今天": 0, "今日": 0, "yesterday": 1, "昨天": 1, "昨日": 1, "前天": 2}
"""How many days ago it was."""
_UNITS = {"d": 1, "day": 1, "days": 1, "天": 1, "日": 1, "w": 7, "week": 7, "weeks": 7, "周": 7, "星期": 7}
_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
_MONTH = re.compile(r"(\d{4})[-/.年](\d{1,2})月?")
_DAY_OF_YEAR = re.compile(r"(\d{1,2})月(\d{1,2})[日号]")
_AGO = re.compile(rf"(\d{{1,3}}) ?({'|'.join(sorted(_UNITS, key=len, reverse=True))})(?: ?ago|前)?")


def parse_days(text: str, today: date) -> tuple[date, date] | None:
    """Return the first and the last day of what was typed; None when it is no day or no month."""
    folded = unicodedata.normalize("NFKC", text).strip().lower()
    try:
        first, last = _read(folded, today)
    except (ValueError, OverflowError):
        return None
    return (first, last) if first.year >= FIRST_YEAR and last.year < LAST_YEAR else None


def _read(folded: str, today: date) -> tuple[date, date]:
    """Return the first and the last day. Raises ValueError."""
    if folded in _NAMED:
        day = today - timedelta(days=_NAMED[folded])
    elif match := _AGO.fullmatch(folded):
        day = today - timedelta(days=int(match[1]) * _UNITS[match[2]])
    elif match := _DAY.fullmatch(folded):
        day = date(int(match[1]), int(match[2]), int(match[3]))
    elif match := _DAY_OF_YEAR.fullmatch(folded):
        day = _last_such_day(int(match[1]), int(match[2]), today)
    elif match := _MONTH.fullmatch(folded):
        year, month = int(match[1]), int(match[2])
        first = date(year, month, 1)
        return first, date(year, month, monthrange(year, month)[1])
    else:
        raise ValueError(folded)
    return day, day


def _last_such_day(month: int, day: int, today: date) -> date:
    """Return the last day of this month and number that is not in the future. Raises ValueError."""
    this_year = date(today.year, month, day)
    return this_year if this_year <= today else date(today.year - 1, month, day)
