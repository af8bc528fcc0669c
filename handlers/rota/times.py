"""A time as somebody types it after a command: ``02:30``, ``tomorrow 02:30``, ``2026-12-01 02:30``, 明天 2点半."""

import re
import unicodedata
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from models.refusal import refuse

_DAYS = {
    "yesterday": -1, "today": 0, "tomorrow": 1, "tonight": 0,
    "昨天": -1, "今天": 0, "今晚": 0, "明天": 1, "明晚": 1, "后天": 2,
}  # fmt: skip
_DAY = re.compile("|".join(_DAYS))
_DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?t?")
_COLON = re.compile(r"(\d{1,2}):(\d{2})(?::\d{2})?\s*(am|pm|z|utc)?")
_CHINESE = re.compile(r"(上午|下午|晚上|凌晨)?\s*(\d{1,2})点(?:(半)|(\d{1,2})分?)?")
_LATER = frozenset({"下午", "晚上", "pm"})


def read(text: str, zone: ZoneInfo, now: datetime) -> datetime:
    """The instant somebody means by the clock on their wall; without a day, the next time the clock shows it.

    Raises Refused when it is no time we know.
    """
    left = unicodedata.normalize("NFKC", text).strip().lower().removeprefix("at ").strip()
    try:
        day, left = _day(left, now.astimezone(zone).date())
        clock, in_utc, left = _clock(left)
        if left.strip() or (day is None and clock is None):
            raise refuse("which_time")
        local = now.astimezone(UTC if in_utc else zone)
        at = datetime.combine(day or local.date(), clock or time(0), local.tzinfo).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise refuse("which_time") from error
    return at if day or at >= now else at + timedelta(days=1)


def _day(text: str, today: date) -> tuple[date | None, str]:
    if found := _DATE.match(text):
        return date(*(int(part) for part in found.groups())), text[found.end() :]
    if found := _DAY.match(text):
        return today + timedelta(days=_DAYS[found[0]]), text[found.end() :]
    return None, text


def _clock(text: str) -> tuple[time | None, bool, str]:
    text = text.strip()
    if found := _COLON.match(text):
        return time(_hour(int(found[1]), found[3] or ""), int(found[2])), found[3] in {"z", "utc"}, text[found.end() :]
    if found := _CHINESE.match(text):
        minutes = 30 if found[3] else int(found[4] or 0)
        return time(_hour(int(found[2]), found[1] or ""), minutes), False, text[found.end() :]
    return None, False, text


def _hour(hour: int, half: str) -> int:
    if half == "am" and hour == 12:
        return 0
    return hour + 12 if half in _LATER and hour < 12 else hour
