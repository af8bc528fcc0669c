"""Draws a scene as PNG. The only file that knows the drawing library, so that only a process that draws carries it.

``python -m handlers.chart.painter`` reads a scene from standard input and writes the picture to standard output. The
font comes with a package, because few servers have one with Chinese in it.

What is drawn is numbers of colours, not colours: no picture has more than 256. That takes a quarter of the memory,
and the file is small without any colour being changed afterwards.
"""

import io
import sys
import unicodedata
from functools import cache
from importlib.resources import files
from itertools import accumulate

from PIL import Image, ImageDraw, ImageFont

from handlers.chart.drawing import Box, Drawing, TextLabel, read_drawing

FONT = files("manimgx_fonts_cjk") / "NotoSansCJK-VF.otf.ttc"
SIMPLIFIED = 2  # which face of the collection has the shapes used in mainland China
PLAIN, BOLD = 400, 700
SHADES = 4  # from paper to ink at the edge of a letter; more is not seen and makes the file larger
SHADE = [(value * SHADES + 127) // 255 for value in range(256)]
SHAPE = bytes(255 * (shade > 0) for shade in SHADE)
MOST_COLOURS = 256
COMPRESSION = 8  # 9 takes three times as long for the last hundredth
RADIUS = 8
FRAME = 3
STRIPE, EVERY = 7, 16  # pixels: how wide, and from one to the next
MARGIN = 8  # of a plate, left and right of its text
SMALLER, SMALLEST = 0.82, 24  # a text that has no room may shrink so far before it is cut
BASELINE = 0.37  # of the size, below the middle: digits, capitals and Chinese all look centred
MISSING = "\U0010ffff"  # no font has it

Font = ImageFont.FreeTypeFont
Size = tuple[int, int]


def paint(scene: Drawing) -> bytes:
    """The picture as PNG; the same bytes for the same scene."""
    canvas = _Canvas(scene)
    for mark in scene.marks:
        if isinstance(mark, Box):
            canvas.box(mark)
        else:
            canvas.label(mark)
    return canvas.png()


class _Canvas:
    """A picture in the making: a number for each pixel, and what colour each number is."""

    def __init__(self, scene: Drawing) -> None:
        self._colours: dict[str, int] = {}
        self._image = Image.new("L", (scene.width, scene.height), self._number(scene.paper))
        self._draw = ImageDraw.Draw(self._image)

    def png(self) -> bytes:
        """What was drawn."""
        self._image.putpalette([part for colour in self._colours for part in _parts(colour)])
        written = io.BytesIO()
        self._image.save(written, "PNG", compress_level=COMPRESSION)
        return written.getvalue()

    def box(self, box: Box) -> None:
        """Right and bottom are the first pixels outside."""
        size = (box.x1 - box.x0, box.y1 - box.y0)
        if min(size) <= 0:
            return
        below = self._under(box.x0, box.y0)
        area = (box.x0, box.y0, box.x1 - 1, box.y1 - 1)
        if box.stripes:
            tones = [self._number(tone) for tone in _tones(box.fill, box.stripes, 2)]
            self._image.paste(_striped(size, box.x0 + box.y0, tones), area[:2])
        else:
            self._draw.rectangle(area, fill=self._number(box.fill))
        if box.outline:
            self._draw.rectangle(area, outline=self._number(box.outline), width=FRAME)
        if min(size) > 2 * RADIUS:
            self._round(box, below)

    def _round(self, box: Box, below: int) -> None:
        """Take the corners off; with a frame, draw it around them."""
        for rounded, x, flip in ((box.round_left, box.x0, False), (box.round_right, box.x1 - RADIUS, True)):
            if rounded:
                for y, turn in ((box.y0, False), (box.y1 - RADIUS, True)):
                    outside, line = _corner(flip, turn)
                    if box.outline:
                        self._image.paste(self._number(box.outline), (x, y), line)
                    self._image.paste(below, (x, y), outside)

    def label(self, label: TextLabel) -> None:
        """The text that fits, if any does."""
        text, font = fit_label(label)
        if not text:
            return
        width = round(font.getlength(text))
        left, middle = _from_left(label, width), (label.y0 + label.y1) // 2
        if label.plate:
            plate = (left - MARGIN, label.y0 + FRAME, left + width + MARGIN - 1, label.y1 - FRAME - 1)
            self._draw.rectangle(plate, fill=self._number(label.plate))
        self._write(text, font, (left, middle), label.ink)

    def _write(self, text: str, font: Font, at: tuple[int, int], ink: str) -> None:
        """In shades from what lies below to the ink."""
        left, middle = at
        height = round(font.size * 1.5)
        letters = Image.new("L", (round(font.getlength(text)) + 4, height))
        ImageDraw.Draw(letters).text((2, height // 2 + round(font.size * BASELINE)), text, 255, font, "ls")
        below = list(self._colours)[self._under(left, middle)]
        tones = bytes(self._number(tone) for tone in _tones(below, ink, SHADES))
        place = (left - 2, middle - height // 2)
        self._image.paste(_mapped(letters, bytes(tones[shade] for shade in SHADE)), place, _mapped(letters, SHAPE))

    def _under(self, x: int, y: int) -> int:
        """The number of the colour at this place."""
        return self._image.crop((x, y, x + 1, y + 1)).tobytes()[0]

    def _number(self, colour: str) -> int:
        """The number of a colour; of the nearest one when there are too many."""
        if colour not in self._colours and len(self._colours) == MOST_COLOURS:
            return self._colours[min(self._colours, key=lambda known: _distance(known, colour))]
        return self._colours.setdefault(colour, len(self._colours))


# Colours and shapes ---------------------------------------------------------------------------------------------


def _parts(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _distance(one: str, other: str) -> int:
    return sum((a - b) ** 2 for a, b in zip(_parts(one), _parts(other), strict=True))


@cache
def _tones(first: str, last: str, steps: int) -> tuple[str, ...]:
    """From one colour to another."""
    ends = list(zip(_parts(first), _parts(last), strict=True))
    return tuple(
        "#" + "".join(f"{round(a + (b - a) * step / steps):02X}" for a, b in ends) for step in range(steps + 1)
    )


def _mapped(image: Image.Image, table: bytes) -> Image.Image:
    """With each value replaced by that of the table."""
    return Image.frombytes("L", image.size, image.tobytes().translate(table))


def _striped(size: Size, phase: int, tones: list[int]) -> Image.Image:
    """Diagonal stripes, on one line with those of every other box."""
    width, height = size
    gap, edge, stripe = tones
    pattern = bytes([edge, *[stripe] * STRIPE, edge, *[gap] * (EVERY - STRIPE - 2)]) * (width // EVERY + 2)
    rows = (pattern[(phase + y) % EVERY :][:width] for y in range(height))
    return Image.frombytes("L", size, b"".join(rows))


@cache
def _corner(flip: bool, turn: bool) -> tuple[Image.Image, Image.Image]:
    """Masks of a corner's outside, and of the outside and the frame."""
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
    """What of a label is drawn, and how large; never wider than its place, empty if nothing can be."""
    sizes = (label.size, max(min(SMALLEST, label.size), round(label.size * SMALLER)))
    fonts = [_font(size, label.bold) for size in sizes]
    room = label.x1 - label.x0 - (2 * MARGIN if label.plate else 0)
    texts = [keep_drawable(text) for text in label.texts]
    for text in texts:
        for font in fonts:
            if font.getlength(text) <= room:
                return text, font
    return _cut(texts[-1], fonts[-1], room) if texts and label.may_be_cut else "", fonts[-1]


def _from_left(label: TextLabel, width: int) -> int:
    if label.align == "left":
        return label.x0 + (MARGIN if label.plate else 0)
    slack = label.x1 - label.x0 - width
    return label.x0 + (slack // 2 if label.align == "centre" else slack)


def _cut(text: str, font: Font, room: float) -> str:
    """Its beginning and an ellipsis; where even two letters have no room, the first letter alone, or nothing."""
    widths = list(accumulate(font.getlength(letter) for letter in text))
    for most in range(len(text) - 1, 1, -1):
        kept = text[:most].rstrip()
        ellipsis = "..." if kept.isascii() else "…"  # in Chinese it hangs at half the height
        if widths[most - 1] + font.getlength(ellipsis) <= room:
            return kept + ellipsis
    return text[:1] if widths and widths[0] <= room else ""


@cache
def _font(size: int, bold: bool) -> Font:
    """Plain layout: nothing in Chinese or English needs more, and it is the same on every machine."""
    font = ImageFont.truetype(str(FONT), size, index=SIMPLIFIED, layout_engine=ImageFont.Layout.BASIC)
    font.set_variation_by_axes([BOLD if bold else PLAIN])
    return font


def keep_drawable(text: str) -> str:
    """The text with letters the font lacks in the nearest shape it has: “Michał” as “Michal”, or an empty box."""
    return "".join(map(_drawable, unicodedata.normalize("NFC", " ".join(text.split()))))


@cache
def _drawable(letter: str) -> str:
    if not letter.isprintable() or unicodedata.category(letter) in {"Mn", "Cf"}:
        return ""
    if _has(letter):
        return letter
    if unicodedata.category(letter) == "So":
        return ""  # an emoji beside a name
    plain, _, _ = unicodedata.name(letter, "").partition(" WITH ")
    try:
        nearest = unicodedata.lookup(plain)
    except KeyError:
        nearest = letter
    return nearest if _has(nearest) else "□"


@cache
def _has(letter: str) -> bool:
    font = _font(32, False)
    drawn, missing = font.getmask(letter), font.getmask(MISSING)
    return letter.isspace() or (drawn.size, bytes(drawn)) != (missing.size, bytes(missing))


if __name__ == "__main__":
    sys.stdout.buffer.write(paint(read_drawing(sys.stdin.buffer.read().decode())))
