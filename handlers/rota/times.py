"""A time as somebody types it after a command: ``now``, ``3 am tomorrow``, ``Tue 8 Dec 02:30``, 明天 2点半."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from models.refusal import refuse

DAY = timedelta(days=1)
EARLY, NOON = 6, 12
"""Before ``EARLY`` a night goes on that began on the day before."""
_NOW = frozenset({"now", "right now", "现在", "此刻", "当前"})
_DAYS = {
    "yesterday": -1, "today": 0, "tomorrow": 1,
    "前天": -2, "昨天": -1, "今天": 0, "明天": 1, "后天": 2,
}  # fmt: skip
_NIGHTS = {"last night": -1, "tonight": 0, "tomorrow night": 1, "昨晚": -1, "今晚": 0, "明晚": 1}
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_MONTH = f"({'|'.join(_MONTHS)})[a-z]*"
_WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
_NUMERALS = {"两": 2, "十": 10, "十一": 11, "十二": 12} | {one: n for n, one in enumerate("零一二三四五六七八九")}
_HALF = "(上午|早上|凌晨|中午|下午|晚上)?"
_LATER = frozenset({"下午", "中午", "pm"})
_PARTS: Mapping[str, re.Pattern[str]] = {
    "date": re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?"),
    "night": re.compile("|".join(_NIGHTS)),
    "day": re.compile("|".join(_DAYS)),
    "english": re.compile(rf"(\d{{1,2}})(?:st|nd|rd|th)? {_MONTH}(?: (\d{{4}})\b)?"),
    "american": re.compile(rf"{_MONTH} (\d{{1,2}})(?:st|nd|rd|th)?\b(?:,? (\d{{4}})\b)?"),
    "chinese": re.compile(r"(\d{1,2}) ?月 ?(\d{1,2}) ?[日号]"),
    "weekday": re.compile(rf"({'|'.join(_WEEKDAYS)})[a-z]*\b|(?:周|星期)([一二三四五六日天])"),
    "colon": re.compile(_HALF + r" ?(\d{1,2}):(\d{2})(?::\d{2})? ?(am|pm|z|utc)?\b"),
    "hour": re.compile(r"(\d{1,2}) ?(am|pm)\b"),
    "clock": re.compile(_HALF + r" ?(\d{1,2}|十[一二]?|[零一二两三四五六七八九]) ?点钟?(?:(半)| ?(\d{1,2}) ?分?)?"),
}
"""What a time is put together from, in any order: one day (a weekday may stand beside it) and one hour."""
_BETWEEN = re.compile(r"\A(?:[ ,的]|(?:at|on)\b|t(?=\d))*")


def read(text: str, zone: ZoneInfo, now: datetime) -> datetime:
    """The instant somebody means by the clock on their wall; without a day, the next time the clock shows it, and
    without an hour the midnight with which a day begins, or in which a night has its middle.

    Raises Refused when it is no time we know.
    """
    left = " ".join(unicodedata.normalize("NFKC", text).lower().split()).removeprefix("at ")
    if left in _NOW:
        return now
    try:
        return _meant(_parts(left), zone, now)
    except (ValueError, OverflowError) as error:
        raise refuse("which_time") from error


def _parts(left: str) -> dict[str, re.Match[str]]:
    """All of a text, piece by piece. Raises Refused when something of it is none."""
    found: dict[str, re.Match[str]] = {}
    while left := _BETWEEN.sub("", left):
        piece = next(((name, it) for name, one in _PARTS.items() if (it := one.match(left))), None)
        if piece is None or piece[0] in found:
            raise refuse("which_time")
        found[piece[0]] = piece[1]
        left = left[piece[1].end() :]
    return found


def _meant(found: Mapping[str, re.Match[str]], zone: ZoneInfo, now: datetime) -> datetime:
    clocks = list(_clocks(found))
    in_utc = "colon" in found and found["colon"][4] in {"z", "utc"}
    local = now.astimezone(UTC if in_utc else zone)
    days = list(_days(found, now.astimezone(zone).date()))
    if len(clocks) > 1 or len(days) > 1 or not (clocks or days):
        raise refuse("which_time")
    night = "night" in found
    clock, late = clocks[0] if clocks else (time(0), night)
    hour = clock.hour
    if (night or late) and EARLY <= hour <= NOON:
        clock = clock.replace(hour=(hour + NOON) % 24)
    past_midnight = (night or late) and clock.hour < EARLY
    day = days[0] if days else local.date()
    if past_midnight and days:
        day += DAY
    at = datetime.combine(day, clock, local.tzinfo).astimezone(UTC)
    if night and past_midnight and days[0] == local.date() and at - DAY >= now:
        return at - DAY  # "tonight 02:30", said at 01:00
    return at if days or at >= now else at + DAY


def _days(found: Mapping[str, re.Match[str]], today: date) -> Iterator[date]:
    """The days that were named; a weekday beside another day says nothing new."""
    if one := found.get("date"):
        yield date(*(int(part) for part in one.groups()))
    for name, offsets in (("night", _NIGHTS), ("day", _DAYS)):
        if one := found.get(name):
            yield today + offsets[one[0]] * DAY
    if one := found.get("english"):
        yield _nearest(_MONTHS.index(one[2]) + 1, int(one[1]), one[3], today)
    if one := found.get("american"):
        yield _nearest(_MONTHS.index(one[1]) + 1, int(one[2]), one[3], today)
    if one := found.get("chinese"):
        yield _nearest(int(one[1]), int(one[2]), None, today)
    if (one := found.get("weekday")) and not found.keys() & {"date", "night", "day", "english", "american", "chinese"}:
        wanted = _WEEKDAYS.index(one[1]) if one[1] else min("一二三四五六日天".index(one[2]), 6)
        yield today + (wanted - today.weekday()) % 7 * DAY


def _nearest(month: int, day: int, year: str | None, today: date) -> date:
    """A date without a year is the nearest of its kind. Raises ValueError when there is none."""
    if year:
        return date(int(year), month, day)
    near = []
    for one in (today.year - 1, today.year, today.year + 1):
        try:
            near.append(date(one, month, day))
        except ValueError:  # 29 February
            continue
    return min(near, key=lambda one: abs(one - today))


def _clocks(found: Mapping[str, re.Match[str]]) -> Iterator[tuple[time, bool]]:
    """The hours that were named, and whether in the evening."""
    if one := found.get("colon"):
        yield time(_hour(int(one[2]), one[4] or one[1] or ""), int(one[3])), one[1] == "晚上"
    if one := found.get("hour"):
        yield time(_hour(int(one[1]), one[2])), False
    if one := found.get("clock"):
        hour = _NUMERALS[one[2]] if one[2] in _NUMERALS else int(one[2])
        yield time(_hour(hour, one[1] or ""), 30 if one[3] else int(one[4] or 0)), one[1] == "晚上"


def _hour(hour: int, half: str) -> int:
    if half in {"am", "pm"} and not 1 <= hour <= NOON:
        raise ValueError(hour)
    if half == "am" and hour == NOON:
        return 0
    return hour + NOON if half in _LATER and hour < NOON else hour
