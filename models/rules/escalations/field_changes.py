"""What each move changes besides the status. Pure: reads no clock and no store."""

from collections.abc import Callable
from typing import Any

from pydantic import ValidationError

from models.rules.errors import Refusal, Refused, refuse
from models.rules.escalations.duplicates import change_original
from models.rules.escalations.escalation import ENDED, Escalation, Move, ParentBond, ReviewState, Status, Turn
from models.rules.escalations.moves import MoveRequest
from models.rules.escalations.parents import change_parent
from models.rules.escalations.request import (
    LINE_LIMIT,
    Request,
    Severity,
    check_complete,
    clean,
    find_missing,
    is_blank,
    required_fields,
)
from models.rules.escalations.reviews import NOTHING_WAITS, ask_lead, decide, review_again
from models.rules.escalations.solutions import record_solution

S, M = Status, Move
NOT_TOLD: dict[str, Any] = dict.fromkeys(("told_by", "told_at", "told_through", "promised_at"))


def _acknowledge(_escalation: Escalation, request: MoveRequest, _text: str) -> dict[str, Any]:
    return {"owner": request.by.id, "acknowledged_at": request.at}


def _acknowledge_too(escalation: Escalation, request: MoveRequest) -> dict[str, Any]:
    """Return the acknowledgement that a later step implies, when nobody acknowledged before."""
    return {} if escalation.acknowledged_at else _acknowledge(escalation, request, "")


def _record(escalation: Escalation, request: MoveRequest, text: str) -> dict[str, Any]:
    """Record 21Vianet's number, and the severity it gave if known.

    Another number after the case came back to us is another case at 21Vianet: its first response is awaited again.
    """
    effect: dict[str, Any] = {"request_number": text}
    if escalation.status is not S.SUBMITTED and escalation.request_number not in {None, text}:
        effect |= {"first_contact_at": None, "severity_given": None}
    given = {"severity_given": request.severity_given} if request.severity_given else {}
    return {**effect, **given, **_acknowledge_too(escalation, request)}


def _contact(_escalation: Escalation, request: MoveRequest, _text: str) -> dict[str, Any]:
    return {"first_contact_at": request.at}


def _tell(_escalation: Escalation, request: MoveRequest, _text: str) -> dict[str, Any]:
    return {"told_by": request.by.id, "told_at": request.at, **_promise(request)}


def _tell_details(_escalation: Escalation, request: MoveRequest, text: str) -> dict[str, Any]:
    given = {name: value for name, value in _promise(request).items() if value is not None}
    if not given and is_blank(text):
        raise refuse("nothing_changed")
    return given


def _resolve(escalation: Escalation, request: MoveRequest, text: str) -> dict[str, Any]:
    """Record the resolution. The customer must hear of it, whatever they heard before."""
    solved_from = record_solution(escalation, request)
    return {"fix": text, **solved_from, **NOT_TOLD, **_acknowledge_too(escalation, request)}


def _close(_escalation: Escalation, request: MoveRequest, _text: str) -> dict[str, Any]:
    return {"closed_by": request.by.id, "closed_at": request.at, "promised_at": None}


def _reopen(escalation: Escalation, request: MoveRequest, text: str) -> dict[str, Any]:
    """Record why it is reopened. A duplicate that comes back without its original goes on alone.

    What solved it did not hold, so it counts as no use of another case's fix.
    """
    alone: dict[str, Any] = {} if request.follows else {"duplicate_of": None}
    alone |= {"parent_bond": ParentBond.OVER} if escalation.parent else {}
    again: dict[str, Any] = {"reopened": escalation.reopened + 1, "acknowledged_at": None}
    again |= {"solved_from": None, "solved_by_article": None}
    return {**again, "status_reason": text, **NOT_TOLD, **alone}


def _withdraw(_escalation: Escalation, request: MoveRequest, text: str) -> dict[str, Any]:
    return {"withdrawn_by": request.by.id, "withdrawn_at": request.at, "status_reason": text}


def _give_turn(escalation: Escalation, request: MoveRequest, _text: str) -> dict[str, Any]:
    if request.turn is None:
        raise refuse("missing", "turn")
    if request.turn is escalation.turn:
        raise refuse("turn_already", turn=request.turn)
    if request.turn is Turn.VENDOR and not escalation.is_with_vendor:
        raise refuse("vendor_knows_nothing", name=escalation.name)
    return {"turn": request.turn}


def _promise(request: MoveRequest) -> dict[str, Any]:
    """Return how the customer was informed and when they hear from us next. Raises Refused when that time is past."""
    if request.until is not None and request.until <= request.at:
        raise refuse("already_over", "until")
    return {"told_through": request.through, "promised_at": request.until}


def _snooze(escalation: Escalation, request: MoveRequest, text: str) -> dict[str, Any]:
    """Check the end of a snooze. Raises Refused when it is missing, past, or further ahead than the severity allows."""
    if request.until is None:
        raise refuse("missing", "until")
    if request.until <= request.at:
        raise refuse("already_over", "until")
    longest = request.reminder_times.snooze[escalation.severity]
    if request.until - request.at > longest:
        raise refuse("too_far_ahead", "until", severity=escalation.severity, longest=longest)
    return {"snoozed_until": request.until, "snoozed_by": request.by.id, "snooze_reason": text}


def _duplicate(escalation: Escalation, request: MoveRequest, _text: str) -> dict[str, Any]:
    return change_original(escalation, request)


