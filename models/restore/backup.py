"""Put a backup in the place of an SQLite database, and keep the database it replaces."""

import glob
import os
import sqlite3
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection

from models.restore import epoch_renewal, missing_cases, replaced_database
from models.restore.missing_cases import CaseCard
from models.restore.replaced_database import ReplacedDatabase
from models.rules.errors import NotSaved
from models.store import database_file
from models.store.database import Store
from models.store.database_file import DamagedDatabase

COMPANIONS = ("-journal", "-wal", "-shm")
"""The ends of the files that SQLite keeps beside a database. Left behind, they would be applied to the restored one."""
RESTORING = ".restoring-"
"""Stands in the name of a copy, before the number of the process that prepares it."""


class NotOurDatabase(Exception):
    """The file is a sound SQLite database, but not one of this program."""


@dataclass(frozen=True)
class MissingAfterRestore:
    """What the replaced database held and the restored one does not."""

    cases: tuple[int, ...]  # numbers of escalations
    entries: int  # how many history entries of other escalations
    versions: int  # of the rota file: how many
    changes: int  # how many overrides
    policies: int  # of the policy file, likewise

    @property
    def anything(self) -> bool:
        """Return whether anything is missing at all."""
        return bool(self.cases or self.entries or self.versions or self.changes or self.policies)


@dataclass(frozen=True)
class RestoreResult:
    """What a restore did."""

    kept: Path | None  # where the replaced database is now; None if there was none
    missing: MissingAfterRestore | None  # None if the replaced database can't be read
    erased: int = 0  # how many erasures of the replaced database were repeated


@dataclass(frozen=True)
class _Contents:
    """What a database holds.

    ``last_number`` and ``last_gap`` are the highest numbers that were ever given.
    """

    cases: frozenset[int]  # numbers of escalations
    entries: frozenset[tuple[int, int]]  # history: number and position
    versions: int  # of the rota file: how many
    changes: int  # how many overrides
    policies: int  # of the policy file, likewise
    last_number: int
    last_gap: int


def restore_backup(database: Path, copy: Path, now: datetime) -> RestoreResult:
    """Put a copy in the place of an SQLite database that no bot uses, and keep the one it replaces.

    Raises DamagedDatabase, NotOurDatabase or DatabaseTooNew for the copy, OSError or NotSaved if a file can't be
    written; then nothing was changed.
    """
    database_file.check(copy)
    if not _is_ours(copy):
        raise NotOurDatabase(copy)
    exists, contents = database.exists(), _find_contents(database)
    part = database.with_name(f"{database.name}{RESTORING}{os.getpid()}")
    try:
        for unfinished in database.parent.glob(f"{glob.escape(database.name)}{RESTORING}*"):
            unfinished.unlink(missing_ok=True)  # of a restore that was killed: nobody else uses this database
        database_file.copy(copy, part)
        replaced = replaced_database.read(database) if contents else ReplacedDatabase()
        erased = _prepare(part, now, contents, replaced)
        missing = _find_missing(contents, _find_contents(part)) if contents else None
        kept = _keep(database, now) if exists else None
        part.replace(database)
    except sqlite3.Error as error:
        raise NotSaved from error
    finally:
        for path in (part, *_companions(part)):
            path.unlink(missing_ok=True)
    return RestoreResult(kept, missing, erased)


def _prepare(part: Path, now: datetime, contents: _Contents | None, replaced: ReplacedDatabase) -> int:
    """Bring the copy up to date and give it a new epoch, before anything uses it.

    ``contents`` are those of the replaced database, None if it can't be read. Return how many of its erasures were
    repeated.
    """

    def unit(connection: Connection) -> int:
        last_number, last_gap = (contents.last_number, contents.last_gap) if contents else (0, 0)
        new_epoch = epoch_renewal.renew(connection, now, last_number, last_gap)
        erased = replaced_database.take_over(connection, replaced, now)
        cases = map(CaseCard, sorted(contents.cases)) if contents else ()
        missing_cases.report(connection, [*replaced.cards, *cases], new_epoch, now)
        return erased

    store = Store(f"sqlite:///{part}", timeout=10.0)
    try:
        store.upgrade()
        erased = store.write(unit)
    finally:
        store.dispose()
    _merge_journal(part)
    return erased


