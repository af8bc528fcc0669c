"""Whole lives of an escalation, step by step, without a store: what the drawings of every status are made from."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from models.rules.escalations.escalation import Escalation, HistoryEntry, InformedBy, Move, Status, Turn
from models.rules.escalations.moves import MoveRequest
from models.rules.escalations.request import (
    ANSWER_LIMIT,
    ANSWERS,
    LINE_LIMIT,
    LONG_ANSWERS,
    SHARED_ANSWERS,
    TITLE_LIMIT,
    IssueCategory,
    MissingMeans,
    ProblemScope,
    Request,
    RequestKind,
    ServiceHealth,
    Severity,
    clean,
)
from models.rules.escalations.transitions import advance, list_moves, raise_escalation
from models.rules.people import Actor

NOW = datetime(2026, 11, 22, 7, 30, tzinfo=UTC)
TEAM, CHANNEL = "T0SANDBOX", "C0ESCAL"
LI = Actor("U0LINA", TEAM, is_lead=True)
WANG = Actor("U0WANG", TEAM)
PATH = (
    Move.NOTE, Move.ACKNOWLEDGE, Move.WITHDRAW, Move.REOPEN, Move.SNOOZE, Move.HAND_OVER, Move.ACKNOWLEDGE, Move.RECORD,
    Move.CORRECT, Move.SNOOZE, Move.WAKE, Move.TELL, Move.TELL_DETAILS, Move.CONTACT, Move.TURN,
    Move.RESOLVE, Move.TELL, Move.CLOSE, Move.NOTE, Move.REOPEN, Move.RESOLVE,
)  # fmt: skip
CHOICES = {
    "scope": ProblemScope.SOME_USERS, "affected": "25", "category": IssueCategory.TECHNICAL,
    "health": ServiceHealth.INCIDENT, "health_at": NOW.isoformat(), "incident_over": "no", "area": "performance",
    "matter": "custom_code", "admin_center": "not_tried", "several": "yes", "sold": "no", "entitled": "no",
    "available": "no", "agreement": "indirect_ospa", "delegated": "no",
    "lacks": list(MissingMeans), "started": NOW.isoformat(), "language": "zh_CN", "workload": "Exchange Online",
}  # fmt: skip


def request(kind: RequestKind, text: str = "Mail bounces", **answers: object) -> Request:
    """A request whose every field holds as much of ``text`` as it takes."""
    limits = {name: ANSWER_LIMIT if name in LONG_ANSWERS else LINE_LIMIT for name in ANSWERS[kind] + SHARED_ANSWERS}
    given = {name: CHOICES.get(name, text[:limit]) for name, limit in limits.items()} | answers
    customer = {"customer_name": text[:LINE_LIMIT], "tenant_id": text[:LINE_LIMIT], "domain": text[:LINE_LIMIT]}
    own = {"severity": Severity.A, "title": text[:TITLE_LIMIT], "details": text[:3000]}
    about = customer | {"service": "m365"} if kind is RequestKind.CUSTOMER else {}
    return Request.model_validate({"kind": kind, **own, **about, "answers": given})


def life(kind: RequestKind, text: str = "Mail bounces") -> Iterator[tuple[Escalation, HistoryEntry]]:
    """Every station of a long life, through all statuses, with ``text`` as everybody's words."""
    escalation, entry = raise_escalation(request(kind, text), 7, CHANNEL, WANG, NOW)
    yield escalation, entry
    for n, move in enumerate(PATH):
        if move in list_moves(escalation):
            escalation, entry = advance(escalation, step_of(move, text, NOW + timedelta(minutes=n)))
            yield escalation, entry


def step_of(move: Move, text: str, at: datetime) -> MoveRequest:
    """A step with that text as its words, by the lead who may do all."""
    words = text[:LINE_LIMIT] if move is Move.RECORD else text
    changes = {"title": f"!{text}"[:TITLE_LIMIT], "details": f"!{text}"[:3000], "severity": Severity.C}
    until = at + timedelta(hours=1)
    return MoveRequest(
        move, LI, at, text=words, new_owner="U0EMMA", changes=changes if move is Move.CORRECT else {}, until=until,
        turn=Turn.CUSTOMER, original=raise_escalation(request(RequestKind.CUSTOMER), 99, CHANNEL, WANG, at)[0],
        severity_given=Severity.B, through=InformedBy.WECOM,
    )  # fmt: skip


def stations(kind: RequestKind, text: str = "Mail bounces") -> dict[Status, Escalation]:
    """One escalation in each status."""
    return {escalation.status: escalation for escalation, _ in life(kind, text)}


def cleaned(text: str, limit: int) -> str:
    """What is kept of a text after it was typed into a field of that size."""
    return clean(text[:limit])
