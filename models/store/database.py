"""The engine and its transactions: one unit of work, one commit, on SQLite or PostgreSQL. It knows no business rule.

docs/reliability.md explains the traps of SQLite and the settings chosen against them.
"""

import logging
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import Any, TypeVar

from sqlalchemy import Connection, make_url, text
from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionFree

from models.rules.errors import NotSaved
from models.store import database_file, schema, sqlite
from models.store.answer_limit import is_silence
from models.store.availability import DatabaseAvailability
from models.store.database_errors import is_damage, is_read_only, lacks_rights
from models.store.database_file import DamagedDatabase
from models.store.file_lock import FileLock
from models.store.postgresql import PostgresqlConnections
from models.store.shared_reads import SharedReads
from models.store.write_queue import QueuedWrite, WriteQueue

log = logging.getLogger(__name__)

T = TypeVar("T")
TRIES = 4
"""How often a unit is run at most."""
MIGRATION_PATIENCE = 60.0
"""How long a migration waits for its turn, in seconds."""
# Serialization failure, deadlock, server shut down or connection lost: the whole unit may run again at once. A lock
# timeout is not among them, because such a unit has waited already.
TRANSIENT_SQLSTATES = frozenset({"40001", "40P01", "57P01", "08006", "08003", "08000"})
READ_ONLY = "25006"
"""What a server says that was the primary before a fail-over: the next connection may lead to the new one."""
LEAST_FREE = 16 * 1024 * 1024
"""Bytes that must be free on the disk of an SQLite file."""


