"""Asks for the answers that a quickly raised case still lacks, with the button that opens the form for them."""

from handlers import ids
from handlers.blocks import block_kit
from handlers.i18n import labels
from handlers.i18n.words import N_, Words
from models.rules.escalations.escalation import Escalation, Move
from models.rules.escalations.transitions import missing_before_filing

ASKED = N_("Before it can be filed with 21Vianet, these answers are missing: {fields}.")


def ask(escalation: Escalation, words: Words) -> list[block_kit.Block]:
    """Return what is missing and the button; nothing when all is there, or the case was filed or has ended.

    A case that follows another one is not filed itself.
    """
    missing = missing_before_filing(escalation)
    if not missing or escalation.is_filed_elsewhere:
        return []
    said = words.line_per_language(lambda reader: reader(ASKED, fields=labels.list_fields(missing, reader)))
    value = str(ids.EscalationSubject(escalation.number, escalation.version))
    button = block_kit.button(words(labels.ADD_DETAILS), ids.move_button(Move.CORRECT), value, "primary")
    return [block_kit.section(f"❓ {said}"), block_kit.actions([button])]
