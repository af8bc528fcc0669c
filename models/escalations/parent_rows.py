"""Every SQL statement that looks for the children of a case, and for the cases of listed incidents."""

from sqlalchemy import Connection, String, bindparam, cast, select

from models.rules.escalations.escalation import Escalation, Status
from models.store.tables import ESCALATION, escalation_from, is_not_ended

MOST_INCIDENTS = 200
"""How many open cases that name an incident are looked at, the newest first."""
_CHILD = ESCALATION.c.parent == bindparam("parent")
_ALL = select(ESCALATION).where(_CHILD).order_by(ESCALATION.c.number).limit(bindparam("most"))
_OPEN = select(ESCALATION).where(_CHILD, is_not_ended(ESCALATION.c.status)).order_by(ESCALATION.c.number)
_LOCKED = _OPEN.with_for_update()
_INCIDENTS = (
    select(ESCALATION)
    .where(
        ESCALATION.c.team_id == bindparam("team"),
        is_not_ended(ESCALATION.c.status),
        ESCALATION.c.status != Status.RESOLVED,
        ESCALATION.c.parent.is_(None),
        ESCALATION.c.duplicate_of.is_(None),
        cast(ESCALATION.c.answers, String).contains('"incident_id"'),
    )
    .order_by(ESCALATION.c.number.desc())
    .limit(MOST_INCIDENTS)
)


def lock_open(connection: Connection, number: int) -> list[Escalation]:
    """Return the open children of a case, oldest first, locked until the transaction ends."""
    return [escalation_from(row._mapping) for row in connection.execute(_LOCKED, {"parent": number})]


def find_open_numbers(connection: Connection, number: int) -> list[int]:
    """Return the numbers of the open children of a case, oldest first."""
    return [row.number for row in connection.execute(_OPEN, {"parent": number})]


def find_all(connection: Connection, number: int, limit: int) -> list[Escalation]:
    """Return the children of a case, ended ones too, oldest first."""
    return [escalation_from(row._mapping) for row in connection.execute(_ALL, {"parent": number, "most": limit})]


def find_incidents(connection: Connection, team_id: str) -> list[Escalation]:
    """Return the cases of a team that can be the parent of others, newest first."""
    return [escalation_from(row._mapping) for row in connection.execute(_INCIDENTS, {"team": team_id})]
