"""Cases that follow another: its duplicates, and those attached to the case of an incident."""

from dataclasses import replace

from sqlalchemy import Connection

from models.escalations import duplicate_rows, escalation_rows, parent_rows
from models.escalations.locked_moves import move_locked
from models.rules.errors import refuse
from models.rules.escalations.duplicates import FOLLOWED, does_follow, is_freed
from models.rules.escalations.escalation import Escalation, Move, Status
from models.rules.escalations.moves import MoveRequest
from models.rules.escalations.parents import ENDS
from models.rules.escalations.transitions import list_moves


def load_original(connection: Connection, escalation: Escalation, step: MoveRequest) -> MoveRequest:
    """Return the step with the original as it is now, locked, and with the duplicates of the escalation itself."""
    if step.move not in {Move.DUPLICATE, Move.PARENT} or step.original is None:
        return step
    original = escalation_rows.lock(connection, step.original.number, step.by.team_id)
    if original is None:
        raise refuse("no_such_escalation", "original", number=step.original.number)
    followers = duplicate_rows.find_open_numbers(connection, escalation.number)
    followers += parent_rows.find_open_numbers(connection, escalation.number)
    return replace(step, original=original, duplicates=tuple(followers))


def lock_parent(connection: Connection, number: int | None, team_id: str) -> Escalation | None:
    """Return the case to which a new one is attached, locked. Raises Refused when there is none."""
    if number is None:
        return None
    parent = escalation_rows.lock(connection, number, team_id)
    if parent is None:
        raise refuse("no_such_escalation", number=number)
    return parent


def move_children(connection: Connection, parent: Escalation, step: MoveRequest) -> None:
    """Let the children of a case go on alone when it is resolved or withdrawn, and follow it when it is reopened."""
    if step.move not in {*ENDS, Move.REOPEN}:
        return
    for child in parent_rows.lock_open(connection, parent.number):
        if child.status is not Status.RESOLVED:
            original = parent if step.move is Move.REOPEN else None
            moved = MoveRequest(Move.PARENT, step.by, step.at, original=original, follows=parent.name)
            move_locked(connection, child, moved)


def move_duplicates(connection: Connection, original: Escalation, step: MoveRequest) -> None:
    """Let the open duplicates of a moved escalation follow it; one for which the move makes no sense stays.

    When the original is withdrawn, those that are not resolved are duplicates no more.
    """
    if step.move not in {*FOLLOWED, Move.WITHDRAW}:
        return
    for duplicate in duplicate_rows.lock_open(connection, original.number):
        if does_follow(duplicate, original, step.move) and step.move in list_moves(duplicate):
            move_locked(connection, duplicate, replace(step, follows=original.name, solution=None, article=None))
        elif is_freed(duplicate, step.move):
            move_locked(connection, duplicate, MoveRequest(Move.DUPLICATE, step.by, step.at, follows=original.name))
