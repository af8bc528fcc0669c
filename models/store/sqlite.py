"""Connections to an SQLite file, and how their transactions begin.

docs/reliability.md explains the traps of SQLite and the settings chosen against them.
"""

import sqlite3
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection

from models.rules.errors import NotSaved
from models.store.postgresql import CONNECTIONS

# WAL can corrupt a file in these versions (fixed in 3.51.3, 3.50.7 and 3.44.6): sqlite.org/wal.html#walresetbug
WAL_FIXED = ((3, 51, 3), (3, 50, 7), (3, 44, 6))


def wal_is_safe(version: tuple[int, ...] = sqlite3.sqlite_version_info) -> bool:
    """Return whether this SQLite library is free of the WAL-reset bug."""
    return any(version[:2] == fixed[:2] and version >= fixed for fixed in WAL_FIXED) or version >= (3, 51, 3)


def make_engine(url: URL, timeout: float) -> Engine:
    """Return an engine whose connections wait ``timeout`` seconds for the lock of the file."""
    engine = create_engine(
        url, pool_size=CONNECTIONS, max_overflow=0, pool_timeout=timeout, hide_parameters=True,
        connect_args={"timeout": timeout, "check_same_thread": False},
    )  # fmt: skip
    event.listen(engine, "connect", _set_up)
    return engine


def _set_up(raw: DBAPIConnection, _record: object) -> None:
    raw.isolation_level = None  # the driver begins no transaction: `begin` does
    cursor = raw.cursor()
    journal = "WAL" if wal_is_safe() else "PERSIST"  # as safe as DELETE, with fewer waits for the disk
    for pragma in (
        f"journal_mode={journal}", "synchronous=FULL", "foreign_keys=ON", "recursive_triggers=ON",
        "trusted_schema=OFF", "mmap_size=0", "cache_size=-1000",
    ):  # fmt: skip
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def begin(connection: Connection, writes: bool, timeout: float) -> None:
    """Begin a transaction. A writer takes the lock at once, because a reader that starts to write later may fail.

    docs/reliability.md has the details. The driver is called directly: SQLAlchemy's own begin costs as much as a short
    read, and any hook on the engine makes every statement half as slow again.
    """
    raw: Any = connection.connection.driver_connection
    milliseconds = int(timeout * 1000)
    if connection.info.get("timeout") != milliseconds:
        raw.execute(f"PRAGMA busy_timeout = {milliseconds}")
        connection.info["timeout"] = milliseconds
    try:
        raw.execute("BEGIN IMMEDIATE" if writes else "BEGIN")
    except sqlite3.DatabaseError as error:
        raise NotSaved from error
