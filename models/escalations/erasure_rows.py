"""Every SQL statement on the list of what was erased.

The column ``cases`` holds the numbers of cases, and the names (``R-2``) of remediation records.
"""

from collections.abc import Sequence
from dataclasses import asdict

from sqlalchemy import Connection, insert, select

from models.rules.escalations.erasure import Erasure
from models.store.tables import ERASURE

RECORD = "R-"
"""How the name of a remediation record begins."""
_ALL = select(ERASURE).order_by(ERASURE.c.id)
_USERS = select(ERASURE.c.user).where(ERASURE.c.user != "")


def add(connection: Connection, erasure: Erasure) -> int:
    """Record what was erased, and return the number of the record."""
    row = asdict(erasure)
    row["cases"] = [*erasure.cases, *(f"{RECORD}{number}" for number in row.pop("remediations"))]
    return int(connection.execute(insert(ERASURE).returning(ERASURE.c.id), row).scalar_one())


def find_all(connection: Connection) -> list[Erasure]:
    """Return everything that was erased, oldest first."""
    return [
        Erasure(row.at, row.by, row.why, row.user, cases, tuple(row.contacts), remediations)
        for row in connection.execute(_ALL)
        for cases, remediations in [_read_cases(row.cases)]
    ]


def find_users(connection: Connection) -> set[str]:
    """Return the Slack ids of the people who were erased."""
    return set(connection.scalars(_USERS))


def _read_cases(names: Sequence[int | str]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return the numbers of cases, and those of remediation records."""
    records = (int(name.removeprefix(RECORD)) for name in names if isinstance(name, str))
    return tuple(name for name in names if isinstance(name, int)), tuple(records)
