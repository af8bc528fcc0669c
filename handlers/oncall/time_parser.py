"""Parse a time typed after a command: ``now``, ``in 2 hours``, ``0230``, ``Tue 8 Dec 02:30``, 下周一 9点."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from handlers.payloads import in_calendar
from models.rules.errors import refuse

DAY = timedelta(days=1)
EARLY, NOON = 6, 12
"""Hours of the day. Before ``EARLY``, the night that began the day before goes on."""
_NOW = frozenset({"now", "right now", "现在", "此刻", "当前"})
_DAYS = {
    "yesterday": -1, "today": 0, "tomorrow": 1,
    "前天": -2, "昨天": -1, "今天": 0, "明天": 1, "后天": 2, "今早": 0, "明早": 1,
}  # fmt: skip
_NIGHTS = {"last night": -1, "tonight": 0, "tomorrow night": 1, "昨晚": -1, "今晚": 0, "明晚": 1}
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_MONTH = f"({'|'.join(_MONTHS)})[a-z]*"
_WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
_DIGITS = "零一二三四五六七八九"
_NUMERALS = {"两": 2} | {digit: n for n, digit in enumerate(_DIGITS)}
_NUMERALS |= {f"{'' if n < 20 else _DIGITS[n // 10]}十{_DIGITS[n % 10] if n % 10 else ''}": n for n in range(10, 60)}
_NUMERAL = "|".join(sorted(_NUMERALS, key=len, reverse=True))
_HALF = "(上午|早上|早晨|凌晨|中午|下午|傍晚|晚上)?"
_LATER = frozenset({"下午", "中午", "傍晚", "pm"})
_QUARTERS = {"半": 30, "一刻": 15, "三刻": 45}
_WEEKS = {"last ": -1, "this ": 0, "next ": 1, "上": -1, "这": 0, "本": 0, "下": 1, "下下": 2}
_UNITS = {
    "m": timedelta(minutes=1), "h": timedelta(hours=1), "d": DAY, "w": 7 * DAY,
    "分": timedelta(minutes=1), "小": timedelta(hours=1), "钟": timedelta(hours=1), "天": DAY, "周": 7 * DAY,
    "星": 7 * DAY,
}  # fmt: skip
"""A length of time by the first letter of its unit."""
_ENGLISH_LENGTH = (
    r"(?P<many>\d{1,4}(?:\.\d)?|half an|an?|one|two|three) ?"
    r"(?P<unit>minutes?|mins?|m|hours?|hrs?|h|days?|d|weeks?|w)\b"
)
_WRITTEN = {"half an": 0.5, "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "半": 0.5} | _NUMERALS
_FROM_NOW = (
    re.compile(rf"in {_ENGLISH_LENGTH}"),
    re.compile(rf"{_ENGLISH_LENGTH} (?:from now|later|(?P<back>ago))"),
    re.compile(
        rf"(?P<many>\d{{1,4}}(?:\.\d)?|半|{_NUMERAL}) ?个?(?P<more>半)?(?P<unit>分钟?|小时|钟头|天|周|星期)"
        "(?:之|以)?(?:后|(?P<back>前))"
    ),
)
"""A length of time from now on, or back from now: ``in 2 hours``, 两小时后, 半小时前."""
_BARE_YEAR = re.compile(r"20\d{2}")
_PARTS: Mapping[str, re.Pattern[str]] = {
    "date": re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?"),
    "night": re.compile("|".join(_NIGHTS)),
    "day": re.compile("|".join(_DAYS)),
    "english": re.compile(rf"(\d{{1,2}})(?:st|nd|rd|th)? {_MONTH}(?: (\d{{4}})\b)?"),
    "american": re.compile(rf"{_MONTH} (\d{{1,2}})(?:st|nd|rd|th)?\b(?:,? (\d{{4}})\b)?"),
    "chinese": re.compile(r"(\d{1,2}) ?月 ?(\d{1,2}) ?[日号]"),
    "weekday": re.compile(
        rf"(last |this |next )?({'|'.join(_WEEKDAYS)})[a-z]*\b"
        "|(上|这|本|下下|下)?个?(?:周|星期|礼拜)([一二三四五六日天])"
    ),
    "colon": re.compile(_HALF + r" ?(\d{1,2}):(\d{2})(?::\d{2})? ?(am|pm|z|utc)?\b"),
    "hour": re.compile(r"(\d{1,2}) ?(am|pm)\b"),
    "clock": re.compile(
        _HALF + rf" ?(\d{{1,2}}|{_NUMERAL}) ?[点时]钟?(?:({'|'.join(_QUARTERS)})| ?(\d{{1,2}}|{_NUMERAL}) ?分?)?"
    ),
    "digits": re.compile(r"([01]\d|2[0-3])([0-5]\d)(?!\d)"),
    "word": re.compile(r"(noon|midday)\b|中午|正午"),
}
"""What a time is put together from, in any order: one day (a weekday may stand beside it) and one hour."""
_BETWEEN = re.compile(r"\A(?:[ ,的]|(?:at|on)\b|t(?=\d))*")


def read(text: str, zone: ZoneInfo, now: datetime) -> datetime:
    """Return the instant of a typed time. Raises Refused when it can't be read.

    Without a day it is the next time the clock shows it. Without an hour it is the midnight that begins the day, or
    the midnight within a night.
    """
    text_ = " ".join(unicodedata.normalize("NFKC", text).lower().split()).removeprefix("at ")
    if text_ in _NOW:
        return now
    try:
        return in_calendar(_from_now(text_, now) or _meant(_parts(text_), zone, now))
    except OverflowError as error:
        raise refuse("beyond_the_calendar") from error
    except ValueError as error:
        raise refuse("which_time") from error


def _from_now(text: str, now: datetime) -> datetime | None:
    """Return the instant of a time relative to now; None when the text has no length of time."""
    match = next((candidate for pattern in _FROM_NOW if (candidate := pattern.fullmatch(text))), None)
    if match is None:
        return None
    groups = match.groupdict()
    many = _WRITTEN[groups["many"]] if groups["many"] in _WRITTEN else float(groups["many"])
    length = (many + (0.5 if groups.get("more") else 0)) * _UNITS[groups["unit"][0]]
    return now - length if groups.get("back") else now + length


def _parts(rest: str) -> dict[str, re.Match[str]]:
    """Split the text into its parts. Raises Refused when some of it can't be read."""
    parts: dict[str, re.Match[str]] = {}
    if _BARE_YEAR.fullmatch(rest):  # a year as likely as 20:26
        raise refuse("which_time")
    while rest := _BETWEEN.sub("", rest):
        piece = next(((name, match) for name, pattern in _PARTS.items() if (match := pattern.match(rest))), None)
        if piece is None or piece[0] in parts:
            raise refuse("which_time")
        parts[piece[0]] = piece[1]
        rest = rest[piece[1].end() :]
    return parts


