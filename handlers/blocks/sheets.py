"""The small forms behind a card's buttons: one question each."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from handlers import ids
from handlers.blocks import kit
from handlers.words import N_, Words, terms
from handlers.words.spans import span
from models.escalation import Escalation, Move
from models.policy import Policy
from models.request import LINE_LIMIT, TEXT_LIMIT, TITLE_LIMIT, Kind, Severity

ASKED = {
    Move.NOTE: "note",
    Move.RECORD: "request_number",
    Move.RESOLVE: "fix",
    Move.REOPEN: "reason",
    Move.WITHDRAW: "reason",
    Move.SNOOZE: "reason",
}
HINT = {
    Move.RECORD: N_("The number 21Vianet gave after you pressed Submit there."),
    Move.RESOLVE: N_("In a sentence or two: it helps whoever meets this next."),
    Move.REOPEN: N_("What came back? Who closed it before stays on record."),
    Move.WITHDRAW: N_("For what was solved before it was sent to 21Vianet."),
    Move.HAND_OVER: N_("Full members only, no guests. They must acknowledge it; until then it counts as waiting."),
    Move.SNOOZE: N_("What are we waiting for? For example: 21Vianet answers on Monday."),
}
CORRECTED = ("severity", "title", "details", "service", "customer_name", "tenant_id")
WITHOUT_SHEET = frozenset({Move.ACKNOWLEDGE, Move.TELL, Move.CLOSE, Move.WAKE})
"""Moves that need no words: the button is enough."""
WORDS_WELCOME = {
    Move.TELL: N_("Recorded: the customer was told. If you like, say when, how and what in a note."),
    Move.CLOSE: N_("Closed. If something is left to be said, add a note."),
}
"""Moves that are done at once, at 3 a.m. too, and what is said privately afterwards to whoever did them."""
MORNING = 9
"""The hour at which a snooze is offered to end."""


Fields = Callable[[Escalation, Move, Words, Policy], list[kit.Block]]


def view(
    escalation: Escalation, move: Move, words: Words, policy: Policy, metadata: str, end: datetime | None = None
) -> kit.Block:
    """The form of one move. ``end`` is what is offered as the end of a snooze."""
    forms: dict[Move, Fields] = {
        Move.HAND_OVER: _hand_over,
        Move.CORRECT: _correct,
        Move.SNOOZE: partial(_snooze, end),
    }
    fields = forms.get(move, _one_text)
    about = kit.aside(kit.plain(f"{escalation.name} · {escalation.title}"))
    return kit.modal(
        ids.sheet(move), words(terms.MOVE[move]), [about, *fields(escalation, move, words, policy)], words("Cancel"),
        submit=words("Save"), private_metadata=metadata,
    )  # fmt: skip


def more(move: Move, subject: str, words: Words) -> tuple[str, list[kit.Block]]:
    """After a move that was done at once: the offer to add words to it. ``subject`` is the value of its button."""
    said = words(WORDS_WELCOME[move])
    note = kit.button(words(terms.MOVE[Move.NOTE]), ids.card(Move.NOTE), subject)
    return said, [kit.section(said), kit.actions([note])]


def _one_text(_escalation: Escalation, move: Move, words: Words, _policy: Policy) -> list[kit.Block]:
    name = ASKED[move]
    is_number = move is Move.RECORD
    box = kit.text_input(ids.sheet(move), LINE_LIMIT if is_number else TEXT_LIMIT, lines=not is_number)
    return [kit.field(name, words(terms.FIELD[name]), box, hint=words(HINT[move]) if move in HINT else "")]


def _hand_over(_escalation: Escalation, move: Move, words: Words, _policy: Policy) -> list[kit.Block]:
    return [kit.field("owner", words("To whom?"), kit.people(ids.sheet(move)), hint=words(HINT[move]))]


def _snooze(end: datetime | None, escalation: Escalation, move: Move, words: Words, policy: Policy) -> list[kit.Block]:
    longest = span(policy.nagging.snooze[escalation.severity], words)
    hint = words("At most {longest} ahead. It ends earlier when the status, the owner or the severity changes.",
                 longest=longest)  # fmt: skip
    box = kit.date_and_time(f"{ids.sheet(move)}.until", int(end.timestamp()) if end else None)
    until = kit.field("until", words(terms.FIELD["until"]), box, hint=hint)
    return [until, *_one_text(escalation, move, words, policy)]


def snooze_end(at: datetime, longest: timedelta, zone: ZoneInfo) -> datetime:
    """When a snooze is offered to end: the next morning of whoever asks, or soon where so long is not allowed."""
    local = at.astimezone(zone)
    morning = local.replace(hour=MORNING, minute=0, second=0, microsecond=0)
    while (morning - local) < timedelta(hours=1):
        morning += timedelta(days=1)
    instant = morning.astimezone(at.tzinfo)
    return instant if instant - at <= longest else (at + longest / 4).replace(second=0, microsecond=0)


def _correct(escalation: Escalation, move: Move, words: Words, policy: Policy) -> list[kit.Block]:
    name = ids.sheet(move)

    def text(field: str, limit: int, initial: str, *, lines: bool = False) -> kit.Block:
        box = kit.text_input(f"{name}.{field}", limit, lines=lines, initial=initial)
        return kit.field(field, words(terms.FIELD[field]), box, optional=field in {"tenant_id", "domain"})

    severities = {str(s): words(terms.SEVERITY[s]) for s in Severity}
    severity = kit.select(f"{name}.severity", severities, initial=escalation.severity)
    fields = [
        kit.field("severity", words(terms.FIELD["severity"]), severity),
        text("title", TITLE_LIMIT, escalation.title),
        text("details", TEXT_LIMIT, escalation.details, lines=True),
    ]
    if escalation.kind is Kind.CUSTOMER:
        services = {key: words.pick(s.en, s.zh) for key, s in policy.services.items()}
        service = kit.select(f"{name}.service", services, initial=escalation.service)
        fields += [
            kit.field("service", words(terms.FIELD["service"]), service),
            text("customer_name", LINE_LIMIT, escalation.customer_name),
            text("tenant_id", LINE_LIMIT, escalation.tenant_id),
        ]
    return fields
