"""The small forms behind a card's buttons: one question each."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from handlers import ids
from handlers.blocks import block_kit, correction
from handlers.i18n import labels
from handlers.i18n.durations import span
from handlers.i18n.words import N_, Words
from models.rules.escalations.escalation import Escalation, Move
from models.rules.escalations.request import LINE_LIMIT, TEXT_LIMIT, Severity
from models.rules.escalations.transitions import missing_before_filing
from models.rules.policy.vendor import VendorPolicy

ASKED = {
    Move.NOTE: "note",
    Move.RECORD: "request_number",
    Move.RESOLVE: "fix",
    Move.CLOSE_UNINFORMED: "reason",
    Move.REOPEN: "reason",
    Move.WITHDRAW: "reason",
    Move.SNOOZE: "reason",
    Move.TELL_DETAILS: "note",
    Move.ASK_LEAD: "reason",
    Move.SEND_BACK: "reason",
    Move.RETURNED: "returned_words",
}
HINT = {
    Move.RECORD: N_("The number 21Vianet gave after you pressed Submit there."),
    Move.RESOLVE: N_("One or two sentences, for the next person with this problem."),
    Move.CLOSE_UNINFORMED: N_("Why does the customer not hear of the resolution? For leads; it stays in the history."),
    Move.REOPEN: N_("What came back? Who closed it before stays in the history."),
    Move.WITHDRAW: N_("For an issue that was solved before it was sent to 21Vianet."),
    Move.HAND_OVER: N_(
        "Full members only, no guests. The new owner must acknowledge it; until then it counts as waiting."
    ),
    Move.ASK_LEAD: N_("Why is 21Vianet needed? A lead reads it; without a lead it may go when the time is over."),
    Move.SEND_BACK: N_("What is missing, or how it can be solved. Its owner reads it."),
    Move.DUPLICATE: N_("The case that this one repeats, such as CSP-7. Leave it empty when it repeats none."),
    Move.PARENT: N_("The case of the incident, such as CSP-7. Leave it empty when it is a case of its own."),
    Move.RETURNED: N_("The day on which 21Vianet said that this escalation was inappropriate."),
    Move.SNOOZE: N_("What are we waiting for? For example: 21Vianet answers on Monday."),
}
TAKES_BACK = N_("Leave the day empty when it was recorded by mistake.")
"""The hint below the day of a finding that is corrected."""
TITLES = {Move.CLOSE_UNINFORMED: labels.MOVE[Move.CLOSE], Move.RETURNED: N_("Returned")}
"""Titles of moves whose own label is too long for one."""
SENDS = {move: labels.MOVE[move] for move in (Move.SEND_BACK, Move.ASK_LEAD)}
"""What the button says that sends a form, where it is more than to save."""
WITHOUT_FORM = frozenset({Move.ACKNOWLEDGE, Move.TELL, Move.CLOSE, Move.WAKE, Move.TURN, Move.CONTACT, Move.APPROVE})
"""Moves that need no words: the button is enough."""
ONE_TEXT = frozenset({Move.NOTE, Move.RECORD, Move.RESOLVE, Move.REOPEN, Move.WITHDRAW})
"""Moves that need nothing but one text, so that it can be typed in a line."""
MORNING = 9
"""The hour at which a snooze is offered to end."""


Fields = Callable[[Escalation, Move, Words, VendorPolicy], list[block_kit.Block]]


def view(
    escalation: Escalation, move: Move, words: Words, policy: VendorPolicy, metadata: str, end: datetime | None = None,
    offered: Sequence[str] = (),
) -> block_kit.Block:  # fmt: skip
    """Return the form of one move.

    ``end`` is the suggested end of a snooze. ``offered`` are the service request numbers so far, the cases that this
    one may repeat, or similar ones that were solved; for what 21Vianet returned it is the day of today.
    """
    forms: dict[Move, Fields] = {
        Move.HAND_OVER: _hand_over,
        Move.CORRECT: correction.fields,
        Move.SNOOZE: partial(_snooze, end),
        Move.RECORD: partial(_record, offered),
        Move.TELL_DETAILS: _tell_details,
        Move.DUPLICATE: partial(_duplicate, offered),
        Move.PARENT: partial(_parent, offered),
        Move.RESOLVE: partial(_resolve, offered),
        Move.RETURNED: partial(_returned, offered),
    }
    fields = forms.get(move, _one_text)
    about = block_kit.aside(block_kit.plain(f"{escalation.name} · {escalation.title}"))
    return block_kit.modal(
        ids.move_form(move), words(_title(escalation, move)),
        [about, *fields(escalation, move, words, policy)], words("Cancel"),
        submit=words(SENDS.get(move, "Save")), private_metadata=metadata,
    )  # fmt: skip


def _title(escalation: Escalation, move: Move) -> str:
    """Return the title of a form as a key of the catalogue: what was pressed."""
    adds_answers = move is Move.CORRECT and missing_before_filing(escalation)
    return labels.ADD_DETAILS if adds_answers else TITLES.get(move, labels.MOVE[move])


def same_number(others: Sequence[str], words: Words) -> list[str]:
    """Return the hint that 21Vianet's number is recorded for other escalations too."""
    if not others:
        return []
    again = words("{names} has this number too. If that is right, save once more.", names=words.join_items(others))
    return [again, words("If both are one problem, choose “Duplicate of” in the card's menu afterwards.")]


