"""One escalation in a private list: short lines of plain text, with a button to show it."""

from datetime import datetime
from zoneinfo import ZoneInfo

from handlers import ids
from handlers.blocks import block_kit
from handlers.i18n import labels
from handlers.i18n.dates import moment
from handlers.i18n.words import Words
from models.rules.escalations.deadlines import Deadline
from models.rules.escalations.escalation import Escalation


def row(escalation: Escalation, lines: list[str], words: Words) -> block_kit.Block:
    """Return the severity, the name and the title, more ``lines`` below, and the button."""
    sign = labels.SEVERITY_SIGN[escalation.current_severity]
    head = f"{sign} {escalation.name} · {block_kit.clip(escalation.title, 80)}"
    show = block_kit.button(words("Show"), ids.SHOW, str(ids.EscalationSubject(escalation.number, escalation.version)))
    return {"type": "section", "text": block_kit.plain("\n".join([head, *lines])), "accessory": show}


def customer(escalation: Escalation, words: Words) -> str:
    """Return the customer's name; the kind of request for one of our own."""
    return block_kit.clip(escalation.customer_name or words(labels.KIND[escalation.kind]), 60)


def follows(escalation: Escalation, words: Words) -> str:
    """Return which escalation a duplicate follows; empty for one that follows none."""
    original = escalation.duplicate_of or escalation.parent
    return words("follows {name}", name=f"CSP-{original}") if escalation.follows_original else ""


def next_step(case: Escalation, deadline: Deadline | None, zone: ZoneInfo, words: Words, now: datetime) -> str:
    """Return what is done next about a case and by when; which case it follows where nothing is."""
    if deadline is None:
        return follows(case, words)
    at = moment(deadline.due_at, zone, words)
    due = words("overdue since {at}", at=at) if deadline.due_at <= now else words("due {at}", at=at)
    return f"{words(labels.name_awaited(deadline.step, case))} · {due}"


def solved_by_us(escalation: Escalation, words: Words) -> str:
    """Return that it was solved without 21Vianet; empty for one that was not."""
    return words("solved by ourselves") if escalation.is_solved_by_us else ""