class Store:
    """A database by URL. ``timeout`` is how many seconds a write waits for its turn before it raises NotSaved."""

    def __init__(self, url: str, timeout: float = 1.5) -> None:
        self.url = make_url(normal_url(url))
        self.dialect = self.url.get_backend_name()
        self._timeout = timeout
        self._write_queue = WriteQueue(self._run_together)
        self._shared_reads = SharedReads()
        self.availability = DatabaseAvailability()
        self.measure: Callable[[str], AbstractContextManager[object]] = nullcontext  # around each "read" and "write"
        self._server = None if self.is_sqlite else PostgresqlConnections(self.url, timeout)
        self.engine = self._server.engine if self._server else sqlite.make_engine(self.url, timeout)

    @property
    def is_sqlite(self) -> bool:
        """Return whether it is the embedded default, where only one thread writes at a time."""
        return self.dialect == "sqlite"

    @property
    def is_pooled(self) -> bool:
        """Return whether a pooler such as PgBouncer stands before the server, as far as a connection has shown."""
        return bool(self._server and self._server.is_pooled)

    @property
    def waiting(self) -> int:
        """Return how many writes wait for their turn."""
        return self._write_queue.waiting

    def write(self, unit: Callable[[Connection], T], in_turn: bool = False, *, urgent: bool = False) -> T:
        """Run one unit of work in one transaction and commit it.

        A unit may run more than once: after a lost connection, a deadlock, or another writer's insert of the same key.
        So it must read before it writes. Raises :class:`models.rules.errors.NotSaved` when the store can't take it now;
        every other exception of the unit passes through after a rollback.

        Args:
            unit: the work to do.
            in_turn: on PostgreSQL too, units of this process that wait for the same lock share a commit. They must not
                touch a row that others may have locked.
            urgent: it goes before the units of this process that wait for their turn and are not urgent.
        """
        if self._shared_reads.connection:
            self._shared_reads.end()
        with self.measure("write"):
            return self._run_until_timeout(unit, self._timeout, in_turn or self.is_sqlite, urgent=urgent)

    def _run_until_timeout(
        self, unit: Callable[[Connection], T], timeout: float, in_turn: bool, *, urgent: bool = False
    ) -> T:
        until = monotonic() + timeout
        with self._reporting_failures(writes=True):
            result = self._try_often(lambda: self._run(unit, until, in_turn, urgent=urgent))
        if self.availability.is_in_doubt:
            self.availability.note_write()
        return result

    def _try_often(self, attempt: Callable[[], T]) -> T:
        """Run a unit again, on another connection where its own ended, or raise the error of the database."""
        lost: list[str] = []
        for _ in range(TRIES - 1):
            try:
                result = attempt()
            except IntegrityError:
                continue
            except DBAPIError as error:
                lost += self._prepare_next_try(error)
            else:
                break
        else:
            result = attempt()
        if lost:
            log.warning("the connection to the database was lost (%s); the work was done again on a new one", lost[0])
        return result

    def _prepare_next_try(self, error: DBAPIError) -> list[str]:
        """Raise the error again unless the whole unit may run once more; return the state of a lost connection."""
        state = str(getattr(error.orig, "sqlstate", None))
        if state == READ_ONLY and not self.is_sqlite:
            self.engine.dispose()
        elif is_silence(error.orig) or not (error.connection_invalidated or state in TRANSIENT_SQLSTATES):
            raise error
        return [state] if state == READ_ONLY or error.connection_invalidated else []

    @contextmanager
    def _reporting_failures(self, *, writes: bool) -> Iterator[None]:
        """Raise NotSaved for a store that can't be used, and remember it; let any other error through."""
        try:
            with _reporting_not_saved():
                yield
        except NotSaved as error:
            failure = self.availability.note_failure(error, writes=writes)
            raise failure from error.__cause__

    def _run(self, unit: Callable[[Connection], T], until: float, in_turn: bool, *, urgent: bool = False) -> T:
        if not in_turn:
            with self.transaction(True, until - monotonic()) as connection:
                return unit(connection)
        write = self._write_queue.run(unit, max(0.0, until - monotonic()), until, urgent=urgent)
        if write is None:
            raise NotSaved
        if write.error:
            raise write.error
        result: T = write.result
        return result

    @contextmanager
    def transaction(self, writes: bool, timeout: float) -> Iterator[Connection]:
        """Open a transaction: committed at the end of the block, rolled back when anything is raised.

        ``timeout`` is how long a writer waits for SQLite's lock, in seconds.
        """
        with self.engine.connect() as connection, connection.begin():
            if self._server:
                self._server.begin(connection)
            else:
                sqlite.begin(connection, writes, max(0.0, timeout))
            yield connection

    def _run_together(self, first: QueuedWrite, others: Iterator[QueuedWrite]) -> None:
        """Run writes of this process in one transaction, each behind a savepoint of its own.

        The first needs no savepoint: when it fails, the others have not begun.
        """
        with self.transaction(True, first.until - monotonic()) as connection:
            first.result = first.unit(connection)
            for write in others:
                try:
                    with connection.begin_nested():
                        write.result = write.unit(connection)
                except OperationalError:
                    raise  # locked or full: SQLite may have ended the whole transaction, so no write is kept
                except Exception as error:  # only this write is rolled back; its caller gets the error
                    write.error = error

    def read(self, unit: Callable[[Connection], T]) -> T:
        """Run one unit that only reads, on one consistent view. Raises NotSaved when the store can't answer now."""
        with self.measure("read"), self._reporting_failures(writes=False):
            return self._try_often(lambda: self._read(unit))

    def _read(self, unit: Callable[[Connection], T]) -> T:
        if connection := self._shared_reads.connection:
            try:
                return unit(connection)
            except DBAPIError:  # it is done again on a connection of its own, like those that follow
                self._shared_reads.end()
        with self.transaction(False, self._timeout) as connection:
            return unit(connection)

    def read_together(self, unit: Callable[[], T]) -> T:
        """Run reads of this thread; on a server in one transaction, so that each takes one round trip, not three.

        In an SQLite file each read stays alone: a commit waits for open readers, and keeps new ones waiting meanwhile.
        A reader that waited for another thread's read would hold up both until they give up. A write within the unit
        ends the transaction: what is read afterwards sees it. Raises :class:`models.rules.errors.NotSaved` as
        :meth:`read`.
        """
        if self.is_sqlite:
            return unit()
        with self._reporting_failures(writes=False), self._shared_reads.begin(self.transaction(False, self._timeout)):
            return unit()

    def free_bytes(self) -> int | None:
        """Return the free bytes on the disk of an SQLite file; None for a server, or when the system can't tell."""
        if not self.is_sqlite:
            return None
        try:
            return shutil.disk_usage(Path(str(self.url.database)).absolute().parent).free
        except OSError:
            return None

    def upgrade(self) -> bool:
        """Bring the schema up to date, and return whether anything was done. Raises as schema.upgrade; NotSaved."""
        if self.is_sqlite and self.url.database:
            with suppress(OSError):  # SQLite's own error says better what is wrong with the path
                Path(self.url.database).touch(mode=0o600)
        if self.revision() == schema.REVISIONS[-1]:
            return False
        return self._run_until_timeout(schema.upgrade, MIGRATION_PATIENCE, self.is_sqlite)

    def revision(self) -> str | None:
        """Return the schema revision the database is at; None for an empty one."""
        return self.read(schema.read_revision)

    def time(self) -> datetime:
        """Return the time of a PostgreSQL server, in UTC."""
        at: datetime = self.read(lambda connection: connection.execute(text("SELECT clock_timestamp()")).scalar_one())
        return at.astimezone(UTC)

    @property
    def path(self) -> Path:
        """Return the file of an SQLite database."""
        return Path(str(self.url.database))

    @property
    def location(self) -> str:
        """Describe the database for people: its file, or its name, user and server; never the password."""
        if self.is_sqlite:
            return str(self.path.absolute())
        server = f"{self.url.host or 'localhost'}:{self.url.port or 5432}"
        return f"{self.url.database} ({self.url.username or ''}@{server})"

    @property
    def exists(self) -> bool:
        """Return whether the database has a schema. It is not created by asking. An empty file has none."""
        if self.is_sqlite and not (self.path.exists() and self.path.stat().st_size):
            return False
        return self.revision() is not None

    def check(self) -> None:
        """Raise DamagedDatabase for a damaged SQLite file. It is quick enough for every start. Raises NotSaved."""
        if self.is_sqlite:
            with _reporting_not_saved():
                self.read(self._check)

    def _check(self, connection: Connection) -> None:
        verdict = connection.scalar(text("PRAGMA quick_check(1)"))
        if verdict != "ok":
            raise DamagedDatabase(self.url.database, str(verdict))

    def claim_file(self) -> FileLock | None:
        """Make this process the only running bot of an SQLite file until it ends.

        PostgreSQL takes any number of bots, so None is returned there. Raises AlreadyRunning, NotSaved.
        """
        try:
            return FileLock(Path(f"{self.url.database}.lock")) if self.is_sqlite else None
        except OSError as error:
            raise NotSaved from error

    def backup(self, target: Path, progress: Callable[[int, int], None] = lambda _left, _all: None) -> None:
        """Copy a live SQLite database to a new file and check the copy.

        ``progress`` gets the number of pages left and of all pages. After an error there is no target file.

        Raises:
            FileExistsError: the target, or the unfinished copy beside it, exists already; the error names it.
            ValueError: the database is PostgreSQL; use pg_dump.
            DamagedDatabase: the copy is damaged.
            OSError, NotSaved: the copy can't be written.
        """
        if not self.is_sqlite:
            raise ValueError("postgresql")
        if target.exists():
            raise FileExistsError(target)
        part = target.with_name(f"{target.name}.part")
        try:
            database_file.copy(self.path, part, progress)
        except FileExistsError:
            raise FileExistsError(part) from None
        except sqlite3.Error as error:
            raise NotSaved from error
        part.rename(target)

    def empty_journal(self) -> None:
        """Move SQLite's write-ahead log into the file, and empty it unless somebody reads it."""
        with _reporting_not_saved(), self.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").all()

    def dispose(self) -> None:
        """Close every connection."""
        self.engine.dispose()


def normal_url(url: str) -> str:
    """Return the URL with the driver we use: psycopg 3 for PostgreSQL."""
    for scheme in ("postgres://", "postgresql://"):
        if url.startswith(scheme):
            return "postgresql+psycopg://" + url.removeprefix(scheme)
    return url


def convert_row(row: Any, make: Callable[[Any], T]) -> T | None:
    """Return the value that ``make`` makes of a row's mapping; None for no row."""
    return None if row is None else make(row._mapping)


@contextmanager
def _reporting_not_saved() -> Iterator[None]:
    """Raise NotSaved for a store that is locked, full, damaged or away; let any other error through."""
    try:
        yield
    except (OperationalError, InterfaceError, NoConnectionFree) as error:
        raise NotSaved from error
    except DBAPIError as error:
        if error.orig and (is_damage(error.orig) or lacks_rights(error.orig) or is_read_only(error.orig)):
            raise NotSaved from error
        raise
    except sqlite3.DatabaseError as error:  # raised while a connection is set up or begun, outside SQLAlchemy
        raise NotSaved from error
