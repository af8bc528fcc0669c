"""Moves that nobody presses: they come with time, or with a shift."""

from datetime import datetime

from sqlalchemy import Connection

from models.escalations import escalation_rows
from models.escalations.locked_moves import move_locked
from models.rules.escalations.escalation import Escalation, Move
from models.rules.escalations.moves import MoveRequest
from models.rules.escalations.reviews import is_let_go
from models.rules.people import PROGRAM, Actor


def release_review(connection: Connection, number: int, at: datetime) -> Escalation | None:
    """Let a case go that no lead looked at in time, in the caller's transaction; None when that is not so any more."""
    case = escalation_rows.find(connection, number)
    escalation = escalation_rows.lock(connection, number, case.team_id) if case else None
    if escalation is None or not is_let_go(escalation, at):
        return None
    return move_locked(connection, escalation, MoveRequest(Move.RELEASE, Actor(PROGRAM, escalation.team_id), at))


def release_first(connection: Connection, escalation: Escalation, step: MoveRequest) -> Escalation:
    """Return the case let go before its number is recorded, when no lead looked in time: history must say so."""
    if step.move is not Move.RECORD or not is_let_go(escalation, step.at):
        return escalation
    release = MoveRequest(Move.RELEASE, Actor(PROGRAM, escalation.team_id), step.at)
    return move_locked(connection, escalation, release)


def move_cases(connection: Connection, outgoing: str, incoming: str, at: datetime, way: str = "") -> list[Escalation]:
    """Give the incoming person (Slack id) every open escalation of the outgoing one, in the caller's transaction.

    Taking over means accepting all of them: the history names the incoming person, and the ``way`` if it was not Slack.
    """
    moved = []
    for escalation in escalation_rows.lock_owned_by(connection, outgoing):
        by = Actor(incoming, escalation.team_id, is_lead=True)  # only an owner or a lead may; both have just agreed
        step = MoveRequest(Move.TAKE_OVER, by, at, new_owner=incoming, came_by=way)
        moved.append(move_locked(connection, escalation, step))
    return moved
