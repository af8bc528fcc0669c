"""Answers to lines that were typed to the bot in its direct message and could not be carried out as they are."""

from collections.abc import Sequence

from handlers import ids
from handlers.blocks import block_kit, case_row, missing_answers
from handlers.blocks.command_answers import line_examples
from handlers.i18n import labels
from handlers.i18n.words import Words
from models.rules.escalations.escalation import Escalation, Move

MOST_CASES = 5
LONGEST_VALUE = 1900
"""Characters of a line that a button carries; Slack's limit is 2,000 with our mark."""


def unknown(text: str, words: Words) -> list[block_kit.Block]:
    """Show a line back that is no command of ours: nothing was changed."""
    sentence = words("I don't know what to do with “{typed}”, so nothing was changed.", typed=block_kit.clip(text, 100))
    return [_paragraph(sentence), line_examples(words)]


def which_case(text: str, cases: Sequence[Escalation], words: Words) -> list[block_kit.Block]:
    """Ask which case a line means: each can be pressed, with the line as it will be carried out."""
    shown = block_kit.clip(text, 100)
    if not cases or len(text) > LONGEST_VALUE:
        return [
            _paragraph(words("Which escalation does “{typed}” mean? Begin with its name.", typed=shown)),
            line_examples(words),
        ]
    question = words("Which escalation does “{typed}” mean? Nothing was changed.", typed=shown)
    return [_paragraph(question), *(_choice(case, text, words) for case in cases)]


def ask_for_form(case: Escalation, move: Move, words: Words) -> list[block_kit.Block]:
    """Offer the form of a move that needs more than was typed: a message can't open it."""
    if move is Move.CORRECT and (missing := missing_answers.ask(case, words)):
        return [_paragraph(words("{name}: the number was not recorded.", name=case.name)), *missing]
    value = str(ids.EscalationSubject(case.number, case.version))
    name = words(labels.MOVE[move])
    sentence = words("{name}: press “{button}” and fill in the rest there.", name=case.name, button=name)
    return [_paragraph(sentence), block_kit.actions([block_kit.button(name, ids.move_button(move), value)])]


def _choice(case: Escalation, text: str, words: Words) -> block_kit.Block:
    line = f"{case.name} {text}"
    head = f"{case.name} · {block_kit.clip(case.title, 80)}\n{case_row.customer(case, words)}"
    return {**_paragraph(head), "accessory": block_kit.button(block_kit.clip(line, 75), ids.LINE, line)}


def _paragraph(text: str) -> block_kit.Block:
    return {"type": "section", "text": block_kit.plain(text)}
