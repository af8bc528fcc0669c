"""The formats in which commands print. Light to import: the command line needs them to parse options."""

import json
import sys
from enum import StrEnum


class OutputFormat(StrEnum):
    """A report: a table for people, or rows for programs."""

    TEXT = "text"
    JSON = "json"
    CSV = "csv"


class ShowFormat(StrEnum):
    """How one escalation is shown."""

    TEXT = "text"
    JSON = "json"


class FileFormat(StrEnum):
    """The rota: its own file, or its shifts as an iCalendar file."""

    TOML = "toml"
    ICS = "ics"


def prepare_output() -> None:
    """Let line ends be printed as they are, in UTF-8, but on a terminal in its own encoding."""
    out = sys.stdout
    encoding = out.encoding if out.isatty() else "utf-8"
    out.reconfigure(encoding=encoding, errors=out.errors, newline="")  # type: ignore[union-attr]  # a real stream here


def print_out(text: str) -> None:
    """Print a text for programs, or a file."""
    prepare_output()
    sys.stdout.write(text)


def print_json(value: object) -> None:
    """Print what a program reads."""
    print_out(json.dumps(value, ensure_ascii=False, indent=2) + "\n")
