"""A cell of a table whose Chinese text is broken between words, never within a number and its unit."""

import re
from collections.abc import Iterator

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.measure import Measurement
from rich.text import Text

_UNBREAKABLE = re.compile(
    r"第? ?[0-9]+ ?[\u4e00-\u9fff]?[，。；：、）”]*|[“（]*(?:[A-Za-z0-9_./:=<>@+-]+|[^\s])[，。；：、）”]*|\s+"
)
"""What stays on one line: a number with its unit, a Latin word, or a character, each with the signs that close it."""
_NARROWEST = 10  # cells


class WrappedText:
    """A text of one or several paragraphs, each on lines of its own."""

    def __init__(self, text: str) -> None:
        self._paragraphs = text.split("\n")

    def __rich_console__(self, _console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield the lines for the width of the column."""
        for paragraph in self._paragraphs:
            for line in wrap(paragraph, options.max_width):
                yield Text(line, overflow="fold")

    def __rich_measure__(self, _console: Console, options: ConsoleOptions) -> Measurement:
        """Return the narrowest and the widest column that fits."""
        widest = max(cell_len(paragraph) for paragraph in self._paragraphs)
        return Measurement(min(_NARROWEST, options.max_width), min(max(widest, 1), options.max_width))


def wrap(text: str, width: int) -> Iterator[str]:
    """Yield the lines of a text, each at most ``width`` cells wide where its words allow it."""
    line = ""
    for part in _UNBREAKABLE.findall(text):
        if line.strip() and cell_len((line + part).rstrip()) > width:
            yield line.rstrip()
            line = ""
        line += part if line else part.lstrip()
    yield line.rstrip()
