"""The console of the operator's commands: prose is wrapped at the width of a terminal, and whole in a file."""

from rich.console import Console
from rich.text import Text

from bot.wrapped_lines import wrap

_BULLET = "• "


class WrappingConsole(Console):
    """A console that breaks a line of prose between words, where Rich would leave that to the terminal."""

    def print_lines(self, *lines: str, style: str = "") -> None:
        """Print lines of prose, without markup. Use ``print`` for tables, and for what must stay whole to be copied."""
        for paragraph in (paragraph for line in lines for paragraph in line.split("\n")):
            pieces = _hang(paragraph, self.width) if self.is_terminal else [paragraph]
            self.print(Text("\n".join(pieces), style), soft_wrap=True)


def _hang(paragraph: str, width: int) -> list[str]:
    """Return the lines of a paragraph, all indented as its first, or as the text behind its bullet."""
    indent = paragraph[: len(paragraph) - len(paragraph.lstrip(" "))]
    bullet = _BULLET if paragraph[len(indent) :].startswith(_BULLET) else ""
    lines = list(wrap(paragraph[len(indent) + len(bullet) :], width - len(indent) - len(bullet))) or [""]
    return [f"{indent}{' ' * len(bullet) if at else bullet}{line}" for at, line in enumerate(lines)]
