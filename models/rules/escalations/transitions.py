"""The life of an escalation: one dictionary of allowed moves, and one pure function that applies a move.

Pure: reads no clock and no store. A test compares the table in ARCHITECTURE.md with this dictionary.
"""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from models.rules.errors import Refused, refuse
from models.rules.escalations.escalation import (
    ENDED,
    Escalation,
    HistoryEntry,
    Move,
    Status,
)
from models.rules.escalations.field_changes import EFFECTS
from models.rules.escalations.moves import TURN_AFTER, MoveRequest
from models.rules.escalations.obstacles import find_obstacle
from models.rules.escalations.request import (
    LINE_LIMIT,
    TEXT_LIMIT,
    Request,
    check_complete,
    check_quick,
    clean,
    find_missing,
    is_blank,
)
from models.rules.escalations.reviews import NOT_FILED, refuse_filing
from models.rules.people import Actor

S, M = Status, Move

# (status, move) -> status. Every other pair is refused. After a hand-over the next person must acknowledge again,
# so that an escalation never waits with a person who does not know of it.
NEXT: dict[tuple[Status, Move], Status] = {
    **{(status, M.NOTE): status for status in S},
    **{(status, move): status for status in S for move in (M.DISCARD, M.RETRY)},
    **{(status, M.CORRECT): status for status in S if status not in ENDED},
    **{(status, M.TELL): status for status in S if status not in ENDED},
    **{(status, M.SNOOZE): status for status in S if status not in ENDED},
    **{(status, M.WAKE): status for status in S if status not in ENDED},
    **{(status, M.TAKE_OVER): status for status in S if status not in ENDED},
    **{(status, M.TURN): status for status in S if status not in ENDED},
    **{(status, M.DUPLICATE): status for status in S if status not in ENDED},
    **{(status, M.PARENT): status for status in S if status not in {S.RESOLVED, *ENDED}},
    **{(status, M.TELL_DETAILS): status for status in S if status not in ENDED},
    (S.SUBMITTED, M.CONTACT): S.SUBMITTED,
    **{(status, M.RETURNED): status for status in S if status is not S.WITHDRAWN},
    **{(status, move): status for status in NOT_FILED for move in (M.ASK_LEAD, M.APPROVE, M.SEND_BACK, M.RELEASE)},
    (S.SUBMITTED, M.APPROVE): S.SUBMITTED,
    (S.SUBMITTED, M.RELEASE): S.SUBMITTED,
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
    (S.RESOLVED, M.CLOSE_UNINFORMED): S.CLOSED,
    (S.RESOLVED, M.REOPEN): S.REOPENED,
    (S.CLOSED, M.REOPEN): S.REOPENED,
    (S.WITHDRAWN, M.REOPEN): S.REOPENED,
    (S.OPEN, M.WITHDRAW): S.WITHDRAWN,
    (S.REOPENED, M.WITHDRAW): S.WITHDRAWN,
    (S.ACKNOWLEDGED, M.WITHDRAW): S.WITHDRAWN,
}
ENDS_SNOOZE = frozenset(
    {
        M.ACKNOWLEDGE, M.HAND_OVER, M.RECORD, M.CONTACT, M.TURN, M.RESOLVE, M.CLOSE, M.CLOSE_UNINFORMED, M.REOPEN,
        M.WITHDRAW, M.WAKE, M.RETURNED, M.APPROVE, M.SEND_BACK,
    }
)  # fmt: skip
"""Moves that end a snooze: what was awaited has come, or another person has the escalation.

A note, informing the customer or a correction leaves it. Only a correction of the severity ends it too.
"""
NO_SNOOZE: dict[str, Any] = dict.fromkeys(("snoozed_until", "snoozed_by", "snooze_reason"))
NO_ACTIVITY = frozenset({M.SNOOZE, M.RELEASE, M.DISCARD, M.RETRY})
"""Moves that are no activity: a snooze is not progress, and neither program nor operator works on the case."""
OF_THE_PROGRAM = frozenset({M.TAKE_OVER, M.RELEASE, M.DISCARD, M.RETRY})
"""Moves that no card offers: they come with a shift, with time, or from the outbox."""


NEEDS_TEXT = {
    M.NOTE: "note",
    M.RECORD: "request_number",
    M.RESOLVE: "fix",
    M.CLOSE_UNINFORMED: "reason",
    M.REOPEN: "reason",
    M.WITHDRAW: "reason",
    M.SNOOZE: "reason",
    M.ASK_LEAD: "reason",
    M.SEND_BACK: "reason",
}


def list_moves(escalation: Escalation) -> tuple[Move, ...]:
    """Return the moves that make sense now, regardless of who asks: what a card offers."""
    possible = [move for move in Move if (escalation.status, move) in NEXT and move not in OF_THE_PROGRAM]
    return tuple(move for move in possible if find_obstacle(escalation, move) is None)


