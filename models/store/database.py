"""The engine and its transactions: one unit of work, one commit, on SQLite or PostgreSQL. It knows no business rule.

SQLite's traps and the settings chosen against them are told in docs/reliability.md.
"""

import fcntl
import os
import shutil
import sqlite3
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from time import monotonic
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, inspect, make_url, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionFree

from models.rules.errors import NotSaved
from models.store import database_file, epoch
from models.store.database_errors import is_damage, lacks_rights
from models.store.database_file import DamagedDatabase
from models.store.write_queue import QueuedWrite, WriteQueue

T = TypeVar("T")
MIGRATIONS = Path(__file__).parent / "migrations"
REVISIONS = sorted(path.name[:4] for path in MIGRATIONS.glob("versions/[0-9]*.py"))
"""All there are, oldest first, as Alembic finds them too. A start on a database that is up to date needs no more."""
NEWEST = MIGRATIONS / "newest.sql"
"""What all migrations make of an empty SQLite file, in one go: Alembic alone would be a sixth of a first start."""
CONNECTIONS = 16
TRIES = 4
MIGRATION_PATIENCE = 60.0
# Serialization failure, deadlock, server shut down or connection lost: the whole unit may run again at once. A lock
# timeout is not among them: whoever meets it has waited already.
PASSING_SQLSTATES = frozenset({"40001", "40P01", "57P01", "08006", "08003", "08000"})
MIGRATION_LOCK = 0x435350_01  # any number all versions agree on: "CSP", 1
# WAL can corrupt a file in these versions (fixed in 3.51.3, 3.50.7 and 3.44.6): sqlite.org/wal.html#walresetbug
WAL_FIXED = ((3, 51, 3), (3, 50, 7), (3, 44, 6))


COUNTED = 100
"""So many failed writes are remembered."""


class DatabaseTooNew(Exception):
    """The database was brought up to date by a newer program; this one must not touch it."""


class AlreadyRunning(Exception):
    """Another bot runs on this SQLite file."""


