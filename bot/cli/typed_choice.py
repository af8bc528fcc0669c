"""Values of options that a table shows in the operator's language: both the value and its name are understood."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import TypeVar

import typer

from bot.operator_language import operator_words
from handlers.i18n.words import N_, Words

_Choice = TypeVar("_Choice", bound=StrEnum)


def make_parser(choices: type[_Choice], names: Mapping[_Choice, str]) -> Callable[[str], _Choice]:
    """Return what reads a typed value of an option. ``names`` are messages of the catalogue.

    What it returns raises BadParameter for any other value, with every value and its name.
    """

    def read(typed: str) -> _Choice:
        words, wanted = operator_words(), _simplify(typed)
        by_name = {_simplify(text): choice for choice in choices for text in _names_of(choice, names)}
        if wanted not in by_name:
            possible = words.join_items(_show(choice, names, words) for choice in choices)
            says = N_("“{typed}” is none of these: {possible}")
            raise typer.BadParameter(words(says, typed=typed, possible=possible))
        return by_name[wanted]

    return read


def _names_of(choice: _Choice, names: Mapping[_Choice, str]) -> tuple[str, ...]:
    """Return what a choice may be called: its value, and its name in each language."""
    return (choice, *(Words.of(language)(names[choice]) for language in ("en", "zh_CN")))


def _show(choice: _Choice, names: Mapping[_Choice, str], words: Words) -> str:
    name = words(names[choice])
    return choice if _simplify(name) == _simplify(choice) else f"{choice}{words.in_brackets(name)}"


def _simplify(text: str) -> str:
    return text.strip().casefold().replace(" ", "-").replace("_", "-")
