"""Final shifts: turns on the wall clock, layers over layers, overrides, leave."""

from datetime import date, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from models.rules.rota.overrides import OverrideKind
from models.rules.rota.rota import BACKUP, PRIMARY, FixedShift, Rota, Seat
from models.rules.rota.shifts import resolve_shifts
from tests.models.rules.rota.samples import (
    BERLIN,
    DAY,
    HOUR,
    at,
    build_change,
    build_override,
    build_time_off,
    format_shifts,
    layer,
    rota,
)

NIGHT = layer("eve fay", name="nights", opens=time(20), closes=time(8), handoff=time(20))
TWO = (Seat(PRIMARY, people=2),)


# Time ----------------------------------------------------------------------------------------------------------


def test_people_take_turns() -> None:
    assert format_shifts(rota(layer()), "2026-01-05", "2026-01-08") == [
        "05 00:00-06 00:00 ann", "06 00:00-07 00:00 bob", "07 00:00-08 00:00 ann",
    ]  # fmt: skip


def test_a_window_may_begin_anywhere_in_a_turn() -> None:
    assert format_shifts(rota(layer()), "2026-01-05 17:30", "2026-01-06 01:00") == [
        "05 17:30-06 00:00 ann", "06 00:00-06 01:00 bob",
    ]  # fmt: skip


def test_nobody_is_on_call_before_a_layer_starts() -> None:
    assert format_shifts(rota(layer()), "2026-01-03", "2026-01-05 01:00") == ["05 00:00-05 01:00 ann"]


def test_a_handoff_that_does_not_exist_is_at_the_first_instant_after_the_gap() -> None:
    spring = rota(layer(zone=BERLIN, handoff=time(2, 30), starts=date(2026, 3, 28)))

    shifts = resolve_shifts(spring, (), at("2026-03-28 12:00", BERLIN), at("2026-03-30 12:00", BERLIN))

    assert [shift.start.isoformat()[5:16] for shift in shifts[1:]] == ["03-29T01:00", "03-30T00:30"]
    assert shifts[1].end - shifts[1].start == 23.5 * HOUR


def test_a_handoff_that_exists_twice_is_at_the_first() -> None:
    autumn = rota(layer(zone=BERLIN, handoff=time(2, 30), starts=date(2026, 10, 24)))

    shifts = resolve_shifts(autumn, (), at("2026-10-24 12:00", BERLIN), at("2026-10-26 12:00", BERLIN))

    assert [shift.start.isoformat()[5:16] for shift in shifts[1:]] == ["10-25T00:30", "10-26T01:30"]
    assert shifts[1].end - shifts[1].start == 25 * HOUR


@pytest.mark.parametrize("zone", ["Asia/Kathmandu", "Pacific/Chatham"])
def test_handoffs_keep_their_time_in_odd_zones(zone: str) -> None:
    odd = ZoneInfo(zone)

    shifts = resolve_shifts(rota(layer(zone=odd, handoff=time(8))), (), at("2026-01-06", odd), at("2027-01-06", odd))

    assert {f"{shift.start.astimezone(odd):%H:%M}" for shift in shifts[1:]} == {"08:00"}


def test_turns_run_through_a_leap_day() -> None:
    assert format_shifts(rota(layer()), "2028-02-28", "2028-03-02") == [
        "28 00:00-29 00:00 ann", "29 00:00-01 00:00 bob", "01 00:00-02 00:00 ann",
    ]  # fmt: skip


def test_weekly_turns_alternate_through_a_year_of_53_weeks() -> None:
    weekly = rota(layer(length=7 * DAY, handoff=time(8)))

    shifts = resolve_shifts(weekly, (), at("2026-01-05 08:00"), at("2027-01-18 08:00"))

    assert [shift.member for shift in shifts] == ["ann", "bob"] * 27
    assert {shift.end - shift.start for shift in shifts} == {7 * DAY}


# Layers --------------------------------------------------------------------------------------------------------


WEEKDAYS = frozenset(range(5))


def test_turns_on_covered_days_pass_over_the_others() -> None:
    three = rota(layer("ann bob cid", days=WEEKDAYS, skips_days=True))

    assert format_shifts(three, "2026-01-05", "2026-01-14") == [
        "05 00:00-06 00:00 ann", "06 00:00-07 00:00 bob", "07 00:00-08 00:00 cid", "08 00:00-09 00:00 ann",
        "09 00:00-10 00:00 bob", "12 00:00-13 00:00 cid", "13 00:00-14 00:00 ann",
    ]  # fmt: skip


