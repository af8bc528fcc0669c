"""Rotas for pictures, and a look at what was drawn."""

import io
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from PIL import Image

from handlers.chart import day_row, painter
from handlers.chart.days import list_days
from handlers.chart.drawing import Box, Drawing, TextLabel
from handlers.chart.lanes import Window
from handlers.chart.month import MonthChart
from models.rules.rota.gaps import Gap
from models.rules.rota.overrides import Override, OverrideKind
from models.rules.rota.resolved_rota import find_gaps
from models.rules.rota.rota import BEIJING, Layer, Member, PartnerRole, Rota, Seat
from models.rules.rota.shifts import Shift, resolve_shifts
from models.rules.rota.toml import reader

MONDAY = date(2026, 11, 2)
NOW = datetime(2026, 11, 1, 4, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")
EXAMPLE = reader.read_rota(reader.example())
PRIMARY_ONLY = (Seat("primary"),)
EVERY_LANGUAGE = pytest.mark.parametrize("language", ["en", "zh_CN", "both"])


def to_utc(text: str, zone: ZoneInfo = BEIJING) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


def build_time_off(member: str, start: str, end: str, number: int = 1, zone: ZoneInfo = BEIJING) -> Override:
    return Override(number, NOW, "U0", OverrideKind.TIME_OFF, to_utc(start, zone), to_utc(end, zone), member)


def chart(rota: Rota, *changes: Override, first: date = MONDAY, days: int = 28) -> MonthChart:
    """A plan and its changes as the picture wants them."""
    span = list(list_days(first, days, rota.zone))
    start, end = span[0].start, span[-1].end
    return MonthChart(
        rota, resolve_shifts(rota, changes, start, end), find_gaps(rota, changes, start, end), first, NOW, days
    )


def one_person(name: str = "Li", zone: ZoneInfo = BEIJING) -> Rota:
    """A rota of one, who always stands."""
    member = Member(name, "U1", role=PartnerRole.ADMIN_AGENT)
    layer = Layer("all", "primary", (name,), date(2026, 1, 1), time(0), timedelta(days=1), zone)
    return Rota({name: member}, (layer,), PRIMARY_ONLY, zone)


def paint_image(drawing: Drawing) -> Image.Image:
    return Image.open(io.BytesIO(painter.paint(drawing))).convert("RGB")


def labels(drawing: Drawing) -> Iterator[TextLabel]:
    return (mark for mark in drawing.marks if isinstance(mark, TextLabel))


def painted_texts(drawing: Drawing) -> list[str]:
    return [painter.fit_label(label)[0] for label in labels(drawing)]


def patches(drawing: Drawing, colour: str) -> list[Box]:
    """The striped boxes of the strips, without those of legend and list."""
    boxes = (mark for mark in drawing.marks if isinstance(mark, Box))
    return [box for box in boxes if box.stripes == colour and box.x0 >= day_row.LEFT]


def lane_inputs(chart: MonthChart) -> tuple[Sequence[Shift], Sequence[Gap], Window]:
    """What the lanes are made of."""
    days = list(list_days(chart.first, chart.days, chart.rota.zone))
    return chart.shifts, chart.gaps, (days[0].start, days[-1].end)
