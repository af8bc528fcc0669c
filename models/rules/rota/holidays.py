"""China's public holidays and make-up workdays, with the corrections of a rota. They inform only; duty is 24 by 365.

The ``holidays`` package knows the days that the State Council has announced in its yearly notice. Days of later years
follow from the rules and are provisional: weeks are joined and workdays moved only by the notice, late in the year
before.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import cache
from importlib.machinery import SourceFileLoader
from importlib.resources import files
from types import ModuleType
from typing import Any
from zoneinfo import ZoneInfo

from models.rules.rota.rota import CalendarDay, DayKind

MAKE_UP_EN, MAKE_UP_ZH = "Make-up workday", "调休上班"
_DAY = timedelta(days=1)
EXTRA = frozenset({"Day off", "休息日"})
"""The package's names of a day off that goes with a make-up workday."""
WEEKEND = frozenset({5, 6})


class Festival(StrEnum):
    """The two holidays that last a week and need staffing long before."""

    SPRING_FESTIVAL = "spring_festival"
    NATIONAL_DAY = "national_day"


@dataclass(frozen=True)
class HolidayDay:
    """A day off for everybody, or a weekend day that is worked in exchange for one."""

    date: date
    kind: DayKind
    name_en: str  # a correction has one name for both languages
    name_zh: str
    provisional: bool  # until the year is announced or corrected


@dataclass(frozen=True)
class HolidayRun:
    """Consecutive days off as one, with weekends between them, or a make-up workday."""

    first: date
    last: date
    kind: DayKind
    names_en: tuple[str, ...]  # its festivals, without days that are only off to go with them
    names_zh: tuple[str, ...]
    provisional: bool


