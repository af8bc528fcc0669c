"""A sheet that is filled from top to bottom, and what all charts share: width, lines of text, legend."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from handlers.chart import colours
from handlers.chart.drawing import Box, Drawing, Mark, TextLabel
from handlers.i18n.words import BOTH, Words

WIDTH, MARGIN = 1080, 28
"""Pixels of a phone's screen held upright."""
RIGHT = WIDTH - MARGIN
SAMPLE = 64
Times = Sequence[tuple[datetime, datetime]]


class ChartLayout:
    """The marks so far; ``y`` is how far down they reach, in pixels."""

    def __init__(self) -> None:
        self.y = MARGIN
        self._marks: list[Mark] = []

    def add(self, *marks: Mark) -> None:
        """Add marks anywhere on the sheet, above those already there."""
        self._marks.extend(marks)

    def line(self, text: str, size: int, height: int, *, ink: str = colours.INK, bold: bool = False) -> None:
        """Add a line of text over the whole width."""
        self.add(TextLabel(MARGIN, self.y, RIGHT, self.y + height, (text,), size, ink, bold))
        self.y += height

    def sample(self, box: Box, meaning: str) -> None:
        """Add a line of the legend: a box as it is drawn elsewhere, and its meaning."""
        self.add(
            box, TextLabel(MARGIN + SAMPLE + 18, self.y, RIGHT, self.y + 48, (meaning,), 30, colours.INK, bold=True)
        )
        self.y += 48

    def finish(self) -> Drawing:
        """Return the finished drawing."""
        return Drawing(WIDTH, self.y + MARGIN, colours.PAPER, tuple(self._marks))


def split_languages(words: Words) -> tuple[Words, ...]:
    """Return each language on its own, for text that is too long on one line in both."""
    return (Words.of("zh_CN"), Words.of("en")) if words is Words.of(BOTH) else (words,)


def hours_text(length: timedelta) -> str:
    """Return hours without needless fractions: “14”, “0.25”, “8,760”."""
    total = length / timedelta(hours=1)
    return f"{round(total, 2 if total < 10 else 1):,}".removesuffix(".0")


def total_hours(times: Times) -> timedelta:
    """Return the total length of some times."""
    return sum((end - start for start, end in times), timedelta())
