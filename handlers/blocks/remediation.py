"""Remediation records as people see them: the list, one record with its actions, and one's own actions."""

from collections.abc import Iterator, Sequence
from datetime import date

from handlers import ids
from handlers.blocks import block_kit
from handlers.blocks.remediation_forms import LABELS
from handlers.i18n.words import N_, Words
from models.rules.remediation.record import TEXTS, Remediation, RemediationAction

MOST_RECORDS, MOST_ACTIONS = 10, 30
LONGEST = 500
"""Characters of one text that a record shows."""
PACKET_LANGUAGES = {"zh_CN": N_("Packet in Chinese"), "en": N_("Packet in English")}
OwnAction = tuple[Remediation, RemediationAction]


def list_records(records: Sequence[Remediation], words: Words, today: date) -> list[block_kit.Block]:
    """Return the records for leads, the open ones first, and a button for a new one."""
    rows = [_row(record, words, today) for record in records[:MOST_RECORDS]]
    none = [block_kit.context(words("There is no remediation plan. Begin one when 21Vianet asks for a meeting."))]
    new = block_kit.button(words("New remediation plan"), f"{ids.REMEDIATION}new", str(ids.RemediationSubject(0)))
    return [
        block_kit.list_title(words("Remediation plans")), *(rows or none), block_kit.actions([new]),
        block_kit.context(words("Only you see this.")),
    ]  # fmt: skip


def list_own_actions(actions: Sequence[OwnAction], words: Words, today: date) -> list[block_kit.Block]:
    """Return the open actions of one person, each with the button that marks it done."""
    rows = [block for record, action in actions for block in _action(record, action, words, today, is_lead=False)]
    return [block_kit.list_title(words("Your actions of remediation plans")), *rows]


def show_record(record: Remediation, words: Words, today: date) -> list[block_kit.Block]:
    """Return one record with its actions and what a lead may do."""
    subject = str(ids.RemediationSubject(record.number))
    actions = sorted(record.actions, key=lambda action: (action.done_at is not None, action.due, action.number))
    listed = [b for action in actions[:MOST_ACTIONS] for b in _action(record, action, words, today, is_lead=True)]
    packets = [
        block_kit.button(words(label), f"{ids.REMEDIATION}packet.{language}", subject)
        for language, label in PACKET_LANGUAGES.items()
    ]
    if record.is_open:
        buttons = [
            block_kit.button(words("Add an action"), f"{ids.REMEDIATION}action", subject, "primary"),
            block_kit.button(words("Edit"), f"{ids.REMEDIATION}edit", subject),
            *packets,
            block_kit.button(words("Close the plan"), f"{ids.REMEDIATION}close", subject),
        ]
    else:
        buttons = [*packets, block_kit.button(words("Reopen the plan"), f"{ids.REMEDIATION}reopen", subject)]
    return [
        block_kit.rich(block_kit.facts(_facts(record, words), words.colon)),
        block_kit.list_title(words("Actions")),
        *(listed or [block_kit.context(words("No actions yet."))]),
        block_kit.actions(buttons),
    ]


def describe_state(action: RemediationAction, words: Words, today: date) -> str:
    """Return whether an action is done, open or overdue, as text."""
    if action.done_at:
        return f"✅ {words('Done')}"
    if action.due < today:
        return "⚠️ " + words.plural("{n} day overdue", "{n} days overdue", (today - action.due).days)
    return words("Not done yet")


def _row(record: Remediation, words: Words, today: date) -> block_kit.Block:
    lines = [f"{'📋' if record.is_open else '🔒'} {record.name} · {words('Requested on')} {record.requested_on}"]
    overdue = sum(action.due < today for action in record.open_actions)
    open_actions = words.plural("{n} action open", "{n} actions open", len(record.open_actions))
    late_actions = words.plural("{n} action overdue", "{n} actions overdue", overdue) if overdue else ""
    lines.append(" · ".join(filter(None, [open_actions, late_actions, block_kit.clip(record.requested_by, 60)])))
    show = block_kit.button(words("Show"), f"{ids.REMEDIATION}show", str(ids.RemediationSubject(record.number)))
    return {"type": "section", "text": block_kit.plain("\n".join(lines)), "accessory": show}


def _action(
    record: Remediation, action: RemediationAction, words: Words, today: date, *, is_lead: bool
) -> Iterator[block_kit.Block]:
    state = describe_state(action, words, today)
    yield block_kit.rich(
        block_kit.line(
            block_kit.run(f"{state} · ", "bold"),
            block_kit.run(block_kit.clip(action.text, LONGEST)),
            block_kit.run(" · "),
            block_kit.person(action.owner),
            block_kit.run(f" · {words(LABELS['due'])} {action.due}"),
        )
    )
    if not action.done_at and record.is_open:
        yield block_kit.actions(action_buttons(record, action, words, is_lead=is_lead))


def action_buttons(
    record: Remediation, action: RemediationAction, words: Words, *, is_lead: bool
) -> list[block_kit.Element]:
    """Return the button that marks an action done and, for leads, the one that changes it."""
    subject = str(ids.RemediationSubject(record.number, action.number))
    done = block_kit.button(words("Mark as done"), f"{ids.REMEDIATION}done", subject)
    change = block_kit.button(words("Change"), f"{ids.REMEDIATION}change", subject)
    return [done, *([change] if is_lead else [])]


def _facts(record: Remediation, words: Words) -> Iterator[tuple[str, Sequence[block_kit.Element]]]:
    yield words(LABELS["requested_on"]), [block_kit.run(str(record.requested_on))]
    if record.meeting_at:
        yield words(LABELS["meeting_at"]), [block_kit.when(record.meeting_at)]
    for name in TEXTS:
        if text := getattr(record, name):
            yield words(LABELS[name]), [block_kit.run(block_kit.clip(text, LONGEST))]
    if record.review_on:
        yield words(LABELS["review_on"]), [block_kit.run(str(record.review_on))]
    if record.closed_at:
        closed = [block_kit.person(record.closed_by), block_kit.run(" "), block_kit.when(record.closed_at)]
        yield words("Closed"), closed
