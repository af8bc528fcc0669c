"""A chart before it is painted: boxes and labels with their positions, in pixels. Values only; no drawing library.

A drawing can be written as JSON and read back, so that another process may paint it (``bot.workers.image_process``).
"""

import json
from dataclasses import astuple, dataclass
from typing import Literal

Align = Literal["left", "centre", "right"]


@dataclass(frozen=True, slots=True)
class Box:
    """A filled rectangle. ``x1`` and ``y1`` are the first pixels outside."""

    x0: int
    y0: int
    x1: int
    y1: int
    fill: str
    stripes: str = ""  # colour of diagonal stripes over ``fill``
    outline: str = ""  # colour of a frame
    round_left: bool = False
    round_right: bool = False


@dataclass(frozen=True, slots=True)
class TextLabel:
    """One line of text in a rectangle, centred vertically."""

    x0: int
    y0: int
    x1: int
    y1: int
    texts: tuple[str, ...]  # from the fullest to the shortest: the first that fits is drawn
    size: int  # pixels
    ink: str
    bold: bool = False
    align: Align = "left"
    plate: str = ""  # colour behind the text; none if empty
    may_be_cut: bool = True  # when none fits, the last text is cut with an ellipsis; else nothing is drawn


Mark = Box | TextLabel


@dataclass(frozen=True, slots=True)
class Drawing:
    """What is on a chart, in the order in which it is painted."""

    width: int
    height: int
    paper: str  # the background colour
    marks: tuple[Mark, ...]

    def to_json(self) -> str:
        """Return it as JSON, for :func:`read_drawing`."""
        marks = [[isinstance(mark, TextLabel), *astuple(mark)] for mark in self.marks]
        return json.dumps([self.width, self.height, self.paper, marks], ensure_ascii=False)


def read_drawing(text: str) -> Drawing:
    """Return the drawing that :meth:`Drawing.to_json` wrote."""
    width, height, paper, marks = json.loads(text)
    return Drawing(width, height, paper, tuple(_read_mark(*values) for values in marks))


def _read_mark(is_label: bool, *values: object) -> Mark:
    if not is_label:
        return Box(*values)  # type: ignore[arg-type]  # as astuple() took them apart
    x0, y0, x1, y1, texts, *rest = values
    return TextLabel(x0, y0, x1, y1, tuple(texts), *rest)  # type: ignore[arg-type]  # the same
