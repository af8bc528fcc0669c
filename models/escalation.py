"""The life of an escalation: one dictionary of what may follow what, and one pure function that moves it.

It never reads a clock or a store. Moves of the machine are drawn in ARCHITECTURE.md from this dictionary.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from pydantic import ValidationError
from sqlalchemy import JSON, String
from sqlmodel import Field, SQLModel

from models.people import Actor
from models.refusal import Refusal, Refused, refuse
from models.request import LINE_LIMIT, TEXT_LIMIT, Kind, Request, clean, complete, is_blank


class Status(StrEnum):
    """Where an escalation stands."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    SUBMITTED = "submitted"
    RESOLVED = "resolved"
    CLOSED = "closed"
    REOPENED = "reopened"
    WITHDRAWN = "withdrawn"


class Move(StrEnum):
    """What a person may do to an escalation. ``RAISE`` begins it and is never chosen from a card."""

    RAISE = "raise"
    ACKNOWLEDGE = "acknowledge"
    HAND_OVER = "hand_over"
    NOTE = "note"
    RECORD = "record"
    TELL = "tell"
    RESOLVE = "resolve"
    CLOSE = "close"
    REOPEN = "reopen"
    WITHDRAW = "withdraw"
    CORRECT = "correct"


S, M = Status, Move
ENDED = frozenset({S.CLOSED, S.WITHDRAWN})

# (status, move) -> status. What is not here is refused. Handing over makes the next person acknowledge again,
# so that a case never rests with somebody who does not know of it.
NEXT: dict[tuple[Status, Move], Status] = {
    **{(status, M.NOTE): status for status in S},
    **{(status, M.CORRECT): status for status in S if status not in ENDED},
    **{(status, M.TELL): status for status in S if status not in ENDED},
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


class Escalation(Request):
    """One escalation as it stands now. ``version`` is the sequence number of its last history entry."""

    number: int
    team_id: str
    channel: str
    status: Status = Field(default=Status.OPEN, sa_type=String(20))
    version: int = 1
    raised_by: str
    raised_at: datetime
    changed_at: datetime
    owner: str | None = None
    acknowledged_at: datetime | None = None
    request_number: str | None = None
    told_by: str | None = None
    told_at: datetime | None = None
    fix: str | None = None
    closed_by: str | None = None
    closed_at: datetime | None = None
    reopened: int = 0

    @property
    def name(self) -> str:
        """How people call it: ``CSP-12``."""
        return f"CSP-{self.number}"


class Entry(SQLModel):
    """One line of history: who did what, when, from what to what, and why. Never changed, never removed.

    ``changes`` maps a field to ``[before, after]``; ``text`` is the person's own words.
    """

    number: int
    seq: int
    move: Move = Field(sa_type=String(20))
    by: str
    at: datetime
    status_from: Status | None = Field(default=None, sa_type=String(20))
    status_to: Status = Field(sa_type=String(20))
    text: str = ""
    changes: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)


@dataclass(frozen=True)
class Step:
    """A move somebody asks for: ``text`` is their reason, note, number or fix; ``to`` the next owner's user id;
    ``changes`` the corrected fields of the request."""

    move: Move
    by: Actor
    at: datetime
    text: str = ""
    to: str | None = None
    changes: dict[str, Any] = field(default_factory=dict)


NEEDS_TEXT = {
    M.NOTE: "note",
    M.RECORD: "request_number",
    M.RESOLVE: "fix",
    M.REOPEN: "reason",
    M.WITHDRAW: "reason",
}


def moves_from(escalation: Escalation) -> tuple[Move, ...]:
    """The moves that make sense now, whoever asks; what a card offers."""
    possible = [move for move in Move if (escalation.status, move) in NEXT]
    return tuple(move for move in possible if _why_not(escalation, move) is None)


def advance(escalation: Escalation, step: Step) -> tuple[Escalation, Entry]:
    """Apply one step: the escalation after it and the history entry that tells of it.

    Raises :class:`models.refusal.Refused` when the move does not follow, the person may not, or words are missing.
    """
    after = NEXT.get((escalation.status, step.move))
    if after is None:
        raise _does_not_follow(escalation, step.move)
    if why := _why_not(escalation, step.move):
        raise why
    _check_rights(escalation, step)
    text = _checked_text(step)
    update = {"status": after, **_effect(escalation, step, text)}
    changed = {k: v for k, v in update.items() if getattr(escalation, k) != v}
    if step.move is M.CORRECT and not changed:
        raise refuse("nothing_changed")
    return _moved(escalation, step, text, changed)


