"""Whether messages were added to the outbox, by whichever process: asked twenty times a second.

``LISTEN`` of PostgreSQL would need a connection of the server of our own, which a pooler does not give.
"""

from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from models.rules.errors import NotSaved
from models.store.database import Store

_NEWEST = "SELECT max(position), count(*) FROM outbox WHERE position > (SELECT max(position) FROM outbox) - 100"
"""Their number too: on PostgreSQL a message may be committed after one with a higher position."""


class OutboxGrowth:
    """Asks on a connection of its own, outside the pool, which is opened again after an outage."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._raw: Any = None
        """The connection, as its driver knows it; None before it is opened."""
        self._cursor: Any = None
        """One for all questions: making one takes longer than asking."""
        self._version: int | None = None
        """How often an SQLite file was changed by others, as this connection counts."""
        self._newest: tuple[int | None, int] = (None, 0)
        """The highest position, and how many of the last hundred are taken."""

    def has_grown(self) -> bool:
        """Return whether messages were added since the last time; at first, whether there are any. Raises NotSaved."""
        try:
            return self._look()
        except (SQLAlchemyError, self._store.engine.dialect.loaded_dbapi.Error) as error:
            self.close()
            raise NotSaved from error

    def close(self) -> None:
        """Close the connection; the next question opens another."""
        raw, self._raw, self._cursor, self._version = self._raw, None, None, None
        if raw:
            raw.close()

    def _look(self) -> bool:
        if self._raw is None:
            self._open()
        version = self._read("PRAGMA data_version")[0] if self._store.is_sqlite else None
        if version is not None and version == self._version:
            return False
        before, self._newest = self._newest, tuple(self._read(_NEWEST))
        self._version = version
        return self._newest != before

    def _open(self) -> None:
        pooled = self._store.engine.raw_connection()
        pooled.detach()
        self._raw = pooled.dbapi_connection
        if not self._store.is_sqlite:
            self._raw.autocommit = True
        self._cursor = self._raw.cursor()

    def _read(self, query: str) -> Any:
        return self._cursor.execute(query).fetchone()
