"""The engine and its transactions: one unit of work, one commit, on SQLite or PostgreSQL. It knows no business rule.

SQLite's traps and the settings chosen against them are told in docs/reliability.md.
"""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from filelock import FileLock, Timeout
from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError

from models.refusal import NotSaved

T = TypeVar("T")
MIGRATIONS = Path(__file__).parent / "migrations"
CONNECTIONS = 16
TRIES = 4
# Serialization failure, deadlock, lock timeout, server shut down or connection lost: the whole unit may run again.
PASSING_SQLSTATES = frozenset({"40001", "40P01", "55P03", "57P01", "08006", "08003", "08000"})
MIGRATION_LOCK = 0x435350_01  # any number all versions agree on: "CSP", 1
# WAL can corrupt a file in these versions (fixed in 3.51.3, 3.50.7 and 3.44.6): sqlite.org/wal.html#walresetbug
WAL_FIXED = ((3, 51, 3), (3, 50, 7), (3, 44, 6))


class TooNew(Exception):
    """The database was brought up to date by a newer program; this one must not touch it."""


class AlreadyRunning(Exception):
    """Another bot runs on this SQLite file."""


class Store:
    """A database by URL. ``patience`` is how long, in seconds, a write waits for its turn before NotSaved."""

    def __init__(self, url: str, patience: float = 1.5) -> None:
        self.url = make_url(normal_url(url))
        self.dialect = self.url.get_backend_name()
        self._patience = patience
        self._turn = threading.Lock()
        self.engine = _sqlite(self.url, patience) if self.is_sqlite else _postgresql(self.url, patience)

    @property
    def is_sqlite(self) -> bool:
        """True for the embedded default, where one process has one writer at a time."""
        return self.dialect == "sqlite"

    def write(self, unit: Callable[[Connection], T]) -> T:
        """Run one unit of work in one transaction and commit it.

        A unit may run more than once (lost connection, deadlock, a twin that inserted the same key first), so it
        must read before it writes. Raises :class:`models.refusal.NotSaved` when the store can't take it now; every
        other exception of the unit passes through after a rollback.
        """
        for attempt in range(1, TRIES + 1):
            try:
                with self._my_turn(), self.engine.connect() as connection:
                    return _committed(connection.execution_options(writes=True), unit)
            except IntegrityError:
                if attempt == TRIES:
                    raise
            except DBAPIError as error:
                if not _passes(error) or attempt == TRIES:
                    raise NotSaved from error
        raise AssertionError("unreachable")

    def read(self, unit: Callable[[Connection], T]) -> T:
        """Run one unit that only reads, on one consistent view."""
        try:
            with self.engine.connect() as connection, connection.begin():
                return unit(connection)
        except OperationalError as error:
            raise NotSaved from error

    @contextmanager
    def _my_turn(self) -> Iterator[None]:
        """Writers of this process queue here instead of in SQLite's unfair busy wait."""
        if not self.is_sqlite:
            yield
        elif self._turn.acquire(timeout=self._patience):
            try:
                yield
            finally:
                self._turn.release()
        else:
            raise NotSaved

    def upgrade(self) -> bool:
        """Bring the schema up to date under a lock; True when something was done. Raises TooNew, NotSaved."""
        return self.write(self._upgrade)

    def _upgrade(self, connection: Connection) -> bool:
        if not self.is_sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        config.attributes["connection"] = connection
        script = ScriptDirectory.from_config(config)
        current = MigrationContext.configure(connection).get_current_revision()
        if current == script.get_current_head():
            return False
        if current is not None and current not in {revision.revision for revision in script.walk_revisions()}:
            raise TooNew(current)
        command.upgrade(config, "head")
        return True

    def revision(self) -> str | None:
        """The schema revision the database is at; None for an empty one."""
        return self.read(lambda connection: MigrationContext.configure(connection).get_current_revision())

    def claim_file(self) -> FileLock | None:
        """Make this process the one running bot of an SQLite file until it ends. Raises AlreadyRunning.

        PostgreSQL takes any number of bots, so there is nothing to claim.
        """
        if not self.is_sqlite:
            return None
        lock = FileLock(f"{self.url.database}.lock")
        try:
            lock.acquire(timeout=0)
        except Timeout as error:
            raise AlreadyRunning(str(self.url.database)) from error
        return lock

    def backup(self, target: Path, progress: Callable[[int, int], None] = lambda _left, _all: None) -> None:
        """Copy a live SQLite database to a new file and check the copy. ``progress`` gets pages left and in all.

        Raises FileExistsError when the target is there, ValueError on PostgreSQL (use pg_dump), OSError when the copy
        is not sound.
        """
        if not self.is_sqlite:
            raise ValueError("postgresql")
        if target.exists():
            raise FileExistsError(target)
        with sqlite3.connect(str(self.url.database)) as source, sqlite3.connect(target) as copy:
            source.backup(copy, pages=256, progress=lambda _status, left, total: progress(left, total))
            verdict = copy.execute("PRAGMA integrity_check").fetchone()[0]
        source.close()
        copy.close()
        if verdict != "ok":
            raise OSError(f"{target}: {verdict}")

    def dispose(self) -> None:
        """Close every connection."""
        self.engine.dispose()