def number_used_twice(others: Sequence[str], words: Words) -> list[str]:
    """Return the hint that a number that was recorded is on other escalations too."""
    return [words("{names} has this number too.", names=words.join_items(others))] if others else []


def _one_text(_escalation: Escalation, move: Move, words: Words, _policy: VendorPolicy) -> list[block_kit.Block]:
    name = ASKED[move]
    box = block_kit.text_input(ids.move_form(move), TEXT_LIMIT, lines=True)
    return [block_kit.field(name, words(labels.FIELD[name]), box, hint=words(HINT[move]) if move in HINT else "")]


def _record(
    recorded: Sequence[str], escalation: Escalation, move: Move, words: Words, _policy: VendorPolicy
) -> list[block_kit.Block]:
    """Return the field of the number, with the current one; earlier ones are named."""
    name = ASKED[move]
    box = block_kit.text_input(ids.move_form(move), LINE_LIMIT, initial=escalation.request_number or "")
    field = block_kit.field(name, words(labels.FIELD[name]), box, hint=words(HINT[move]))
    severities = {str(severity): words(labels.SEVERITY[severity]) for severity in Severity}
    given = block_kit.select(f"{ids.move_form(move)}.given", severities, initial=escalation.current_severity)
    hint = words("As 21Vianet's reply says. It may differ from what we asked for.")
    fields = [field, block_kit.field("severity_given", words(labels.FIELD["severity_given"]), given, hint=hint)]
    if not recorded:
        return fields
    so_far = words("Recorded so far: {numbers}", numbers=words.join_items(recorded))
    return [block_kit.aside(block_kit.plain(so_far)), *fields]


def _tell_details(escalation: Escalation, move: Move, words: Words, _policy: VendorPolicy) -> list[block_kit.Block]:
    """Return the fields of how the customer was informed, when they hear from us next, and a note."""
    form = ids.move_form(move)
    ways = {str(way): words(name) for way, name in labels.INFORMED_BY.items()}
    through = block_kit.select(f"{form}.through", ways, initial=escalation.told_through or "")
    promised = escalation.promised_at
    until = block_kit.date_and_time(f"{form}.until", int(promised.timestamp()) if promised else None)
    note = block_kit.text_input(form, TEXT_LIMIT, lines=True)
    hint = words("You are reminded before that time.")
    return [
        block_kit.field("through", words(labels.FIELD["through"]), through, optional=True),
        block_kit.field("until", words(labels.FIELD["next_update"]), until, hint=hint, optional=True),
        block_kit.field("note", words(labels.FIELD["note"]), note, optional=True),
    ]


