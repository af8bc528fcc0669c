"""Write the tables of import layers in ARCHITECTURE.md from the contracts in pyproject.toml.

Run ``python -m tests.layers_table`` after a contract, or the first line of a package, has changed.
"""

import ast
import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
DOCUMENT = ROOT / "ARCHITECTURE.md"
CONTRACTS = ("models", "rules", "handlers", "bot")
BEGIN, END = "<!-- layers -->", "<!-- /layers -->"


def tables() -> str:
    """Return one table per contract: each layer from the top, its modules, and what each is for."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    by_id = {contract["id"]: contract for contract in contracts}
    return "\n\n".join(_table(by_id[name]["containers"][0], by_id[name]["layers"]) for name in CONTRACTS)


def _table(package: str, layers: list[str]) -> str:
    lines = [f"### {package}", "", "| Module | What it is for |", "|---|---|"]
    for layer in layers:
        names = [name.strip() for name in layer.split("|")]
        modules, summaries = [f"`{name}`" for name in names], [_summary(package, name) for name in names]
        lines.append(f"| {'<br>'.join(modules)} | {'<br>'.join(summaries)} |")
    return "\n".join(lines)


def _summary(package: str, name: str) -> str:
    """Return the first sentence of a module's docstring."""
    path = ROOT / package.replace(".", "/") / name
    path = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    text = " ".join((ast.get_docstring(ast.parse(path.read_text())) or "").split("\n\n")[0].split())
    return re.split(r"(?<=\.)\s", text)[0].replace("|", "\\|")


def written() -> str:
    """Return the document with its tables as they should be."""
    before, _, rest = DOCUMENT.read_text().partition(BEGIN)
    return f"{before}{BEGIN}\n{tables()}\n{END}{rest.partition(END)[2]}"


if __name__ == "__main__":
    DOCUMENT.write_text(written())