def list_moves_of(escalation: Escalation, by: Actor, on_call: bool) -> tuple[Move, ...]:
    """Return those of them that this person may make: what a private answer offers."""
    return tuple(move for move in list_moves(escalation) if _refuse_person(escalation, move, by, on_call) is None)


def advance(escalation: Escalation, request: MoveRequest) -> tuple[Escalation, HistoryEntry]:
    """Apply a move: return the escalation after it and its history entry.

    Raises :class:`models.rules.errors.Refused` when the move is not allowed, the person may not make it, or words are
    missing.
    """
    after = NEXT.get((escalation.status, request.move))
    if after is None:
        raise _refuse_pair(escalation, request.move)
    if refusal := find_obstacle(escalation, request.move):
        raise refusal
    if refusal := _refuse_person(escalation, request.move, request.by, request.on_call):
        raise refusal
    if request.move is M.RECORD and (missing := missing_before_filing(escalation)):
        raise refuse("answers_missing", fields=missing, **_list_holders(escalation))
    if request.move is M.RECORD and (refusal := refuse_filing(escalation, request.at)):
        raise refusal
    text = _check_text(request)
    update = {"status": after, **_find_effect(escalation, request, text)}
    # The entry of a snooze has its end even when only the reason is new.
    changed = {
        name: value for name, value in update.items() if request.move is M.SNOOZE or getattr(escalation, name) != value
    }
    if request.move is M.RECORD and not changed:
        raise refuse("number_already_recorded", request_number=escalation.request_number)
    if request.move is M.CORRECT and not changed:
        raise refuse("nothing_changed")
    return _apply_changes(escalation, request, text, changed)


def missing_before_filing(escalation: Escalation) -> tuple[str, ...]:
    """Return the answers that must be given before 21Vianet's number can be recorded, in the order of the form.

    Empty for a case that was filed, is solved, or has ended.
    """
    is_over = escalation.status in {S.RESOLVED, *ENDED}
    return () if escalation.request_number or is_over else find_missing(escalation)


def _apply_changes(
    escalation: Escalation, request: MoveRequest, text: str, changed: dict[str, Any]
) -> tuple[Escalation, HistoryEntry]:
    moved = escalation.model_copy(update={**changed, **_build_stamps(escalation, request)})
    described = [pair for name, value in changed.items() for pair in _describe_change(escalation, name, value)]
    entry = HistoryEntry(
        number=escalation.number, seq=moved.version, move=request.move, by=request.by.id, at=request.at, text=text,
        status_from=escalation.status, status_to=moved.status,
        changes={**dict(described), **_describe_circumstances(request)},
    )  # fmt: skip
    return moved, entry


def _describe_change(escalation: Escalation, name: str, after: Any) -> Iterator[tuple[str, list[Any]]]:
    """Return before and after of a changed field; of the answers, each that changed by its own name."""
    before = getattr(escalation, name)
    if name == "answers":
        for answer in sorted({*before, *after}):
            if before.get(answer) != after.get(answer):
                yield answer, [before.get(answer), after.get(answer)]
    elif name != "status":
        yield name, [_plain(before), _plain(after)]


def _describe_circumstances(request: MoveRequest) -> dict[str, Any]:
    """Return what an entry holds besides changed facts."""
    circumstances = {LINK: request.link, FOLLOWS: request.follows, DISCARDED: request.discarded,
        RETRIED: request.retried, MESSAGE: request.message, OPERATOR: request.operator, CAME_BY: request.came_by,
    }  # fmt: skip
    return {name: [None, value] for name, value in circumstances.items() if value}


def changed_columns(entry: HistoryEntry) -> set[str]:
    """Return the columns of the escalation that an entry changes."""
    return {
        name if name in Escalation.model_fields else "answers" for name in entry.changes if name not in CIRCUMSTANCES
    }


LINK, FOLLOWS, CAME_BY = "link", "follows", "came_by"
"""The address of the message that a note keeps; the name of the original with which a duplicate moved."""
DISCARDED, RETRIED, MESSAGE, OPERATOR = "discarded", "retried", "message", "operator"
"""The kind of a message that an operator discarded, or sent after all, its number, and the operator's typed name."""
CIRCUMSTANCES = frozenset({LINK, FOLLOWS, DISCARDED, RETRIED, MESSAGE, OPERATOR, CAME_BY})
"""Among the changes of an entry, what is no fact of the escalation."""
STAMPS = ("status", "version", "changed_at", "active_at", "waiting_since")
"""Fields that every move writes besides the changes in its entry: they follow from the entry itself."""


def _build_stamps(escalation: Escalation, request: MoveRequest) -> dict[str, Any]:
    must_be_acknowledged = request.move in {M.HAND_OVER, M.REOPEN} or _goes_on_alone(escalation, request)
    return {
        "version": escalation.version + 1,
        "changed_at": request.at,
        "active_at": escalation.active_at if request.move in NO_ACTIVITY else request.at,
        "waiting_since": request.at if must_be_acknowledged else escalation.waiting_since,
    }


