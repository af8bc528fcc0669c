"""Find the line of each key of a TOML document. The text must be valid TOML; no values are read.

The parser of Python's library keeps no positions, and a fault without its line is hard to correct.
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
"""Most names of a dotted key: the time of Python's parser grows with the square of their number."""
_MANY_DOTS = re.compile(rf"(?:\.[^.\n]*){{{DEEPEST}}}")
_OPEN, _CLOSE = frozenset("[{"), frozenset("]}")


_PUNCTUATION = frozenset("[]{}=,\n")


@dataclass(frozen=True)
class _Token:
    """One token, and the line on which it begins."""

    text: str
    line: int


def find_key_lines(text: str) -> Mapping[Path, int]:
    """Return the line, from 1, of every table, key and element of a plain array; not of keys of inline tables."""
    lines: dict[Path, int] = {}
    table: Path = ()
    counted: dict[Path, int] = {}
    for statement in _statements(text):
        if statement[0].text == "[":
            table = _read_header(statement, counted)
            _record_path(table, statement[0].line, lines)
            continue
        equals = next((at for at, token in enumerate(statement) if token.text == "="), len(statement))
        key = (*table, *_read_names(statement[:equals]))
        _record_path(key, statement[0].line, lines)
        lines.update(_find_elements(key, statement[equals + 1 :]))
    return lines


def _record_path(path: Path, line: int, lines: dict[Path, int]) -> None:
    """Record where a path begins, and everything around it that did not begin before."""
    for depth in range(1, len(path) + 1):
        lines.setdefault(path[:depth], line)


def find_too_deep(text: str) -> int | None:
    """Return the line of a key with too many dotted names, or None. The text may be invalid TOML."""
    if not _MANY_DOTS.search(text):
        return None
    names, is_joined = 0, False
    for token in _tokens(text):
        if token.text == ".":
            is_joined = True
            continue
        names = 0 if token.text in _PUNCTUATION else names + 1 if is_joined else 1
        is_joined = False
        if names > DEEPEST:
            return token.line
    return None


def find_line(path: Path, lines: Mapping[Path, int]) -> int:
    """Return the line of a path, or of the nearest path around it."""
    while path and path not in lines:
        path = path[:-1]
    return lines.get(path, 1)


def _tokens(text: str) -> Iterator[_Token]:
    line, counted_until = 1, 0
    for match in _TOKEN.finditer(text):
        line += text.count("\n", counted_until, match.start())
        counted_until = match.start()
        if not match[0].startswith("#"):
            yield _Token(match[0], line)


def _statements(text: str) -> Iterator[list[_Token]]:
    """Return headers and assignments, each with all its tokens. Only line ends outside of brackets end one."""
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


def _read_header(statement: list[_Token], counted: dict[Path, int]) -> Path:
    """Return the path a header begins; tables of an array are counted."""
    is_array = len(statement) > 1 and statement[1].text == "["
    names = list(_read_names(statement))
    path: Path = ()
    for at, name in enumerate(names, 1):
        path = (*path, name)
        if at == len(names) and is_array:
            counted[path] = counted.get(path, -1) + 1
        if path in counted:
            path = (*path, counted[path])
    return path


def _read_names(tokens: list[_Token]) -> Iterator[str]:
    for token in tokens:
        if token.text not in {"[", "]", "."}:
            yield token.text[1:-1] if token.text[0] in "\"'" else token.text


def _find_elements(key: Path, value: list[_Token]) -> Iterator[tuple[Path, int]]:
    """Return the elements of an array of plain values."""
    if value and value[0].text == "[":
        plain = [token for token in value if token.text not in {"[", "]", "{", "}", ",", "="}]
        for position, token in enumerate(plain):
            yield (*key, position), token.line
