"""Every SQL statement that looks for escalations by the one that they repeat."""

from typing import Any

from sqlalchemy import Connection, Select, bindparam, select

from models.rules.escalations.escalation import Escalation
from models.store.tables import ESCALATION, escalation_from, is_not_ended

# Built once: building a statement costs more than running it.
_REPEAT = ESCALATION.c.duplicate_of == bindparam("original")
_OPEN = select(ESCALATION).where(_REPEAT, is_not_ended(ESCALATION.c.status)).order_by(ESCALATION.c.number)
_LOCKED = _OPEN.with_for_update()
_ALL = select(ESCALATION.c.number).where(_REPEAT).order_by(ESCALATION.c.number).limit(bindparam("most"))


def lock_open(connection: Connection, number: int) -> list[Escalation]:
    """Return the open escalations that repeat one, oldest first, locked until the transaction ends."""
    return _escalations(connection, _LOCKED, number)


def find_open_numbers(connection: Connection, number: int) -> list[int]:
    """Return the numbers of the open escalations that repeat one, oldest first."""
    return [escalation.number for escalation in _escalations(connection, _OPEN, number)]


def find_numbers(connection: Connection, number: int, limit: int) -> list[int]:
    """Return the numbers of the escalations that repeat one, ended ones too, oldest first."""
    return list(connection.scalars(_ALL, {"original": number, "most": limit}))


def _escalations(connection: Connection, query: Select[Any], number: int) -> list[Escalation]:
    return [escalation_from(row._mapping) for row in connection.execute(query, {"original": number})]
