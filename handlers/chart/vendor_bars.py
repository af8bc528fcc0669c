"""How many first responses of 21Vianet were in time, by service and severity, as bars for a printed scorecard."""

from collections.abc import Sequence

from handlers.chart import colours
from handlers.chart.drawing import Box, Drawing, TextLabel
from handlers.i18n.words import Words
from models.rules.reports.monthly import ResponseCount

WIDTH, LEFT, RIGHT = 1080, 370, 1000
ROW, BAR = 36, 24
SIZE = 19
KEPT, MISSED, WAITING, WITHOUT = "#4FA583", "#D11F3A", "#F0C36A", "#DDE1E6"
MOST_ROWS = 16


def draw_responses(rows: Sequence[tuple[str, str, ResponseCount]], words: Words) -> Drawing:
    """Return the drawing; the longest bar is as wide as the sheet. ``rows`` are service, severity and count."""
    shown = rows[:MOST_ROWS]
    most = max((count.filed for _, _, count in shown), default=0) or 1
    marks: list[Box | TextLabel] = [*_legend(words)]
    for number, (name, severity, count) in enumerate(shown):
        y = 52 + number * ROW
        middle = (y + (ROW - BAR) // 2, y + (ROW + BAR) // 2)
        marks.append(TextLabel(0, y, LEFT - 56, y + ROW, (name,), SIZE, colours.INK, align="right"))
        marks.append(
            TextLabel(LEFT - 40, y, LEFT - 12, y + ROW, (severity,), SIZE, colours.INK, bold=True, align="right")
        )
        x = LEFT
        for cases, colour in _shares(count):
            width = round((RIGHT - LEFT) * cases / most)
            marks.append(Box(x, middle[0], x + width, middle[1], colour))
            marks.append(_inside(x, middle, width, cases, colour))
            x += width
        marks.append(TextLabel(x + 10, y, x + 80, y + ROW, (f"{count.filed:,}",), SIZE, colours.QUIET))
    return Drawing(WIDTH, 60 + len(shown) * ROW, colours.PAPER, tuple(marks))


def _shares(count: ResponseCount) -> list[tuple[int, str]]:
    """Return how many cases each colour has."""
    kept, missed = count.kept.kept, count.kept.missed
    shares = [(kept, KEPT), (missed, MISSED), (count.not_due, WAITING), (count.without_target, WITHOUT)]
    return [(cases, colour) for cases, colour in shares if cases]


def _inside(x: int, middle: tuple[int, int], width: int, cases: int, colour: str) -> TextLabel:
    ink = colours.PAPER if colour in {KEPT, MISSED} else colours.INK
    return TextLabel(
        x, middle[0], x + width, middle[1], (f"{cases:,}",), 17, ink, align="centre", may_be_cut=False
    )  # fmt: skip


def _legend(words: Words) -> list[Box | TextLabel]:
    entries = (
        (KEPT, words("In time")), (MISSED, words("Too late")), (WAITING, words("Not due yet")),
        (WITHOUT, words("Without a target")),
    )  # fmt: skip
    marks: list[Box | TextLabel] = []
    for number, (colour, meaning) in enumerate(entries):
        x = number * 260
        marks += [Box(x, 10, x + 18, 28, colour), TextLabel(x + 26, 4, x + 250, 34, (meaning,), SIZE, colours.QUIET)]
    return marks