@dataclass(frozen=True)
class HolidayWeek:
    """All days off in a row around a festival, weekends included."""

    festival: Festival
    start: date
    last: date  # included
    provisional: bool

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.last - self.start).days + 1

    def times(self, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """Return when it begins and ends by the clock of a zone, in UTC."""
        edges = (datetime.combine(day, time(0), zone) for day in (self.start, self.last + _DAY))
        begins, ends = (edge.astimezone(UTC) for edge in edges)
        return begins, ends


def find_days(start: date, end: date, corrected: Iterable[CalendarDay] = ()) -> list[HolidayDay]:
    """Return the holidays and make-up workdays from ``start`` until the day before ``end``, in order."""
    corrections = {day.date: day for day in corrected}
    known_days = [day for year in range(start.year, end.year + 1) for day in _load_year(year)]
    open_years = {year for year in range(start.year, end.year + 1) if is_provisional(year, corrections.values())}
    by_date = {day: HolidayDay(day, kind, en, zh, day.year in open_years) for day, kind, en, zh in known_days}
    for day, correction in corrections.items():
        by_date[day] = HolidayDay(day, correction.kind, correction.name, correction.name, False)
    return sorted((day for day in by_date.values() if start <= day.date < end), key=lambda day: day.date)


def group_into_runs(days: Iterable[HolidayDay]) -> list[HolidayRun]:
    """Return consecutive holidays as one, in order."""
    runs: list[HolidayRun] = []
    for day in days:
        en, zh = (
            (name,) if (name := shorten_name(full_name)) not in EXTRA else ()
            for full_name in (day.name_en, day.name_zh)
        )
        run = HolidayRun(day.date, day.date, day.kind, en, zh, day.provisional)
        follows = runs and _is_continued_by(runs[-1], run)
        runs[-1:] = [_join(runs[-1], run)] if follows else [*runs[-1:], run]
    return runs


def shorten_name(name: str) -> str:
    """Return the name of a day without what stands in brackets: what it was moved from, that it is observed."""
    return name.partition(" (")[0].partition("（")[0]


def _is_continued_by(run: HolidayRun, next_run: HolidayRun) -> bool:
    between = [run.last + n * _DAY for n in range(1, (next_run.first - run.last).days)]
    off = run.kind is next_run.kind is DayKind.HOLIDAY
    return off and len(between) <= len(WEEKEND) and all(day.weekday() in WEEKEND for day in between)


def _join(run: HolidayRun, next_run: HolidayRun) -> HolidayRun:
    both = ((run.names_en, next_run.names_en), (run.names_zh, next_run.names_zh))
    en, zh = (tuple(dict.fromkeys([*first, *second])) for first, second in both)
    return HolidayRun(run.first, next_run.last, run.kind, en, zh, run.provisional or next_run.provisional)


def find_holiday_dates(start: date, end: date, corrected: Iterable[CalendarDay] = ()) -> frozenset[date]:
    """Return the dates of all holidays from ``start`` until the day before ``end``."""
    return frozenset(day.date for day in find_days(start, end, corrected) if day.kind is DayKind.HOLIDAY)


@cache
def make_workday_test(corrections: tuple[CalendarDay, ...] = ()) -> Callable[[date], bool]:
    """Return the function that says whether a day is a workday in China, with the corrections of a rota."""
    days_of_year: dict[int, dict[date, DayKind]] = {}

    def is_workday(day: date) -> bool:
        if day.year not in days_of_year:
            days = find_days(date(day.year, 1, 1), date(day.year + 1, 1, 1), corrections)
            days_of_year[day.year] = {entry.date: entry.kind for entry in days}
        kind = days_of_year[day.year].get(day)
        return day.weekday() not in WEEKEND if kind is None else kind is DayKind.WORKDAY

    return is_workday


def is_provisional(year: int, corrected: Iterable[CalendarDay] = ()) -> bool:
    """Return whether the days of a year are not official yet: not in the package, and not corrected in the rota."""
    return year > _last_official_year() and all(day.date.year != year for day in corrected)


def find_holiday_weeks(start: date, end: date, corrected: Sequence[CalendarDay] = ()) -> list[HolidayWeek]:
    """Return the weeks of both festivals that begin from ``start`` until the day before ``end``, in order."""
    years = range(start.year, end.year + 1)
    holiday_weeks = [find_holiday_week(festival, year, corrected) for year in years for festival in Festival]
    return sorted((week for week in holiday_weeks if start <= week.start < end), key=lambda week: week.start)


def find_holiday_week(festival: Festival, year: int, corrected: Sequence[CalendarDay] = ()) -> HolidayWeek:
    """Return the week of a festival in a year; all of it lies in that year."""
    kinds = {day.date: day.kind for day in find_days(date(year - 1, 12, 1), date(year + 1, 1, 1), corrected)}
    first = last = _find_first_day(festival, year)
    while _is_off(first - _DAY, kinds):
        first -= _DAY
    while _is_off(last + _DAY, kinds):
        last += _DAY
    return HolidayWeek(festival, first, last, is_provisional(year, corrected))


def _is_off(day: date, kinds: dict[date, DayKind]) -> bool:
    return kinds.get(day, DayKind.HOLIDAY if day.weekday() in WEEKEND else DayKind.WORKDAY) is DayKind.HOLIDAY


def _find_first_day(festival: Festival, year: int) -> date:
    if festival is Festival.NATIONAL_DAY:
        return date(year, 10, 1)
    return min(day for day, _, _, zh in _load_year(year) if zh.startswith("春节"))


@cache
def _load_year(year: int) -> tuple[tuple[date, DayKind, str, str], ...]:
    """Return what the package knows of a year: date, kind, English and Chinese name."""
    china = _import_china().China
    # A workday of late December may belong to the holidays of the year after.
    en, zh = (china(years=[year, year + 1], language=language) for language in ("en_US", "zh_CN"))
    off = [(day, DayKind.HOLIDAY, en[day], zh[day]) for day in en]
    work = [(day, DayKind.WORKDAY, MAKE_UP_EN, MAKE_UP_ZH) for day in en.weekend_workdays]
    return tuple(sorted(entry for entry in (*off, *work) if entry[0].year == year))


@cache
def _last_official_year() -> int:
    return int(max(_import_china().ChinaStaticHolidays.special_public_holidays))


@cache
def _import_china() -> Any:
    """Return the package's module of China, imported when needed: no start needs a holiday.

    It is loaded alone. Imported by its name it would come with the modules of all 250 countries.
    """
    loader = SourceFileLoader("holidays_of_china", str(files("holidays") / "countries" / "china.py"))
    china = ModuleType(loader.name)
    loader.exec_module(china)
    return china
