"""A message that is kept in the history of a case: the form that asks for the case, and the private answer."""

from collections.abc import Sequence

from handlers import ids
from handlers.blocks import block_kit
from handlers.i18n import labels
from handlers.i18n.words import Words
from models.rules.escalations.escalation import Escalation, Move, Turn
from models.rules.escalations.request import LINE_LIMIT, TEXT_LIMIT

MOST_CASES = 100
"""As many choices as a menu of Slack's takes."""
PREFIX = ids.ATTACH_SHORTCUT


def form(cases: Sequence[Escalation], text: str, metadata: str, words: Words, *, is_named: bool) -> block_kit.Block:
    """Return the form: a menu of cases, a field for another one, and the text that is kept.

    ``is_named`` says that the message names these cases; otherwise they are the reader's own.
    """
    label = words("Which of these cases?") if is_named else words("Your open cases")
    choices = {_value(case): f"{case.name} · {case.title}" for case in cases[:MOST_CASES]}
    menu = block_kit.field("case", label, block_kit.select(f"{PREFIX}.case", choices), optional=True)
    name = block_kit.text_input(f"{PREFIX}.name", LINE_LIMIT, placeholder="CSP-7")
    hint = words("Its name, such as CSP-7, or its service request number.")
    kept = block_kit.text_input(f"{PREFIX}.text", TEXT_LIMIT, lines=True, initial=text)
    fields = [
        block_kit.field("case_name", words("Another case"), name, hint=hint, optional=True),
        block_kit.field("note", words("Text to keep in the history"), kept),
    ]
    return block_kit.modal(
        ids.ATTACH_SHORTCUT, words("Attach to a case"), [*([menu] if choices else []), *fields], words("Cancel"),
        submit=words("Save"), private_metadata=metadata,
    )  # fmt: skip


def kept(escalation: Escalation, possible: Sequence[Move], words: Words) -> list[block_kit.Block]:
    """Return where the message is kept, with buttons for what it may mean; ``possible`` are the reader's moves."""
    value = _value(escalation)
    offered = []
    if Move.CONTACT in possible:
        offered.append(block_kit.button(words(labels.MOVE[Move.CONTACT]), ids.move_button(Move.CONTACT), value))
    if Move.TURN in possible and escalation.turn is not Turn.OURS:
        offered.append(block_kit.button(words(labels.TURN[Turn.OURS]), ids.turn_button(Turn.OURS), value))
    offered.append(block_kit.button(words("Show"), ids.SHOW, value))
    sentence = words("The message is kept in the history of {name}.", name=escalation.name)
    title = block_kit.clip(escalation.title, 150)
    return [
        block_kit.rich(block_kit.line(block_kit.run(f"📎 {sentence}\n"), block_kit.run(title, "italic"))),
        block_kit.actions(offered),
    ]


def _value(escalation: Escalation) -> str:
    return str(ids.EscalationSubject(escalation.number, escalation.version))
