"""How hours are shared out: each warning at its limit, with who and how much."""

from collections.abc import Collection
from datetime import date, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from handlers.i18n.rota_labels import WARNING
from models.rules.rota.overrides import Override
from models.rules.rota.rota import BACKUP, PRIMARY, LoadLimits, Rota, Seat
from models.rules.rota.workload import LoadWarning, WarningKind, WorkloadShare, compute_shares, find_load_warnings
from tests.models.rules.rota.samples import BERLIN, HOUR, at, build_override, build_time_off, layer, rota

AMPLE = LoadLimits(168 * HOUR, 168 * HOUR, timedelta(0), 1000, 1000 * HOUR, 366)
FOUR_WEEKS = ("2026-01-05", "2026-02-02")
START, END = map(at, FOUR_WEEKS)


def format_warnings(
    plan: Rota, *changes: Override, during: tuple[str, str] = FOUR_WEEKS, off: Collection[date] = (), **limits: Any
) -> list[str]:
    """Warnings with only these limits as short lines: ``long_week ann 50.0>48 05 x2``."""
    meant = LoadLimits(**{**vars(AMPLE), **limits})
    start, end = map(at, during)
    return [_line(warning) for warning in find_load_warnings(plan, changes, start, end, off, meant)]


def _line(warning: LoadWarning) -> str:
    return " ".join(
        [
            warning.kind,
            warning.person or warning.seat or "all",
            f"{warning.value:g}:{warning.limit:g}",
            f"x{warning.count}",
        ]
    )


def test_a_quiet_rota_has_no_warning() -> None:
    days = layer("ann bob cid dan eve", opens=time(9), closes=time(17))

    assert find_load_warnings(rota(days), (), START, END) == []


def test_hours_a_week_on_average_above_the_limit() -> None:
    nine_to_five = layer("ann", opens=time(9), closes=time(17))

    assert format_warnings(rota(nine_to_five), average_week=55 * HOUR) == [
        "average_week ann 56:55 x1",
        "few_people primary 1:4 x1",
    ]
    assert format_warnings(rota(nine_to_five), average_week=56 * HOUR) == ["few_people primary 1:3 x1"]


def test_less_than_a_week_has_no_average() -> None:
    during = ("2026-01-05", "2026-01-11 23:00")

    assert format_warnings(rota(layer("ann")), during=during, average_week=167 * HOUR) == ["few_people primary 1:2 x1"]


def test_a_single_week_above_the_limit_counts_from_monday() -> None:
    over_new_week = build_override(1, "bob", "2026-01-18 18:00", "2026-01-20")
    nobody = rota(layer(""), layer("bob", name="b", opens=time(9), closes=time(10)))

    assert format_warnings(nobody, over_new_week, week=24 * HOUR) == ["long_week bob 30:24 x1"]
    assert format_warnings(nobody, over_new_week, week=12 * HOUR) == ["long_week bob 30:12 x2"]
    assert format_warnings(nobody, over_new_week, week=30 * HOUR) == []


def test_of_several_long_weeks_the_first_worst_is_named() -> None:
    [one] = find_load_warnings(
        rota(layer("ann")), (), START, END, limits=LoadLimits(**{**vars(AMPLE), "week": 100 * HOUR})
    )

    assert (one.kind, one.value, one.start, one.count) == (WarningKind.LONG_WEEK, 168, at("2026-01-05"), 4)


def test_a_week_is_an_hour_shorter_where_the_clock_is_put_forward() -> None:
    spring = rota(layer("ann", zone=BERLIN), zone=BERLIN)
    start, end = (at(day, BERLIN) for day in ("2026-03-23", "2026-04-06"))

    [one] = find_load_warnings(spring, (), start, end, limits=LoadLimits(**{**vars(AMPLE), "week": 167 * HOUR}))

    assert (one.value, one.count, one.start) == (168, 1, at("2026-03-30", BERLIN))


