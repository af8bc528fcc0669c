"""What a text names: escalations such as CSP-7, and what may be service request numbers of 21Vianet. Pure."""

import re
import unicodedata
from dataclasses import dataclass

MOST_NAMES = 20
"""How many names of each kind are read of one text."""
FEWEST_DIGITS = 6
"""Fewer digits are an amount, a time or a year, and no service request number."""
_CASE = re.compile(r"(?<![a-z0-9])csp[-_]?([0-9]{1,9})(?![a-z0-9])")
_WORD = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


@dataclass(frozen=True)
class Names:
    """The names in a text, in the order of the text, each once."""

    numbers: tuple[int, ...]  # of escalations
    request_numbers: tuple[str, ...]  # possible service request numbers, in lower case


def find_names(text: str) -> Names:
    """Return the names in a text. Letters and digits of full width count as those of half width."""
    folded = unicodedata.normalize("NFKC", text).lower()
    numbers = dict.fromkeys(int(match[1]) for match in _CASE.finditer(folded))
    words = dict.fromkeys(match[0] for match in _WORD.finditer(folded) if not _CASE.fullmatch(match[0]))
    requests = (word for word in words if sum(char.isdigit() for char in word) >= FEWEST_DIGITS)
    return Names(tuple(numbers)[:MOST_NAMES], tuple(requests)[:MOST_NAMES])
