"""Days and times as text for private answers: the reader is known, and so is their time zone."""

from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import cache
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date

from handlers.i18n.words import Words
from models.rules.times import ENDLESS

ENGLISH, CHINESE = "en_GB", "zh_CN"
BEIJING, _BEIJING_TIME = "Asia/Shanghai", "北京时间"
MIDNIGHT = "00:00"
LONG = timedelta(days=180)
"""Without years nobody knows when so much time begins and ends."""


@cache
def locale(name: str) -> Locale:
    """Return how a language writes dates. Cached: looking it up by name at each date is slow."""
    return Locale.parse(name)


def prepare() -> None:
    """Load how both languages write dates, so that no request waits for it."""
    day(date.min, Words.of(CHINESE))


def _dated(local_date: date, pattern: str, language: str) -> str:
    return str(format_date(local_date, pattern, locale(language)))


def _weekday(local_date: date) -> str:
    return f"{_dated(local_date, 'EEE', CHINESE)} {_dated(local_date, 'EEE', ENGLISH)}"


def day(local_date: date, words: Words) -> str:
    """Format “Mon 3 Nov”, “11月3日 周一”; in both languages “11-03 周一 Mon”."""
    if words.is_both:
        return f"{local_date:%m-%d} {_weekday(local_date)}"
    english, chinese = _dated(local_date, "EEE d MMM", ENGLISH), _dated(local_date, "M月d日 EEE", CHINESE)
    return words.pick(english, chinese)


def full_day(local_date: date, words: Words) -> str:
    """Format “Mon 3 Nov 2026”, “2026年11月3日 周一”; in both languages “2026-11-03 周一 Mon”."""
    if words.is_both:
        return f"{local_date.isoformat()} {_weekday(local_date)}"
    english, chinese = _dated(local_date, "EEE d MMM y", ENGLISH), _dated(local_date, "y年M月d日 EEE", CHINESE)
    return words.pick(english, chinese)


def clock(at: datetime, zone: ZoneInfo) -> str:
    """Format “08:30”."""
    return f"{at.astimezone(zone):%H:%M}"


def clock_of_minutes(minutes: int) -> str:
    """Format minutes after midnight: “08:30”, and “24:00” for the end of a day."""
    return f"{minutes // 60:02}:{minutes % 60:02}"


def numeric_moment(at: datetime, zone: tzinfo) -> str:
    """Format “2026-11-03 08:30”, for tables, files and the terminal."""
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M}"


def moment(at: datetime, zone: ZoneInfo, words: Words) -> str:
    """Format “Mon 3 Nov 08:30”, “11月3日 周一 08:30”."""
    return f"{day(at.astimezone(zone).date(), words)} {clock(at, zone)}"


def moment_in_sentence(at: datetime, zone: ZoneInfo, words: Words) -> str:
    """Format “08:30 on Mon 3 Nov”, “11月3日 周一 08:30”."""
    if words.is_chinese:
        return moment(at, zone, words)
    return f"{clock(at, zone)} on {day(at.astimezone(zone).date(), words)}"


def hours(start: datetime, end: datetime, zone: ZoneInfo) -> str:
    """Format “20:00–08:00”, for a reader who knows the day on which it begins.

    Midnight is 00:00, as in moments. Only a whole day is “00:00–24:00”.
    """
    starts, ends = clock(start, zone), clock(end, zone)
    return f"{starts}–{'24:00' if starts == ends == MIDNIGHT else ends}"


def interval(start: datetime, end: datetime, zone: ZoneInfo, words: Words) -> str:
    """Format “Mon 3 Nov 20:00–08:00”.

    More than a day names both days: “Mon 3 Nov 20:00 – Thu 6 Nov 08:00”. More than half a year names the years too.
    Without an end only the start: “Mon 3 Nov 20:00 and on”.
    """
    if end >= ENDLESS:
        return words("{start} and on", start=moment(start, zone, words))
    if end - start > LONG:
        first, last = (full_day(at.astimezone(zone).date(), words) for at in (start, end))
        return f"{first} {clock(start, zone)} – {last} {clock(end, zone)}"
    begins = day(start.astimezone(zone).date(), words)
    whole_day = end - start == timedelta(days=1) and clock(end, zone) == MIDNIGHT
    if end - start < timedelta(days=1) or whole_day:
        return f"{begins} {hours(start, end, zone)}"
    return f"{begins} {clock(start, zone)} – {moment(end, zone, words)}"


def zone_name(at: datetime, zone: ZoneInfo, words: Words) -> str:
    """Name a zone with its offset at an instant: “Asia/Shanghai (UTC+8)”, for a Chinese reader “北京时间”."""
    minutes = round((at.astimezone(zone).utcoffset() or timedelta()).total_seconds() / 60)
    sign, (whole, rest) = "+" if minutes >= 0 else "−", divmod(abs(minutes), 60)
    offset = f"UTC{sign}{whole}{f':{rest:02}' if rest else ''}"
    chinese = _BEIJING_TIME if zone.key == BEIJING else f"{zone.key}（{offset}）"
    return words.pick(f"{zone.key} ({offset})", chinese)


def short_zone_name(zone: ZoneInfo, words: Words) -> str:
    """Name a zone without its offset: “Europe/Berlin”, for a Chinese reader “北京时间”."""
    return words.pick(zone.key, _BEIJING_TIME if zone.key == BEIJING else zone.key)


def name_zone(times: str, zone: ZoneInfo, words: Words) -> str:
    """Return times with their zone: “Sun 22 Nov 15:30 Asia/Shanghai”, “北京时间 11月22日 周日 15:30”."""
    named = short_zone_name(zone, words)
    return words.pick(f"{times} {named}", f"{named} {times}")


def moment_with_zone(at: datetime, zone: ZoneInfo, words: Words) -> str:
    """Format “15:30 Asia/Shanghai on Sun 22 Nov”, “北京时间 11月22日 周日 15:30”."""
    english = f"{clock(at, zone)} {short_zone_name(zone, words)} on {day(at.astimezone(zone).date(), words)}"
    return words.pick(english, name_zone(moment(at, zone, words), zone, words))


def midnight(local_date: date, zone: ZoneInfo) -> datetime:
    """Return the start of a day in a zone, in UTC."""
    return datetime.combine(local_date, time(0), zone).astimezone(UTC)
