"""From text to records of fields, each with the physical line it starts on. A broken quote costs one line only."""

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
    """The fields of one record."""

    line: int  # counts from 1
    fields: list[str] | None  # None when its quotes make no sense


def split_physical_lines(content: str) -> list[str]:
    """Return the lines as an editor counts them, with their line ends."""
    return list(io.StringIO(content, newline=""))


def read_hinted_delimiter(lines: list[str]) -> str | None:
    """Return the delimiter that Excel's ``sep=;`` in the first line names, or None."""
    hint = _HINT.fullmatch(lines[0]) if lines else None
    return hint[1] if hint else None


def read_records(lines: list[str], delimiter: str, start: int = 0) -> Iterator[CsvRecord]:
    """Return the records from physical line ``start`` (0-based) on, without blank lines."""
    at = start
    while at < len(lines):
        span, fields = _read_record(lines, at, delimiter)
        if fields is None or any(field.strip() for field in fields):
            yield CsvRecord(at + 1, fields)
        at += span


def _read_record(lines: list[str], at: int, delimiter: str) -> tuple[int, list[str] | None]:
    """Return how many lines the record at ``at`` spans, and its fields."""
    if '"' not in lines[at]:
        return 1, lines[at].rstrip("\r\n").split(delimiter)
    quotes = 0
    for span in range(1, min(LONGEST, len(lines) - at) + 1):
        quotes += lines[at + span - 1].count('"')
        # A quote inside an unquoted field (19" rack) stands for itself, so one odd line may be complete as well.
        if (quotes % 2 == 0 or span == 1) and (fields := _parse(lines[at : at + span], delimiter)):
            return span, fields
    return 1, None


def _parse(lines: list[str], delimiter: str) -> list[str] | None:
    try:
        rows = list(csv.reader(lines, delimiter=delimiter, strict=True, skipinitialspace=True))
    except csv.Error:
        return None
    return rows[0] if len(rows) == 1 else None
