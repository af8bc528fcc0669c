"""The console of the operator's commands: prose is wrapped at the width of a terminal, and whole in a file."""

from typing import Any

from rich.console import Console
from rich.text import Text

from bot.wrapped_lines import wrap

_BULLET = "• "


class WrappingConsole(Console):
    """A console that breaks a line of prose between words, where Rich would leave that to the terminal.

    Prose is what is printed with ``soft_wrap``; with ``no_wrap`` too, such as a command to copy, it stays whole.
    """

    def print(self, *objects: Any, **options: Any) -> None:
        """Print as Rich does, but wrap prose that goes to a terminal."""
        is_prose = options.get("soft_wrap") and not options.get("no_wrap") and options.get("end", "\n") == "\n"
        if self.is_terminal and is_prose and len(objects) == 1 and (text := _read_plain(objects[0], options)):
            lines = [line for paragraph in text.plain.split("\n") for line in _hang(paragraph, self.width)]
            objects = (Text("\n".join(lines), text.style),)
        super().print(*objects, **options)


def _read_plain(printed: object, options: dict[str, Any]) -> Text | None:
    """Return a text in one style; None for everything else, such as a table."""
    if isinstance(printed, Text) and not printed.spans:
        return printed
    return Text(printed) if isinstance(printed, str) and options.get("markup") is False else None


def _hang(paragraph: str, width: int) -> list[str]:
    """Return the lines of a paragraph, all indented as its first, or as the text behind its bullet."""
    indent = paragraph[: len(paragraph) - len(paragraph.lstrip(" "))]
    bullet = _BULLET if paragraph[len(indent) :].startswith(_BULLET) else ""
    lines = list(wrap(paragraph[len(indent) + len(bullet) :], width - len(indent) - len(bullet))) or [""]
    return [f"{indent}{' ' * len(bullet) if at else bullet}{line}" for at, line in enumerate(lines)]
