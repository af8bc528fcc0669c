"""Who must be informed of our support, why and by when; and the form that records that they were."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from handlers import ids
from handlers.blocks import block_kit
from handlers.blocks.interactive_elements import asking, several
from handlers.i18n import labels
from handlers.i18n.words import Words
from models.customers.informing import CustomerInforming
from models.rules.escalations.request import LINE_LIMIT

PAGE_SIZE = 5
MOST_OFFERED = 100
"""Slack's limit for the options of one menu."""
NAMED = 5
"""How many names a sentence has; the others are counted."""


def page(
    due: Sequence[CustomerInforming], offset: int, words: Words, now: datetime, zone: ZoneInfo
) -> list[block_kit.Block]:
    """Return a page of those who are due, with buttons to copy the statement and to record what was done."""
    if not due:
        return [block_kit.section(f"✅ {words('Every customer is informed of our support.')}")]
    shown = due[offset : offset + PAGE_SIZE]
    count = words.plural("{n} customer must be informed.", "{n} customers must be informed.", len(due))
    back, ahead = str(max(0, offset - PAGE_SIZE)), offset + PAGE_SIZE
    turn = [block_kit.button(words("‹ Back"), f"{ids.INFORM_PAGE}.back", back)] if offset else []
    turn += [block_kit.button(words("More ›"), f"{ids.INFORM_PAGE}.more", str(ahead))] if ahead < len(due) else []
    record = block_kit.button(words("Record as informed"), ids.INFORM_TOLD, f"page {offset}", style="primary")
    return [
        block_kit.list_title(count),
        *(_row(customer, words, now, zone) for customer in shown),
        block_kit.actions([record, *turn]),
        block_kit.context(words("Only you see this.")),
    ]


def buttons(customer_id: str, last: int | None, words: Words) -> block_kit.Block:
    """Return the buttons of one customer: the statement to copy, to record that it was informed, and to correct that.

    ``last`` is the id of the last record that counts.
    """
    copy = block_kit.button(words("Support statement"), ids.INFORM_TEXT, customer_id)
    record = block_kit.button(words("Record as informed"), ids.INFORM_TOLD, f"customer {customer_id}")
    return block_kit.actions([copy, record, *([_mistake(customer_id, last, words)] if last else [])])


def _mistake(customer_id: str, record: int, words: Words) -> block_kit.Element:
    """Return the button that says of the last record that it was a mistake; it asks first."""
    pressed = block_kit.button(words("Recorded by mistake"), ids.INFORM_MISTAKE, f"{customer_id} {record}")
    says = words(
        "The customer was not informed then? The record stays, marked as a mistake by you, and counts no more."
    )
    return asking(pressed, words("Recorded by mistake"), says, words("Mark as mistake"), words("Cancel"))


def name_first(names: Sequence[str], words: Words) -> str:
    """Return the first names, and how many more there are."""
    shown = [block_kit.clip(name, 60) for name in names[:NAMED]]
    more = len(names) - len(shown)
    return words.join_items([*shown, *([words("{n} more", n=more)] if more else [])])


def form(
    offered: Mapping[str, str], chosen: Sequence[str], versions: Sequence[tuple[int, datetime]], today: date,
    words: Words, zone: ZoneInfo, place: str = "",
) -> block_kit.Block:  # fmt: skip
    """Return the form; ``offered`` are names of customers by id, of which ``chosen`` are chosen at first.

    ``place`` is where it was opened, which is drawn again once it is sent.
    """
    menu = several(f"{ids.INFORM_TOLD}.customers", dict(list(offered.items())[:MOST_OFFERED]), initial=chosen)
    ways = {str(way): words(name) for way, name in labels.INFORMED_BY.items()}
    label = labels.FIELD
    fields = [
        block_kit.field("informed_customers", words(label["informed_customers"]), menu),
        block_kit.field("through", words(label["through"]), block_kit.select(f"{ids.INFORM_TOLD}.through", ways)),
        block_kit.field(
            "informed_on", words(label["informed_on"]), block_kit.date(f"{ids.INFORM_TOLD}.on", today.isoformat()),
            hint=words("Today, or an earlier day."),
        ),
        _version_field(versions, words, zone) if versions else _warn_without_statement(words),
        block_kit.field(
            "evidence", words(label["evidence"]), block_kit.text_input(f"{ids.INFORM_TOLD}.evidence", LINE_LIMIT),
            hint=words("A link, or the name of a file."), optional=True,
        ),
    ]  # fmt: skip
    title, submit = words("Record as informed"), words("Save")
    return block_kit.modal(ids.INFORM_TOLD, title, fields, words("Cancel"), submit=submit, private_metadata=place)


def saved(names: Sequence[str], still_due: int, words: Words) -> block_kit.Block:
    """Return what the form becomes: who was recorded, and how many are still due."""
    done = words.plural("{n} customer recorded as informed.", "{n} customers recorded as informed.", len(names))
    count = words.plural("{n} customer must be informed.", "{n} customers must be informed.", still_due)
    blocks = [
        block_kit.section(f"✅ {done}"),
        block_kit.aside(block_kit.plain(name_first(names, words))),
        block_kit.section(count if still_due else f"✅ {words('Every customer is informed of our support.')}"),
        block_kit.context(words("A mistake? `/csp-escalate customer NAME` › Recorded by mistake.")),
    ]
    return block_kit.modal(ids.DONE, words("Record as informed"), blocks, words("Done"))


def _warn_without_statement(words: Words) -> block_kit.Block:
    """Return the warning that nothing is on record of which customers could be informed."""
    says = words(
        "There is no support statement yet: the record will not say what the customers were told. Whoever operates "
        "the bot adds one with `csp-escalate informed statement FILE`."
    )
    return block_kit.section(f"⚠️ {says}")


def _version_field(versions: Sequence[tuple[int, datetime]], words: Words, zone: ZoneInfo) -> block_kit.Block:
    choices = {
        str(number): words("Version {n}, since {day}", n=number, day=f"{since.astimezone(zone):%Y-%m-%d}")
        for number, since in reversed(versions[-MOST_OFFERED:])
    }
    menu = block_kit.select(f"{ids.INFORM_TOLD}.version", choices, initial=next(iter(choices)))
    return block_kit.field("statement", words(labels.FIELD["statement"]), menu)


def _row(customer: CustomerInforming, words: Words, now: datetime, zone: ZoneInfo) -> block_kit.Block:
    text = "\n".join([block_kit.clip(customer.name, 150), _why(customer, words, now, zone)])
    copy = block_kit.button(words("Support statement"), ids.INFORM_TEXT, customer.customer_id)
    return {"type": "section", "text": block_kit.plain(text), "accessory": copy}


def _why(customer: CustomerInforming, words: Words, now: datetime, zone: ZoneInfo) -> str:
    """Return why and by when it must be informed, and when it last was."""
    due, last = customer.due, customer.last
    if due is None:
        return ""
    day = f"{due.by.astimezone(zone):%Y-%m-%d}" if due.by else ""
    late = words("⚠️ was due by {day}", day=day) if day else words("⚠️ due now")
    when = words("by {day}", day=day) if due.by and due.by > now else late
    before = f"{last.at.astimezone(zone):%Y-%m-%d}" if last else ""
    parts = [words(labels.INFORM_REASONS[due.reason]), when]
    return " · ".join([*parts, *([words("last informed {day}", day=before)] if before else [])])
