"""The life of an escalation: one dictionary of what may follow what, and one pure function that moves it.

It never reads a clock or a store. Moves of the machine are drawn in ARCHITECTURE.md from this dictionary.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from models.rules.errors import Refusal, Refused, refuse
from models.rules.escalations.escalation import ENDED, Escalation, HistoryEntry, Move, Status
from models.rules.escalations.request import (
    LINE_LIMIT,
    TEXT_LIMIT,
    Request,
    RequestKind,
    check_complete,
    clean,
    is_blank,
)
from models.rules.people import Actor
from models.rules.policy import reminders
from models.rules.policy.reminders import ReminderTimes

S, M = Status, Move

# (status, move) -> status. What is not here is refused. Handing over makes the next person acknowledge again,
# so that a case never rests with somebody who does not know of it.
NEXT: dict[tuple[Status, Move], Status] = {
    **{(status, M.NOTE): status for status in S},
    **{(status, M.CORRECT): status for status in S if status not in ENDED},
    **{(status, M.TELL): status for status in S if status not in ENDED},
    **{(status, M.SNOOZE): status for status in S if status not in ENDED},
    **{(status, M.WAKE): status for status in S if status not in ENDED},
    **{(status, M.TAKE_OVER): status for status in S if status not in ENDED},
    (S.OPEN, M.HAND_OVER): S.OPEN,
    (S.REOPENED, M.HAND_OVER): S.REOPENED,
    (S.ACKNOWLEDGED, M.HAND_OVER): S.OPEN,
    (S.SUBMITTED, M.HAND_OVER): S.SUBMITTED,
    (S.RESOLVED, M.HAND_OVER): S.RESOLVED,
    (S.OPEN, M.ACKNOWLEDGE): S.ACKNOWLEDGED,
    (S.REOPENED, M.ACKNOWLEDGE): S.ACKNOWLEDGED,
    (S.SUBMITTED, M.ACKNOWLEDGE): S.SUBMITTED,
    (S.RESOLVED, M.ACKNOWLEDGE): S.RESOLVED,
    (S.OPEN, M.RECORD): S.SUBMITTED,
    (S.REOPENED, M.RECORD): S.SUBMITTED,
    (S.ACKNOWLEDGED, M.RECORD): S.SUBMITTED,
    (S.SUBMITTED, M.RECORD): S.SUBMITTED,
    (S.OPEN, M.RESOLVE): S.RESOLVED,
    (S.REOPENED, M.RESOLVE): S.RESOLVED,
    (S.ACKNOWLEDGED, M.RESOLVE): S.RESOLVED,
    (S.SUBMITTED, M.RESOLVE): S.RESOLVED,
    (S.RESOLVED, M.CLOSE): S.CLOSED,
    (S.RESOLVED, M.REOPEN): S.REOPENED,
    (S.CLOSED, M.REOPEN): S.REOPENED,
    (S.WITHDRAWN, M.REOPEN): S.REOPENED,
    (S.OPEN, M.WITHDRAW): S.WITHDRAWN,
    (S.REOPENED, M.WITHDRAW): S.WITHDRAWN,
    (S.ACKNOWLEDGED, M.WITHDRAW): S.WITHDRAWN,
}
MOVES_ON = frozenset({M.ACKNOWLEDGE, M.HAND_OVER, M.RECORD, M.RESOLVE, M.CLOSE, M.REOPEN, M.WITHDRAW, M.WAKE})
"""Moves after which a snooze is over: what it waited for has come, or somebody else has the case. A note, a word to
the customer or a correction leaves it, unless the correction changes the severity and with it the patience there is."""
AWAKE: dict[str, Any] = dict.fromkeys(("snoozed_until", "snoozed_by", "snooze_reason"))
QUIET = frozenset({M.SNOOZE})
"""Moves after which an escalation is as silent as before: putting a case off is not speaking of it."""


@dataclass(frozen=True)
class MoveRequest:
    """A move somebody asks for: ``text`` is their reason, note, number or fix; ``to`` the next owner's user id;
    ``changes`` the corrected fields and answers; ``until`` the end of a snooze, which ``nagging`` limits; ``on_duty``
    says that the rota has them on call now.
    """

    move: Move
    by: Actor
    at: datetime
    text: str = ""
    new_owner: str | None = None
    changes: dict[str, Any] = field(default_factory=dict)
    until: datetime | None = None
    reminder_times: ReminderTimes = field(default_factory=reminders.load_packaged)
    on_call: bool = False


NEEDS_TEXT = {
    M.NOTE: "note",
    M.RECORD: "request_number",
    M.RESOLVE: "fix",
    M.REOPEN: "reason",
    M.WITHDRAW: "reason",
    M.SNOOZE: "reason",
}


def list_moves(escalation: Escalation) -> tuple[Move, ...]:
    """The moves that make sense now, whoever asks; what a card offers."""
    possible = [move for move in Move if (escalation.status, move) in NEXT and move is not M.TAKE_OVER]
    return tuple(move for move in possible if _why_not(escalation, move) is None)


def list_moves_of(escalation: Escalation, by: Actor, on_duty: bool) -> tuple[Move, ...]:
    """Those of them that this person may do; what is offered to somebody privately."""
    return tuple(move for move in list_moves(escalation) if _may_not(escalation, move, by, on_duty) is None)


def advance(escalation: Escalation, step: MoveRequest) -> tuple[Escalation, HistoryEntry]:
    """Apply one step: the escalation after it and the history entry that tells of it.

    Raises :class:`models.rules.errors.Refused` when the move does not follow, the person may not, or words are missing.
    """
    after = NEXT.get((escalation.status, step.move))
    if after is None:
        raise _does_not_follow(escalation, step.move)
    if why := _why_not(escalation, step.move):
        raise why
    if why := _may_not(escalation, step.move, step.by, step.on_call):
        raise why
    text = _checked_text(step)
    update = {"status": after, **_effect(escalation, step, text)}
    # A snooze tells its end even when only the reason is another.
    changed = {k: v for k, v in update.items() if step.move is M.SNOOZE or getattr(escalation, k) != v}
    if step.move in {M.CORRECT, M.RECORD} and not changed:
        raise refuse("nothing_changed")
    return _moved(escalation, step, text, changed)


def _moved(
    escalation: Escalation, step: MoveRequest, text: str, changed: dict[str, Any]
) -> tuple[Escalation, HistoryEntry]:
    moved = escalation.model_copy(update={**changed, **_stamps(escalation, step)})
    entry = HistoryEntry(
        number=escalation.number, seq=moved.version, move=step.move, by=step.by.id, at=step.at, text=text,
        status_from=escalation.status, status_to=moved.status,
        changes={name: values for k, v in changed.items() for name, values in _told(escalation, k, v)},
    )  # fmt: skip
    return moved, entry


def _told(escalation: Escalation, name: str, after: Any) -> Iterator[tuple[str, list[Any]]]:
    """Before and after of a changed field, as the entry tells it: of the answers, each that changed by its own name."""
    before = getattr(escalation, name)
    if name == "answers":
        for answer in sorted({*before, *after}):
            if before.get(answer) != after.get(answer):
                yield answer, [before.get(answer), after.get(answer)]
    elif name != "status":
        yield name, [_plain(before), _plain(after)]


def changed_columns(entry: HistoryEntry) -> set[str]:
    """The columns of the escalation that an entry tells changes of."""
    return {name if name in Escalation.model_fields else "answers" for name in entry.changes}


STAMPS = ("status", "version", "changed_at", "active_at", "waiting_since")
"""What a move writes anew besides the changes its entry tells of: these follow from the entry itself."""


def _stamps(escalation: Escalation, step: MoveRequest) -> dict[str, Any]:
    waits = step.move in {M.HAND_OVER, M.REOPEN}
    return {
        "version": escalation.version + 1,
        "changed_at": step.at,
        "active_at": escalation.active_at if step.move in QUIET else step.at,
        "waiting_since": step.at if waits else escalation.waiting_since,
    }


def raise_escalation(
    request: Request, number: int, channel: str, by: Actor, at: datetime
) -> tuple[Escalation, HistoryEntry]:
    """A new escalation from a request, with its first history entry. Raises Refused with every fault of the form."""
    facts = check_complete(request, at)
    escalation = Escalation(
        **facts.model_dump(), number=number, team_id=by.team_id, channel=channel, raised_by=by.id, raised_at=at,
        changed_at=at,
    )  # fmt: skip
    asked = {name: value for name, value in facts.model_dump(mode="json").items() if value}
    entry = HistoryEntry(number=number, seq=1, move=M.RAISE, by=by.id, at=at, status_to=S.OPEN, changes=asked)
    return escalation, entry


# Beyond what follows what: a move, when it makes no sense all the same, and what is said then.
_Fact = Callable[[Escalation], Any]
HINDRANCES: tuple[tuple[Move, _Fact, Callable[[Escalation], Refused]], ...] = (
    (
        M.ACKNOWLEDGE, lambda e: e.acknowledged_at and e.status is S.RESOLVED,
        lambda e: refuse("needs_no_acknowledgement", status=e.status),
    ),
    (
        M.ACKNOWLEDGE, lambda e: e.acknowledged_at,
        lambda e: refuse("already_acknowledged", owner=e.owner, at=e.acknowledged_at),
    ),
    (M.TELL, lambda e: e.kind is RequestKind.PARTNER_CENTER, lambda _: refuse("nobody_to_tell")),
    (M.TELL, lambda e: e.told_at, lambda e: refuse("already_told", who=e.told_by, at=e.told_at)),
    (M.CLOSE, lambda e: e.kind is RequestKind.CUSTOMER and not e.told_at, lambda _: refuse("tell_customer_first")),
    (M.WITHDRAW, lambda e: e.request_number, lambda e: refuse("already_sent", sent=e.request_number)),
    (M.WAKE, lambda e: not e.snoozed_until, lambda _: refuse("not_snoozed")),
)  # fmt: skip


def _why_not(escalation: Escalation, move: Move) -> Refused | None:
    return next((why(escalation) for one, stands, why in HINDRANCES if one is move and stands(escalation)), None)


def _does_not_follow(escalation: Escalation, move: Move) -> Refused:
    """Why a move is not in the dictionary; to whoever was second, it is said who was first."""
    if move is M.ACKNOWLEDGE and escalation.status is S.ACKNOWLEDGED and (why := _why_not(escalation, move)):
        return why
    if move is M.ACKNOWLEDGE:
        return refuse("needs_no_acknowledgement", status=escalation.status)
    return refuse("does_not_follow", status=escalation.status, move=move)


def _may_not(escalation: Escalation, move: Move, by: Actor, on_duty: bool) -> Refused | None:
    """Anybody admitted may move a case; what others own is handed over, corrected or snoozed by them or by a lead."""
    if move not in {M.HAND_OVER, M.CORRECT, M.SNOOZE, M.TAKE_OVER} or by.is_lead:
        return None
    if move is M.SNOOZE and not escalation.owner:
        return None if on_duty else refuse("only_on_duty_or_lead")
    holder = escalation.owner or escalation.raised_by
    return None if by.id == holder else refuse("only_owner_or_lead", owner=holder)


def _checked_text(step: MoveRequest) -> str:
    text = clean(step.text)
    name = NEEDS_TEXT.get(step.move)
    if name and is_blank(text):
        raise refuse("missing", name)
    limit = LINE_LIMIT if step.move is M.RECORD else TEXT_LIMIT
    if len(text) > limit:
        raise refuse("too_long", name, limit=limit)
    return text


def _effect(escalation: Escalation, step: MoveRequest, text: str) -> dict[str, Any]:
    """What the move changes besides the status."""
    take = {"owner": step.by.id, "acknowledged_at": step.at}
    effect: dict[str, Any] = {}
    match step.move:
        case M.ACKNOWLEDGE:
            effect = take
        case M.HAND_OVER | M.CORRECT | M.SNOOZE | M.TAKE_OVER:
            effect = CHOSEN[step.move](escalation, step, text)
        case M.RECORD:
            effect = {"request_number": text, **({} if escalation.acknowledged_at else take)}
        case M.TELL:
            effect = {"told_by": step.by.id, "told_at": step.at}
        case M.RESOLVE:
            effect = {"fix": text, **({} if escalation.acknowledged_at else take)}
        case M.CLOSE:
            effect = {"closed_by": step.by.id, "closed_at": step.at}
        case M.REOPEN:
            anew = dict.fromkeys(("acknowledged_at", "told_by", "told_at"))
            effect = {"reopened": escalation.reopened + 1, "status_reason": text, **anew}
        case M.WITHDRAW:
            effect = {"withdrawn_by": step.by.id, "withdrawn_at": step.at, "status_reason": text}
    return {**effect, **(AWAKE if _ends_snooze(escalation, step, effect) else {})}


def _ends_snooze(escalation: Escalation, step: MoveRequest, effect: dict[str, Any]) -> bool:
    return step.move in MOVES_ON or (step.move is M.CORRECT and effect["severity"] is not escalation.severity)


def _snoozed(escalation: Escalation, step: MoveRequest, text: str) -> dict[str, Any]:
    """Raises Refused when the end is missing, over, or further ahead than the severity allows."""
    if step.until is None:
        raise refuse("missing", "until")
    if step.until <= step.at:
        raise refuse("already_over", "until")
    longest = step.reminder_times.snooze[escalation.severity]
    if step.until - step.at > longest:
        raise refuse("too_far_ahead", "until", severity=escalation.severity, longest=longest)
    return {"snoozed_until": step.until, "snoozed_by": step.by.id, "snooze_reason": text}


def _handed(escalation: Escalation, step: MoveRequest, _text: str) -> dict[str, Any]:
    if not step.new_owner:
        raise refuse("missing", "owner")
    if step.new_owner == escalation.owner:
        raise refuse("nothing_changed")
    return {"owner": step.new_owner, "acknowledged_at": None}


def _taken_over(escalation: Escalation, step: MoveRequest, text: str) -> dict[str, Any]:
    """Only the owner is another: whoever accepts a shift knows of its cases, and what they wait for goes on."""
    return {**_handed(escalation, step, text), "acknowledged_at": escalation.acknowledged_at}


def _corrected(escalation: Escalation, step: MoveRequest, _text: str) -> dict[str, Any]:
    known = escalation.model_dump(include=set(Request.model_fields))
    own = {name: value for name, value in step.changes.items() if name in known}
    answers = {name: value for name, value in step.changes.items() if name not in known}
    try:
        facts = Request.model_validate({**known, "answers": {**escalation.answers, **answers}, **own})
    except ValidationError as error:
        raise Refused(*(Refusal("unknown_choice", str(fault["loc"][0])) for fault in error.errors())) from error
    return check_complete(facts, step.at).model_dump()


CHOSEN = {M.HAND_OVER: _handed, M.CORRECT: _corrected, M.SNOOZE: _snoozed, M.TAKE_OVER: _taken_over}
"""Moves whose effect is what the person chose."""


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
