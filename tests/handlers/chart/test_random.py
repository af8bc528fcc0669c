"""Random rotas: each can be drawn, and what is striped is what the gaps say."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from handlers.chart import painter
from handlers.chart.drawing import Box
from handlers.chart.lanes import Lane, LaneSegment, build_lanes
from handlers.chart.month import MonthChart, draw_four_weeks
from handlers.i18n.words import Words
from models.rules.rota.gaps import Gap
from models.rules.rota.overrides import Override, OverrideKind
from models.rules.rota.rota import Layer, Member, PartnerRole, Rota, Seat
from tests.handlers.chart.samples import NOW, chart, lane_inputs

MINUTES = st.integers(0, 5 * 24 * 60)


@st.composite
def rotas(draw: st.DrawFn) -> MonthChart:
    names = draw(st.lists(st.sampled_from(["Li", "王伟", "Emma Clarke", "Dr. X", "🦊"]), max_size=4, unique=True))
    zone = ZoneInfo(draw(st.sampled_from(["Asia/Shanghai", "Europe/Berlin", "Asia/Kathmandu", "America/St_Johns"])))
    roles = st.sampled_from([None, *PartnerRole])
    members = {name: Member(name, draw(st.sampled_from(["", "U1", "U2"])), role=draw(roles)) for name in names}
    seats = [
        Seat(name, draw(st.integers(1, 2)))
        for name in draw(st.sets(st.sampled_from(["primary", "backup", "azure"]), min_size=1))
    ]
    layers = tuple(
        Layer(f"l{number}", seat.name, tuple(names), date(2026, 1, 1), time(draw(st.integers(0, 23))),
              timedelta(hours=draw(st.sampled_from([1, 7, 8, 12, 24, 168]))), zone,
              opens=time(draw(st.integers(0, 23))), closes=time(draw(st.integers(0, 23))))
        for number, seat in enumerate(seats)
        if names
    )  # fmt: skip
    rota = Rota(members, layers, tuple(seats), zone, timedelta(hours=12), timedelta(hours=11))
    first = draw(st.sampled_from([date(2026, 3, 27), date(2026, 10, 23), date(2026, 12, 30), date(2028, 2, 27)]))
    start = datetime.combine(first, time(0), UTC)
    changes = [
        Override(number, NOW, "U0", draw(st.sampled_from([OverrideKind.TIME_OFF, OverrideKind.OVERRIDE,
        OverrideKind.ACCEPT_GAP])),
               start + timedelta(minutes=begins), start + timedelta(minutes=begins + length),
               draw(st.sampled_from(["Li", "王伟", "a stranger"])), seats[0].name)
        for number, (begins, length) in enumerate(draw(st.lists(st.tuples(MINUTES, st.integers(1, 3000)), max_size=5)))
    ]  # fmt: skip
    now = start + timedelta(minutes=draw(st.integers(-2000, 9000)))
    return replace(chart(rota, *changes, first=first, days=5), now=now)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(rotas(), st.sampled_from(["en", "zh_CN", "both"]))
def test_any_rota_can_be_drawn(made: MonthChart, language: str) -> None:
    drawing = draw_four_weeks(made, Words.of(language))

    for lane in build_lanes(made.rota, *lane_inputs(made)):
        _covers_all_time(lane, made)
    boxes = [mark for mark in drawing.marks if isinstance(mark, Box)]
    assert all(box.x0 >= 0 and box.x1 <= drawing.width and box.y1 <= drawing.height for box in boxes)
    assert painter.paint(drawing).startswith(b"\x89PNG")


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(rotas())
def test_red_and_amber_are_exactly_the_gaps(made: MonthChart) -> None:
    lanes = build_lanes(made.rota, *lane_inputs(made))

    for seat in made.rota.seats:
        pieces = [piece for lane in lanes if lane.seat == seat.name for piece in lane.segments]
        wrong = {minute for piece in pieces if piece.reasons for minute in _minutes(piece)}
        owed = {minute for gap in made.gaps if gap.seat == seat.name for minute in _minutes(gap)}
        assert wrong == owed


def _minutes(interval: LaneSegment | Gap) -> Iterable[int]:
    return range(round(interval.start.timestamp() / 60), round(interval.end.timestamp() / 60))


def _covers_all_time(lane: Lane, made: MonthChart) -> None:
    """Without a hole, and nothing twice."""
    _, _, window = lane_inputs(made)
    assert (lane.segments[0].start, lane.segments[-1].end) == window
    assert all(one.end == other.start for one, other in pairwise(lane.segments))
