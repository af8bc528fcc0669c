"""A fix says once whose it is."""

import pytest

from handlers.i18n.fix_words import name_origin, names_origin
from handlers.i18n.words import Words


@pytest.mark.parametrize(
    ("fix", "language", "said"),
    [
        ("Restart it", "en", "as CSP-2: Restart it"),
        ("as CSP-1: Restart it", "en", "as CSP-2: Restart it"),
        ("同 KB-1：Restart it", "en", "as CSP-2: Restart it"),
        ("as CSP-1: Restart it", "zh_CN", "同 CSP-2：Restart it"),
        ("Restart it, as CSP-1: done", "en", "as CSP-2: Restart it, as CSP-1: done"),
    ],
)
def test_of_a_chain_only_the_last_is_named(fix: str, language: str, said: str) -> None:
    assert name_origin(fix, "CSP-2", Words.of(language)) == said


@pytest.mark.parametrize(
    ("text", "is_named"),
    [("as CSP-1: x", True), ("同 CSP-1：x", True), ("as CSP-10: x", False), ("x, as CSP-1: y", False), ("", False)],
)
def test_a_text_names_its_origin_only_at_its_beginning(text: str, is_named: bool) -> None:
    assert names_origin(text, "CSP-1") is is_named
