"""The syntax trees of Python files. Each file is parsed once, and each tree walked once, in a process."""

import ast
from functools import cache
from pathlib import Path


@cache
def tree_of(path: Path) -> ast.Module:
    """Return the tree of a file."""
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


@cache
def nodes_of(tree: ast.Module) -> tuple[ast.AST, ...]:
    """Return every node of a tree, as :func:`ast.walk` does."""
    return tuple(ast.walk(tree))


def nodes_in(path: Path) -> tuple[ast.AST, ...]:
    """Return every node of a file."""
    return nodes_of(tree_of(path))
