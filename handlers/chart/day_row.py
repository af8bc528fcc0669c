"""One day of the rota's chart: its date, and a strip of 24 hours with a lane for each slot."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from handlers.chart import cells, colours
from handlers.chart.cells import MemberColours
from handlers.chart.days import ChartDay, day_name, month_name
from handlers.chart.drawing import Align, Box, Mark, TextLabel
from handlers.chart.lanes import Lane, LaneSegment, LaneState
from handlers.chart.layout import MARGIN, RIGHT
from handlers.i18n.words import N_, Words

LEFT = MARGIN + 152  # right of the dates
STRIP = RIGHT - LEFT
UPPER, LOWER, BETWEEN, AFTER = (
    41,
    34,
    3,
    8,
)  # heights in pixels: lanes of the first seat, of others, space between lanes, space below
LEAST_HEIGHT = UPPER + BETWEEN + LOWER  # room for the date
AXIS = 36
LEAST_WIDTH = 12  # of a gap, however short
APART = 3  # space after the end of a person's time
ROOM_FOR_WORDS = 36
HOURS = (0, 6, 12, 18, 24)
SATURDAY = 5
ORDER = (
    LaneState.ACCEPTED,
    LaneState.COVERED,
    LaneState.BELOW_REQUIREMENT,
    LaneState.UNCOVERED,
)  # no gap lies below a name

Area = tuple[int, int, int, int]
"""Left, right, top, bottom."""


@dataclass(frozen=True)
class DayRows:
    """What all days of one chart have in common."""

    lanes: Sequence[Lane]
    people: MemberColours
    zone: ZoneInfo
    now: datetime
    words: Words
    holidays: Mapping[date, str] = field(default_factory=dict)  # names of days off
    workdays: Collection[date] = ()  # weekend days that are worked

    @property
    def height(self) -> int:
        """The height of a day's strip."""
        return sum(self._heights()) + BETWEEN * (len(self.lanes) - 1)

    def _heights(self) -> list[int]:
        if len(self.lanes) == 1:
            return [LEAST_HEIGHT]
        return [UPPER if lane.seat == self.lanes[0].seat else LOWER for lane in self.lanes]

    def day(self, day: ChartDay, top: int, *, names_month: bool) -> Iterator[Mark]:
        """Return all marks of one day, the texts last."""
        yield from self._draw_date(day, top, names_month)
        words: list[Mark] = []
        at = top
        for lane, height in zip(self.lanes, self._heights(), strict=True):
            segments = [segment for segment in lane.segments if segment.start < day.end and segment.end > day.start]
            for segment in sorted(segments, key=lambda segment: ORDER.index(segment.state)):
                area = (*_find_span(day, segment), at, at + height)
                yield self._draw_segment(segment, day, area)
                words += self._draw_text(segment, day, area)
            at += height + BETWEEN
        yield from self._draw_ticks(day, top)
        yield from words

    # The date --------------------------------------------------------------------------------------------------

    def _draw_date(self, day: ChartDay, top: int, names_month: bool) -> Iterator[Mark]:
        """Draw the number of the day, its name, and below what is special about it."""
        bottom, middle = top + self.height, top + 44
        holiday = self.holidays.get(day.date, "")
        if (holiday or day.date.weekday() >= SATURDAY) and day.date not in self.workdays:
            yield Box(MARGIN - 14, top, LEFT - 8, bottom, colours.FREE_DAY, round_left=True)
        ink = colours.QUIET if day.end <= self.now else colours.INK
        names = day_name(day.date, self.words).split(" ")
        yield TextLabel(MARGIN - 6, top, MARGIN + 50, middle, (str(day.date.day),), 40, ink, True, "centre")
        yield TextLabel(MARGIN + 58, top + 2, LEFT - 10, middle + 2, (names[0],), 29, ink)
        below = self._describe_special(day) or [
            *names[1:],
            *([month_name(day.date, self.words)] if names_month else []),
        ]
        if below:
            shorter = tuple(" ".join(below[:count]) for count in range(len(below), 0, -1))
            bold = bool(holiday)
            yield TextLabel(MARGIN - 6, middle, LEFT - 10, top + LEAST_HEIGHT, shorter, 25, ink, bold)

    def _describe_special(self, day: ChartDay) -> list[str]:
        if day.date in self.holidays:
            return self.holidays[day.date].split(" ")
        if day.date in self.workdays:
            return self.words(N_("workday")).split(" ")
        return [self.words(N_("{hours} h"), hours=f"{day.hours:g}")] if day.hours != 24 else []

    # The strip -------------------------------------------------------------------------------------------------

    def _draw_segment(self, segment: LaneSegment, day: ChartDay, area: Area) -> Box:
        """Draw a segment: rounded where its time begins and ends, flush where it goes on at midnight."""
        x0, x1, top, bottom = area
        begins, ends = segment.start > day.start, segment.end < day.end
        box_area = (x0, top, x1 - APART * ends, bottom)
        box = cells.build_box(segment.state, box_area, self.people.colour(segment.member))
        box = replace(box, round_left=begins, round_right=ends)
        box = cells.mark_own(box) if segment.member and segment.member == self.people.viewer else box
        return cells.fade_past(box) if self._is_over(segment, day) else box

    def _draw_text(self, segment: LaneSegment, day: ChartDay, area: Area) -> Iterator[TextLabel]:
        x0, x1, top, bottom = area
        texts = cells.write_label(segment, self.people, self.words)
        if texts and x1 - x0 >= ROOM_FOR_WORDS:
            ink = colours.QUIET if self._is_over(segment, day) else cells.INKS[segment.state]
            yield TextLabel(
                x0 + 6, top, x1 - 6, bottom, texts, 30 if bottom - top >= UPPER else 26, ink, bold=True,
                align="centre", plate=colours.PAPER if segment.reasons else "", may_be_cut=segment.is_filled,
            )  # fmt: skip

    def _is_over(self, segment: LaneSegment, day: ChartDay) -> bool:
        return min(segment.end, day.end) <= self.now

    def _draw_ticks(self, day: ChartDay, top: int) -> Iterator[Mark]:
        """Draw a thin line at each quarter of the day, and a thick one now."""
        bottom = top + self.height
        for hour in HOURS[1:-1]:
            x = LEFT + round(STRIP * day.at(hour, self.zone))
            yield Box(x - 1, bottom, x + 1, bottom + AFTER, colours.GRID)
        if day.start <= self.now < day.end:
            x = LEFT + round(STRIP * day.share(self.now))
            yield Box(x - 3, top - 6, x + 3, bottom + 6, colours.INK)


def draw_axis(top: int) -> Iterator[Mark]:
    """Draw the hours above a week."""
    for hour in HOURS:
        x = LEFT + STRIP * hour // 24
        align: Align = "left" if hour == 0 else "right" if hour == 24 else "centre"
        x0 = {"left": x, "centre": x - 40, "right": x - 80}[align]
        yield TextLabel(x0, top, x0 + 80, top + AXIS, (f"{hour}:00",), 24, colours.QUIET, align=align)


def _find_span(day: ChartDay, segment: LaneSegment) -> tuple[int, int]:
    """Return from where to where a segment reaches; a gap is never too narrow to be seen."""
    x0, x1 = (LEFT + round(STRIP * day.share(moment)) for moment in (segment.start, segment.end))
    if segment.reasons and x1 - x0 < LEAST_WIDTH:
        x0 = min(max(LEFT, (x0 + x1 - LEAST_WIDTH) // 2), RIGHT - LEAST_WIDTH)
        x1 = x0 + LEAST_WIDTH
    return x0, x1
