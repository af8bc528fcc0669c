"""When each subject must be looked at next. Derived from everything else: it may be thrown away and made again."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, select, text
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
    .limit(bindparam("most"))
)
NEXT_DUE = select(func.min(AGENDA.c.due_at))
DROP = delete(AGENDA).where(AGENDA.c.subject.in_(bindparam("gone", expanding=True)))
NAMED = select(AGENDA.c.subject).where(AGENDA.c.subject.startswith(bindparam("beginning")))


def put(connection: Connection, due: Mapping[str, datetime]) -> None:
    """Look at these subjects at these times, whatever was said before."""
    _execute(connection, SET, due)


def add(connection: Connection, due: Mapping[str, datetime]) -> None:
    """Look at these subjects at these times, unless they have a time already."""
    _execute(connection, ADD, due)


def _execute(connection: Connection, statement: Mapping[str, Any], due: Mapping[str, datetime]) -> None:
    if due:
        rows = [{"subject": subject, "due_at": at} for subject, at in sorted(due.items())]
        connection.execute(statement[connection.dialect.name], rows)


def drop(connection: Connection, subjects: Iterable[str]) -> None:
    """Look at these no more."""
    if gone := list(subjects):
        connection.execute(DROP, {"gone": gone})


def due(connection: Connection, now: datetime, limit: int) -> dict[str, datetime]:
    """The subjects that must be looked at by now, those that wait longest first, with since when."""
    return {row.subject: row.due_at for row in connection.execute(DUE, {"now": now, "most": limit})}


def named(connection: Connection, beginning: str) -> set[str]:
    """The subjects on it whose names begin so."""
    return set(connection.scalars(NAMED, {"beginning": beginning}))


def next_due(connection: Connection) -> datetime | None:
    """When the next subject must be looked at."""
    moment: datetime | None = connection.scalar(NEXT_DUE)
    return moment


def lock(connection: Connection) -> None:
    """Let one replica after another make reminders, until the transaction ends. SQLite has one writer anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": REMINDER_LOCK})
