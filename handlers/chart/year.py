"""Up to a year of the ledger as a drawing: one row a month, one column a day, midnight at the top and the bottom."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from handlers.chart import colours
from handlers.chart.days import DAY, ChartDay, list_days, month_name, period_name
from handlers.chart.drawing import Box, Drawing, Mark, TextLabel
from handlers.chart.layout import (
    MARGIN,
    RIGHT,
    SAMPLE,
    ChartLayout,
    Times,
    hours_text,
    split_languages,
    total_hours,
)
from handlers.i18n.dates import short_zone_name
from handlers.i18n.rota_labels import seat_name
from handlers.i18n.words import N_, Words

LEFT = MARGIN + 125  # right of the months
COLUMN = (RIGHT - LEFT) // 31
HEIGHT, BETWEEN = 96, 16  # of a month's days; four pixels an hour
LEAST_HEIGHT = 6  # of an uncovered time, however short
NAMED = 10  # people with the most hours


@dataclass(frozen=True, slots=True)
class StatusStyle:
    """How a status is drawn, and its name. The colours differ in lightness, the two bad ones in stripes."""

    name: str
    fill: str
    stripes: str = ""


STYLES: Mapping[str, StatusStyle] = {
    "planned": StatusStyle(N_("planned, not confirmed"), colours.PLANNED),
    "confirmed": StatusStyle(N_("confirmed"), colours.CONFIRMED),
    "handed_over": StatusStyle(N_("handed over"), colours.HANDED_OVER),
    "intended": StatusStyle(N_("accepted gap"), colours.ACCEPTED_FILL, colours.ACCEPTED),
    "below_requirement": StatusStyle(N_("below the requirement"), colours.THIN_FILL, colours.THIN),
    "uncovered": StatusStyle(N_("uncovered"), colours.EMPTY_FILL, colours.UNCOVERED),
    "down": StatusStyle(N_("the bot was down"), colours.BOT_DOWN, colours.GRID),
}
"""By the status in the ledger, in drawing order: the most important comes last. A status that is not here is not drawn.
"""
Interval = tuple[datetime, datetime, str, str]
"""Start and end (UTC), status, and the rota's name of the person, empty for nobody."""


@dataclass(frozen=True)
class YearChart:
    """What is drawn: the intervals of one seat."""

    intervals: Sequence[Interval]
    seat: str
    first: date  # like ``last`` included; at most twelve months
    last: date
    zone: ZoneInfo
    now: datetime


