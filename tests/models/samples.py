"""Sample facts of the tests: people, requests, instants."""

from datetime import UTC, datetime, timedelta
from typing import Any

from models.escalations.commands import EscalationCommands
from models.rules.escalations.escalation import Escalation, InformedBy, Move, Turn
from models.rules.escalations.moves import MoveRequest, ReturnFinding
from models.rules.escalations.request import (
    IssueCategory,
    MissingMeans,
    ProblemScope,
    Request,
    RequestKind,
    ServiceHealth,
    Severity,
)
from models.rules.escalations.transitions import raise_escalation
from models.rules.people import Actor

NOW = datetime(2026, 11, 22, 7, 30, tzinfo=UTC)
TEAM = "T0SANDBOX"
CHANNEL = "C0ESCAL"
LI = Actor("U0LINA", TEAM, is_lead=True)
WANG = Actor("U0WANG", TEAM)
EMMA = Actor("U0EMMA", TEAM)
STRANGER = Actor("U0FAR", "T0OTHER", is_lead=True)

WORDS = {
    Move.NOTE: "他们重启了邮件服务器",
    Move.RECORD: "625112200012345",
    Move.RESOLVE: "Mail flow restored",
    Move.CLOSE_UNINFORMED: "The customer has left us",
    Move.REOPEN: "It is back",
    Move.WITHDRAW: "Solved before it was sent",
    Move.SNOOZE: "世纪互联周一答复",
    Move.ASK_LEAD: "Our tools can't read the mail trace",
    Move.SEND_BACK: "Which steps were tried?",
}


def customer_request(**changes: Any) -> Request:
    """A complete customer request; ``answers`` are merged, None takes one away."""
    answers = {
        "scope": ProblemScope.SOME_USERS, "health": ServiceHealth.NORMAL, "tried": "Restarted Outlook",
        "lacks": [MissingMeans.TOOLS],
    }  # fmt: skip
    facts = {
        "kind": RequestKind.CUSTOMER, "customer_name": "上海蓝天科技有限公司", "service": "Exchange Online",
        "severity": Severity.B, "title": "无法收发邮件", "details": "All mail to contoso.cn bounces since 09:00",
    }  # fmt: skip
    return _request(facts, answers, changes)


def partner_center_request(**changes: Any) -> Request:
    """A complete request of the reseller's own; ``answers`` are merged, None takes one away."""
    facts = {
        "kind": RequestKind.PARTNER_CENTER,
        "severity": Severity.C,
        "title": "Invoice cannot be opened",
        "details": "The page stays blank",
    }
    return _request(facts, {"category": IssueCategory.TECHNICAL}, changes)


def _request(facts: dict[str, Any], answers: dict[str, Any], changes: dict[str, Any]) -> Request:
    if facts["kind"] is RequestKind.CUSTOMER and changes.get("severity") == "A":
        answers = {**answers, "contact": "王伟 138 0013 8000"}
    merged = {**answers, **changes.pop("answers", {})}
    kept = {name: value for name, value in merged.items() if value is not None}
    return Request.model_validate({**facts, **changes, "answers": kept})


def step(move: Move, by: Actor = WANG, at: datetime = NOW, text: str | None = None, **more: Any) -> MoveRequest:
    """A step with everything the move needs, unless told otherwise."""
    if move in {Move.HAND_OVER, Move.TAKE_OVER}:
        more.setdefault("new_owner", EMMA.id)
    if move is Move.CORRECT:
        more.setdefault("changes", {"title": "Corrected"})
    if move is Move.SNOOZE:
        more.setdefault("until", at + timedelta(hours=3))
    if move is Move.TURN:
        more.setdefault("turn", Turn.CUSTOMER)
    if move is Move.PARENT:
        answers = {"health": ServiceHealth.INCIDENT, "incident_id": "MO1"}
        parent = raise_escalation(customer_request(answers=answers), 999_000, CHANNEL, WANG, at)[0]
        more.setdefault("original", parent.model_copy(update={"acknowledged_at": at}))
    if move is Move.DUPLICATE:
        another = 1_000 + int(at.timestamp() // 60 % 1_000_000)  # Another one at another time: nothing is said twice.
        more.setdefault("original", raise_escalation(customer_request(), another, CHANNEL, WANG, at)[0])
    if move is Move.RETURNED:
        more.setdefault("finding", ReturnFinding(at.date(), f"R-{int(at.timestamp())}", at.date()))
        text = "This can be done in Partner Center" if text is None else text
    if move is Move.TELL_DETAILS:
        more.setdefault("through", InformedBy.PHONE)
    return MoveRequest(move, by, at, WORDS.get(move, "") if text is None else text, **more)


def raised(commands: EscalationCommands, key: str = "view-1", at: datetime = NOW, **changes: Any) -> Escalation:
    """A customer request that Wang raised."""
    return commands.raise_escalation(customer_request(**changes), CHANNEL, WANG, at, key)
