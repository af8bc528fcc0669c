"""Draws a chart as SVG, to stand inside a page: sharp at any size, and with no file of its own."""

import unicodedata
from collections.abc import Iterator
from html import escape

from handlers.chart.drawing import Box, Drawing, TextLabel

BASELINE = 0.36  # of the size, below the middle.
RADIUS = 4
WIDE, NARROW = 1.0, 0.58
"""Widths of a Chinese and of a Latin letter, as parts of the size."""
_ANCHORS = {"left": "start", "centre": "middle", "right": "end"}


def draw_svg(drawing: Drawing, alt: str) -> str:
    """Return the drawing as an SVG element that fills the width of where it stands."""
    marks = "".join(piece for mark in drawing.marks for piece in _draw(mark))
    view = f'viewBox="0 0 {drawing.width} {drawing.height}"'
    paper = f'<rect width="{drawing.width}" height="{drawing.height}" fill="{escape(drawing.paper)}"/>'
    label = f'role="img" aria-label="{escape(alt)}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {view} {label}>{paper}{marks}</svg>'


def _draw(mark: Box | TextLabel) -> Iterator[str]:
    if isinstance(mark, Box):
        yield from _draw_box(mark)
        return
    text = _find_fitting(mark)
    if not text:
        return
    x = {"left": mark.x0, "centre": (mark.x0 + mark.x1) / 2, "right": mark.x1}[mark.align]
    y = (mark.y0 + mark.y1) / 2 + mark.size * BASELINE
    weight = ' font-weight="600"' if mark.bold else ""
    place = f'x="{x:g}" y="{y:g}" text-anchor="{_ANCHORS[mark.align]}"'
    yield f'<text {place} font-size="{mark.size}" fill="{escape(mark.ink)}"{weight}>{escape(text)}</text>'


def _draw_box(box: Box) -> Iterator[str]:
    """Draw a box; stripes become a frame in their colour, so that the box is marked on a grey printer too."""
    width, height = box.x1 - box.x0, box.y1 - box.y0
    if width <= 0 or height <= 0:
        return
    frame = box.outline or box.stripes
    line = f' stroke="{escape(frame)}" stroke-width="2"' if frame else ""
    rounded = f' rx="{RADIUS}"' if box.round_left and box.round_right and min(width, height) > 2 * RADIUS else ""
    place = f'x="{box.x0}" y="{box.y0}" width="{width}" height="{height}"'
    yield f'<rect {place} fill="{escape(box.fill)}"{line}{rounded}/>'


def _find_fitting(label: TextLabel) -> str:
    """Return the first text that fits, or the last one, cut."""
    room = label.x1 - label.x0
    for text in label.texts:
        if _measure(text, label.size) <= room:
            return text
    if not label.texts or not label.may_be_cut:
        return ""
    text = label.texts[-1]
    while text and _measure(f"{text}…", label.size) > room:
        text = text[:-1]
    return f"{text.rstrip()}…" if text else ""


def _measure(text: str, size: int) -> float:
    """Return about how wide a text is: browsers choose the font."""
    return size * sum(WIDE if unicodedata.east_asian_width(letter) in "WF" else NARROW for letter in text)
