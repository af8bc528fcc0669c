"""How many cases were raised and solved on each day of a month, as a drawing for a printed report."""

from collections.abc import Sequence
from datetime import date

from handlers.chart import colours
from handlers.chart.drawing import Box, Drawing, TextLabel
from handlers.i18n.words import Words
from models.rules.reports.monthly import DayCount

WIDTH, HEIGHT = 1080, 330
LEFT, RIGHT, TOP, BOTTOM = 56, 1076, 52, 290
"""Where the days begin and end, and where the highest bar and the base line are, in pixels."""
SIZE = 19  # pixels of letters
RAISED, SOLVED = "#3B73C4", "#4FA583"
MOST_LINES = 4
SATURDAY = 5


def draw_month(days: Sequence[DayCount], words: Words) -> Drawing:
    """Return the drawing: two bars a day, on a light ground on Saturdays and Sundays."""
    step = _find_step(max((max(day.raised, day.solved) for day in days), default=0))
    top = step * MOST_LINES
    marks: list[Box | TextLabel] = [*_legend(words)]
    width = (RIGHT - LEFT) / len(days)
    for number, day in enumerate(days):
        if day.day.weekday() >= SATURDAY:
            x0, x1 = _column(number, width)
            marks.append(Box(x0, TOP, x1, BOTTOM, colours.FREE_DAY))
    for line in range(MOST_LINES + 1):
        y = BOTTOM - (BOTTOM - TOP) * line // MOST_LINES
        marks.append(Box(LEFT, y, RIGHT, y + 1, colours.GRID if line else colours.INK))
        marks.append(_text((0, y - 14, LEFT - 10, y + 14), f"{step * line:,}", "right"))
    for number, day in enumerate(days):
        marks += _bars(day, _column(number, width), top)
        if _is_named(day.day, len(days)):
            x0, x1 = _column(number, width)
            marks.append(_text((x0 - 20, BOTTOM + 8, x1 + 20, BOTTOM + 34), str(day.day.day), "centre"))
    return Drawing(WIDTH, HEIGHT, colours.PAPER, tuple(marks))


def describe_month(days: Sequence[DayCount], words: Words) -> str:
    """Return the drawing in words."""
    raised, solved = sum(day.raised for day in days), sum(day.solved for day in days)
    return words("By day: {raised} cases raised, {solved} solved.", raised=raised, solved=solved)


def _legend(words: Words) -> list[Box | TextLabel]:
    raised, solved = words("Raised in the month"), words("Solved in the month")
    return [
        Box(LEFT, 10, LEFT + 18, 28, RAISED), _text((LEFT + 26, 4, 400, 34), raised, "left"),
        Box(420, 10, 438, 28, SOLVED), _text((446, 4, 800, 34), solved, "left"),
    ]  # fmt: skip


def _bars(day: DayCount, column: tuple[int, int], top: int) -> list[Box | TextLabel]:
    x0, x1 = column
    middle, inset = (x0 + x1) // 2, max(2, (x1 - x0) // 8)
    bars = ((x0 + inset, middle, day.raised, RAISED), (middle, x1 - inset, day.solved, SOLVED))
    return [
        Box(x_from, BOTTOM - max(2, round((BOTTOM - TOP) * count / top)), x_to, BOTTOM, colour)
        for x_from, x_to, count, colour in bars
        if count
    ]


def _text(place: tuple[int, int, int, int], text: str, align: str) -> TextLabel:
    return TextLabel(*place, (text,), SIZE, colours.QUIET, align=align)  # type: ignore[arg-type]  # one of three words


def _column(number: int, width: float) -> tuple[int, int]:
    return LEFT + round(number * width), LEFT + round((number + 1) * width)


def _is_named(day: date, days: int) -> bool:
    """Name the first day, each fifth, and the last when the one before is far enough."""
    return day.day == 1 or day.day % 5 == 0 or (day.day == days and days % 5 > 1)


def _find_step(most: int) -> int:
    """Return the round number from one line to the next, so that the highest bar fits."""
    step, factors = 1, (2, 2.5, 2)  # 1, 2, 5, 10, 20, 50 …
    turn = 0
    while step * MOST_LINES < most:
        step, turn = round(step * factors[turn % 3]), turn + 1
    return step
