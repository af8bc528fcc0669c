"""Breaks Chinese and English texts into lines of a terminal.

Python's and Rich's wrapping break between words only, which Chinese text does not have, or within a number's unit.
"""

import re
import unicodedata
from collections.abc import Iterator

_CLOSING = "[，。；：、）”]*"
_UNBREAKABLE = re.compile(
    rf"\s+|第 ?[0-9]+ ?[\u4e00-\u9fff]?{_CLOSING}|[（“]*[0-9]+ ?[\u4e00-\u9fff]{_CLOSING}"
    rf"|[（“]*(?:[^\s\u2e80-\uffef“”]+|[^\s（“])?{_CLOSING}"
)
"""What stays on one line: a number with its unit, a Latin word, or a character, each with the signs that close it."""


def measure(text: str) -> int:
    """Return how many cells of a terminal a text takes: a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def wrap(text: str, width: int) -> Iterator[str]:
    """Yield the lines of a text, each at most ``width`` cells wide where its words allow it; none for an empty text."""
    line = ""
    for part in _UNBREAKABLE.findall(text):
        if line.strip() and measure((line + part).rstrip()) > width:
            yield line.rstrip()
            line = ""
        line += part if line else part.lstrip()
    if line.strip():
        yield line.rstrip()