def test_two_seats_at_once_are_counted_once() -> None:
    both = rota(layer("ann"), layer("ann", name="b", seat=BACKUP), seats=(Seat(PRIMARY), Seat(BACKUP)))

    assert format_warnings(both, average_week=168 * HOUR, week=168 * HOUR) == ["few_in_all all 1:2 x1"]


def test_overtime_is_counted_in_whole_months_only() -> None:
    days = rota(layer("ann", opens=time(9), closes=time(17)))  # 56 hours a week: 16 more than the standard

    january: Any = {"during": ("2026-01-01", "2026-02-01"), "average_week": 40 * HOUR}
    assert "month_overtime ann 38.9:36 x1" in format_warnings(days, month_overtime=36 * HOUR, **january)
    assert not [line for line in format_warnings(days, month_overtime=39 * HOUR, **january) if line.startswith("month")]
    cut = format_warnings(days, during=("2026-01-02", "2026-03-01"), average_week=40 * HOUR, month_overtime=36 * HOUR)
    assert "month_overtime ann 64:36 x1" in cut


def test_a_week_without_a_day_off_gives_a_warning_and_a_day_is_twenty_four_hours() -> None:
    daily = rota(layer("ann bob", length=7 * 24 * HOUR, opens=time(9), closes=time(17)))
    six = rota(layer("ann", opens=time(9), closes=time(17), days=frozenset(range(6))))

    assert format_warnings(daily, days_in_a_row=6) == ["no_day_off ann 6.3:6 x2", "no_day_off bob 6.3:6 x2"]
    assert format_warnings(six, days_in_a_row=6) == []
    assert format_warnings(six, days_in_a_row=5) == ["no_day_off ann 5.3:5 x4"]


def test_everybody_has_a_share_in_the_order_of_the_file() -> None:
    halves = rota(layer("bob ann", length=12 * HOUR), layer("zoe", name="none", seat="elsewhere"))

    assert compute_shares(halves, (), START, END, {date(2026, 1, 6)}) == [
        WorkloadShare("bob", 336, 84, 84, 12, 28, 4, 1), WorkloadShare("ann", 336, 84, 84, 12, 0, 4, 1),
        WorkloadShare("zoe", 0, 0, 0, None, 0, 0, 0),
    ]  # fmt: skip
    assert compute_shares(halves, (), START, START) == []


def test_short_rest_is_named_with_the_shortest() -> None:
    halves = rota(layer("ann bob", length=12 * HOUR))
    early = build_override(1, "ann", "2026-01-05 22:00", "2026-01-06")

    assert format_warnings(halves, early, rest=12 * HOUR) == ["short_rest ann 10:12 x1"]
    assert format_warnings(halves, rest=12 * HOUR) == []


def test_leave_counts_as_rest() -> None:
    whole = rota(layer("ann"))
    away = build_time_off(1, "ann", "2026-01-07 08:00", "2026-01-07 18:00")

    assert format_warnings(whole, away, rest=11 * HOUR) == ["short_rest ann 10:11 x1"]
    assert format_warnings(whole, away, rest=10 * HOUR) == []


def test_nights_are_counted_by_whose_hours_touch_midnight_to_six() -> None:
    nights = layer("ann", name="nights", opens=time(22), closes=time(6))
    days = layer("bob cid", name="days", opens=time(6), closes=time(22))

    assert format_warnings(rota(days, nights), over_mean=50) == ["many_nights ann 28:9.3 x1"]
    assert format_warnings(rota(days, nights), over_mean=201) == []


def weekends(plan: Rota, start: str = "2026-01-05", end: str = "2026-02-02") -> dict[str, int]:
    """On how many weekends everybody is on call."""
    return {share.person: share.weekends for share in compute_shares(plan, (), at(start), at(end))}


