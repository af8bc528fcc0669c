"""Up to a year of the ledger as a scene: one row a month, one column a day, midnight on top and midnight below."""

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
    list_language_names,
    total_hours,
)
from handlers.i18n.dates import short_zone_name
from handlers.i18n.rota_labels import seat_name
from handlers.i18n.words import N_, Words

LEFT = MARGIN + 125  # right of the months
COLUMN = (RIGHT - LEFT) // 31
HEIGHT, BETWEEN = 96, 16  # of a month's days; four pixels an hour
LEAST = 6  # so high is a minute that nobody covered
NAMED = 10  # people with the most hours


@dataclass(frozen=True, slots=True)
class StatusStyle:
    """How a verdict is drawn, and what it is called. The colours differ in lightness, the two bad ones in stripes."""

    name: str
    fill: str
    stripes: str = ""


LOOKS: Mapping[str, StatusStyle] = {
    "planned": StatusStyle(N_("planned, not confirmed"), colours.PLANNED),
    "confirmed": StatusStyle(N_("confirmed"), colours.CONFIRMED),
    "handed_over": StatusStyle(N_("handed over"), colours.HANDED_OVER),
    "intended": StatusStyle(N_("accepted gap"), colours.MEANT_FILL, colours.MEANT),
    "below_requirement": StatusStyle(N_("below the requirement"), colours.THIN_FILL, colours.THIN),
    "uncovered": StatusStyle(N_("uncovered"), colours.EMPTY_FILL, colours.UNCOVERED),
    "down": StatusStyle(N_("the bot was down"), colours.BOT_DOWN, colours.GRID),
}
"""By the ledger's word for it, in the order in which they are drawn: what must be seen comes last. A verdict that is
not here is not drawn."""
Interval = tuple[datetime, datetime, str, str]
"""Start, end (UTC), verdict, and the plan's name of the person, empty if there was none."""


@dataclass(frozen=True)
class YearChart:
    """What is drawn: the intervals of one seat from ``first`` to ``last``, both included, at most twelve months."""

    intervals: Sequence[Interval]
    seat: str
    first: date
    last: date
    zone: ZoneInfo
    now: datetime


def draw_year(ledger: YearChart, words: Words) -> Drawing:
    """The picture of these months. Time that no interval is about stays grey."""
    sheet = ChartLayout()
    _head(sheet, ledger, words)
    days = list(list_days(ledger.first, (ledger.last - ledger.first) // DAY + 1, ledger.zone))
    parts = _by_day([interval for interval in ledger.intervals if interval[2] in LOOKS], days)
    _numbers(sheet)
    for day in days:
        if day is days[0] or day.date.day == 1:
            sheet.y += (HEIGHT + BETWEEN) * (day is not days[0])
            sheet.add(
                TextLabel(MARGIN, sheet.y, LEFT - 8, sheet.y + HEIGHT, tuple(_month(day, words)), 30, colours.INK, True)
            )
        sheet.add(*_column(day, parts.get(day.date, ()), sheet.y))
    sheet.y += HEIGHT + 24
    _people(sheet, ledger, words)
    return sheet.scene()


def _head(sheet: ChartLayout, ledger: YearChart, words: Words) -> None:
    sheet.line(f"{words(N_('Coverage'))}{words.colon}{seat_name(ledger.seat, words)}", 54, 72, bold=True)
    sheet.line(period_name(ledger.first, ledger.last, words), 36, 52, bold=True)
    drawn = f"{words(N_('As of'))}{words.colon}{ledger.now.astimezone(ledger.zone):%Y-%m-%d %H:%M}"
    sheet.add(TextLabel(MARGIN, sheet.y, RIGHT, sheet.y + 42, (drawn,), 27, colours.QUIET, align="right"))
    sheet.line(short_zone_name(ledger.zone, words), 27, 42, ink=colours.QUIET)
    sheet.y += 10
    for verdict, look in LOOKS.items():
        if times := _times(ledger.intervals, verdict):
            patch = Box(MARGIN, sheet.y + 6, MARGIN + SAMPLE, sheet.y + 42, look.fill, look.stripes)
            sheet.sample(
                patch, f"{words(look.name)}{words.colon}{words(N_('{hours} h'), hours=hours_text(total_hours(times)))}"
            )
    for tongue in list_language_names(words):
        sheet.line(
            tongue(N_("One column per day, from midnight at the top to midnight at the bottom.")),
            27,
            40,
            ink=colours.QUIET,
        )


def _times(intervals: Iterable[Interval], verdict: str) -> Times:
    return [(start, end) for start, end, said, _ in intervals if said == verdict]


def _month(day: ChartDay, words: Words) -> Iterator[str]:
    name = month_name(day.date, words)
    yield name
    yield name.split(" ")[0]


def _numbers(sheet: ChartLayout) -> None:
    """Days of the month, above the first row."""
    for number in (1, 5, 10, 15, 20, 25, 31):
        middle = LEFT + COLUMN * (number - 1) + COLUMN // 2
        sheet.add(
            TextLabel(
                middle - 30, sheet.y, middle + 30, sheet.y + 36, (str(number),), 24, colours.QUIET, align="centre"
            )
        )
    sheet.y += 38


def _by_day(intervals: Iterable[Interval], days: Sequence[ChartDay]) -> Mapping[date, Sequence[Interval]]:
    """The intervals that touch each day, in one pass over both."""
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


def _column(day: ChartDay, intervals: Iterable[Interval], top: int) -> Iterator[Mark]:
    """One day: what must be seen above all else, and never too low to be seen."""
    left = LEFT + COLUMN * (day.date.day - 1)
    yield Box(left, top, left + COLUMN - 2, top + HEIGHT, colours.MEANT_FILL)
    order = list(LOOKS)
    for start, end, verdict, _ in sorted(intervals, key=lambda one: order.index(one[2])):
        if end <= day.start:
            continue
        upper, lower = (top + round(HEIGHT * day.share(moment)) for moment in (start, end))
        look = LOOKS[verdict]
        if look.stripes and lower - upper < LEAST:
            upper = min(max(top, (upper + lower - LEAST) // 2), top + HEIGHT - LEAST)
            lower = upper + LEAST
        narrow = lower - upper < 2 * LEAST  # stripes need room, or they are dots
        yield Box(
            left, upper, left + COLUMN - 2, lower,
            look.stripes if narrow and verdict == "uncovered" else look.fill, "" if narrow else look.stripes,
        )  # fmt: skip


def _people(sheet: ChartLayout, ledger: YearChart, words: Words) -> None:
    """Who stood how long, most first."""
    spent: dict[str, list[tuple[datetime, datetime]]] = {}
    for start, end, verdict, person in ledger.intervals:
        if person and verdict in LOOKS:
            spent.setdefault(person, []).append((start, end))
    totals = {person: total_hours(times) for person, times in spent.items()}
    most = sorted(totals, key=lambda person: (-totals[person], person))[:NAMED]
    for person in most:
        full = RIGHT - LEFT - 360
        length = round(full * (totals[person] / max(timedelta(seconds=1), totals[most[0]])))
        left = MARGIN + 300
        told = hours_text(totals[person])
        sheet.add(
            TextLabel(MARGIN, sheet.y, left - 12, sheet.y + 46, (person,), 30, colours.INK, bold=True),
            Box(left, sheet.y + 10, left + max(2, length), sheet.y + 36, colours.CONFIRMED),
            TextLabel(
                left + length + 12, sheet.y, RIGHT, sheet.y + 46,
                (words(N_("{hours} h"), hours=told), f"{told} h"), 27, colours.INK,
            ),
        )  # fmt: skip
        sheet.y += 46
