"""Find customers while their name is typed. Knows no database.

All folded texts are one piece of memory, because no database index finds any part of any word. A search among 50,000
customers takes a few milliseconds and 8 MB.
"""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from itertools import islice

from models.rules.customers.customer import fold, strip_accents


class Typeahead:
    """The customer list as it was at one ``revision``.

    ``rows`` are ids, names and folded texts; a folded text has no line breaks.
    """

    def __init__(self, revision: int, rows: Iterable[tuple[str, str, str]]) -> None:
        self.revision = revision
        lines = sorted((strip_accents(text).encode(), customer, name) for customer, name, text in rows)
        self._ids = [customer for _, customer, _ in lines]
        # Also one piece of memory: a list of names would take twice as much.
        self._names = b"\n".join(name.replace("\n", " ").encode() for _, _, name in lines)
        # In UTF-8 no character begins inside another one, so a search of bytes finds whole characters only.
        self._texts = b"\n".join(text for text, _, _ in lines) + b"\n"
        self._starts = array("L", [0])
        for text, _, _ in lines:
            self._starts.append(self._starts[-1] + len(text) + 1)

    def names(self, ids: Iterable[str]) -> list[tuple[str, str]]:
        """Return these customers as ids and names, for when the database is away. It takes a while."""
        names_by_id = dict(zip(self._ids, self._names.decode().split("\n"), strict=True)) if self._ids else {}
        return [(customer_id, names_by_id[customer_id]) for customer_id in ids]

    def find(self, typed: str, limit: int) -> list[str]:
        """Return the ids of at most ``limit`` customers with every typed word. Those that begin as typed come first."""
        words = [word.encode() for word in strip_accents(fold(typed)).split()]
        beginning = list(islice(self._beginning(b" ".join(words)), limit))
        taken = set(beginning)
        others = (line for line in self._containing(words) if line not in taken)
        return [self._ids[line] for line in (*beginning, *islice(others, limit - len(beginning)))]

    def _beginning(self, start: bytes) -> Iterator[int]:
        """Yield the lines that begin with ``start``. They are neighbours, because lines are sorted."""
        starts = self._starts
        first = bisect_left(range(len(self._ids)), start, key=lambda line: self._texts[starts[line] : starts[line + 1]])
        for line in range(first, len(self._ids)):
            if not self._texts.startswith(start, starts[line]):
                return
            yield line

    def _containing(self, words: list[bytes]) -> Iterator[int]:
        """Yield the lines that contain all the words.

        Each search goes on at the line of the word found furthest on, so the whole text is read once.
        """
        offset = 0
        while offset < len(self._texts) - 1:
            offsets = [self._texts.find(word, offset) for word in words] or [offset]
            if min(offsets) < 0:
                return
            line = bisect_right(self._starts, max(offsets)) - 1
            if min(offsets) >= self._starts[line]:
                yield line
                line += 1
            offset = self._starts[line]
