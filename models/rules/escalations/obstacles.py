"""When a move that the status allows makes no sense nevertheless, and how it is refused. Pure."""

from collections.abc import Callable
from typing import Any

from models.rules.errors import Refused, refuse
from models.rules.escalations.escalation import Escalation, Move, ParentBond, ReviewState, Status
from models.rules.escalations.request import RequestKind
from models.rules.escalations.reviews import is_decidable, may_ask_lead, refuse_decision

S, M = Status, Move

# Beyond the dictionary: a move, when it makes no sense nevertheless, and the refusal.
_Fact = Callable[[Escalation], Any]
OBSTACLES: tuple[tuple[Move, _Fact, Callable[[Escalation], Refused]], ...] = (
    (
        M.ACKNOWLEDGE, lambda e: e.acknowledged_at and e.status is S.RESOLVED,
        lambda e: refuse("needs_no_acknowledgement", status=e.status),
    ),
    (
        M.ACKNOWLEDGE, lambda e: e.acknowledged_at,
        lambda e: refuse("already_acknowledged", owner=e.owner, at=e.acknowledged_at),
    ),
    (M.TELL, lambda e: e.kind is RequestKind.PARTNER_CENTER, lambda _: refuse("nobody_to_tell")),
    (
        M.TELL, lambda e: e.told_at and e.status is S.RESOLVED,
        lambda e: refuse("already_told", who=e.told_by, at=e.told_at),
    ),
    (M.TELL_DETAILS, lambda e: not e.told_at, lambda _: refuse("not_told_yet")),
    (M.CONTACT, lambda e: e.first_contact_at, lambda e: refuse("already_contacted", at=e.first_contact_at)),
    (M.CLOSE, lambda e: e.kind is RequestKind.CUSTOMER and not e.told_at, lambda _: refuse("tell_customer_first")),
    (M.CLOSE_UNINFORMED, lambda e: e.kind is RequestKind.PARTNER_CENTER, lambda _: refuse("nobody_to_tell")),
    (M.CLOSE_UNINFORMED, lambda e: e.told_at, lambda e: refuse("already_told", who=e.told_by, at=e.told_at)),
    (M.RETURNED, lambda e: not e.request_number, lambda _: refuse("never_escalated")),
    (M.WITHDRAW, lambda e: e.request_number, lambda e: refuse("already_sent", sent=e.request_number)),
    (M.ASK_LEAD, lambda e: not may_ask_lead(e), lambda _: refuse("nothing_to_ask")),
    (M.APPROVE, lambda e: not is_decidable(e), refuse_decision),
    (M.SEND_BACK, lambda e: not is_decidable(e), refuse_decision),
    (M.RELEASE, lambda e: e.review is not ReviewState.PENDING, refuse_decision),
    (
        M.DUPLICATE, lambda e: e.parent and e.parent_bond is not ParentBond.OVER,
        lambda e: refuse("attached_first", parent=f"CSP-{e.parent}"),
    ),
    (M.PARENT, lambda e: e.duplicate_of, lambda e: refuse("child_repeats", first=f"CSP-{e.duplicate_of}")),
    (M.WAKE, lambda e: not e.snoozed_until, lambda _: refuse("not_snoozed")),
)  # fmt: skip


def find_obstacle(escalation: Escalation, move: Move) -> Refused | None:
    """Return why a move that its status allows makes no sense now; None when it does."""
    return next(
        (
            build_refusal(escalation)
            for obstructed, applies, build_refusal in OBSTACLES
            if obstructed is move and applies(escalation)
        ),
        None,
    )
