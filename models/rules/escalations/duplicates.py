"""Cases that repeat another one: what may be the original, and what duplicates do with their original. Pure.

An original is never a duplicate itself, so there are no chains and no cycles. A duplicate that is not resolved always
has an original that is not resolved either: it is resolved and reopened with it, and freed when that is withdrawn.
"""

from typing import Any

from models.rules.customers.customer import fold
from models.rules.errors import Refused, refuse
from models.rules.escalations.escalation import ENDED, Escalation, Move, Status
from models.rules.escalations.moves import MoveRequest
from models.rules.escalations.request import RequestKind

FOLLOWED = frozenset({Move.RESOLVE, Move.TELL, Move.REOPEN})
"""Moves of an original that its open duplicates follow."""


def change_original(escalation: Escalation, request: MoveRequest) -> dict[str, Any]:
    """Return the effect of naming the original, or none. Raises Refused when it can't be the original."""
    original = request.original
    if (original.number if original else None) == escalation.duplicate_of:
        raise refuse("nothing_changed", "original")
    if original and (refusal := _refuse_original(escalation, original, request.duplicates)):
        raise refusal
    return {"duplicate_of": original.number if original else None}


def _refuse_original(escalation: Escalation, original: Escalation, duplicates: tuple[int, ...]) -> Refused | None:
    if original.number == escalation.number:
        return refuse("own_duplicate", "original")
    if original.status in ENDED:
        return refuse("original_ended", "original", original=original.name)
    if original.status is Status.RESOLVED and escalation.status is not Status.RESOLVED:
        return refuse("original_resolved", "original", original=original.name)
    if original.duplicate_of:
        return refuse("original_repeats", "original", original=original.name, first=f"CSP-{original.duplicate_of}")
    if duplicates:
        return refuse("has_duplicates", "original", duplicate=f"CSP-{duplicates[0]}")
    return None


def does_follow(duplicate: Escalation, original: Escalation, move: Move) -> bool:
    """Return whether a duplicate follows a move of its original.

    It is resolved with it, and reopened if it was resolved with it. It is informed of if the customer is the same.
    """
    match move:
        case Move.RESOLVE:
            return True
        case Move.REOPEN:
            return duplicate.status is Status.RESOLVED and duplicate.fix == original.fix
        case _:
            return move is Move.TELL and _have_same_customer(duplicate, original)


def is_freed(duplicate: Escalation, move: Move) -> bool:
    """Return whether a duplicate must go on alone after a move of its original."""
    return move is Move.WITHDRAW and duplicate.follows_original


def _have_same_customer(one_case: Escalation, other_case: Escalation) -> bool:
    """Return whether two cases are of one customer: by the list, else by the name that was typed."""
    if {one_case.kind, other_case.kind} != {RequestKind.CUSTOMER}:
        return False
    if one_case.customer_id and other_case.customer_id:
        return one_case.customer_id == other_case.customer_id
    return fold(one_case.customer_name) == fold(other_case.customer_name)
