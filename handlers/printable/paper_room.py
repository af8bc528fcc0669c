"""How much of a page of A4 is left: which rows fit is reckoned from their texts, because no script may measure them."""

import math
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from handlers.printable.page import TableColumn

WIDTH, HEIGHT = 180.0, 275.0
"""Between the margins of a compact page, in mm."""
HEAD, FOOT, TABLE = 27.0, 6.0, 15.5
"""The title with its lines; the line above the notes; the heading of a table and the names of its columns."""
LINE, SPACE, BETWEEN = 4.15, 1.25, 4.0
"""A line of text; what a row has around its lines; what stands between two columns."""
WIDE, NARROW, THIN = 3.2, 1.8, 1.0
"""A Chinese letter; a Latin letter or a digit; a space or another sign."""
RAGGED = 1.15
"""How much more room several lines take than their letters: words move to the next line as a whole."""


@dataclass
class PaperRoom:
    """The room that is left on one page, in mm."""

    free: float = HEIGHT - HEAD - FOOT

    def take(self, rows: Sequence[Sequence[str]], columns: Sequence[TableColumn]) -> int:
        """Take room for the first rows; return how many of them fit."""
        for number, row in enumerate(rows):
            height = max(_count_lines(text, _room_of(column)) for text, column in zip(row, columns, strict=True))
            if height * LINE + SPACE > self.free:
                return number
            self.free -= height * LINE + SPACE
        return len(rows)

    def take_text(self, *texts: str) -> None:
        """Take room for texts over the whole width."""
        self.free -= sum(_count_lines(text, WIDTH) * LINE + SPACE for text in texts if text)

    def take_tables(self, count: int) -> None:
        """Take room for so many tables without their rows."""
        self.free -= count * TABLE


def _room_of(column: TableColumn) -> float:
    return WIDTH * float(column.width.rstrip("%")) / 100 - BETWEEN


def _count_lines(text: str, room: float) -> int:
    width = sum(map(_width_of, text))
    return 1 if width <= room else math.ceil(width * RAGGED / room)


def _width_of(letter: str) -> float:
    if unicodedata.east_asian_width(letter) in "WF":
        return WIDE
    return NARROW if letter.isalnum() else THIN
