"""Find code that breaks the project's style rules; ``tests/test_style.py`` keeps them at zero.

Run ``python -m tests.style PATH ...`` to list what is wrong under some paths.
"""

import ast
import io
import re
import sys
import tokenize
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from tests.syntax import nodes_in, tree_of

ROOT = Path(__file__).parents[1]
PACKAGES = ("bot", "handlers", "models")

LONGEST_FUNCTION = 50  # lines
LONGEST_FILE = 350  # lines
LONGEST_SENTENCE = 25  # words

EXCEPTIONS: dict[str, str] = {}
"""Files (`path`) and functions (`path::name`) that may be longer than the limits, each with the reason."""

VAGUE_NAMES = frozenset({"one", "told", "found", "known", "left", "it"})
"""Names that do not say what they hold."""

PRIVATE_WORDS = frozenset(
    {
        "anew", "bell", "diary", "fate", "house", "knock", "nag", "nags", "nagging", "owing", "scene", "scenes",
        "shade", "spoken", "stagehand", "studio", "surely", "telling", "vigil", "visitor", "watchman", "weather",
        "whoever", "whomever",
    }
)  # fmt: skip
"""Words that were private to this project. Names and sentences in the code use the field's terms instead."""

Finding = tuple[int, str]


def sources() -> list[Path]:
    """Return every Python file of the packages, without the migrations: those never change."""
    paths = (path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
    return sorted(path for path in paths if "versions" not in path.parts)


def vague_names(path: Path) -> Iterator[Finding]:
    """Find variables and parameters whose name says nothing."""
    for node in nodes_in(path):
        name = node.id if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) else getattr(node, "arg", None)
        if name in VAGUE_NAMES and isinstance(node, ast.Name | ast.arg):
            yield node.lineno, f"the name `{name}` does not say what it holds"


def private_words(path: Path) -> Iterator[Finding]:
    """Find words of :data:`PRIVATE_WORDS` in names, docstrings and comments."""
    for line, text in _prose(path):
        for word in set(re.findall(r"[a-z']+", text.lower())) & PRIVATE_WORDS:
            yield line, f"the word “{word}” is private to this project: {text.strip()[:60]}"
    for node in nodes_in(path):
        name = getattr(node, "id", None) or getattr(node, "name", None) or getattr(node, "arg", None)
        if isinstance(name, str) and isinstance(node, ast.Name | ast.FunctionDef | ast.ClassDef | ast.arg):
            parts = {part.lower() for part in re.findall(r"[A-Z]?[a-z]+", name)}
            if parts & PRIVATE_WORDS:
                yield node.lineno, f"the name `{name}` holds a word that is private to this project"


def long_sentences(path: Path) -> Iterator[Finding]:
    """Find sentences of docstrings and comments that are too long to understand at first reading."""
    for line, text in _prose(path):
        for sentence in re.split(r"(?<=[.!?;:])\s+|\n\s*\n|\n\s*[-*|\d]", text):
            words = len(sentence.split())
            if words > LONGEST_SENTENCE and "|" not in sentence:
                yield line, f"a sentence of {words} words: {' '.join(sentence.split())[:60]}"


def long_functions(path: Path) -> Iterator[Finding]:
    """Find functions of more than :data:`LONGEST_FUNCTION` lines."""
    for node in nodes_in(path):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > LONGEST_FUNCTION and f"{_relative(path)}::{node.name}" not in EXCEPTIONS:
                yield node.lineno, f"`{node.name}` has {lines} lines; the limit is {LONGEST_FUNCTION}"


def long_files(path: Path) -> Iterator[Finding]:
    """Find a file of more than :data:`LONGEST_FILE` lines."""
    lines = len(path.read_text().splitlines())
    if lines > LONGEST_FILE and _relative(path) not in EXCEPTIONS:
        yield 1, f"{lines} lines; the limit is {LONGEST_FILE}"


def shared_class_names() -> list[str]:
    """Return each name of a public class that is defined in more than one module."""
    classes = (node for path in sources() for node in tree_of(path).body if isinstance(node, ast.ClassDef))
    return sorted(
        name for name, count in Counter(node.name for node in classes).items() if count > 1 and name[0] != "_"
    )


RULES = (vague_names, private_words, long_sentences, long_functions, long_files)


def useless_exceptions() -> list[str]:
    """Return the entries of :data:`EXCEPTIONS` that nothing needs any more, or that give no reason."""
    return sorted(name for name, reason in EXCEPTIONS.items() if not reason or not _is_needed(name))


def _is_needed(exception: str) -> bool:
    name, _, function = exception.partition("::")
    path = ROOT / name
    if not path.exists():
        return False
    if not function:
        return len(path.read_text().splitlines()) > LONGEST_FILE
    return any(
        (node.end_lineno or node.lineno) - node.lineno >= LONGEST_FUNCTION
        for node in nodes_in(path)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == function
    )


def _relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else path.name


@cache
def _prose(path: Path) -> list[Finding]:
    """Return docstrings, and comments as blocks, with their lines."""
    return [*_docstrings(path), *_comments(path)]


def _docstrings(path: Path) -> Iterator[Finding]:
    for node in nodes_in(path):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            yield node.lineno, node.value.value


def _comments(path: Path) -> Iterator[Finding]:
    block: list[str] = []
    start = last = 0
    for token in tokenize.generate_tokens(io.StringIO(path.read_text()).readline):
        if token.type == tokenize.COMMENT:
            if block and token.start[0] != last + 1:
                yield start, " ".join(block)
                block = []
            start = token.start[0] if not block else start
            block.append(token.string.lstrip("# "))
            last = token.start[0]
    if block:
        yield start, " ".join(block)


def main(arguments: list[str]) -> int:
    """List what is wrong under the paths; return 1 when anything is."""
    roots = [(Path.cwd() / argument).resolve() for argument in arguments] or [ROOT]
    failed = 0
    for path in sources():
        if any(path.is_relative_to(root) for root in roots):
            for line, text in sorted(finding for rule in RULES for finding in rule(path)):
                failed += 1
                sys.stdout.write(f"{path.relative_to(ROOT)}:{line}: {text}\n")
    for name in shared_class_names():
        failed += 1
        sys.stdout.write(f"two classes are named {name}\n")
    sys.stdout.write(f"{failed} findings\n")
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
