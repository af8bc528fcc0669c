"""The slash command of an installation (``CSP_COMMAND``) stands in every sentence that names one."""

import ast
import re
from collections.abc import Iterator

import pytest

from handlers.i18n.words import COMMAND, Words
from tests.handlers.extracted_sentences import ROOT, Sentence, sentences
from tests.syntax import nodes_in

OTHER = "/csp-escalate-b"
NAMING = [sentence for sentence in sentences() if COMMAND in sentence.one]
PACKAGED = re.compile(rf"{COMMAND}(?!-b)")
WRITTEN = re.compile(rf"(?<!/){COMMAND}(?![.\w])")  # sqlite:///csp-escalate.db is no command


@pytest.fixture
def words() -> Iterator[Words]:
    """Words in both languages, of an installation with another command."""
    Words.command = OTHER
    yield Words.of("both")
    Words.command = COMMAND


def test_every_sentence_that_names_the_command_names_that_of_the_installation(words: Words) -> None:
    said = [_say(sentence, words) for sentence in NAMING]

    assert len(said) > 30
    assert [sentence for sentence in said if PACKAGED.search(sentence) or sentence.count(OTHER) < 2] == []


def test_the_packaged_command_is_named_without_a_setting() -> None:
    assert Words.of("en")("There is no CSP-{number}. See `/csp-escalate list`.", number=7).endswith("escalate list`.")


def test_no_text_outside_the_catalogue_names_the_command() -> None:
    known = {text for sentence in sentences() for text in (sentence.one, sentence.many)} | {COMMAND}
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for package in ("bot", "handlers", "models")
        for path in sorted((ROOT / package).rglob("*.py"))
        for node in nodes_in(path)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and WRITTEN.search(node.value)
        if node.value not in known and not node.value.startswith("``/csp-escalate [word …]``")
    ]

    assert found == []


def _say(sentence: Sentence, words: Words) -> str:
    """The sentence with something for each placeholder."""
    values = dict.fromkeys(re.findall(r"\{(\w+)\}", sentence.one), "x")
    if not sentence.many:
        return words(sentence.one, **values)
    values.pop("n", None)
    return words.plural(sentence.one, sentence.many, 2, **values)
