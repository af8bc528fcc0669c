"""The two forms of a remediation record: what was asked and agreed, and one action of its plan."""

from collections.abc import Mapping

from handlers import ids
from handlers.blocks import block_kit
from handlers.i18n.words import N_, Words
from models.rules.escalations.request import LINE_LIMIT
from models.rules.remediation.moves import TEXT_LIMIT
from models.rules.remediation.record import Remediation, RemediationAction

LABELS: Mapping[str, str] = {
    "requested_on": N_("21Vianet asked for it on"),
    "requested_by": N_("Who asked at 21Vianet"),
    "request": N_("What 21Vianet asked for"),
    "meeting_at": N_("Meeting"),
    "ours": N_("Who attends from our side"),
    "theirs": N_("Who attends from 21Vianet"),
    "minutes": N_("Minutes"),
    "plan": N_("Plan"),
    "review_on": N_("Review on"),
    "text": N_("Action"),
    "owner": N_("Owner"),
    "due": N_("Due on"),
}
"""Labels of the fields of a record and of an action."""
LONG = frozenset({"request", "minutes", "plan"})


def record_form(record: Remediation | None, words: Words) -> block_kit.Block:
    """Return the form of a record, or of a new one for None."""
    number, seq = (record.number, record.seq) if record else (0, 0)
    title = record.name if record else words("New remediation plan")
    hint = words("Leads are reminded a day before and on the day.")
    fields = [
        _day("requested_on", record, words),
        _text("requested_by", record, words),
        _text("request", record, words),
        block_kit.field(
            "meeting_at", words(LABELS["meeting_at"]),
            block_kit.date_and_time("remediation.field.meeting_at", _seconds(record)), hint=hint, optional=True,
        ),
        *(_text(name, record, words) for name in ("ours", "theirs", "minutes", "plan")),
        _day("review_on", record, words, hint=hint),
    ]  # fmt: skip
    return block_kit.modal(
        ids.REMEDIATION_RECORD, title, fields, words("Cancel"), submit=words("Save"),
        private_metadata=str(ids.RemediationSubject(number, seq=seq)),
    )  # fmt: skip


def action_form(record: Remediation, action: RemediationAction | None, words: Words) -> block_kit.Block:
    """Return the form of an action, or of a new one for None."""
    number = action.number if action else 0
    text = block_kit.text_input("remediation.field.text", TEXT_LIMIT, lines=True, initial=action.text if action else "")
    owner = block_kit.people("remediation.field.owner", action.owner if action else "")
    due = block_kit.date("remediation.field.due", action.due.isoformat() if action else "")
    hint = words("The owner is reminded at two thirds of the time, on the day, and each day after it.")
    return block_kit.modal(
        ids.REMEDIATION_ACTION, words("Action"),
        [
            block_kit.aside(block_kit.plain(record.name)),
            block_kit.field("text", words(LABELS["text"]), text),
            block_kit.field("owner", words(LABELS["owner"]), owner),
            block_kit.field("due", words(LABELS["due"]), due, hint=hint),
        ],
        words("Cancel"), submit=words("Save"),
        private_metadata=str(ids.RemediationSubject(record.number, number, record.seq)),
    )  # fmt: skip


def _text(name: str, record: Remediation | None, words: Words) -> block_kit.Block:
    limit = TEXT_LIMIT if name in LONG else LINE_LIMIT
    initial = getattr(record, name) if record else ""
    box = block_kit.text_input(f"remediation.field.{name}", limit, lines=name in LONG, initial=initial)
    return block_kit.field(name, words(LABELS[name]), box, optional=True)


def _day(name: str, record: Remediation | None, words: Words, hint: str = "") -> block_kit.Block:
    day = getattr(record, name) if record else None
    box = block_kit.date(f"remediation.field.{name}", day.isoformat() if day else "")
    return block_kit.field(name, words(LABELS[name]), box, hint=hint, optional=name != "requested_on")


def _seconds(record: Remediation | None) -> int | None:
    return int(record.meeting_at.timestamp()) if record and record.meeting_at else None
