"""Each command that a sentence names for a case or a message is whole: the program takes it as it is typed."""

import re
import shlex
from collections.abc import Iterator

import click
import pytest
import typer
from babel.messages.pofile import read_po

from bot.cli.command_line import app
from bot.commands.typed_answers import ANSWERABLE
from bot.commands.typed_moves import read_move
from handlers.i18n.terminal_commands import name_field
from handlers.i18n.words import HERE, Words
from models.rules.escalations.request import RequestKind, Severity, required_fields
from tests.models.samples import customer_request

COMMAND = re.compile(r"(?<![/\w])csp-escalate (?=(?:escalations|outbox) )([^`\n]+)")
"""A command stands in backticks, or goes on to the end of its line."""
VALUES = {
    "case": "CSP-1", "name": "CSP-1", "number": "1", "n": "1", "person": "bob", "verb": "note", "needs": "TEXT",
    "field": "impact",
}  # fmt: skip
PROGRAM = typer.main.get_command(app)


def list_commands() -> Iterator[str]:
    with (HERE / "zh_CN.po").open("rb") as file:
        for message in read_po(file, locale="zh_CN"):
            for text in (message.id, message.string or ""):
                for part in [text] if isinstance(text, str) else text:
                    yield from COMMAND.findall(part)


@pytest.mark.parametrize("command", sorted(set(list_commands())))
def test_a_command_that_a_sentence_names_is_taken_as_it_is_typed(command: str) -> None:
    words = shlex.split(command.format_map(VALUES))

    group = PROGRAM.commands[words[0]]  # type: ignore[attr-defined]  # a group of Click
    chosen: click.Command = group.commands[words[1]]
    context = chosen.make_context(words[1], words[2:])

    if words[:2] == ["escalations", "do"]:
        given = context.params
        read_move(given["verb"], " ".join(given["text"] or ()), given["case"], Words.of("en"))


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_each_answer_that_may_be_missing_is_given_by_the_name_that_messages_call_it(language: str) -> None:
    required = {
        name
        for kind in RequestKind
        for severity in Severity
        for answers in ({}, {"health": "incident"})
        for name in required_fields(customer_request(severity=severity, answers=answers, kind=kind))
    } - {"title"}  # without one nothing is raised

    assert required <= set(ANSWERABLE)
    for field in required:
        said = f"{name_field(field, Words.of(language))} TEXT"
        assert shlex.split(said) == said.split()
        assert read_move("answer", said, "CSP-1", Words.of("en")).changes.keys() == {field}
