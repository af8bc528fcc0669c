"""The picture of the rota: what is on it, and where."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from handlers.chart import colours, day_row
from handlers.chart.drawing import Box, TextLabel
from handlers.chart.lanes import LaneState, build_lanes
from handlers.chart.month import draw_four_weeks
from handlers.i18n.words import Words
from models.rules.rota.gaps import GapReason
from models.rules.rota.overrides import Override, OverrideKind
from models.rules.rota.rota import PartnerRole, Rota, Seat
from tests.handlers.chart.samples import (
    BERLIN,
    EXAMPLE,
    MONDAY,
    NOW,
    build_time_off,
    chart,
    lane_inputs,
    one_person,
    paint_image,
    painted_texts,
    patches,
    to_utc,
)

RED = tuple(bytes.fromhex(colours.UNCOVERED[1:]))
AMBER = tuple(bytes.fromhex(colours.BELOW[1:]))


def test_a_gap_is_red_where_it_is_and_nowhere_else() -> None:
    drawing = draw_four_weeks(
        chart(one_person(), build_time_off("Li", "2026-11-03T06:00", "2026-11-03T12:00")), Words.of("en")
    )
    [box] = patches(drawing, colours.UNCOVERED)
    picture = paint_image(drawing)

    quarter = day_row.STRIP // 4
    assert abs(box.x0 - (day_row.LEFT + quarter)) <= 2
    assert abs(box.x1 - (day_row.LEFT + 2 * quarter)) <= 5
    strip_pixels = picture.crop((day_row.LEFT, box.y0, day_row.LEFT + day_row.STRIP, box.y1))
    red = [
        x for x in range(strip_pixels.width) if RED in {strip_pixels.getpixel((x, 1)), strip_pixels.getpixel((x, 2))}
    ]
    assert quarter - 2 <= min(red)
    assert max(red) <= 2 * quarter + 2
    assert len(red) > quarter / 2


def test_a_gap_of_a_minute_is_seen() -> None:
    drawing = draw_four_weeks(
        chart(one_person(), build_time_off("Li", "2026-11-03T23:59", "2026-11-04T00:00")), Words.of("en")
    )

    [box] = patches(drawing, colours.UNCOVERED)

    assert box.x1 - box.x0 >= day_row.LEAST_WIDTH - day_row.APART
    assert box.x1 <= day_row.LEFT + day_row.STRIP


def test_a_night_over_midnight_is_drawn_on_both_days() -> None:
    drawing = draw_four_weeks(
        chart(one_person(), build_time_off("Li", "2026-11-03T20:00", "2026-11-04T08:00")), Words.of("en")
    )

    evening, morning = patches(drawing, colours.UNCOVERED)

    assert (evening.x1, evening.round_left, evening.round_right) == (day_row.LEFT + day_row.STRIP, True, False)
    assert (morning.x0, morning.round_left, morning.round_right) == (day_row.LEFT, False, True)
    assert painted_texts(drawing).count("on leave: Li") >= 1


def test_a_seat_without_anybody_is_uncovered_regardless_of_other_seats() -> None:
    rota = replace(one_person(), seats=(Seat("primary"), Seat("backup")))
    change = build_time_off("Li", "2026-11-03T00:00", "2026-11-04T00:00")

    lanes = build_lanes(rota, *lane_inputs(chart(rota, change, days=3)))

    assert [piece.state for piece in lanes[0].segments] == [LaneState.COVERED, LaneState.UNCOVERED, LaneState.COVERED]
    assert [piece.state for piece in lanes[1].segments] == [LaneState.UNCOVERED]


def test_somebody_without_the_role_is_below_the_requirement_and_still_named() -> None:
    rota = one_person()
    rota = replace(rota, members={"Li": replace(rota.members["Li"], role=PartnerRole.SALES_AGENT)})

    [lane] = build_lanes(rota, *lane_inputs(chart(rota)))
    drawing = draw_four_weeks(chart(rota), Words.of("zh_CN"))

    assert [(piece.state, piece.reasons) for piece in lane.segments] == [
        (LaneState.BELOW_REQUIREMENT, (GapReason.NO_ELIGIBLE_ROLE,))
    ]
    assert painted_texts(drawing).count("Li：无权提交") == 28
    assert AMBER in {colour for _, colour in paint_image(drawing).getcolors(10_000) or ()}


def test_an_accepted_gap_is_grey_and_not_counted() -> None:
    rota = one_person()
    start, end = to_utc("2026-11-03T06:00"), to_utc("2026-11-03T12:00")
    meant = Override(2, NOW, "U0", OverrideKind.ACCEPT_GAP, start, end, seat="primary", why="New Year")

    drawing = draw_four_weeks(
        chart(rota, build_time_off("Li", "2026-11-03T06:00", "2026-11-03T12:00"), meant), Words.of("en")
    )

    assert patches(drawing, colours.UNCOVERED) == []
    assert "accepted: 6 h" in painted_texts(drawing)
    assert "✓ No gaps: every hour is covered." in painted_texts(drawing)


def test_the_head_counts_a_minute_with_two_reasons_once() -> None:
    rota = replace(one_person(), seats=(Seat("primary"), Seat("backup")))

    texts = painted_texts(
        draw_four_weeks(chart(rota, build_time_off("Li", "2026-11-03T00:00", "2026-11-04T00:00")), Words.of("en"))
    )

    assert {"2 gaps, 696 h uncovered", "696 h uncovered"} <= set(texts), "an hour in two seats is two, as in rota check"


def test_everybody_keeps_their_colour() -> None:
    rota = EXAMPLE

    both = [patch for first in (MONDAY, date(2026, 12, 7)) for patch in [_colours_of(rota, first)]]

    assert both[0] == both[1]
    assert len(set(both[0].values())) == len(rota.members)


def _colours_of(rota: Rota, first: date) -> dict[str, str]:
    """The colour below each name."""
    marks = draw_four_weeks(chart(rota, first=first), Words.of("zh_CN")).marks
    under = {(box.y0, box.x0): box.fill for box in marks if isinstance(box, Box)}
    return {
        label.texts[0]: under[label.y0, label.x0 - 6]
        for label in marks
        if isinstance(label, TextLabel) and label.texts and label.texts[0] in rota.members
    }


def test_what_is_over_is_pale() -> None:
    month = replace(
        chart(one_person(), build_time_off("Li", "2026-11-03T06:00", "2026-11-03T12:00")),
        now=to_utc("2026-11-05T06:00"),
    )

    drawing = draw_four_weeks(month, Words.of("en"))

    assert patches(drawing, colours.UNCOVERED) == []
    assert len(patches(drawing, colours.fade(colours.UNCOVERED))) == 1
    assert "The next gaps" not in painted_texts(drawing)


@pytest.mark.parametrize(("first", "hours"), [(date(2026, 3, 23), "23 h"), (date(2026, 10, 19), "25 h")])
def test_a_day_on_which_the_clock_changes_fills_its_row_and_says_so(first: date, hours: str) -> None:
    sunday = first + timedelta(days=6)
    away = build_time_off("Li", f"{sunday}T00:00", f"{sunday + timedelta(days=1)}T00:00", zone=BERLIN)

    month = replace(chart(one_person(zone=BERLIN), away, first=first), now=to_utc(f"{first}T00:00"))
    drawing = draw_four_weeks(month, Words.of("en"))

    [box] = patches(drawing, colours.UNCOVERED)
    assert (box.x0, box.x1) == (day_row.LEFT, day_row.LEFT + day_row.STRIP)
    assert hours in painted_texts(drawing)


def test_holidays_are_named_and_a_weekend_of_work_is_no_weekend() -> None:
    month = replace(chart(one_person()), holidays={MONDAY: "国庆节"}, workdays=[date(2026, 11, 7)])

    drawing = draw_four_weeks(month, Words.of("zh_CN"))

    free = [box for box in drawing.marks if isinstance(box, Box) and box.fill == colours.FREE_DAY]
    assert len(free) == 1 + 7
    assert {"国庆节", "上班"} <= set(painted_texts(drawing))


def test_an_empty_rota_is_one_long_gap() -> None:
    drawing = draw_four_weeks(chart(Rota()), Words.of("en"))

    assert "1,344 h uncovered" in painted_texts(drawing)
    assert len(patches(drawing, colours.UNCOVERED)) == 2 * 28


def test_no_more_slots_are_drawn_than_can_be_read() -> None:
    drawing = draw_four_weeks(chart(replace(one_person(), seats=(Seat("primary", 20),)), days=2), Words.of("en"))

    assert "12 seats are not shown" in painted_texts(drawing)
