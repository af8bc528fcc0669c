"""Finds the line on which each key of a TOML document stands. The text must be known to be valid; it reads no values.

The parser of Python's library keeps no positions, and a fault without its line is hard to mend.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

Path = tuple[str | int, ...]
"""Keys and, in arrays, positions: ``("layer", 2, "members", 0)``."""

_TOKEN = re.compile(
    r'''"""(?:\\.|[^\\])*?"{3,5}|\'\'\'.*?'{3,5}|"(?:\\.|[^"\\\n])*"|'[^'\n]*'|\#[^\n]*|\n|[\[\]{}=,.]|[^\s"'\#\[\]{}=,.]+''',
    re.DOTALL,
)
DEEPEST = 16
"""So many names a dotted key may have; the parser of Python's library takes the square of their number."""
_MANY_DOTS = re.compile(rf"(?:\.[^.\n]*){{{DEEPEST}}}")
_OPEN, _CLOSE = frozenset("[{"), frozenset("]}")


_SIGNS = frozenset("[]{}=,\n")


@dataclass(frozen=True)
class _Token:
    text: str
    line: int


def find_key_lines(text: str) -> Mapping[Path, int]:
    """The line, counted from 1, of every table, key and element of a plain array. Keys of inline tables have none."""
    lines: dict[Path, int] = {}
    table: Path = ()
    counted: dict[Path, int] = {}
    for statement in _statements(text):
        if statement[0].text == "[":
            table = _header(statement, counted)
            _note(table, statement[0].line, lines)
            continue
        equals = next((at for at, token in enumerate(statement) if token.text == "="), len(statement))
        key = (*table, *_names(statement[:equals]))
        _note(key, statement[0].line, lines)
        lines.update(_elements(key, statement[equals + 1 :]))
    return lines


def _note(path: Path, line: int, lines: dict[Path, int]) -> None:
    """Note where a path begins, and whatever it is within unless that began before."""
    for depth in range(1, len(path) + 1):
        lines.setdefault(path[:depth], line)


def is_too_deep(text: str) -> int | None:
    """Return the line of a key of too many dotted names; None when there is none. The text may be no TOML."""
    if not _MANY_DOTS.search(text):
        return None
    names, is_joined = 0, False
    for token in _tokens(text):
        if token.text == ".":
            is_joined = True
            continue
        names = 0 if token.text in _SIGNS else names + 1 if is_joined else 1
        is_joined = False
        if names > DEEPEST:
            return token.line
    return None


def find_line(path: Path, lines: Mapping[Path, int]) -> int:
    """The line of a path, or of the nearest thing around it."""
    while path and path not in lines:
        path = path[:-1]
    return lines.get(path, 1)


def _tokens(text: str) -> Iterator[_Token]:
    line, seen = 1, 0
    for found in _TOKEN.finditer(text):
        line += text.count("\n", seen, found.start())
        seen = found.start()
        if not found[0].startswith("#"):
            yield _Token(found[0], line)


def _statements(text: str) -> Iterator[list[_Token]]:
    """Headers and assignments, each with all its tokens; only line ends outside of brackets end one."""
    statement: list[_Token] = []
    depth = 0
    for token in _tokens(text):
        depth += (token.text in _OPEN) - (token.text in _CLOSE)
        if token.text != "\n":
            statement.append(token)
        elif depth == 0 and statement:
            yield statement
            statement = []
    if statement:
        yield statement


def _header(statement: list[_Token], counted: dict[Path, int]) -> Path:
    """The path a header begins; tables of an array are counted."""
    is_array = len(statement) > 1 and statement[1].text == "["
    names = list(_names(statement))
    path: Path = ()
    for at, name in enumerate(names, 1):
        path = (*path, name)
        if at == len(names) and is_array:
            counted[path] = counted.get(path, -1) + 1
        if path in counted:
            path = (*path, counted[path])
    return path


def _names(tokens: list[_Token]) -> Iterator[str]:
    for token in tokens:
        if token.text not in {"[", "]", "."}:
            yield token.text[1:-1] if token.text[0] in "\"'" else token.text


def _elements(key: Path, value: list[_Token]) -> Iterator[tuple[Path, int]]:
    """The elements of an array of plain values."""
    if value and value[0].text == "[":
        plain = [token for token in value if token.text not in {"[", "]", "{", "}", ",", "="}]
        for position, token in enumerate(plain):
            yield (*key, position), token.line