def _duplicate(
    offered: Sequence[str], escalation: Escalation, move: Move, words: Words, _policy: VendorPolicy
) -> list[block_kit.Block]:
    current = f"CSP-{escalation.duplicate_of}" if escalation.duplicate_of else next(iter(offered), "")
    box = block_kit.text_input(ids.move_form(move), LINE_LIMIT, initial=current, placeholder="CSP-7")
    return [block_kit.field("original", words(labels.FIELD["original"]), box, hint=words(HINT[move]), optional=True)]


def _parent(
    offered: Sequence[str], escalation: Escalation, move: Move, words: Words, _policy: VendorPolicy
) -> list[block_kit.Block]:
    current = f"CSP-{escalation.parent}" if escalation.parent else next(iter(offered), "")
    box = block_kit.text_input(ids.move_form(move), LINE_LIMIT, initial=current, placeholder="CSP-7")
    return [block_kit.field("original", words(labels.FIELD["parent"]), box, hint=words(HINT[move]), optional=True)]


def _returned(
    days: Sequence[str], escalation: Escalation, move: Move, words: Words, _policy: VendorPolicy
) -> list[block_kit.Block]:
    """Return the fields of 21Vianet's finding, with what was recorded of it before; ``days`` begin with today."""
    form, e = ids.move_form(move), escalation
    on = block_kit.date(f"{form}.on", e.returned_on.isoformat() if e.returned_on else next(iter(days), ""))
    number = block_kit.text_input(f"{form}.number", LINE_LIMIT, initial=e.returned_number or "")
    said = block_kit.text_input(form, TEXT_LIMIT, lines=True, initial=e.returned_words or "")
    label, is_known = labels.FIELD, e.returned_on is not None
    hint = words(TAKES_BACK) if is_known else words(HINT[move])
    return [
        block_kit.field("returned_on", words(label["returned_on"]), on, hint=hint, optional=is_known),
        block_kit.field("returned_number", words(label["returned_number"]), number, optional=True),
        block_kit.field("returned_words", words(label["returned_words"]), said, optional=is_known),
    ]


def _resolve(
    similar: Sequence[str], escalation: Escalation, move: Move, words: Words, policy: VendorPolicy
) -> list[block_kit.Block]:
    """Return the field of the fix, and the one for the past case that was solved in the same way.

    Either is enough: the fix may be that of the past case.
    """
    fix = {**_one_text(escalation, move, words, policy)[0], "optional": True}
    box = block_kit.text_input(f"{ids.move_form(move)}.solved_from", LINE_LIMIT, placeholder="CSP-7")
    hint = words("The past case whose fix solved this one. Its fix is recorded when you write none.")
    field = block_kit.field("solved_from", words(labels.FIELD["solved_from"]), box, hint=hint, optional=True)
    lines = [block_kit.aside(block_kit.plain(f"💡 {line}")) for line in similar]
    return [fix, field, *lines]


def _hand_over(_escalation: Escalation, move: Move, words: Words, _policy: VendorPolicy) -> list[block_kit.Block]:
    return [block_kit.field("owner", words("New owner"), block_kit.people(ids.move_form(move)), hint=words(HINT[move]))]


def _snooze(
    end: datetime | None, escalation: Escalation, move: Move, words: Words, policy: VendorPolicy
) -> list[block_kit.Block]:
    longest = span(policy.reminder_times.snooze[escalation.severity], words)
    hint = words("At most {longest} ahead. It ends earlier when the status, the owner or the severity changes.",
                 longest=longest)  # fmt: skip
    box = block_kit.date_and_time(f"{ids.move_form(move)}.until", int(end.timestamp()) if end else None)
    until = block_kit.field("until", words(labels.FIELD["until"]), box, hint=hint)
    return [until, *_one_text(escalation, move, words, policy)]


def snooze_end(at: datetime, longest: timedelta, zone: ZoneInfo) -> datetime:
    """Return the suggested end of a snooze: the reader's next morning, or soon where that is too late."""
    local = at.astimezone(zone)
    morning = local.replace(hour=MORNING, minute=0, second=0, microsecond=0)
    while (morning - local) < timedelta(hours=1):
        morning += timedelta(days=1)
    instant = morning.astimezone(at.tzinfo)
    return instant if instant - at <= longest else (at + longest / 4).replace(second=0, microsecond=0)
