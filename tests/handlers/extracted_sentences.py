"""Finds every sentence the program can say, by reading its source.

Babel's own extractor reads tokens: it takes ``words(TERMS["key"])`` for the sentence "key" and overlooks an ``N_``
inside another call. The syntax tree knows better.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.syntax import nodes_in

ROOT = Path(__file__).parents[2]
SPEAKERS = frozenset({"N_", "words", "_words"})
PLURAL = "plural"


@dataclass(frozen=True)
class Sentence:
    """One sentence in the source: the key in the catalogue, the form for many if it counts, and where it stands."""

    one: str
    many: str | None
    place: str


def sources() -> list[Path]:
    """All of the program that speaks to people; the sandbox is a Slack of its own and speaks English."""
    files = [path for package in ("handlers", "bot") for path in (ROOT / package).rglob("*.py")]
    return sorted(path for path in files if "sandbox" not in path.relative_to(ROOT).parts)


def calls(path: Path, names: frozenset[str]) -> Iterator[tuple[ast.Call, str]]:
    """Calls of these names, or of attributes called so, and where they stand."""
    for node in nodes_in(path):
        if isinstance(node, ast.Call) and _name(node.func) in names:
            yield node, f"{path.relative_to(ROOT)}:{node.lineno}"


def sentences() -> list[Sentence]:
    """Every sentence that is said, or marked to be said later."""
    said = [
        Sentence(text, None, place)
        for path in sources()
        for call, place in calls(path, SPEAKERS)
        if (text := literal(call, 0)) is not None
    ]
    counted = [
        Sentence(one, many, place)
        for path in sources()
        for call, place in calls(path, frozenset({PLURAL}))
        if (one := literal(call, 0)) is not None and (many := literal(call, 1)) is not None
    ]
    return said + counted


def built_sentences() -> list[str]:
    """Places where a sentence is put together before it is looked up: no catalogue can know those."""
    return [
        place
        for path in sources()
        for call, place in calls(path, SPEAKERS | {PLURAL})
        if call.args and isinstance(call.args[0], ast.JoinedStr | ast.BinOp | ast.IfExp)
    ]


def literal(call: ast.Call, position: int) -> str | None:
    """The text at this place among the arguments; None when it is not written out there."""
    if len(call.args) <= position:
        return None
    argument = call.args[position]
    return argument.value if isinstance(argument, ast.Constant) and isinstance(argument.value, str) else None


def _name(function: ast.expr) -> str:
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""