def _meant(parts: Mapping[str, re.Match[str]], zone: ZoneInfo, now: datetime) -> datetime:
    clocks = list(_clocks(parts))
    in_utc = "colon" in parts and parts["colon"][4] in {"z", "utc"}
    local = now.astimezone(UTC if in_utc else zone)
    days = list(_days(parts, now.astimezone(zone).date()))
    if len(clocks) > 1 or len(days) > 1 or not (clocks or days):
        raise refuse("which_time")
    night = "night" in parts
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


def _days(parts: Mapping[str, re.Match[str]], today: date) -> Iterator[date]:
    """Yield the days that were named. A weekday next to another day adds nothing."""
    if match := parts.get("date"):
        yield date(*(int(part) for part in match.groups()))
    for name, offsets in (("night", _NIGHTS), ("day", _DAYS)):
        if match := parts.get(name):
            yield today + offsets[match[0]] * DAY
    if match := parts.get("english"):
        yield _nearest(_MONTHS.index(match[2]) + 1, int(match[1]), match[3], today)
    if match := parts.get("american"):
        yield _nearest(_MONTHS.index(match[1]) + 1, int(match[2]), match[3], today)
    if match := parts.get("chinese"):
        yield _nearest(int(match[1]), int(match[2]), None, today)
    if (match := parts.get("weekday")) and not parts.keys() & {
        "date",
        "night",
        "day",
        "english",
        "american",
        "chinese",
    }:
        wanted = _WEEKDAYS.index(match[2]) if match[2] else min("一二三四五六日天".index(match[4]), 6)
        ahead = wanted - today.weekday()
        week = match[1] or match[3]
        yield today + (ahead + 7 * _WEEKS[week] if week else ahead % 7) * DAY


def _nearest(month: int, day: int, year: str | None, today: date) -> date:
    """Return the nearest date for a day without a year. Raises ValueError when there is none."""
    if year:
        return date(int(year), month, day)
    near = []
    for near_year in (today.year - 1, today.year, today.year + 1):
        try:
            near.append(date(near_year, month, day))
        except ValueError:  # 29 February
            continue
    return min(near, key=lambda near_year: abs(near_year - today))


def _clocks(parts: Mapping[str, re.Match[str]]) -> Iterator[tuple[time, bool]]:
    """Yield the times of day that were named, and whether they are in the evening."""
    if match := parts.get("colon"):
        yield time(_hour(int(match[2]), match[4] or match[1] or ""), int(match[3])), match[1] == "晚上"
    if match := parts.get("hour"):
        yield time(_hour(int(match[1]), match[2])), False
    if match := parts.get("clock"):
        minute = _QUARTERS[match[3]] if match[3] else _number(match[4] or "0")
        yield time(_hour(_number(match[2]), match[1] or ""), minute), match[1] == "晚上"
    if match := parts.get("digits"):
        yield time(int(match[1]), int(match[2])), False
    if "word" in parts:
        yield time(NOON), False


def _number(written: str) -> int:
    return _NUMERALS[written] if written in _NUMERALS else int(written)


def _hour(hour: int, half: str) -> int:
    if half in {"am", "pm"} and not 1 <= hour <= NOON:
        raise ValueError(hour)
    if half == "am" and hour == NOON:
        return 0
    return hour + NOON if half in _LATER and hour < NOON else hour
