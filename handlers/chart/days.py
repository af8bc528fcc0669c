"""Local days for the charts: when each begins, where an instant lies in it, and its name."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_interval, get_day_names, get_month_names

from handlers.i18n.dates import CHINESE, ENGLISH, locale
from handlers.i18n.words import Words

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class ChartDay:
    """A day of the wall clock. It has 23 or 25 hours where the clock changes."""

    date: date
    start: datetime  # UTC, like ``end``
    end: datetime

    def share(self, moment: datetime) -> float:
        """Return how much of the day is over at an instant, from 0 to 1."""
        return min(1.0, max(0.0, (moment - self.start) / (self.end - self.start)))

    @property
    def hours(self) -> float:
        """Its length."""
        return (self.end - self.start) / timedelta(hours=1)

    def at(self, hour: int, zone: ZoneInfo) -> float:
        """Return the share of the day at which the wall clock shows this hour; the first time if it does twice."""
        return self.share(_instant(self.date, hour, zone)) if hour < 24 else 1.0


def list_days(first: date, count: int, zone: ZoneInfo) -> Iterator[ChartDay]:
    """Return ``count`` days in order."""
    for number in range(count):
        day = first + number * DAY
        yield ChartDay(day, _instant(day, 0, zone), _instant(day + DAY, 0, zone))


def _instant(day: date, hour: int, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(hour), zone).astimezone(UTC)


def day_name(day: date, words: Words) -> str:
    """Return the short name of a weekday: “Tue”, “周二”."""
    names = (
        str(get_day_names("abbreviated", locale=locale(language))[day.weekday()]) for language in (ENGLISH, CHINESE)
    )
    return words.pick(*names)


def month_name(day: date, words: Words) -> str:
    """Return the short name of a month: “Nov”, “11月”."""
    names = (str(get_month_names("abbreviated", locale=locale(language))[day.month]) for language in (ENGLISH, CHINESE))
    return words.pick(*names)


def short_date(day: date, words: Words) -> str:
    """Return a date without year: “3 Nov”, “11月3日”. In both languages the Chinese form, which everybody can read."""
    pattern, language = ("M月d日", CHINESE) if words.is_chinese else ("d MMM", ENGLISH)
    return str(format_date(day, pattern, locale(language)))


def period_name(first: date, last: date, words: Words) -> str:
    """Return a period: “3–30 Nov 2026”, “2026年11月3日至30日”."""
    return words.pick(
        *(str(format_interval(first, last, "yMMMd", locale=locale(language))) for language in (ENGLISH, CHINESE))
    )


def moment_name(moment: datetime, zone: ZoneInfo, words: Words) -> str:
    """Return an instant in a zone: “3 Nov 09:12”, “11月3日 09:12”."""
    local = moment.astimezone(zone)
    return f"{short_date(local.date(), words)} {local:%H:%M}"