def normal_url(url: str) -> str:
    """The URL with the driver we use: psycopg 3 for PostgreSQL."""
    for scheme in ("postgres://", "postgresql://"):
        if url.startswith(scheme):
            return "postgresql+psycopg://" + url.removeprefix(scheme)
    return url


def wal_is_safe(version: tuple[int, ...] = sqlite3.sqlite_version_info) -> bool:
    """True when this SQLite library does not have the WAL-reset bug."""
    return any(version[:2] == fixed[:2] and version >= fixed for fixed in WAL_FIXED) or version >= (3, 51, 3)


def found(row: Any, make: Callable[[Any], T]) -> T | None:
    """A value made from a row, or None when there is none."""
    return None if row is None else make(row._mapping)


def _committed(connection: Connection, unit: Callable[[Connection], T]) -> T:
    with connection.begin():
        return unit(connection)


def _passes(error: DBAPIError) -> bool:
    return error.connection_invalidated or getattr(error.orig, "sqlstate", None) in PASSING_SQLSTATES


def _sqlite(url: Any, patience: float) -> Engine:
    engine = create_engine(
        url, pool_size=CONNECTIONS, max_overflow=0, pool_timeout=10, hide_parameters=True,
        connect_args={"timeout": patience, "check_same_thread": False},
    )  # fmt: skip
    event.listen(engine, "connect", _set_up_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _set_up_sqlite(raw: DBAPIConnection, _record: object) -> None:
    raw.isolation_level = None  # the begin hook below decides how a transaction starts
    cursor = raw.cursor()
    journal = "WAL" if wal_is_safe() else "PERSIST"  # as safe as DELETE, with fewer waits for the disk
    for pragma in (
        f"journal_mode={journal}", "synchronous=FULL", "foreign_keys=ON", "recursive_triggers=ON",
        "trusted_schema=OFF", "mmap_size=0", "cache_size=-1000",
    ):  # fmt: skip
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    """Writers lock at once: a deferred reader that turns writer loses updates or fails (docs/reliability.md)."""
    immediate = connection.get_execution_options().get("writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")


def _postgresql(url: Any, patience: float) -> Engine:
    waits = {
        "statement_timeout": 15000,
        "idle_in_transaction_session_timeout": 15000,
        "lock_timeout": int(patience * 1000),
    }
    limits = " ".join(f"-c {name}={milliseconds}" for name, milliseconds in waits.items())
    return create_engine(
        url, pool_size=CONNECTIONS, max_overflow=0, pool_timeout=10, pool_pre_ping=True, hide_parameters=True,
        connect_args={"options": limits, "connect_timeout": 5},
    )  # fmt: skip
