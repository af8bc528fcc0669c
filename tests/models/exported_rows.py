"""Reads an export back."""

import csv
import io
from collections.abc import Iterator

NAMES = {"U0WANG": "王伟 Wang Wei"}


def name_of(user: str) -> str:
    return NAMES.get(user, user)


def read_back(pieces: Iterator[str]) -> list[dict[str, str]]:
    """The rows as a spreadsheet or a program reads them."""
    return list(csv.DictReader(io.StringIO("".join(pieces).encode().decode("utf-8-sig"), newline="")))
