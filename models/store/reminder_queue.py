"""Every SQL statement on the agenda: when each subject must be looked at next.

It is derived from the other tables, so it may be deleted and built again.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, bindparam, delete, exists, func, select, text, update
from sqlalchemy.dialects import postgresql, sqlite

from models.store.oncall_tables import AGENDA

REMINDER_LOCK = 0x435350_05  # the key of PostgreSQL's advisory lock: "CSP", 5


def _upsert(insert: Any) -> Any:
    return insert.on_conflict_do_update(index_elements=["subject"], set_={"due_at": insert.excluded.due_at})


_INSERT: Mapping[str, Any] = {"sqlite": sqlite.insert(AGENDA), "postgresql": postgresql.insert(AGENDA)}
SET = {name: _upsert(insert) for name, insert in _INSERT.items()}
ADD = {name: insert.on_conflict_do_nothing(index_elements=["subject"]) for name, insert in _INSERT.items()}
DUE = (
    select(AGENDA.c.subject, AGENDA.c.due_at)
    .where(AGENDA.c.due_at <= bindparam("now"))
    .order_by(AGENDA.c.due_at, AGENDA.c.subject)
    .limit(bindparam("limit"))
)
NEXT_DUE = select(func.min(AGENDA.c.due_at))
DROP = delete(AGENDA).where(AGENDA.c.subject.in_(bindparam("gone", expanding=True)))
BY_PREFIX = select(AGENDA.c.subject).where(AGENDA.c.subject.startswith(bindparam("prefix")))


def is_listed(subject: ColumnElement[Any]) -> ColumnElement[bool]:
    """Select rows whose subject must still be looked at."""
    return exists().where(AGENDA.c.subject == subject)


def put(connection: Connection, due: Mapping[str, datetime]) -> None:
    """Set when to look at these subjects, replacing earlier times."""
    _execute(connection, SET, due)


def add(connection: Connection, due: Mapping[str, datetime]) -> None:
    """Set when to look at these subjects, unless they have a time already."""
    _execute(connection, ADD, due)


def _execute(connection: Connection, statement: Mapping[str, Any], due: Mapping[str, datetime]) -> None:
    if due:
        rows = [{"subject": subject, "due_at": at} for subject, at in sorted(due.items())]
        connection.execute(statement[connection.dialect.name], rows)


def drop(connection: Connection, subjects: Iterable[str]) -> None:
    """Remove these subjects."""
    if gone := list(subjects):
        connection.execute(DROP, {"gone": gone})


def find_due(connection: Connection, now: datetime, limit: int) -> dict[str, datetime]:
    """Return the subjects that are due, and since when; the one that waits longest comes first."""
    return {row.subject: row.due_at for row in connection.execute(DUE, {"now": now, "limit": limit})}


def find_by_prefix(connection: Connection, prefix: str) -> set[str]:
    """Return the queued subjects whose names begin with a prefix."""
    return set(connection.scalars(BY_PREFIX, {"prefix": prefix}))


def find_next_due(connection: Connection) -> datetime | None:
    """Return when the next subject is due; None when there is none."""
    moment: datetime | None = connection.scalar(NEXT_DUE)
    return moment


def correct_times_after(connection: Connection, now: datetime) -> None:
    """Make due at ``now`` what is due later, because a clock that was ahead has been set back."""
    connection.execute(update(AGENDA).where(AGENDA.c.due_at > now).values(due_at=now))


def take_due(connection: Connection, now: datetime, limit: int) -> dict[str, datetime]:
    """Lock the queue and return the subjects that are due by now, as :func:`find_due` does."""
    lock(connection)
    return find_due(connection, now, limit)


def reschedule(connection: Connection, due_at: Mapping[str, datetime], done: Iterable[str]) -> datetime | None:
    """Write when subjects are due next, drop those that are ``done``, and return when the next one of all is due."""
    put(connection, due_at)
    drop(connection, done)
    return find_next_due(connection)


def lock(connection: Connection) -> None:
    """Let one replica after another make reminders, until the transaction ends. SQLite has one writer anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": REMINDER_LOCK})
