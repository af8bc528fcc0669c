"""A sheet that is filled from top to bottom, and what all pictures have in common: width, lines of text, samples."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from handlers.chart import colours
from handlers.chart.drawing import Box, Drawing, Mark, TextLabel
from handlers.i18n.words import BOTH, Words

WIDTH, MARGIN = 1080, 28
"""Of a phone's screen held upright, in its own pixels."""
RIGHT = WIDTH - MARGIN
SAMPLE = 64
Times = Sequence[tuple[datetime, datetime]]


class ChartLayout:
    """The marks so far, and ``y`` as how far down they reach."""

    def __init__(self) -> None:
        self.y = MARGIN
        self._marks: list[Mark] = []

    def add(self, *marks: Mark) -> None:
        """Marks anywhere on the sheet, above what is there."""
        self._marks.extend(marks)

    def line(self, text: str, size: int, height: int, *, ink: str = colours.INK, bold: bool = False) -> None:
        """A line of text over the whole width."""
        self.add(TextLabel(MARGIN, self.y, RIGHT, self.y + height, (text,), size, ink, bold))
        self.y += height

    def sample(self, box: Box, says: str) -> None:
        """A line of the legend: a patch as it is drawn elsewhere, and what it means."""
        self.add(box, TextLabel(MARGIN + SAMPLE + 18, self.y, RIGHT, self.y + 48, (says,), 30, colours.INK, bold=True))
        self.y += 48

    def scene(self) -> Drawing:
        """The finished sheet."""
        return Drawing(WIDTH, self.y + MARGIN, colours.PAPER, tuple(self._marks))


def list_language_names(words: Words) -> tuple[Words, ...]:
    """Each language by itself, for what would be too long on one line in both."""
    return (Words.of("zh_CN"), Words.of("en")) if words is Words.of(BOTH) else (words,)


def hours_text(length: timedelta) -> str:
    """How long, without the fractions nobody looks for: “14”, “0.25”, “8,760”."""
    total = length / timedelta(hours=1)
    return f"{round(total, 2 if total < 10 else 1):,}".removesuffix(".0")


def total_hours(times: Times) -> timedelta:
    """How long some times are together."""
    return sum((end - start for start, end in times), timedelta())
