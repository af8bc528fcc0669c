"""A picture before it is drawn: boxes and labels with their places, in pixels. Values only; knows no drawing library.

A scene can be written down and read back, so that another process may draw it (``bot.workers.image_process``).
"""

import json
from dataclasses import astuple, dataclass
from typing import Literal

Align = Literal["left", "centre", "right"]


@dataclass(frozen=True, slots=True)
class Box:
    """A filled rectangle. ``stripes`` is the colour of diagonal stripes over ``fill``, ``outline`` that of a frame;
    ``round_left`` and ``round_right`` say which ends are rounded.
    """

    x0: int
    y0: int
    x1: int
    y1: int
    fill: str
    stripes: str = ""
    outline: str = ""
    round_left: bool = False
    round_right: bool = False


@dataclass(frozen=True, slots=True)
class TextLabel:
    """One line of text within a rectangle, centred from top to bottom. Of ``says``, from the most telling to the
    shortest, the first that fits is drawn. When none does, the last is cut short with an ellipsis if ``may_be_cut``,
    else nothing is drawn. ``plate`` is the colour of what lies below the text, none if empty.
    """

    x0: int
    y0: int
    x1: int
    y1: int
    texts: tuple[str, ...]
    size: int
    ink: str
    bold: bool = False
    align: Align = "left"
    plate: str = ""
    may_be_cut: bool = True


Mark = Box | TextLabel


@dataclass(frozen=True, slots=True)
class Drawing:
    """What is on a picture, in the order in which it is drawn."""

    width: int
    height: int
    paper: str
    marks: tuple[Mark, ...]

    def to_json(self) -> str:
        """As JSON, for :func:`read_drawing`."""
        marks = [[isinstance(mark, TextLabel), *astuple(mark)] for mark in self.marks]
        return json.dumps([self.width, self.height, self.paper, marks], ensure_ascii=False)


def read_drawing(text: str) -> Drawing:
    """A scene that was written down."""
    width, height, paper, marks = json.loads(text)
    return Drawing(width, height, paper, tuple(_mark(*values) for values in marks))


def _mark(is_label: bool, *values: object) -> Mark:
    if not is_label:
        return Box(*values)  # type: ignore[arg-type]  # as astuple() took them apart
    left, top, right, bottom, says, *rest = values
    return TextLabel(left, top, right, bottom, tuple(says), *rest)  # type: ignore[arg-type]  # the same