def _goes_on_alone(escalation: Escalation, request: MoveRequest) -> bool:
    """Return whether a duplicate that nobody acknowledged is none any more: it waits since now."""
    is_alone = request.move in {M.DUPLICATE, M.PARENT} and request.original is None
    comes_back = request.move is M.PARENT and bool(request.follows)
    return (is_alone or comes_back) and not escalation.acknowledged_at


def raise_escalation(
    request: Request,
    number: int,
    channel: str,
    by: Actor,
    at: datetime,
    policy_version: int = 0,
    *,
    quick: bool = False,
) -> tuple[Escalation, HistoryEntry]:
    """Return a new escalation from a request, with its first history entry.

    ``policy_version`` is the version of 21Vianet's rules by which it is judged. A ``quick`` one may lack answers.
    Raises Refused with every fault of the form.
    """
    facts = check_quick(request, at) if quick else check_complete(request, at)
    escalation = Escalation(
        **facts.model_dump(), number=number, team_id=by.team_id, channel=channel, raised_by=by.id, raised_at=at,
        changed_at=at, policy_version=policy_version,
    )  # fmt: skip
    initial = {name: value for name, value in facts.model_dump(mode="json").items() if value}
    entry = HistoryEntry(number=number, seq=1, move=M.RAISE, by=by.id, at=at, status_to=S.OPEN, changes=initial)
    return escalation, entry


def _refuse_pair(escalation: Escalation, move: Move) -> Refused:
    """Return why a move is not in the dictionary; the second person to acknowledge learns who was first."""
    if move is M.ACKNOWLEDGE and escalation.status is S.ACKNOWLEDGED and (refusal := find_obstacle(escalation, move)):
        return refusal
    if move is M.ACKNOWLEDGE:
        return refuse("needs_no_acknowledgement", status=escalation.status)
    if move in {M.CLOSE, M.CLOSE_UNINFORMED} and (escalation.status, M.RESOLVE) in NEXT:
        return refuse("resolve_first", status=escalation.status, move=move)
    return refuse("does_not_follow", status=escalation.status, move=move)


def _refuse_person(escalation: Escalation, move: Move, by: Actor, on_call: bool) -> Refused | None:
    """Return why this person may not make the move; None when they may.

    Everybody admitted may move an escalation. Only its owner or a lead hands it over, corrects or snoozes it, or
    records that it was returned. While answers are missing, who raised it corrects it too. Only a lead closes it
    without informing the customer, and approves it or sends it back.
    """
    if move in {M.CLOSE_UNINFORMED, M.APPROVE, M.SEND_BACK}:
        return None if by.is_lead else refuse("leads_only")
    if move is M.ASK_LEAD:
        holders = _list_holders(escalation)
        return None if by.is_lead or by.id in holders.values() else refuse("only_holders_ask", **holders)
    if move not in {M.HAND_OVER, M.CORRECT, M.SNOOZE, M.TAKE_OVER, M.RETURNED} or by.is_lead:
        return None
    if move is M.SNOOZE and not escalation.owner:
        return None if on_call else refuse("only_on_duty_or_lead")
    holder = escalation.owner or escalation.raised_by
    if move is M.CORRECT and missing_before_filing(escalation):
        holders = _list_holders(escalation)
        return None if by.id in holders.values() else refuse("only_holders_add_answers", **holders)
    return None if by.id == holder else refuse("only_owner_or_lead", owner=holder)


def _list_holders(escalation: Escalation) -> dict[str, str]:
    """Return who may add missing answers, besides a lead: the owner, and who raised it."""
    return {"owner": escalation.owner or escalation.raised_by, "who": escalation.raised_by}


def _check_text(request: MoveRequest) -> str:
    text = clean(request.text)
    name = NEEDS_TEXT.get(request.move)
    if name and is_blank(text):
        raise refuse("missing", name)
    limit = LINE_LIMIT if request.move is M.RECORD else TEXT_LIMIT
    if len(text) > limit:
        raise refuse("too_long", name, limit=limit)
    return text


def _find_effect(escalation: Escalation, request: MoveRequest, text: str) -> dict[str, Any]:
    """Return what the move changes besides the status."""
    find = EFFECTS.get(request.move)
    effect = find(escalation, request, text) if find else {}
    if request.move in TURN_AFTER:
        effect["turn"] = TURN_AFTER[request.move]
    return {**effect, **(NO_SNOOZE if _is_snooze_over(escalation, request, effect) else {})}


def _is_snooze_over(escalation: Escalation, request: MoveRequest, effect: dict[str, Any]) -> bool:
    return request.move in ENDS_SNOOZE or (request.move is M.CORRECT and effect["severity"] is not escalation.severity)


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
