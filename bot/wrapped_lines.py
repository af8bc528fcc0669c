"""Breaks Chinese and English texts into lines of a terminal.

Python's and Rich's wrapping break between words only, which Chinese text does not have, or within a time or a number
with its unit.
"""

import re
import unicodedata
from collections.abc import Iterator

_CLOSING = "[，。；：、）”]*"
_TIME = "[0-9][0-9-]+ [0-9]{2}:[0-9:]+"
_UNBREAKABLE = re.compile(
    rf"\s+|[（“]*{_TIME}(?:[,.;)]+| ?[\u4e00-\u9fff])?{_CLOSING}|第 ?[0-9]+ ?[\u4e00-\u9fff]?{_CLOSING}"
    rf"|[（“]*[0-9]+ ?[\u4e00-\u9fff]{_CLOSING}|[0-9]+ [a-z]{{1,8}}\b[,.;:]?"
    rf"|[（“]*(?:[^\s\u2e80-\uffef“”]+|[^\s（“])?{_CLOSING}"
)
"""What stays on one line: a time, a number with its unit, a word, a Chinese character, with the signs that close it."""
_EMOJI_STYLE = "\ufe0f"  # makes the sign before it as wide as a Chinese character
_TAKES_NOTHING = frozenset({"Mn", "Me", "Cf"})


def measure(text: str) -> int:
    """Return how many cells of a terminal a text takes: a Chinese character takes two."""
    return sum(map(_measure, text))


def _measure(character: str) -> int:
    if character == _EMOJI_STYLE:
        return 1
    if unicodedata.category(character) in _TAKES_NOTHING:
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def find_longest_part(text: str) -> int:
    """Return how many cells the longest part takes that stays on one line."""
    return max((measure(part) for part in _UNBREAKABLE.findall(text) if part.strip()), default=0)


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
