"""A cell of a table whose Chinese text is broken between words, never within a number and its unit."""

from rich.console import Console, ConsoleOptions, RenderResult
from rich.measure import Measurement
from rich.text import Text

from bot.wrapped_lines import measure, wrap

_NARROWEST = 10  # cells


class WrappedText:
    """A text of one or several paragraphs, each on lines of its own."""

    def __init__(self, text: str) -> None:
        self._paragraphs = text.split("\n")

    def __rich_console__(self, _console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield the lines for the width of the column."""
        for paragraph in self._paragraphs:
            for line in [*wrap(paragraph, options.max_width)] or [""]:
                yield Text(line, overflow="fold")

    def __rich_measure__(self, _console: Console, options: ConsoleOptions) -> Measurement:
        """Return the narrowest and the widest column that fits."""
        widest = max(measure(paragraph) for paragraph in self._paragraphs)
        return Measurement(min(_NARROWEST, options.max_width), min(max(widest, 1), options.max_width))