def test_weekends_are_counted_from_saturday_to_monday_in_the_rotas_zone() -> None:
    weekdays = layer("ann bob", days=frozenset(range(5)))
    friday_nights = layer("ann", opens=time(20), closes=time(8), days=frozenset({4}))
    sundays = layer("bob", opens=time(23), closes=time(0), days=frozenset({6}))

    assert weekends(rota(weekdays)) == {"ann": 0, "bob": 0}
    assert weekends(rota(friday_nights)) == {"ann": 4}
    assert weekends(rota(sundays)) == {"bob": 4}
    assert weekends(rota(layer("ann", days=frozenset({5, 6})))) == {"ann": 4}
    assert weekends(rota(layer("ann bob", length=7 * 24 * HOUR))) == {"ann": 2, "bob": 2}
    assert weekends(rota(sundays), "2026-01-11", "2026-01-12") == {"bob": 1}


def test_many_more_weekends_than_the_others_give_a_warning() -> None:
    unfair = rota(
        layer("ann", name="weekends", days=frozenset({5, 6})), layer("bob cid", name="rest", days=frozenset(range(5)))
    )

    assert "many_weekends ann 4:1.3 x1" in format_warnings(unfair, over_mean=50)
    assert format_warnings(rota(layer("ann bob", length=7 * 24 * HOUR)), over_mean=0) == []


def test_one_night_more_than_the_others_is_chance() -> None:
    once = build_override(1, "ann", "2026-01-06 02:00", "2026-01-06 03:00")
    days = rota(layer("ann bob", opens=time(6), closes=time(22)))

    assert format_warnings(days, once, over_mean=0) == []
    assert (
        format_warnings(days, once, build_override(2, "ann", "2026-01-08 05:59", "2026-01-08 06:00"), over_mean=0) == []
    )
    assert format_warnings(days, build_override(1, "ann", "2026-01-06 02:00", "2026-01-10 03:00"), over_mean=0) == [
        "many_nights ann 5:2.5 x1"
    ]


def test_holidays_are_counted_in_the_rotas_zone() -> None:
    off = {date(2026, 1, 6), date(2026, 1, 8), date(2026, 1, 10), date(2026, 1, 12)}
    elsewhere = ZoneInfo("Pacific/Chatham")

    assert format_warnings(rota(layer("ann bob")), off=off, over_mean=50) == ["many_holidays bob 4:2 x1"]
    assert format_warnings(rota(layer("ann bob"), zone=elsewhere), off=off, over_mean=50) == []


@pytest.mark.parametrize(("people", "hours", "needed"), [(1, 40, 5), (2, 40, 9), (1, 42, 4), (1, 168, 1)])
def test_a_seat_needs_people_for_every_hour_of_the_week(people: int, hours: int, needed: int) -> None:
    seats = (Seat(PRIMARY, people=people),)
    few, enough = (" ".join(f"p{number}" for number in range(count)) for count in (needed - 1, needed))
    limit = hours * HOUR

    told, quiet = (
        [line for line in format_warnings(rota(layer(who), seats=seats), average_week=limit) if line.startswith("few")]
        for who in (few, enough)
    )

    assert told == [f"few_people primary {needed - 1}:{needed} x1"]
    assert quiet == []


def test_a_person_with_overrides_only_counts_as_one_more() -> None:
    helper = build_override(1, "zoe", "2026-01-06", "2026-01-06 01:00")

    assert format_warnings(rota(layer("a b c d")), helper, average_week=42 * HOUR) == []


def test_the_rotas_own_limits_count_unless_others_are_given() -> None:
    strict = rota(
        layer("ann bob cid dan eve", length=8 * HOUR), limits=LoadLimits(**{**vars(AMPLE), "rest": 33 * HOUR})
    )

    assert {warning.kind for warning in find_load_warnings(strict, (), START, END)} == {WarningKind.SHORT_REST}
    assert find_load_warnings(strict, (), START, END, limits=AMPLE) == []


def test_an_empty_rota_and_no_time_warn_of_people_only() -> None:
    assert format_warnings(Rota()) == ["few_people primary 0:1 x1", "few_people backup 0:1 x1", "few_in_all all 0:2 x1"]
    assert find_load_warnings(Rota(), (), at("2026-01-05"), at("2026-01-05")) == []


def test_every_kind_has_its_sentence() -> None:
    assert set(WARNING) == set(WarningKind)
