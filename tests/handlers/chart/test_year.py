"""The picture of a year of the ledger."""

from datetime import date, timedelta

from handlers.chart import colours, painter
from handlers.chart.drawing import Box
from handlers.chart.year import STYLES, YearChart, draw_year
from handlers.i18n.words import Words
from models.rules.rota.on_call import CoverageStatus
from models.rules.rota.rota import BEIJING
from tests.handlers.chart.samples import EVERY_LANGUAGE, NOW, painted_texts, to_utc


def test_every_status_of_the_ledger_has_a_style() -> None:
    assert {*CoverageStatus, "down"} == set(STYLES)


@EVERY_LANGUAGE
def test_a_year_is_twelve_rows_and_its_hours(language: str) -> None:
    night = to_utc("2026-07-01T02:00")
    intervals = [
        (to_utc("2026-01-01T00:00"), night, "confirmed", "李娜"),
        (night, night + timedelta(minutes=1), "uncovered", ""),
        (night + timedelta(minutes=1), to_utc("2027-01-01T00:00"), "handed_over", "Emma Clarke"),
    ]
    year = YearChart(intervals, "primary", date(2026, 1, 1), date(2026, 12, 31), BEIJING, to_utc("2027-01-01T00:00"))

    scene = draw_year(year, Words.of(language))
    picture = painter.paint(scene)

    shown = [box for box in scene.marks if isinstance(box, Box) and box.fill == colours.UNCOVERED]
    assert [box.y1 - box.y0 for box in shown] == [6]
    assert any("4,346" in text for text in painted_texts(scene))
    assert {"李娜", "Emma Clarke"} <= set(painted_texts(scene))
    assert len(picture) < 200_000


def test_a_leap_year_has_its_day() -> None:
    year = YearChart([], "primary", date(2028, 1, 1), date(2028, 12, 31), BEIJING, NOW)

    days = [mark for mark in draw_year(year, Words.of("en")).marks if isinstance(mark, Box)]

    assert len(days) == 366