class Store:
    """A database by URL. ``patience`` is how long, in seconds, a write waits for its turn before NotSaved."""

    def __init__(self, url: str, patience: float = 1.5) -> None:
        self.url = make_url(normal_url(url))
        self.dialect = self.url.get_backend_name()
        self._patience = patience
        self._turns = WriteQueue(self._together)
        self._failed: deque[float] = deque(maxlen=COUNTED)
        self.engine = _sqlite(self.url, patience) if self.is_sqlite else _postgresql(self.url, patience)

    @property
    def is_sqlite(self) -> bool:
        """True for the embedded default, where one process has one writer at a time."""
        return self.dialect == "sqlite"

    @property
    def waiting(self) -> int:
        """How many writes wait for their turn."""
        return self._turns.waiting

    def write(self, unit: Callable[[Connection], T], in_turn: bool = False, *, urgent: bool = False) -> T:
        """Run one unit of work in one transaction and commit it.

        A unit may run more than once (lost connection, deadlock, a twin that inserted the same key first), so it
        must read before it writes. Raises :class:`models.rules.errors.NotSaved` when the store can't take it now; every
        other exception of the unit passes through after a rollback. ``in_turn``: on PostgreSQL too, units of this
        process that wait for the same lock anyway share a commit; they must touch no row that others may hold.
        An ``urgent`` unit goes before those of this process that wait for their turn and are not.
        """
        try:
            return self._patiently(unit, self._patience, in_turn or self.is_sqlite, urgent=urgent)
        except NotSaved:
            self._failed.append(monotonic())
            raise

    def failed_writes(self, seconds: float) -> int:
        """How many writes of this process failed in the last so many seconds, counted up to :data:`COUNTED`."""
        since = monotonic() - seconds
        return sum(at >= since for at in tuple(self._failed))

    def _patiently(self, unit: Callable[[Connection], T], patience: float, in_turn: bool, *, urgent: bool = False) -> T:
        until = monotonic() + patience
        with _telling():
            for _ in range(TRIES - 1):
                try:
                    return self._once(unit, until, in_turn, urgent=urgent)
                except IntegrityError:
                    continue
                except DBAPIError as error:
                    if not _passes(error):
                        raise
            return self._once(unit, until, in_turn, urgent=urgent)

    def _once(self, unit: Callable[[Connection], T], until: float, in_turn: bool, *, urgent: bool = False) -> T:
        if not in_turn:
            with self.transaction(True, until - monotonic()) as connection:
                return unit(connection)
        served = self._turns.take(unit, max(0.0, until - monotonic()), until, urgent=urgent)
        if served is None:
            raise NotSaved
        if served.error:
            raise served.error
        result: T = served.result
        return result

    @contextmanager
    def transaction(self, writes: bool, patience: float) -> Iterator[Connection]:
        """What every unit runs in: one transaction, kept when it comes to its end and undone when anything is raised.
        ``patience`` is how long, in seconds, a writer waits for SQLite's lock.
        """
        with self.engine.connect() as connection, connection.begin():
            if self.is_sqlite:
                _begin_sqlite(connection, writes, max(0.0, patience))
            yield connection

    def _together(self, tickets: Iterator[QueuedWrite]) -> None:
        """Writers of this process who came together share one transaction, each behind a savepoint of its own. The
        first needs none: when it fails, the others have not begun.
        """
        first = next(tickets)
        with self.transaction(True, first.until - monotonic()) as connection:
            first.result = first.unit(connection)
            for ticket in tickets:
                try:
                    with connection.begin_nested():
                        ticket.result = ticket.unit(connection)
                except OperationalError:
                    raise  # locked or full: SQLite may have ended the whole transaction, so nobody's is kept
                except Exception as error:  # it is undone, and told to whoever came with it
                    ticket.error = error

    def read(self, unit: Callable[[Connection], T]) -> T:
        """Run one unit that only reads, on one consistent view. Raises NotSaved when the store can't answer now."""
        with _telling():
            for _ in range(TRIES - 1):
                try:
                    return self._view(unit)
                except DBAPIError as error:
                    if not _passes(error):
                        raise
            return self._view(unit)

    def _view(self, unit: Callable[[Connection], T]) -> T:
        with self.transaction(False, self._patience) as connection:
            return unit(connection)

    def room(self) -> int | None:
        """Free bytes beside an SQLite file; None for a server, or where nobody can tell."""
        if not self.is_sqlite:
            return None
        try:
            return shutil.disk_usage(Path(str(self.url.database)).absolute().parent).free
        except OSError:
            return None

    def upgrade(self) -> bool:
        """Bring the schema up to date under a lock; True when something was done. Raises TooNew, NotSaved."""
        if self.is_sqlite and self.url.database:
            with suppress(OSError):  # SQLite itself says better what is wrong with the place
                Path(self.url.database).touch(mode=0o600)
        if self.revision() == REVISIONS[-1]:
            return False
        return self._patiently(_upgrade, MIGRATION_PATIENCE, self.is_sqlite)

    def revision(self) -> str | None:
        """The schema revision the database is at; None for an empty one."""
        return self.read(_revision)

    def time(self) -> datetime:
        """What time it is on a PostgreSQL server, in UTC."""
        at: datetime = self.read(lambda connection: connection.execute(text("SELECT clock_timestamp()")).scalar_one())
        return at.astimezone(UTC)

    @property
    def path(self) -> Path:
        """The file of an SQLite database."""
        return Path(str(self.url.database))

    @property
    def place(self) -> str:
        """Which database it is, for people: its file, or name, server and user; never the password."""
        if self.is_sqlite:
            return str(self.path.absolute())
        server = f"{self.url.host or 'localhost'}:{self.url.port or 5432}"
        return f"{self.url.database} ({self.url.username or ''}@{server})"

    @property
    def is_there(self) -> bool:
        """Whether there is a record: a file that was never made, or is empty, holds none. Makes none."""
        if self.is_sqlite and not (self.path.exists() and self.path.stat().st_size):
            return False
        return self.revision() is not None

    def check(self) -> None:
        """Raise Damaged when an SQLite file is not whole; quick, so that every start can do it. Raises NotSaved."""
        if self.is_sqlite:
            with _telling():
                self.read(self._check)

    def _check(self, connection: Connection) -> None:
        verdict = connection.scalar(text("PRAGMA quick_check(1)"))
        if verdict != "ok":
            raise DamagedDatabase(self.url.database, str(verdict))

    def claim_file(self) -> "FileLock | None":
        """Make this process the one running bot of an SQLite file until it ends, however it ends.

        PostgreSQL takes any number of bots, so there is nothing to claim. Raises AlreadyRunning, NotSaved.
        """
        try:
            return FileLock(Path(f"{self.url.database}.lock")) if self.is_sqlite else None
        except OSError as error:
            raise NotSaved from error

    def backup(self, target: Path, progress: Callable[[int, int], None] = lambda _left, _all: None) -> None:
        """Copy a live SQLite database to a new file and check the copy. ``progress`` gets pages left and in all.

        Raises FileExistsError with the path that is there already, ValueError on PostgreSQL (use pg_dump), Damaged when
        the copy is not sound, OSError and NotSaved when it can't be written; then there is no target.
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

    def dispose(self) -> None:
        """Close every connection."""
        self.engine.dispose()


class FileLock:
    """A lock on a file, held until it is released or the process ends. Raises AlreadyRunning, naming the holder."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("a+")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            self._file.seek(0)
            holder = self._file.read().strip()
            self._file.close()
            raise AlreadyRunning(f"{path.with_suffix('')} (PID {holder})") from error
        self._file.truncate(0)
        self._file.write(str(os.getpid()))
        self._file.flush()

    def release(self) -> None:
        """Let another process have it."""
        self._file.close()


