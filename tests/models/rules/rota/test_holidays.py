"""China's calendar: official days, provisional years, corrections, and the two weeks."""

import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from models.rules.rota.holidays import (
    Festival,
    HolidayWeek,
    find_days,
    find_holiday_dates,
    find_holiday_weeks,
    group_into_runs,
    is_provisional,
)
from models.rules.rota.rota import BEIJING, CalendarDay, DayKind

ROOT = Path(__file__).parents[4]
FAR = 2040  # surely not announced yet


def test_a_year_has_its_official_holidays_and_make_up_workdays() -> None:
    by_date = {day.date: day for day in find_days(date(2026, 1, 1), date(2027, 1, 1))}
    work = [day.date for day in by_date.values() if day.kind is DayKind.WORKDAY]

    assert (by_date[date(2026, 2, 17)].name_en, by_date[date(2026, 2, 17)].name_zh) == (
        "Chinese New Year (Spring Festival)", "春节",
    )  # fmt: skip
    assert work == [
        date(2026, 1, 4), date(2026, 2, 14), date(2026, 2, 28), date(2026, 5, 9), date(2026, 9, 20), date(2026, 10, 10),
    ]  # fmt: skip
    assert not any(day.provisional for day in by_date.values())
    assert list(by_date) == sorted(by_date)


def test_a_workday_of_december_may_belong_to_the_year_after() -> None:
    assert [day.kind for day in find_days(date(2011, 12, 31), date(2012, 1, 1))] == [DayKind.WORKDAY]


def test_a_period_ends_before_its_end() -> None:
    assert find_holiday_dates(date(2026, 10, 1), date(2026, 10, 3)) == {date(2026, 10, 1), date(2026, 10, 2)}
    assert find_days(date(2026, 3, 1), date(2026, 3, 2)) == []


def test_a_year_is_provisional_until_it_is_announced_or_corrected() -> None:
    announced = CalendarDay(date(FAR, 10, 4), DayKind.HOLIDAY, "National Day")

    assert [is_provisional(year) for year in (2025, 2026, FAR)] == [False, False, True]
    assert all(day.provisional for day in find_days(date(FAR, 1, 1), date(FAR + 1, 1, 1)))
    assert not is_provisional(FAR, [announced])
    assert is_provisional(FAR + 1, [announced])
    assert not any(day.provisional for day in find_days(date(FAR, 1, 1), date(FAR + 1, 1, 1), [announced]))


def test_a_correction_adds_and_replaces() -> None:
    extra = CalendarDay(date(2026, 9, 3), DayKind.HOLIDAY, "抗战胜利纪念日")
    undone = CalendarDay(date(2026, 10, 7), DayKind.WORKDAY, "work after all")

    by_date = {day.date: day for day in find_days(date(2026, 9, 1), date(2026, 10, 9), [extra, undone])}

    assert (by_date[extra.date].kind, by_date[extra.date].name_en) == (DayKind.HOLIDAY, "抗战胜利纪念日")
    assert (by_date[undone.date].kind, by_date[undone.date].name_zh) == (DayKind.WORKDAY, "work after all")
    assert undone.date not in find_holiday_dates(date(2026, 10, 1), date(2026, 10, 9), [undone])


def next_week(festival: Festival, on: date, corrected: Sequence[CalendarDay] = ()) -> HolidayWeek:
    """Return the first week of a festival that begins on ``on`` or later."""
    ahead = find_holiday_weeks(on, on.replace(year=on.year + 2), corrected)
    return next(week for week in ahead if week.festival is festival)


@pytest.mark.parametrize(
    ("festival", "on", "start", "last"),
    [
        (Festival.SPRING_FESTIVAL, date(2026, 1, 1), date(2026, 2, 15), date(2026, 2, 23)),
        (Festival.SPRING_FESTIVAL, date(2026, 2, 15), date(2026, 2, 15), date(2026, 2, 23)),
        (Festival.SPRING_FESTIVAL, date(2024, 2, 11), date(2025, 1, 28), date(2025, 2, 4)),
        (Festival.NATIONAL_DAY, date(2026, 3, 1), date(2026, 10, 1), date(2026, 10, 7)),
        (Festival.NATIONAL_DAY, date(2024, 10, 2), date(2025, 10, 1), date(2025, 10, 8)),
    ],
)
def test_the_next_week_of_a_festival_is_all_days_off_in_a_row(
    festival: Festival, on: date, start: date, last: date
) -> None:
    week = next_week(festival, on)

    assert (week.start, week.last, week.provisional) == (start, last, False)


def test_a_week_that_is_not_announced_is_provisional_and_corrections_stretch_it() -> None:
    plain = next_week(Festival.NATIONAL_DAY, date(FAR, 1, 1))
    more = CalendarDay(plain.last.replace(day=plain.last.day + 1), DayKind.HOLIDAY, "国庆节")

    assert plain.provisional
    assert next_week(Festival.NATIONAL_DAY, date(FAR, 1, 1), [more]).last >= more.date
    assert not next_week(Festival.NATIONAL_DAY, date(FAR, 1, 1), [more]).provisional


def test_the_package_is_not_loaded_before_somebody_asks() -> None:
    code = "import models.rules.rota.holidays, sys; print('holidays' in sys.modules)"

    process = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True)

    assert process.stdout.strip() == "False"


def test_days_off_in_a_row_are_one_and_a_workday_is_its_own() -> None:
    by_date = group_into_runs(find_days(date(2026, 2, 1), date(2026, 3, 1)))

    assert [(run.first.day, run.last.day, run.kind) for run in by_date] == [
        (14, 14, DayKind.WORKDAY), (16, 23, DayKind.HOLIDAY), (28, 28, DayKind.WORKDAY),
    ]  # fmt: skip
    assert by_date[1].names_en == ("Chinese New Year's Eve", "Chinese New Year")
    assert by_date[1].names_zh == ("农历除夕", "春节")


def test_the_weeks_of_a_time_are_in_order() -> None:
    weeks = find_holiday_weeks(date(2026, 1, 1), date(2027, 3, 1))

    assert [(week.festival, week.start.year) for week in weeks] == [
        (Festival.SPRING_FESTIVAL, 2026), (Festival.NATIONAL_DAY, 2026), (Festival.SPRING_FESTIVAL, 2027),
    ]  # fmt: skip
    assert weeks[1].days == 7
    assert weeks[1].times(BEIJING) == (
        datetime(2026, 9, 30, 16, tzinfo=UTC), datetime(2026, 10, 7, 16, tzinfo=UTC),
    )  # fmt: skip