def draw_year(chart: YearChart, words: Words) -> Drawing:
    """Return the drawing of these months. Time without an interval stays grey."""
    sheet = ChartLayout()
    _draw_head(sheet, chart, words)
    days = list(list_days(chart.first, (chart.last - chart.first) // DAY + 1, chart.zone))
    parts = _group_by_day([interval for interval in chart.intervals if interval[2] in STYLES], days)
    _draw_day_numbers(sheet)
    for day in days:
        if day is days[0] or day.date.day == 1:
            sheet.y += (HEIGHT + BETWEEN) * (day is not days[0])
            sheet.add(
                TextLabel(
                    MARGIN, sheet.y, LEFT - 8, sheet.y + HEIGHT, tuple(_month_texts(day, words)), 30, colours.INK, True
                )
            )
        sheet.add(*_draw_column(day, parts.get(day.date, ()), sheet.y))
    sheet.y += HEIGHT + 24
    _draw_people(sheet, chart, words)
    return sheet.finish()


def _draw_head(sheet: ChartLayout, chart: YearChart, words: Words) -> None:
    sheet.line(f"{words(N_('Coverage'))}{words.colon}{seat_name(chart.seat, words)}", 54, 72, bold=True)
    sheet.line(period_name(chart.first, chart.last, words), 36, 52, bold=True)
    drawn = f"{words(N_('As of'))}{words.colon}{chart.now.astimezone(chart.zone):%Y-%m-%d %H:%M}"
    sheet.add(TextLabel(MARGIN, sheet.y, RIGHT, sheet.y + 42, (drawn,), 27, colours.QUIET, align="right"))
    sheet.line(short_zone_name(chart.zone, words), 27, 42, ink=colours.QUIET)
    sheet.y += 10
    for status, style in STYLES.items():
        if times := _find_times(chart.intervals, status):
            box = Box(MARGIN, sheet.y + 6, MARGIN + SAMPLE, sheet.y + 42, style.fill, style.stripes)
            sheet.sample(
                box, f"{words(style.name)}{words.colon}{words(N_('{hours} h'), hours=hours_text(total_hours(times)))}"
            )
    for language in split_languages(words):
        sheet.line(
            language(N_("One column per day, from midnight at the top to midnight at the bottom.")),
            27,
            40,
            ink=colours.QUIET,
        )


def _find_times(intervals: Iterable[Interval], status: str) -> Times:
    return [(start, end) for start, end, interval_status, _ in intervals if interval_status == status]


def _month_texts(day: ChartDay, words: Words) -> Iterator[str]:
    name = month_name(day.date, words)
    yield name
    yield name.split(" ")[0]


def _draw_day_numbers(sheet: ChartLayout) -> None:
    """Draw the days of the month, above the first row."""
    for number in (1, 5, 10, 15, 20, 25, 31):
        middle = LEFT + COLUMN * (number - 1) + COLUMN // 2
        sheet.add(
            TextLabel(
                middle - 30, sheet.y, middle + 30, sheet.y + 36, (str(number),), 24, colours.QUIET, align="centre"
            )
        )
    sheet.y += 38


def _group_by_day(intervals: Iterable[Interval], days: Sequence[ChartDay]) -> Mapping[date, Sequence[Interval]]:
    """Return the intervals that touch each day, in one pass over both."""
    waiting = sorted(intervals)
    touching: dict[date, list[Interval]] = {}
    first = 0
    for day in days:
        while first < len(waiting) and waiting[first][1] <= day.start:
            first += 1
        at = first
        while at < len(waiting) and waiting[at][0] < day.end:
            touching.setdefault(day.date, []).append(waiting[at])
            at += 1
    return touching


def _draw_column(day: ChartDay, intervals: Iterable[Interval], top: int) -> Iterator[Mark]:
    """Draw one day: what must be seen above all else, and never too low to be seen."""
    x0 = LEFT + COLUMN * (day.date.day - 1)
    yield Box(x0, top, x0 + COLUMN - 2, top + HEIGHT, colours.ACCEPTED_FILL)
    order = list(STYLES)
    for start, end, status, _ in sorted(intervals, key=lambda interval: order.index(interval[2])):
        if end <= day.start:
            continue
        upper, lower = (top + round(HEIGHT * day.share(moment)) for moment in (start, end))
        style = STYLES[status]
        if style.stripes and lower - upper < LEAST_HEIGHT:
            upper = min(max(top, (upper + lower - LEAST_HEIGHT) // 2), top + HEIGHT - LEAST_HEIGHT)
            lower = upper + LEAST_HEIGHT
        narrow = lower - upper < 2 * LEAST_HEIGHT  # stripes need room, or they are dots
        yield Box(
            x0, upper, x0 + COLUMN - 2, lower,
            style.stripes if narrow and status == "uncovered" else style.fill, "" if narrow else style.stripes,
        )  # fmt: skip


def _draw_people(sheet: ChartLayout, chart: YearChart, words: Words) -> None:
    """Draw the people with the most hours."""
    times_by_person: dict[str, list[tuple[datetime, datetime]]] = {}
    for start, end, status, person in chart.intervals:
        if person and status in STYLES:
            times_by_person.setdefault(person, []).append((start, end))
    totals = {person: total_hours(times) for person, times in times_by_person.items()}
    top = sorted(totals, key=lambda person: (-totals[person], person))[:NAMED]
    for person in top:
        full_width = RIGHT - LEFT - 360
        width = round(full_width * (totals[person] / max(timedelta(seconds=1), totals[top[0]])))
        x0 = MARGIN + 300
        hours = hours_text(totals[person])
        sheet.add(
            TextLabel(MARGIN, sheet.y, x0 - 12, sheet.y + 46, (person,), 30, colours.INK, bold=True),
            Box(x0, sheet.y + 10, x0 + max(2, width), sheet.y + 36, colours.CONFIRMED),
            TextLabel(
                x0 + width + 12, sheet.y, RIGHT, sheet.y + 46,
                (words(N_("{hours} h"), hours=hours), f"{hours} h"), 27, colours.INK,
            ),
        )  # fmt: skip
        sheet.y += 46