def _merge_journal(path: Path) -> None:
    """Move everything of a database into its file, because the file will get another name."""
    with closing(sqlite3.connect(path)) as file:
        file.execute("PRAGMA journal_mode=DELETE")
        # A journal that was kept is removed by the next transaction. This one changes nothing.
        version = int(file.execute("PRAGMA user_version").fetchone()[0])
        file.execute(f"PRAGMA user_version = {version}")


def _keep(database: Path, now: datetime) -> Path:
    """Give the database a second name and return it.

    The file keeps that name when another file takes the first one. So a whole database is in place at every moment.
    """
    kept = database.with_name(f"{database.name}.replaced-{now:%Y%m%d-%H%M%S}")
    with suppress(sqlite3.Error):  # it may be damaged: that may be why it is replaced
        _merge_journal(database)
    os.link(database, kept)
    for companion in _companions(database):
        with suppress(FileNotFoundError):
            companion.rename(f"{kept}{str(companion).removeprefix(str(database))}")
    return kept


def _companions(path: Path) -> list[Path]:
    return [Path(f"{path}{end}") for end in COMPANIONS]


def _find_contents(path: Path) -> _Contents | None:
    """Return what a database holds; None for one that does not exist or can't be read.

    Uses bare SQLite, because the schema may be older than this program.
    """
    if not path.exists():
        return None
    try:
        database_file.check(path)
        with closing(sqlite3.connect(path)) as raw:
            entries = frozenset(raw.execute("SELECT number, seq FROM history"))
            cases = frozenset(number for (number,) in raw.execute("SELECT number FROM escalation"))
            counted = ("rota_plan", "rota_change", "policy_version", "gap")
            versions, changes, policies, last_gap = (_count(raw, table) for table in counted)
            reserved_number, reserved_gap = _find_reserved_numbers(raw)
            last_number = max(reserved_number, *cases, 0)
            last_gap = max(reserved_gap, last_gap)
            return _Contents(cases, entries, versions, changes, policies, last_number, last_gap)
    except (sqlite3.Error, OSError, DamagedDatabase):
        return None


def _is_ours(path: Path) -> bool:
    with closing(sqlite3.connect(path)) as raw:
        return bool(raw.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchone())


def _count(raw: sqlite3.Connection, table: str) -> int:
    """Return how many rows a table has, or the highest number of a gap. An older database may lack the table."""
    value = "coalesce(max(number), 0)" if table == "gap" else "count(*)"
    exists = raw.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (table,)).fetchone()
    return int(raw.execute(f"SELECT {value} FROM {table}").fetchone()[0]) if exists else 0  # noqa: S608 - our own names


def _find_reserved_numbers(raw: sqlite3.Connection) -> tuple[int, int]:
    """Return the highest numbers of escalations and gaps that earlier replaced databases gave."""
    if not raw.execute("SELECT 1 FROM sqlite_master WHERE name = 'record'").fetchone():
        return 0, 0
    number, gap = raw.execute("SELECT last_number, last_gap FROM record").fetchone()
    return number, gap


def _find_missing(before: _Contents, restored: _Contents | None) -> MissingAfterRestore:
    assert restored is not None  # noqa: S101 - it was checked and brought up to date just before
    cases = before.cases - restored.cases
    entries = [entry for entry in before.entries - restored.entries if entry[0] not in cases]
    return MissingAfterRestore(
        tuple(sorted(cases)),
        len(entries),
        max(0, before.versions - restored.versions),
        max(0, before.changes - restored.changes),
        max(0, before.policies - restored.policies),
    )
