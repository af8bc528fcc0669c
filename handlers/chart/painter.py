"""Paints a drawing as PNG. The only file that knows the drawing library, so that only a process that paints loads it.

``python -m handlers.chart.painter`` reads a drawing from standard input and writes the PNG to standard output.

The image holds numbers of colours: no chart has more than 256. That takes a quarter of the memory, and the file is
small without changing any colour.
"""

import io
import sys
import unicodedata
from functools import cache
from itertools import accumulate

from PIL import Image, ImageDraw, ImageFont

from handlers.chart.drawing import Box, Drawing, TextLabel, read_drawing
from handlers.chart.fonts import FoundFont, NoFont, find_font

PLAIN, BOLD = 400, 700
TONES = 4  # from paper to ink at the edge of a letter; more would not be visible and makes the file larger
TONE_OF_VALUE = [(value * TONES + 127) // 255 for value in range(256)]
SHAPE = bytes(255 * (tone > 0) for tone in TONE_OF_VALUE)
MOST_COLOURS = 256
COMPRESSION = 8  # 9 takes three times as long for the last hundredth
RADIUS = 8
FRAME = 3
STRIPE, EVERY = 7, 16  # pixels: width of a stripe, and from one to the next.
MARGIN = 8  # pixels of a plate beside its text.
SMALLER, SMALLEST = 0.82, 24  # how far a text may shrink before it is cut: factor, and pixels.
BASELINE = 0.37  # of the size, below the middle: all scripts look centred.
MISSING = "\U0010ffff"  # no font has it

Font = ImageFont.FreeTypeFont
Size = tuple[int, int]


def paint(drawing: Drawing) -> bytes:
    """Return a drawing as PNG; the same bytes for the same drawing."""
    canvas = _Canvas(drawing)
    for mark in drawing.marks:
        if isinstance(mark, Box):
            canvas.box(mark)
        else:
            canvas.label(mark)
    return canvas.png()


class _Canvas:
    """An image in the making: a number for each pixel, and the colour of each number."""

    def __init__(self, drawing: Drawing) -> None:
        self._colours: dict[str, int] = {}
        self._image = Image.new("L", (drawing.width, drawing.height), self._number(drawing.paper))
        self._draw = ImageDraw.Draw(self._image)

    def png(self) -> bytes:
        """Return the image as PNG."""
        self._image.putpalette([part for colour in self._colours for part in _split_colour(colour)])
        written = io.BytesIO()
        self._image.save(written, "PNG", compress_level=COMPRESSION)
        return written.getvalue()

    def box(self, box: Box) -> None:
        """Draw a box. ``x1`` and ``y1`` are the first pixels outside."""
        size = (box.x1 - box.x0, box.y1 - box.y0)
        if min(size) <= 0:
            return
        below = self._under(box.x0, box.y0)
        area = (box.x0, box.y0, box.x1 - 1, box.y1 - 1)
        if box.stripes:
            tones = [self._number(tone) for tone in _mix_tones(box.fill, box.stripes, 2)]
            self._image.paste(_draw_stripes(size, box.x0 + box.y0, tones), area[:2])
        else:
            self._draw.rectangle(area, fill=self._number(box.fill))
        if box.outline:
            self._draw.rectangle(area, outline=self._number(box.outline), width=FRAME)
        if min(size) > 2 * RADIUS:
            self._round(box, below)

    def _round(self, box: Box, below: int) -> None:
        """Round the corners; with a frame, draw it around them."""
        for rounded, x, flip in ((box.round_left, box.x0, False), (box.round_right, box.x1 - RADIUS, True)):
            if rounded:
                for y, turn in ((box.y0, False), (box.y1 - RADIUS, True)):
                    outside, line = _draw_corner(flip, turn)
                    if box.outline:
                        self._image.paste(self._number(box.outline), (x, y), line)
                    self._image.paste(below, (x, y), outside)

    def label(self, label: TextLabel) -> None:
        """Draw the text that fits, if any does."""
        text, font = fit_label(label)
        if not text:
            return
        width = round(font.getlength(text))
        x0, middle = _from_left(label, width), (label.y0 + label.y1) // 2
        if label.plate:
            plate = (x0 - MARGIN, label.y0 + FRAME, x0 + width + MARGIN - 1, label.y1 - FRAME - 1)
            self._draw.rectangle(plate, fill=self._number(label.plate))
        self._write(text, font, (x0, middle), label.ink)

    def _write(self, text: str, font: Font, at: tuple[int, int], ink: str) -> None:
        """Draw text, in tones from what lies below to the ink."""
        x0, middle = at
        height = round(font.size * 1.5)
        letters = Image.new("L", (round(font.getlength(text)) + 4, height))
        ImageDraw.Draw(letters).text((2, height // 2 + round(font.size * BASELINE)), text, 255, font, "ls")
        below = list(self._colours)[self._under(x0, middle)]
        tones = bytes(self._number(tone) for tone in _mix_tones(below, ink, TONES))
        position = (x0 - 2, middle - height // 2)
        self._image.paste(
            _map_values(letters, bytes(tones[tone] for tone in TONE_OF_VALUE)), position, _map_values(letters, SHAPE)
        )

    def _under(self, x: int, y: int) -> int:
        """Return the number of the colour at a pixel."""
        return self._image.crop((x, y, x + 1, y + 1)).tobytes()[0]

    def _number(self, colour: str) -> int:
        """Return the number of a colour; of the nearest one when there are too many."""
        if colour not in self._colours and len(self._colours) == MOST_COLOURS:
            return self._colours[min(self._colours, key=lambda used: _distance(used, colour))]
        return self._colours.setdefault(colour, len(self._colours))


# Colours and shapes ---------------------------------------------------------------------------------------------


def _split_colour(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _distance(first: str, second: str) -> int:
    return sum((a - b) ** 2 for a, b in zip(_split_colour(first), _split_colour(second), strict=True))


@cache
def _mix_tones(first: str, last: str, steps: int) -> tuple[str, ...]:
    """Return the colours from one to another."""
    ends = list(zip(_split_colour(first), _split_colour(last), strict=True))
    return tuple(
        "#" + "".join(f"{round(a + (b - a) * step / steps):02X}" for a, b in ends) for step in range(steps + 1)
    )


def _map_values(image: Image.Image, table: bytes) -> Image.Image:
    """Return the image with each value replaced by that of the table."""
    return Image.frombytes("L", image.size, image.tobytes().translate(table))


def _draw_stripes(size: Size, phase: int, tones: list[int]) -> Image.Image:
    """Return diagonal stripes, aligned with those of every other box."""
    width, height = size
    gap, edge, stripe = tones
    pattern = bytes([edge, *[stripe] * STRIPE, edge, *[gap] * (EVERY - STRIPE - 2)]) * (width // EVERY + 2)
    rows = (pattern[(phase + y) % EVERY :][:width] for y in range(height))
    return Image.frombytes("L", size, b"".join(rows))


@cache
def _draw_corner(flip: bool, turn: bool) -> tuple[Image.Image, Image.Image]:
    """Return masks of a corner: its outside, and its outside with the frame."""
    outside, line = (Image.new("1", (RADIUS, RADIUS), 1) for _ in range(2))
    for mask, inset in ((outside, 0), (line, FRAME)):
        around = (inset, inset, 2 * RADIUS - inset - 1, 2 * RADIUS - inset - 1)
        ImageDraw.Draw(mask).ellipse(around, fill=0)
    masks = (outside, line)
    if flip:
        masks = (masks[0].transpose(_ACROSS), masks[1].transpose(_ACROSS))
    return (masks[0].transpose(_DOWN), masks[1].transpose(_DOWN)) if turn else masks


_ACROSS, _DOWN = Image.Transpose.FLIP_LEFT_RIGHT, Image.Transpose.FLIP_TOP_BOTTOM


# Text -----------------------------------------------------------------------------------------------------------


def fit_label(label: TextLabel) -> tuple[str, Font]:
    """Return the text of a label that is drawn, and its font; never wider than its box, empty if nothing fits."""
    sizes = (label.size, max(min(SMALLEST, label.size), round(label.size * SMALLER)))
    fonts = [_load_font(size, label.bold) for size in sizes]
    room = label.x1 - label.x0 - (2 * MARGIN if label.plate else 0)
    texts = [keep_drawable(text) for text in label.texts]
    for text in texts:
        for font in fonts:
            if font.getlength(text) <= room:
                return text, font
    return _shorten(texts[-1], fonts[-1], room) if texts and label.may_be_cut else "", fonts[-1]


def _from_left(label: TextLabel, width: int) -> int:
    if label.align == "left":
        return label.x0 + (MARGIN if label.plate else 0)
    slack = label.x1 - label.x0 - width
    return label.x0 + (slack // 2 if label.align == "centre" else slack)


def _shorten(text: str, font: Font, room: float) -> str:
    """Return the beginning and an ellipsis; where two letters have no room, the first letter or nothing."""
    widths = list(accumulate(font.getlength(letter) for letter in text))
    for most in range(len(text) - 1, 1, -1):
        kept = text[:most].rstrip()
        ellipsis = "..." if kept.isascii() else "…"  # in Chinese it hangs at half the height
        if widths[most - 1] + font.getlength(ellipsis) <= room:
            return kept + ellipsis
    return text[:1] if widths and widths[0] <= room else ""


@cache
def _load_font(size: int, bold: bool) -> Font:
    """Return the font of a size, with plain layout: Chinese and English need no more."""
    place = _find_font()
    path = place.bold if bold else place.plain
    font = ImageFont.truetype(str(path), size, index=place.face, layout_engine=ImageFont.Layout.BASIC)
    if place.varies:
        font.set_variation_by_axes([BOLD if bold else PLAIN])
    return font


@cache
def _find_font() -> FoundFont:
    return find_font()


def keep_drawable(text: str) -> str:
    """Return the text without letters the font lacks: “Michał” becomes “Michal”, others an empty box."""
    return "".join(map(_keep_drawable_letter, unicodedata.normalize("NFC", " ".join(text.split()))))


@cache
def _keep_drawable_letter(letter: str) -> str:
    """Return the letter, its nearest form in the font, nothing for marks and emoji, or an empty box."""
    if not letter.isprintable() or unicodedata.category(letter) in {"Mn", "Cf"}:
        return ""
    if _has_glyph(letter):
        return letter
    if unicodedata.category(letter) == "So":
        return ""  # an emoji beside a name
    plain, _, _ = unicodedata.name(letter, "").partition(" WITH ")
    try:
        nearest = unicodedata.lookup(plain)
    except KeyError:
        nearest = letter
    return nearest if _has_glyph(nearest) else "□"


@cache
def _has_glyph(letter: str) -> bool:
    font = _load_font(32, False)
    drawn, missing = font.getmask(letter), font.getmask(MISSING)
    return letter.isspace() or (drawn.size, bytes(drawn)) != (missing.size, bytes(missing))


if __name__ == "__main__":
    try:
        sys.stdout.buffer.write(paint(read_drawing(sys.stdin.buffer.read().decode())))
    except NoFont as nothing:
        sys.exit(str(nothing))
