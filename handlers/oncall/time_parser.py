"""A time as somebody types it after a command: ``now``, ``in 2 hours``, ``0230``, ``Tue 8 Dec 02:30``, 下周一 9点."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from handlers.payloads import in_calendar
from models.rules.errors import refuse

DAY = timedelta(days=1)
EARLY, NOON = 6, 12
"""Before ``EARLY`` a night goes on that began on the day before."""
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
_NUMERALS = {"两": 2} | {one: n for n, one in enumerate(_DIGITS)}
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
    """The instant somebody means by the clock on their wall; without a day, the next time the clock shows it, and
    without an hour the midnight with which a day begins, or in which a night has its middle.

    Raises Refused when it is no time we know.
    """
    left = " ".join(unicodedata.normalize("NFKC", text).lower().split()).removeprefix("at ")
    if left in _NOW:
        return now
    try:
        return in_calendar(_from_now(left, now) or _meant(_parts(left), zone, now))
    except OverflowError as error:
        raise refuse("beyond_the_calendar") from error
    except ValueError as error:
        raise refuse("which_time") from error


def _from_now(text: str, now: datetime) -> datetime | None:
    """The instant so far from now; None when the text says no length of time."""
    found = next((it for one in _FROM_NOW if (it := one.fullmatch(text))), None)
    if found is None:
        return None
    said = found.groupdict()
    many = _WRITTEN[said["many"]] if said["many"] in _WRITTEN else float(said["many"])
    length = (many + (0.5 if said.get("more") else 0)) * _UNITS[said["unit"][0]]
    return now - length if said.get("back") else now + length


def _parts(left: str) -> dict[str, re.Match[str]]:
    """All of a text, piece by piece. Raises Refused when something of it is none."""
    found: dict[str, re.Match[str]] = {}
    if _BARE_YEAR.fullmatch(left):  # a year as likely as 20:26
        raise refuse("which_time")
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
        wanted = _WEEKDAYS.index(one[2]) if one[2] else min("一二三四五六日天".index(one[4]), 6)
        ahead = wanted - today.weekday()
        week = one[1] or one[3]
        yield today + (ahead + 7 * _WEEKS[week] if week else ahead % 7) * DAY


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
        minute = _QUARTERS[one[3]] if one[3] else _number(one[4] or "0")
        yield time(_hour(_number(one[2]), one[1] or ""), minute), one[1] == "晚上"
    if one := found.get("digits"):
        yield time(int(one[1]), int(one[2])), False
    if "word" in found:
        yield time(NOON), False


def _number(written: str) -> int:
    return _NUMERALS[written] if written in _NUMERALS else int(written)


def _hour(hour: int, half: str) -> int:
    if half in {"am", "pm"} and not 1 <= hour <= NOON:
        raise ValueError(hour)
    if half == "am" and hour == NOON:
        return 0
    return hour + NOON if half in _LATER and hour < NOON else hour