def test_each_of_fourteen_people_is_on_call_once_in_fourteen_covered_days() -> None:
    names = [f"p{number:02}" for number in range(14)]
    many = layer(" ".join(names), days=WEEKDAYS, skips_days=True)

    shifts = resolve_shifts(rota(many), (), at("2026-01-05"), at("2026-01-23"))

    assert [shift.member for shift in shifts] == names


def test_a_night_belongs_to_the_covered_day_on_which_it_begins() -> None:
    nights = layer(opens=time(20), closes=time(8), handoff=time(20), days=frozenset({3, 4}), skips_days=True)

    assert format_shifts(rota(nights), "2026-01-05", "2026-01-19") == [
        "08 20:00-09 08:00 ann", "09 20:00-10 08:00 bob", "15 20:00-16 08:00 ann", "16 20:00-17 08:00 bob",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("hours", "who"),
    [(12, "ann bob ann bob ann bob"), (48, "ann bob bob ann"), (120, "ann ann bob"), (36, "ann bob ann bob")],
)
def test_a_turn_may_be_of_any_length_of_covered_days(hours: int, who: str) -> None:
    odd = layer(length=hours * HOUR, days=frozenset({0, 1, 2}), skips_days=True)
    days = 3 if hours == 12 else 10

    assert [
        line.split()[-1] for line in format_shifts(rota(odd), "2026-01-05", f"2026-01-{5 + days:02}")
    ] == who.split()


def test_a_layer_that_begins_on_an_uncovered_day_begins_on_the_next_covered_one() -> None:
    late = layer(starts=date(2026, 1, 10), days=WEEKDAYS, skips_days=True)

    assert format_shifts(rota(late), "2026-01-09", "2026-01-14") == ["12 00:00-13 00:00 ann", "13 00:00-14 00:00 bob"]


def test_an_empty_rota_has_no_shifts() -> None:
    assert format_shifts(Rota(), "2026-01-05", "2027-01-05") == []
    assert format_shifts(rota(layer("")), "2026-01-05", "2027-01-05") == []


def test_a_rota_of_one_is_one_long_shift() -> None:
    assert format_shifts(rota(layer("ann")), "2026-01-05", "2026-01-25") == ["05 00:00-25 00:00 ann"]


def test_a_later_layer_wins_over_an_earlier_one() -> None:
    assert format_shifts(rota(layer("ann"), NIGHT), "2026-01-06", "2026-01-07") == [
        "06 00:00-06 08:00 eve", "06 08:00-06 20:00 ann", "06 20:00-07 00:00 fay",
    ]  # fmt: skip


def test_hours_past_midnight_belong_to_the_day_on_which_they_open() -> None:
    fridays = layer("eve", name="friday night", days=frozenset({4}), opens=time(20), closes=time(8))

    assert format_shifts(rota(fridays), "2026-01-05", "2026-01-12") == ["09 20:00-10 08:00 eve"]


@pytest.mark.parametrize("zone", ["UTC", "America/Los_Angeles", "Asia/Shanghai", "Pacific/Kiritimati"])
def test_a_window_of_any_hour_gives_what_a_long_one_gives(zone: str) -> None:
    there = ZoneInfo(zone)
    nights = layer("eve fay", name="nights", opens=time(20), closes=time(8), handoff=time(2, 30), zone=there)
    both = rota(layer(handoff=time(9), zone=there), nights)
    start = at("2026-01-09", ZoneInfo("UTC"))
    whole = resolve_shifts(both, (), start - 3 * DAY, start + 5 * DAY)

    for hour in range(48):
        first, last = start + hour * HOUR, start + (hour + 1) * HOUR
        assert [(shift.member, shift.start, shift.end) for shift in resolve_shifts(both, (), first, last)] == [
            (shift.member, max(shift.start, first), min(shift.end, last))
            for shift in whole
            if shift.start < last and shift.end > first
        ]


def test_in_a_seat_for_two_nobody_is_in_both_slots() -> None:
    crowded = rota(layer("ann"), layer("ann bob", name="second"), layer("ann cid", name="third"), seats=TWO)

    assert format_shifts(crowded, "2026-01-05", "2026-01-07") == [
        "05 00:00-06 00:00 ann", "06 00:00-07 00:00 cid", "06 00:00-07 00:00 bob",
    ]  # fmt: skip