def normal_url(url: str) -> str:
    """The URL with the driver we use: psycopg 3 for PostgreSQL."""
    for scheme in ("postgres://", "postgresql://"):
        if url.startswith(scheme):
            return "postgresql+psycopg://" + url.removeprefix(scheme)
    return url


def wal_is_safe(version: tuple[int, ...] = sqlite3.sqlite_version_info) -> bool:
    """True when this SQLite library does not have the WAL-reset bug."""
    return any(version[:2] == fixed[:2] and version >= fixed for fixed in WAL_FIXED) or version >= (3, 51, 3)


def convert_row(row: Any, make: Callable[[Any], T]) -> T | None:
    """Return the value that ``make`` makes of a row's mapping; None for no row."""
    return None if row is None else make(row._mapping)


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    version: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return version


def _upgrade(connection: Connection) -> bool:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL lock_timeout = 0"))
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
    current = _revision(connection)
    if current == REVISIONS[-1]:
        return False
    if current is not None and current not in REVISIONS:
        raise DatabaseTooNew(current)
    if current is None and connection.dialect.name == "sqlite":
        _lay_out(connection)
    else:
        # By name, because Alembic alone would be a tenth of every start, and few have anything to bring up to date.
        import_module("models.store.migrations.applying").apply(connection)
    epoch.begin(connection, takes_unmarked=current is not None)
    return True


def _lay_out(connection: Connection) -> None:
    """Make the newest schema statement by statement: a script as a whole would end the transaction."""
    statement = ""
    for line in NEWEST.read_text(encoding="utf-8").splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            connection.exec_driver_sql(statement)
            statement = ""


def _passes(error: DBAPIError) -> bool:
    return error.connection_invalidated or getattr(error.orig, "sqlstate", None) in PASSING_SQLSTATES


@contextmanager
def _telling() -> Iterator[None]:
    """A store that is locked, full, damaged or away is told as NotSaved; any other error is a fault of ours."""
    try:
        yield
    except (OperationalError, InterfaceError, NoConnectionFree) as error:
        raise NotSaved from error
    except DBAPIError as error:
        if error.orig and (is_damage(error.orig) or lacks_rights(error.orig)):
            raise NotSaved from error
        raise
    except sqlite3.DatabaseError as error:  # met while a connection was set up or begun, before SQLAlchemy sees it
        raise NotSaved from error


def _sqlite(url: Any, patience: float) -> Engine:
    engine = create_engine(
        url, pool_size=CONNECTIONS, max_overflow=0, pool_timeout=patience, hide_parameters=True,
        connect_args={"timeout": patience, "check_same_thread": False},
    )  # fmt: skip
    event.listen(engine, "connect", _set_up_sqlite)
    return engine


def _set_up_sqlite(raw: DBAPIConnection, _record: object) -> None:
    raw.isolation_level = None  # the driver begins nothing: `_begin_sqlite` does
    cursor = raw.cursor()
    journal = "WAL" if wal_is_safe() else "PERSIST"  # as safe as DELETE, with fewer waits for the disk
    for pragma in (
        f"journal_mode={journal}", "synchronous=FULL", "foreign_keys=ON", "recursive_triggers=ON",
        "trusted_schema=OFF", "mmap_size=0", "cache_size=-1000",
    ):  # fmt: skip
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection, writes: bool, patience: float) -> None:
    """Writers lock at once: a deferred reader that turns writer loses updates or fails (docs/reliability.md).

    By the driver, and not in a hook: SQLAlchemy's own way costs as much as a short read, and with any hook on the
    engine every statement costs half as much again.
    """
    raw: Any = connection.connection.driver_connection
    milliseconds = int(patience * 1000)
    if connection.info.get("patience") != milliseconds:
        raw.execute(f"PRAGMA busy_timeout = {milliseconds}")
        connection.info["patience"] = milliseconds
    try:
        raw.execute("BEGIN IMMEDIATE" if writes else "BEGIN")
    except sqlite3.DatabaseError as error:
        raise NotSaved from error


def _postgresql(url: Any, patience: float) -> Engine:
    waits = {
        "statement_timeout": 15000,
        "idle_in_transaction_session_timeout": 15000,
        "lock_timeout": int(patience * 1000),
    }
    own = url.query.get("options") or ()
    # Ours first: what the address itself sets counts.
    limits = [f"-c {name}={milliseconds}" for name, milliseconds in waits.items()]
    options = " ".join([*limits, *([own] if isinstance(own, str) else own)])
    return create_engine(
        url, pool_size=CONNECTIONS, max_overflow=0, pool_timeout=patience, hide_parameters=True,
        connect_args={"options": options, "connect_timeout": 5},
    )  # fmt: skip