def _moved(escalation: Escalation, step: Step, text: str, changed: dict[str, Any]) -> tuple[Escalation, Entry]:
    stamp = {"version": escalation.version + 1, "changed_at": step.at}
    moved = escalation.model_copy(update={**changed, **stamp})
    entry = Entry(
        number=escalation.number, seq=moved.version, move=step.move, by=step.by.id, at=step.at, text=text,
        status_from=escalation.status, status_to=moved.status,
        changes={k: [_plain(getattr(escalation, k)), _plain(v)] for k, v in changed.items() if k != "status"},
    )  # fmt: skip
    return moved, entry


def begin(request: Request, number: int, channel: str, by: Actor, at: datetime) -> tuple[Escalation, Entry]:
    """A new escalation from a request, with its first history entry. Raises Refused with every fault of the form."""
    facts = complete(request)
    escalation = Escalation(
        **facts.model_dump(), number=number, team_id=by.team_id, channel=channel, raised_by=by.id, raised_at=at,
        changed_at=at,
    )  # fmt: skip
    asked = {name: value for name, value in facts.model_dump(mode="json").items() if value}
    entry = Entry(number=number, seq=1, move=M.RAISE, by=by.id, at=at, status_to=S.OPEN, changes=asked)
    return escalation, entry


def _why_not(escalation: Escalation, move: Move) -> Refused | None:
    if move is M.ACKNOWLEDGE and escalation.acknowledged_at:
        return refuse("already_acknowledged", owner=escalation.owner, at=escalation.acknowledged_at)
    if move is M.TELL and escalation.kind is Kind.PARTNER_CENTER:
        return refuse("nobody_to_tell")
    if move is M.TELL and escalation.told_at:
        return refuse("already_told", who=escalation.told_by, at=escalation.told_at)
    if move is M.CLOSE and escalation.kind is Kind.CUSTOMER and not escalation.told_at:
        return refuse("tell_customer_first")
    return None


def _does_not_follow(escalation: Escalation, move: Move) -> Refused:
    """Why a move is not in the dictionary; to whoever was second, it is said who was first."""
    if move is M.ACKNOWLEDGE and escalation.status is S.ACKNOWLEDGED and (why := _why_not(escalation, move)):
        return why
    return refuse("does_not_follow", status=escalation.status, move=move, **_last(escalation))


def _last(escalation: Escalation) -> dict[str, Any]:
    return {"owner": escalation.owner, "at": escalation.changed_at}


def _check_rights(escalation: Escalation, step: Step) -> None:
    """Anybody admitted may move a case; what others own is handed over or corrected by them or by a lead."""
    if step.move not in {M.HAND_OVER, M.CORRECT} or step.by.is_lead:
        return
    holder = escalation.owner or escalation.raised_by
    if step.by.id != holder:
        raise refuse("only_owner_or_lead", owner=holder)


def _checked_text(step: Step) -> str:
    text = clean(step.text)
    name = NEEDS_TEXT.get(step.move)
    if name and is_blank(text):
        raise refuse("missing", name)
    limit = LINE_LIMIT if step.move is M.RECORD else TEXT_LIMIT
    if len(text) > limit:
        raise refuse("too_long", name, limit=limit)
    return text


def _effect(escalation: Escalation, step: Step, text: str) -> dict[str, Any]:
    """What the move changes besides the status."""
    take = {"owner": step.by.id, "acknowledged_at": step.at}
    effect: dict[str, Any] = {}
    match step.move:
        case M.ACKNOWLEDGE:
            effect = take
        case M.HAND_OVER:
            effect = _handed(escalation, step.to)
        case M.RECORD:
            effect = {"request_number": text, **({} if escalation.acknowledged_at else take)}
        case M.TELL:
            effect = {"told_by": step.by.id, "told_at": step.at}
        case M.RESOLVE:
            effect = {"fix": text, **({} if escalation.owner else take)}
        case M.CLOSE:
            effect = {"closed_by": step.by.id, "closed_at": step.at}
        case M.REOPEN:
            anew = dict.fromkeys(("acknowledged_at", "told_by", "told_at"))
            effect = {"reopened": escalation.reopened + 1, **anew}
        case M.CORRECT:
            effect = _corrected(escalation, step.changes)
    return effect


def _handed(escalation: Escalation, to: str | None) -> dict[str, Any]:
    if not to:
        raise refuse("missing", "owner")
    if to == escalation.owner:
        raise refuse("nothing_changed")
    return {"owner": to, "acknowledged_at": None}


def _corrected(escalation: Escalation, changes: dict[str, Any]) -> dict[str, Any]:
    known = escalation.model_dump(include=set(Request.model_fields))
    try:
        facts = Request.model_validate({**known, **changes})
    except ValidationError as error:
        raise Refused(*(Refusal("unknown_choice", str(fault["loc"][0])) for fault in error.errors())) from error
    return complete(facts).model_dump()


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
