"""Escalated cases by area as bars; the red part of a bar is what was returned."""

from collections.abc import Sequence
from dataclasses import dataclass

from handlers.chart import colours
from handlers.chart.drawing import Box, Drawing, TextLabel
from handlers.chart.layout import MARGIN, WIDTH

ROW, THICK, SIZE = 46, 26, 21  # pixels
NAME_WIDTH, SAID_WIDTH = 420, 240
BAR_LEFT = MARGIN + NAME_WIDTH + 20
LONGEST = WIDTH - MARGIN - SAID_WIDTH - BAR_LEFT


@dataclass(frozen=True)
class ReturnedBar:
    """One area: its name, what was escalated, what of it was returned, and what stands beside the bar."""

    name: str
    cases: int
    returned: int
    said: str


def draw_returned_bars(bars: Sequence[ReturnedBar]) -> Drawing:
    """Draw one bar below the other."""
    most = max((bar.cases for bar in bars), default=0) or 1
    marks = [mark for row, bar in enumerate(bars) for mark in _draw(bar, row * ROW, most)]
    return Drawing(WIDTH, max(1, len(bars)) * ROW, colours.PAPER, tuple(marks))


def _draw(bar: ReturnedBar, top: int, most: int) -> Sequence[Box | TextLabel]:
    begins, ends = top + (ROW - THICK) // 2, top + (ROW + THICK) // 2
    whole = BAR_LEFT + max(4, round(LONGEST * bar.cases / most))
    part = BAR_LEFT + round(LONGEST * bar.returned / most)
    name = TextLabel(MARGIN, top, MARGIN + NAME_WIDTH, top + ROW, (bar.name,), SIZE, colours.INK, align="right")
    said = TextLabel(whole + 14, top, WIDTH, top + ROW, (bar.said,), SIZE, colours.INK)
    return (
        name,
        Box(BAR_LEFT, begins, whole, ends, colours.ACCEPTED),
        Box(BAR_LEFT, begins, part, ends, colours.UNCOVERED),
        said,
    )
