"""China's public holidays and make-up workdays, with the days a rota corrects. It informs; the duty stays 24 by 365.

The ``holidays`` package knows the days the State Council has announced; those of later years follow from the rules and
are provisional, because weeks are joined and workdays moved only by the announcement, late in the year before.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import cache
from importlib import import_module
from typing import Any
from zoneinfo import ZoneInfo

from models.rules.rota.rota import CalendarDay, DayKind

MAKE_UP_EN, MAKE_UP_ZH = "Make-up workday", "调休上班"
_DAY = timedelta(days=1)
EXTRA = frozenset({"Day off", "休息日"})
"""What the package calls a day that is off because of a make-up workday."""
WEEKEND = frozenset({5, 6})


class Festival(StrEnum):
    """The two holidays that are weeks, and need people long before."""

    SPRING_FESTIVAL = "spring_festival"
    NATIONAL_DAY = "national_day"


@dataclass(frozen=True)
class HolidayDay:
    """A day off for all, or a weekend on which people work for one. A correction has one name, whatever the language.
    ``provisional`` until the year is announced or corrected.
    """

    date: date
    kind: DayKind
    name_en: str
    name_zh: str
    provisional: bool


@dataclass(frozen=True)
class HolidayRun:
    """Days off in a row as one, weekends between them included, or a make-up workday. Names are those of its festivals,
    without what is only a day off to go with them.
    """

    first: date
    last: date
    kind: DayKind
    names_en: tuple[str, ...]
    names_zh: tuple[str, ...]
    provisional: bool


@dataclass(frozen=True)
class HolidayWeek:
    """All days off in a row around a festival, weekends included, from ``start`` to ``last``."""

    festival: Festival
    start: date
    last: date
    provisional: bool

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.last - self.start).days + 1

    def times(self, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """When it begins and ends on a clock, in UTC."""
        edges = (datetime.combine(day, time(0), zone) for day in (self.start, self.last + _DAY))
        begins, ends = (edge.astimezone(UTC) for edge in edges)
        return begins, ends


def find_days(start: date, end: date, corrected: Iterable[CalendarDay] = ()) -> list[HolidayDay]:
    """The holidays and make-up workdays from ``start`` until the day before ``end``, in order."""
    corrections = {day.date: day for day in corrected}
    known = [day for year in range(start.year, end.year + 1) for day in _year(year)]
    open_years = {year for year in range(start.year, end.year + 1) if is_provisional(year, corrections.values())}
    told = {day: HolidayDay(day, kind, en, zh, day.year in open_years) for day, kind, en, zh in known}
    for day, one in corrections.items():
        told[day] = HolidayDay(day, one.kind, one.name, one.name, False)
    return sorted((day for day in told.values() if start <= day.date < end), key=lambda day: day.date)


def group_into_runs(told: Iterable[HolidayDay]) -> list[HolidayRun]:
    """Holidays that follow each other as one, in order."""
    found: list[HolidayRun] = []
    for day in told:
        en, zh = ((name,) if (name := shorten_name(one)) not in EXTRA else () for one in (day.name_en, day.name_zh))
        one = HolidayRun(day.date, day.date, day.kind, en, zh, day.provisional)
        joins = found and _follow(found[-1], one)
        found[-1:] = [_together(found[-1], one)] if joins else [*found[-1:], one]
    return found


def shorten_name(name: str) -> str:
    """The name of a day without what stands in brackets: what it was moved from, that it is observed."""
    return name.partition(" (")[0].partition("（")[0]


def _follow(one: HolidayRun, other: HolidayRun) -> bool:
    between = [one.last + n * _DAY for n in range(1, (other.first - one.last).days)]
    off = one.kind is other.kind is DayKind.HOLIDAY
    return off and len(between) <= len(WEEKEND) and all(day.weekday() in WEEKEND for day in between)


def _together(one: HolidayRun, other: HolidayRun) -> HolidayRun:
    both = ((one.names_en, other.names_en), (one.names_zh, other.names_zh))
    en, zh = (tuple(dict.fromkeys([*first, *second])) for first, second in both)
    return HolidayRun(one.first, other.last, one.kind, en, zh, one.provisional or other.provisional)


def find_holiday_dates(start: date, end: date, corrected: Iterable[CalendarDay] = ()) -> frozenset[date]:
    """The dates of all holidays from ``start`` until the day before ``end``."""
    return frozenset(day.date for day in find_days(start, end, corrected) if day.kind is DayKind.HOLIDAY)


def is_provisional(year: int, corrected: Iterable[CalendarDay] = ()) -> bool:
    """Whether a year's days are not official yet: the package does not know them, and the rota corrects none."""
    return year > _last_official_year() and all(day.date.year != year for day in corrected)


def find_holiday_weeks(start: date, end: date, corrected: Sequence[CalendarDay] = ()) -> list[HolidayWeek]:
    """The weeks of both festivals that begin from ``start`` until the day before ``end``, in order."""
    years = range(start.year, end.year + 1)
    found = [find_holiday_week(festival, year, corrected) for year in years for festival in Festival]
    return sorted((week for week in found if start <= week.start < end), key=lambda week: week.start)


def find_holiday_week(festival: Festival, year: int, corrected: Sequence[CalendarDay] = ()) -> HolidayWeek:
    """The week of a festival in a year; all of it lies in that year."""
    known = {day.date: day.kind for day in find_days(date(year - 1, 12, 1), date(year + 1, 1, 1), corrected)}
    first = last = _first_day(festival, year)
    while _is_off(first - _DAY, known):
        first -= _DAY
    while _is_off(last + _DAY, known):
        last += _DAY
    return HolidayWeek(festival, first, last, is_provisional(year, corrected))


def _is_off(day: date, known: dict[date, DayKind]) -> bool:
    return known.get(day, DayKind.HOLIDAY if day.weekday() in WEEKEND else DayKind.WORKDAY) is DayKind.HOLIDAY


def _first_day(festival: Festival, year: int) -> date:
    if festival is Festival.NATIONAL_DAY:
        return date(year, 10, 1)
    return min(day for day, _, _, zh in _year(year) if zh.startswith("春节"))


@cache
def _year(year: int) -> tuple[tuple[date, DayKind, str, str], ...]:
    """What the package knows of a year: date, kind, English and Chinese name."""
    china = _china().China
    # A workday of late December may belong to the holidays of the year after.
    en, zh = (china(years=[year, year + 1], language=language) for language in ("en_US", "zh_CN"))
    off = [(day, DayKind.HOLIDAY, en[day], zh[day]) for day in en]
    work = [(day, DayKind.WORKDAY, MAKE_UP_EN, MAKE_UP_ZH) for day in en.weekend_workdays]
    return tuple(sorted(one for one in (*off, *work) if one[0].year == year))


@cache
def _last_official_year() -> int:
    return int(max(_china().ChinaStaticHolidays.special_public_holidays))


@cache
def _china() -> Any:
    """The package, by name: it takes a third of a second to import, and a bot that starts needs no holiday."""
    return import_module("holidays.countries.china")
