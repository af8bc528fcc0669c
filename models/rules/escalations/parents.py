"""One incident, many customers: which case may be a parent, and what its children do with it. Pure.

A parent is a case that names an incident of 21Vianet's list. It is never a child or a duplicate itself, so there are no
chains. A child that follows always has a parent that is open and not resolved: it goes on alone with the parent's end.
"""

from collections.abc import Iterator
from enum import StrEnum
from typing import Any

from models.rules.errors import Refused, refuse
from models.rules.escalations.escalation import ENDED, Escalation, HistoryEntry, Move, ParentBond, Status
from models.rules.escalations.moves import MoveRequest
from models.rules.escalations.request import Severity

ENDS = frozenset({Move.RESOLVE, Move.WITHDRAW})
"""Moves of a parent after which its children go on alone."""


class BondReason(StrEnum):
    """Why somebody must acknowledge a child first."""

    QUIET = "quiet"  # nobody must: it follows.
    SEVERITY_A = "severity_a"
    MORE_SEVERE = "more_severe"  # than its parent
    PARENT_WAITS = "parent_waits"  # for acknowledgement, itself


def change_parent(escalation: Escalation, request: MoveRequest) -> dict[str, Any]:
    """Return the effect of naming the parent, or none. Raises Refused when it can't be the parent.

    A request that follows a move of the parent only says whether the child follows or goes on alone.
    """
    parent = request.original
    if request.follows:
        return {"parent_bond": find_bond(escalation, parent) if parent else ParentBond.OVER}
    if (parent.number if parent else None) == escalation.parent and escalation.parent_bond is not ParentBond.OVER:
        raise refuse("nothing_changed", "original")
    if parent is None:
        return {"parent": None, "parent_bond": None}
    faults = (*_find_faults_of_child(escalation, parent, request.duplicates), *_find_faults(parent))
    if faults:
        raise faults[0]
    return {"parent": parent.number, "parent_bond": find_bond(escalation, parent)}


def find_bond(child: Escalation, parent: Escalation) -> ParentBond:
    """Return whether a child follows at once, or somebody must acknowledge it first.

    Severity A always reaches somebody, and so does a severity above the parent's, or a parent that nobody has
    acknowledged.
    """
    is_quiet = find_bond_reason(child, parent) is BondReason.QUIET
    return ParentBond.FOLLOWS if child.acknowledged_at or is_quiet else ParentBond.ACKNOWLEDGE


def find_bond_reason(child: Escalation, parent: Escalation) -> BondReason:
    """Return why somebody must acknowledge a child that nobody acknowledged, or that nobody must."""
    if child.severity is Severity.A:
        return BondReason.SEVERITY_A
    if child.severity < parent.severity:
        return BondReason.MORE_SEVERE
    return BondReason.QUIET if parent.acknowledged_at else BondReason.PARENT_WAITS


def attach_new(escalation: Escalation, entry: HistoryEntry, parent: Escalation) -> tuple[Escalation, HistoryEntry]:
    """Return a case that is just raised, and its first entry, attached to a parent. Raises Refused."""
    if refusal := next(_find_faults(parent), None):
        raise refusal
    attached = {"parent": parent.number, "parent_bond": find_bond(escalation, parent)}
    changes = {**entry.changes, **attached}
    return escalation.model_copy(update=attached), entry.model_copy(update={"changes": changes})


def _find_faults(parent: Escalation) -> Iterator[Refused]:
    """Yield why a case can't be a parent."""
    if parent.status in {Status.RESOLVED, *ENDED}:
        yield refuse("parent_over", "original", original=parent.name)
    if first := parent.parent or parent.duplicate_of:
        yield refuse("parent_follows", "original", original=parent.name, first=f"CSP-{first}")
    if not parent.incident_id:
        yield refuse("parent_without_incident", "original", original=parent.name)


def _find_faults_of_child(child: Escalation, parent: Escalation, followers: tuple[int, ...]) -> Iterator[Refused]:
    """Yield why a case can't be the child; ``followers`` are open cases that repeat it or are attached to it."""
    if parent.number == child.number:
        yield refuse("own_parent", "original")
    if followers:
        yield refuse("has_followers", "original", duplicate=f"CSP-{followers[0]}")