def test_imported_shifts_win_over_layers_and_may_overlap() -> None:
    one = FixedShift(PRIMARY, "cid", at("2026-01-05 06:00"), at("2026-01-05 12:00"))
    two = FixedShift(PRIMARY, "dan", at("2026-01-05 10:00"), at("2026-01-05 18:00"))

    assert format_shifts(rota(layer(), fixed_shifts=(two, one)), "2026-01-05", "2026-01-06") == [
        "05 00:00-05 06:00 ann", "05 06:00-05 12:00 cid", "05 12:00-05 18:00 dan", "05 18:00-06 00:00 ann",
    ]  # fmt: skip


def test_an_imported_shift_that_follows_another_goes_on_in_its_line() -> None:
    times = [("cid", "05 00:00", "05 10:00"), ("dan", "05 05:00", "05 15:00"), ("eve", "05 10:00", "05 20:00")]
    fixed = tuple(FixedShift(PRIMARY, who, at(f"2026-01-{start}"), at(f"2026-01-{end}")) for who, start, end in times)

    assert format_shifts(rota(fixed_shifts=fixed), "2026-01-05", "2026-01-06") == [
        "05 00:00-05 10:00 cid",
        "05 10:00-05 20:00 eve",
    ]


# Changes -------------------------------------------------------------------------------------------------------


def test_of_overlapping_overrides_the_later_one_wins() -> None:
    first, second = (
        build_override(1, "cid", "2026-01-05 06:00", "2026-01-05 12:00"),
        build_override(2, "dan", "2026-01-05 10:00", "2026-01-05 14:00"),
    )
    after = ["05 14:00-06 00:00 ann"]

    assert format_shifts(rota(layer()), "2026-01-05", "2026-01-06", second, first) == [
        "05 00:00-05 06:00 ann", "05 06:00-05 10:00 cid", "05 10:00-05 14:00 dan", *after,
    ]  # fmt: skip


def test_an_override_instead_of_somebody_touches_only_their_time() -> None:
    swap = build_override(1, "cid", "2026-01-05", "2026-01-08", instead_of="bob")

    assert format_shifts(rota(layer()), "2026-01-05", "2026-01-08", swap) == [
        "05 00:00-06 00:00 ann", "06 00:00-07 00:00 cid", "07 00:00-08 00:00 ann",
    ]  # fmt: skip


def test_a_leave_takes_its_person_out_of_what_was_known_before() -> None:
    away = build_time_off(2, "ann", "2026-01-05 20:00", "2026-01-07 08:00")
    override = build_override(1, "ann", "2026-01-06", "2026-01-06 06:00")

    assert format_shifts(rota(layer()), "2026-01-05", "2026-01-08", override, away) == [
        "05 00:00-05 20:00 ann", "05 20:00-06 00:00 (ann)", "06 00:00-06 06:00 (ann)", "06 06:00-07 00:00 bob",
        "07 00:00-07 08:00 (ann)", "07 08:00-08 00:00 ann",
    ]  # fmt: skip


def test_an_override_made_after_the_time_off_counts() -> None:
    away, back = (
        build_time_off(1, "ann", "2026-01-05", "2026-01-06"),
        build_override(2, "ann", "2026-01-05 08:00", "2026-01-05 10:00"),
    )

    assert format_shifts(rota(layer()), "2026-01-05", "2026-01-06", away, back) == [
        "05 00:00-05 08:00 (ann)", "05 08:00-05 10:00 ann", "05 10:00-06 00:00 (ann)",
    ]  # fmt: skip


def test_a_person_on_leave_can_be_replaced() -> None:
    away, cover = (
        build_time_off(1, "ann", "2026-01-05", "2026-01-06"),
        build_override(2, "cid", "2026-01-05", "2026-01-08", "ann"),
    )

    assert format_shifts(rota(layer()), "2026-01-05", "2026-01-08", away, cover) == [
        "05 00:00-06 00:00 cid", "06 00:00-07 00:00 bob", "07 00:00-08 00:00 cid",
    ]  # fmt: skip


def test_a_cancelled_change_does_not_count() -> None:
    away = build_time_off(1, "ann", "2026-01-05", "2026-01-06")
    undone = build_change(2, OverrideKind.CANCEL, "2026-01-05", "2026-01-06", of=1)

    assert format_shifts(rota(layer()), "2026-01-05", "2026-01-06", away, undone) == ["05 00:00-06 00:00 ann"]


