"""One day of the picture of the rota: its date, and a strip of 24 hours with a lane for each place."""

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
UPPER, LOWER, BETWEEN, AFTER = 41, 34, 3, 8  # heights: lanes of the first seat, of others, and what is between
LEAST_HEIGHT = UPPER + BETWEEN + LOWER  # there is room for the date
AXIS = 36
LEAST = 12  # so wide is a gap of a minute
APART = 3  # what is left free where somebody's time ends
ROOM_FOR_WORDS = 36
HOURS = (0, 6, 12, 18, 24)
SATURDAY = 5
ORDER = (
    LaneState.ACCEPTED,
    LaneState.COVERED,
    LaneState.BELOW_REQUIREMENT,
    LaneState.UNCOVERED,
)  # no gap lies below a name

Reach = tuple[int, int, int, int]
"""Left, right, top, bottom."""


@dataclass(frozen=True)
class DayRows:
    """What all days of one picture have in common. ``holidays`` names days off; on ``workdays`` people work although
    it is a weekend.
    """

    lanes: Sequence[Lane]
    people: MemberColours
    zone: ZoneInfo
    now: datetime
    words: Words
    holidays: Mapping[date, str] = field(default_factory=dict)
    workdays: Collection[date] = ()

    @property
    def height(self) -> int:
        """Of a day's strip."""
        return sum(self._heights()) + BETWEEN * (len(self.lanes) - 1)

    def _heights(self) -> list[int]:
        if len(self.lanes) == 1:
            return [LEAST_HEIGHT]
        return [UPPER if lane.seat == self.lanes[0].seat else LOWER for lane in self.lanes]

    def day(self, day: ChartDay, top: int, *, names_month: bool) -> Iterator[Mark]:
        """All marks of one day, the words last."""
        yield from self._date(day, top, names_month)
        words: list[Mark] = []
        at = top
        for lane, height in zip(self.lanes, self._heights(), strict=True):
            requester = [piece for piece in lane.segments if piece.start < day.end and piece.end > day.start]
            for piece in sorted(requester, key=lambda piece: ORDER.index(piece.state)):
                area = (*_reach(day, piece), at, at + height)
                yield self._patch(piece, day, area)
                words += self._words(piece, day, area)
            at += height + BETWEEN
        yield from self._ticks(day, top)
        yield from words

    # The date --------------------------------------------------------------------------------------------------

    def _date(self, day: ChartDay, top: int, names_month: bool) -> Iterator[Mark]:
        """The number of the day, its name, and below what is special about it."""
        bottom, middle = top + self.height, top + 44
        holiday = self.holidays.get(day.date, "")
        if (holiday or day.date.weekday() >= SATURDAY) and day.date not in self.workdays:
            yield Box(MARGIN - 14, top, LEFT - 8, bottom, colours.FREE_DAY, round_left=True)
        ink = colours.QUIET if day.end <= self.now else colours.INK
        names = day_name(day.date, self.words).split(" ")
        yield TextLabel(MARGIN - 6, top, MARGIN + 50, middle, (str(day.date.day),), 40, ink, True, "centre")
        yield TextLabel(MARGIN + 58, top + 2, LEFT - 10, middle + 2, (names[0],), 29, ink)
        below = self._special(day) or [*names[1:], *([month_name(day.date, self.words)] if names_month else [])]
        if below:
            shorter = tuple(" ".join(below[:count]) for count in range(len(below), 0, -1))
            bold = bool(holiday)
            yield TextLabel(MARGIN - 6, middle, LEFT - 10, top + LEAST_HEIGHT, shorter, 25, ink, bold)

    def _special(self, day: ChartDay) -> list[str]:
        if day.date in self.holidays:
            return self.holidays[day.date].split(" ")
        if day.date in self.workdays:
            return self.words(N_("workday")).split(" ")
        return [self.words(N_("{hours} h"), hours=f"{day.hours:g}")] if day.hours != 24 else []

    # The strip -------------------------------------------------------------------------------------------------

    def _patch(self, piece: LaneSegment, day: ChartDay, reach: Reach) -> Box:
        """Rounded where its time begins and ends, flush where it goes on at midnight."""
        left, right, top, bottom = reach
        begins, ends = piece.start > day.start, piece.end < day.end
        area = (left, top, right - APART * ends, bottom)
        patch = cells.build_box(piece.state, area, self.people.colour(piece.member))
        patch = replace(patch, round_left=begins, round_right=ends)
        patch = cells.is_marked(patch) if piece.member and piece.member == self.people.viewer else patch
        return cells.fade_past(patch) if self._is_over(piece, day) else patch

    def _words(self, piece: LaneSegment, day: ChartDay, reach: Reach) -> Iterator[TextLabel]:
        left, right, top, bottom = reach
        says = cells.write_label(piece, self.people, self.words)
        if says and right - left >= ROOM_FOR_WORDS:
            ink = colours.QUIET if self._is_over(piece, day) else cells.INKS[piece.state]
            yield TextLabel(
                left + 6, top, right - 6, bottom, says, 30 if bottom - top >= UPPER else 26, ink, bold=True,
                align="centre", plate=colours.PAPER if piece.reasons else "", may_be_cut=piece.is_filled,
            )  # fmt: skip

    def _is_over(self, piece: LaneSegment, day: ChartDay) -> bool:
        return min(piece.end, day.end) <= self.now

    def _ticks(self, day: ChartDay, top: int) -> Iterator[Mark]:
        """A thin line at each quarter of the day, and a thick one now."""
        bottom = top + self.height
        for hour in HOURS[1:-1]:
            x = LEFT + round(STRIP * day.at(hour, self.zone))
            yield Box(x - 1, bottom, x + 1, bottom + AFTER, colours.GRID)
        if day.start <= self.now < day.end:
            x = LEFT + round(STRIP * day.share(self.now))
            yield Box(x - 3, top - 6, x + 3, bottom + 6, colours.INK)


def draw_axis(top: int) -> Iterator[Mark]:
    """The hours above a week."""
    for hour in HOURS:
        x = LEFT + STRIP * hour // 24
        align: Align = "left" if hour == 0 else "right" if hour == 24 else "centre"
        left = {"left": x, "centre": x - 40, "right": x - 80}[align]
        yield TextLabel(left, top, left + 80, top + AXIS, (f"{hour}:00",), 24, colours.QUIET, align=align)


def _reach(day: ChartDay, piece: LaneSegment) -> tuple[int, int]:
    """From where to where on the picture; a gap is never too narrow to be seen."""
    left, right = (LEFT + round(STRIP * day.share(moment)) for moment in (piece.start, piece.end))
    if piece.reasons and right - left < LEAST:
        left = min(max(LEFT, (left + right - LEAST) // 2), RIGHT - LEAST)
        right = left + LEAST
    return left, right
