"""The style rules of ``tests.style`` hold in the packages."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests import style

PENDING: tuple[str, ...] = ()
"""Paths that do not keep the rules yet. Only ever take lines away."""

CHECKED = [path for path in style.sources() if not any(path.is_relative_to(style.ROOT / part) for part in PENDING)]


@pytest.mark.parametrize("rule", style.RULES, ids=lambda rule: rule.__name__)
def test_the_packages_keep_the_rule(rule: Callable[[Path], Iterator[style.Finding]]) -> None:
    findings = [f"{path.relative_to(style.ROOT)}:{line}: {text}" for path in CHECKED for line, text in rule(path)]

    assert findings == []


def test_no_two_public_classes_share_a_name() -> None:
    assert style.shared_class_names() == []


def test_each_exception_to_the_limits_of_length_is_needed_and_has_a_reason() -> None:
    assert style.useless_exceptions() == []


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        (style.vague_names, "for one in range(3):\n    print(one)\n"),
        (style.private_words, '"""Whoever is on call."""\n'),
        (style.private_words, "def ring_bell() -> None: ...\n"),
        (style.long_sentences, f'"""{"word " * 26}."""\n'),
        (style.long_functions, "def endless():\n" + "    pass\n" * 50),
        (style.long_files, "pass\n" * 351),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)  # fmt: skip
def test_each_rule_finds_what_breaks_it(
    rule: Callable[[Path], Iterator[style.Finding]], code: str, tmp_path: Path
) -> None:
    path = tmp_path / "module.py"
    path.write_text(code)

    assert list(rule(path)) != []