def _parent(escalation: Escalation, request: MoveRequest, _text: str) -> dict[str, Any]:
    return change_parent(escalation, request)


def _return(escalation: Escalation, request: MoveRequest, text: str) -> dict[str, Any]:
    """Record 21Vianet's finding, change it, or take it back when no day is given. Then it is our turn.

    The customer-support article has reseller and 21Vianet meet about inappropriate escalations. Raises Refused.
    """
    finding = request.finding
    if finding is None or (finding.on is None and escalation.returned_on is None):
        raise refuse("missing", "returned_on")
    if finding.on is None:
        return {"returned_on": None, "returned_number": None, "returned_words": None}
    if finding.on > finding.today:
        raise refuse("found_in_the_future", "returned_on")
    if finding.on < (raised_on := escalation.raised_at.astimezone(finding.zone).date()):
        raise refuse("found_before_raised", "returned_on", name=escalation.name, day=raised_on)
    if is_blank(text):
        raise refuse("missing", "returned_words")
    number = clean(finding.number)
    if len(number) > LINE_LIMIT:
        raise refuse("too_long", "returned_number", limit=LINE_LIMIT)
    recorded = {"returned_on": finding.on, "returned_number": number or None, "returned_words": text}
    if all(getattr(escalation, name) == value for name, value in recorded.items()):
        raise refuse("nothing_changed")
    is_new = escalation.returned_on is None and escalation.status not in ENDED
    return {**recorded, **({"turn": Turn.OURS} if is_new else {})}


def _hand_over(escalation: Escalation, request: MoveRequest, _text: str) -> dict[str, Any]:
    if not request.new_owner:
        raise refuse("missing", "owner")
    if request.new_owner == escalation.owner:
        raise refuse("nothing_changed")
    return {"owner": request.new_owner, "acknowledged_at": None}


def _take_over(escalation: Escalation, request: MoveRequest, text: str) -> dict[str, Any]:
    """Change the owner only: a person who accepts a shift knows of its escalations, and waiting goes on."""
    return {**_hand_over(escalation, request, text), "acknowledged_at": escalation.acknowledged_at}


def _correct(escalation: Escalation, request: MoveRequest, _text: str) -> dict[str, Any]:
    """Correct the request. While answers are missing, any part of them may be given; none that was given may go."""
    current = escalation.model_dump(include=set(Request.model_fields))
    own = {name: value for name, value in request.changes.items() if name in current}
    answers = {name: value for name, value in request.changes.items() if name not in current}
    try:
        facts = Request.model_validate({**current, "answers": {**escalation.answers, **answers}, **own})
    except ValidationError as error:
        raise Refused(*(Refusal("unknown_choice", str(fault["loc"][0])) for fault in error.errors())) from error
    corrected = check_complete(facts, request.at, _may_still_follow(escalation, facts))
    review = review_again(escalation, corrected, request.review, request.at) if request.review else {}
    # Severity A always reaches somebody, also below a parent.
    is_urgent = escalation.parent_bond is ParentBond.FOLLOWS and corrected.severity is Severity.A
    bond = {"parent_bond": ParentBond.ACKNOWLEDGE} if is_urgent else {}
    return {**corrected.model_dump(), **review, **bond}


def _ask_lead(escalation: Escalation, request: MoveRequest, _text: str) -> dict[str, Any]:
    return ask_lead(escalation, request.review or NOTHING_WAITS, request.at)


def _approve(_escalation: Escalation, request: MoveRequest, _text: str) -> dict[str, Any]:
    return decide(ReviewState.APPROVED, request.by.id, request.at)


def _send_back(_escalation: Escalation, request: MoveRequest, _text: str) -> dict[str, Any]:
    return decide(ReviewState.SENT_BACK, request.by.id, request.at)


def _release(_escalation: Escalation, request: MoveRequest, _text: str) -> dict[str, Any]:
    return decide(ReviewState.RELEASED, request.by.id, request.at)


def _may_still_follow(before: Escalation, after: Request) -> set[str]:
    """Return which required answers may be missing after a correction: those that were missing before.

    What only the correction itself makes required may follow too, as long as the request was not complete before.
    """
    missing = set(find_missing(before))
    newly_required = set(required_fields(after)) - set(required_fields(before))
    return missing | newly_required if missing and not before.request_number else set()


EFFECTS: dict[Move, Callable[[Escalation, MoveRequest, str], dict[str, Any]]] = {
    M.ACKNOWLEDGE: _acknowledge,
    M.HAND_OVER: _hand_over,
    M.TAKE_OVER: _take_over,
    M.CORRECT: _correct,
    M.SNOOZE: _snooze,
    M.RECORD: _record,
    M.TURN: _give_turn,
    M.CONTACT: _contact,
    M.TELL: _tell,
    M.TELL_DETAILS: _tell_details,
    M.RESOLVE: _resolve,
    M.CLOSE: _close,
    M.CLOSE_UNINFORMED: _close,
    M.REOPEN: _reopen,
    M.WITHDRAW: _withdraw,
    M.DUPLICATE: _duplicate,
    M.PARENT: _parent,
    M.RETURNED: _return,
    M.ASK_LEAD: _ask_lead,
    M.APPROVE: _approve,
    M.SEND_BACK: _send_back,
    M.RELEASE: _release,
}
"""What each move changes besides the status. Moves that are missing change nothing else."""
