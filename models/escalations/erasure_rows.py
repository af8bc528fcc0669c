"""Every SQL statement on the list of what was erased."""

from dataclasses import asdict

from sqlalchemy import Connection, insert, select

from models.rules.escalations.erasure import Erasure
from models.store.tables import ERASURE

_ALL = select(ERASURE).order_by(ERASURE.c.id)
_USERS = select(ERASURE.c.user).where(ERASURE.c.user != "")


def add(connection: Connection, erasure: Erasure) -> int:
    """Record what was erased, and return the number of the record."""
    return int(connection.execute(insert(ERASURE).returning(ERASURE.c.id), asdict(erasure)).scalar_one())


def find_all(connection: Connection) -> list[Erasure]:
    """Return everything that was erased, oldest first."""
    return [
        Erasure(row.at, row.by, row.why, row.user, tuple(row.cases), tuple(row.contacts))
        for row in connection.execute(_ALL)
    ]


def find_users(connection: Connection) -> set[str]:
    """Return the Slack ids of the people who were erased."""
    return set(connection.scalars(_USERS))
