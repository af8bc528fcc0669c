"""Read a TOML file that people write. A file with a fault is refused as a whole, with every fault and its line."""

import re
import tomllib
from collections.abc import Callable, Mapping
from typing import TypeVar

from models.rules.toml.line_numbers import find_key_lines, find_too_deep
from models.rules.toml.tables import NO_DEFAULTS, FaultKind, FileFault, InvalidFile, Table

SIZE_LIMIT = 4_000_000  # bytes
TOO_DEEP = "Too deep"
_AT_LINE = re.compile(r" \(at line (\d+), column \d+\)| \(at end of document\)")
T = TypeVar("T")


def decode(content: bytes) -> str:
    """Return the text of a file. Raises InvalidFile when it is no text, or too big."""
    if len(content) > SIZE_LIMIT:
        raise InvalidFile([FileFault(1, FaultKind.TOO_BIG, {"limit": SIZE_LIMIT // 1_000_000})])
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidFile([FileFault(content.count(b"\n", 0, error.start) + 1, FaultKind.NOT_TEXT_FILE)]) from None


def read_document(text: str, build: Callable[[Table], T], defaults: Mapping[str, object] = NO_DEFAULTS) -> T:
    """Return what ``build`` makes of the top table. Raises InvalidFile with every fault it noted.

    ``defaults`` are the tables and keys that count where the text leaves them out.
    """
    data, faults = parse_toml(text), list[FileFault]()
    built = build(Table(data, (), {}, faults, defaults))
    if faults:  # finding the lines takes long, so only now
        faults.clear()
        build(Table(data, (), find_key_lines(text.replace("\r\n", "\n")), faults, defaults))
        raise InvalidFile(faults)
    return built


def parse_toml(text: str) -> dict[str, object]:
    """Return the tables of a text, whatever they hold. Raises InvalidFile when it is no TOML."""
    if line := find_too_deep(text):
        raise InvalidFile([FileFault(line, FaultKind.NOT_TOML, {"why": TOO_DEEP})])
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        message = str(error)
        position = _AT_LINE.search(message)
        line = int(position[1]) if position and position[1] else text.rstrip().count("\n") + 1
        raise InvalidFile([FileFault(line, FaultKind.NOT_TOML, {"why": _AT_LINE.sub("", message)})]) from None
    except RecursionError:
        raise InvalidFile([FileFault(1, FaultKind.NOT_TOML, {"why": TOO_DEEP})]) from None