def test_taking_a_gap_in_a_seat_for_two_replaces_nobody() -> None:
    taken = build_override(1, "cid", "2026-01-05 08:00", "2026-01-05 12:00")

    assert format_shifts(rota(layer("ann"), seats=TWO), "2026-01-05", "2026-01-06", taken) == [
        "05 00:00-06 00:00 ann", "05 08:00-05 12:00 cid",
    ]  # fmt: skip


def test_replacing_a_neighbour_empties_the_own_slot() -> None:
    both = rota(layer("bob", name="second"), layer("ann"), seats=TWO)
    swap = build_override(1, "bob", "2026-01-05 08:00", "2026-01-05 12:00", instead_of="ann")

    assert format_shifts(both, "2026-01-05", "2026-01-06", swap) == [
        "05 00:00-05 08:00 ann", "05 08:00-05 12:00 bob", "05 12:00-06 00:00 ann",
        "05 00:00-05 08:00 bob", "05 12:00-06 00:00 bob",
    ]  # fmt: skip


def test_an_override_of_another_seat_touches_nothing() -> None:
    other = build_change(1, OverrideKind.OVERRIDE, "2026-01-05", "2026-01-06", member="cid", seat=BACKUP)

    assert format_shifts(rota(layer()), "2026-01-05", "2026-01-06", other) == ["05 00:00-06 00:00 ann"]


def test_a_shift_has_its_source() -> None:
    start, end = at("2026-01-05"), at("2026-01-05 01:00")

    planned, placed = (
        resolve_shifts(rota(layer()), changes, start, end)
        for changes in ((), [build_override(7, "cid", "2026-01-05", "2026-01-06")])
    )

    assert [(shift.seat, shift.slot_number, shift.source) for shift in (*planned, *placed)] == [
        (PRIMARY, 1, "base"), (PRIMARY, 1, "change:7"),
    ]  # fmt: skip
    assert planned[0].end - planned[0].start == timedelta(hours=1)


def test_a_person_in_two_layers_is_on_call_by_the_upper_one() -> None:
    crowded = rota(layer("ann"), layer("ann", name="upper"), layer("bob", name="third"), seats=TWO)

    shifts = resolve_shifts(crowded, (), at("2026-01-05"), at("2026-01-06"))

    assert [(shift.member, shift.source) for shift in shifts] == [("bob", "third"), ("ann", "upper")]


def test_a_person_already_on_call_stays_by_their_layer() -> None:
    again = build_override(1, "ann", "2026-01-05", "2026-01-06 06:00")

    shifts = resolve_shifts(rota(layer()), [again], at("2026-01-05"), at("2026-01-06 12:00"))

    assert [(shift.member, shift.source) for shift in shifts] == [("ann", "base"), ("ann", "change:1"), ("bob", "base")]


def test_taking_a_gap_fills_the_slot_of_the_person_on_leave() -> None:
    both = rota(layer("ann", name="second"), layer("bob"), seats=TWO)
    away, taken = (
        build_time_off(1, "ann", "2026-01-05", "2026-01-06"),
        build_override(2, "cid", "2026-01-05", "2026-01-06"),
    )

    assert format_shifts(both, "2026-01-05", "2026-01-06", away, taken) == [
        "05 00:00-06 00:00 bob",
        "05 00:00-06 00:00 cid",
    ]


def test_a_person_on_leave_in_one_slot_may_be_on_call_in_the_next() -> None:
    both = rota(layer("bob", name="second"), layer("ann"), seats=TWO)
    away, back = (
        build_time_off(1, "ann", "2026-01-05", "2026-01-06"),
        build_override(2, "ann", "2026-01-05", "2026-01-06", "bob"),
    )

    assert format_shifts(both, "2026-01-05", "2026-01-06", away, back) == [
        "05 00:00-06 00:00 (ann)",
        "05 00:00-06 00:00 ann",
    ]


def test_a_leave_is_one_from_all_seats() -> None:
    both = rota(layer("ann"), layer("ann", name="b", seat=BACKUP), seats=(Seat(PRIMARY), Seat(BACKUP)))

    assert format_shifts(both, "2026-01-05", "2026-01-06", build_time_off(1, "ann", "2026-01-05", "2026-01-06")) == [
        "05 00:00-06 00:00 (ann)", "05 00:00-06 00:00 (ann)",
    ]  # fmt: skip
