"""The files that wire the bot together stay lists of parts: short functions, and each part made once."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LONGEST_FUNCTION = 25  # lines
WIRING = (
    "bot/app.py", "bot/executors.py", "bot/inbound.py", "bot/lifecycle.py", "bot/services.py", "bot/slack/bolt_app.py",
    "bot/simulation/bot_process.py", "bot/commands/run.py",
)  # fmt: skip


@pytest.mark.parametrize("path", WIRING)
def test_functions_of_the_wiring_are_short(path: str) -> None:
    functions = [
        node
        for node in ast.walk(ast.parse((ROOT / path).read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]

    lengths = {node.name: (node.end_lineno or 0) - node.lineno + 1 for node in functions}

    assert {name: lines for name, lines in lengths.items() if lines > LONGEST_FUNCTION} == {}


@pytest.mark.parametrize("bundle", ["Services", "RenderContext"])
def test_the_bundles_of_handlers_and_renderers_have_one_builder(bundle: str) -> None:
    makers = [
        path.relative_to(ROOT).as_posix()
        for package in ("bot", "handlers", "models", "tests")
        for path in (ROOT / package).rglob("*.py")
        if f"{bundle}(" in path.read_text() and path != Path(__file__)
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == bundle
    ]

    assert makers == ["bot/services.py"]
