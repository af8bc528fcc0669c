"""The rota's document against the code: the example as it is, every key and every reason."""

import re
from pathlib import Path

from models.rules.rota.gaps import GapReason
from models.rules.rota.toml.reader import example

ROOT = Path(__file__).parents[4]
DOCUMENT = (ROOT / "docs" / "rota.md").read_text(encoding="utf-8")
ASKED = re.compile(r"(?:text|whole|yes_no|texts|clock|day|moment|zone|tables?|_keys)\((?:table, )?\"(\w+)\"")


def test_the_document_shows_the_example_as_it_is() -> None:
    assert f"```toml\n{example()}```" in DOCUMENT


def test_the_document_lists_every_key_and_every_reason() -> None:
    cells = re.findall(r"^\| (`.+?) \|", DOCUMENT, re.MULTILINE)
    documented = {name for cell in cells for name in re.findall(r"`(\w+)`", cell)}
    titles = set(re.findall(r"^### `\[\[?(\w+)\]\]?`", DOCUMENT, re.MULTILINE))
    files = [ROOT / "models" / "rules" / "rota" / "toml" / name for name in ("reader.py", "policy.py")]
    source = "".join(file.read_text(encoding="utf-8") for file in files)

    asked = set(ASKED.findall(source))

    assert len(asked) > 20
    assert {*asked, *GapReason} - documented - titles == set()
