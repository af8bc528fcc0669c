"""From text to records of fields, each with the physical line it starts on. One broken quote costs one line only."""

import csv
import io
import re
from collections.abc import Iterator
from typing import NamedTuple

DELIMITERS = (",", ";", "\t")
NEVER = "\x1f"  # a delimiter that splits nothing: a file of names only may have commas in them
LONGEST = 20  # physical lines one quoted record may span; beyond that a quote was forgotten
_HINT = re.compile(r"sep=([,;\t|])\s*", re.IGNORECASE)


class CsvRecord(NamedTuple):
    """``fields`` is None when the quotes of the line can't be made sense of. ``line`` counts from 1."""

    line: int
    fields: list[str] | None


def split_physical_lines(content: str) -> list[str]:
    """The lines as an editor counts them, with their ends."""
    return list(io.StringIO(content, newline=""))


def read_hinted_delimiter(lines: list[str]) -> str | None:
    """What Excel's ``sep=;`` in the first line says, if it is there."""
    hint = _HINT.fullmatch(lines[0]) if lines else None
    return hint[1] if hint else None


def read_records(lines: list[str], delimiter: str, start: int = 0) -> Iterator[CsvRecord]:
    """The records from physical line ``start`` (0-based) on; blank lines are left out."""
    at = start
    while at < len(lines):
        span, fields = _record(lines, at, delimiter)
        if fields is None or any(field.strip() for field in fields):
            yield CsvRecord(at + 1, fields)
        at += span


def _record(lines: list[str], at: int, delimiter: str) -> tuple[int, list[str] | None]:
    """How many lines the record at ``at`` takes, and its fields."""
    if '"' not in lines[at]:
        return 1, lines[at].rstrip("\r\n").split(delimiter)
    quotes = 0
    for span in range(1, min(LONGEST, len(lines) - at) + 1):
        quotes += lines[at + span - 1].count('"')
        # A quote inside an unquoted field (19" rack) stands for itself, so one odd line may be complete as well.
        if (quotes % 2 == 0 or span == 1) and (fields := _parsed(lines[at : at + span], delimiter)):
            return span, fields
    return 1, None


def _parsed(lines: list[str], delimiter: str) -> list[str] | None:
    try:
        found = list(csv.reader(lines, delimiter=delimiter, strict=True, skipinitialspace=True))
    except csv.Error:
        return None
    return found[0] if len(found) == 1 else None
