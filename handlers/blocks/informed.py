"""The private answer after “Mark customer informed”: how the customer was informed, and when they hear from us next."""

from handlers import ids
from handlers.blocks import block_kit
from handlers.i18n import labels
from handlers.i18n.words import Words
from models.rules.escalations.escalation import Escalation, Move


def ask_how(escalation: Escalation, words: Words) -> list[block_kit.Block]:
    """Return the fact, and a button for each way of informing; the last one opens a form."""
    value = str(ids.EscalationSubject(escalation.number, escalation.version))
    ways = [
        block_kit.button(words(label), ids.informed_button(way), value) for way, label in labels.INFORMED_BY.items()
    ]
    more = block_kit.button(words("Note, next update"), ids.move_button(Move.TELL_DETAILS), value)
    text = words("{name}: the customer is marked as informed. How? (optional)", name=escalation.name)
    return [block_kit.section(f"📣 {block_kit.escape(text)}"), block_kit.actions([*ways, more])]
