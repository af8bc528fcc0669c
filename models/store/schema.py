"""The schema of the database: which migrations exist, which one a database is at, and bringing it up to date."""

import sqlite3
from importlib import import_module
from pathlib import Path

from sqlalchemy import Connection, inspect, text

from models.store import epoch
from models.store.postgresql import lift_limits

MIGRATIONS = Path(__file__).parent / "migrations"
REVISIONS = sorted(path.name[:4] for path in MIGRATIONS.glob("versions/[0-9]*.py"))
"""All revisions, oldest first, in the order of Alembic. A start on an up-to-date database needs nothing else."""
NEWEST = MIGRATIONS / "newest.sql"
"""The schema that all migrations create in an empty SQLite file. Running Alembic would be a sixth of a first start."""
MIGRATION_LOCK = 0x435350_01
"""The key of PostgreSQL's advisory lock: "CSP", 1. It is the same in all versions of the program."""


class DatabaseTooNew(Exception):
    """The database was migrated by a newer program, so this one must not use it."""


class NotTheOwner(Exception):
    """The tables must be upgraded by their owner, which the message names. Nothing was changed."""


def read_revision(connection: Connection) -> str | None:
    """Return the revision the database is at; None for an empty one."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    version: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return version


def upgrade(connection: Connection) -> bool:
    """Bring the schema up to date under a lock, and return whether anything was done.

    Raises DatabaseTooNew, NotTheOwner.
    """
    if connection.dialect.name == "postgresql":
        lift_limits(connection)
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
    current = read_revision(connection)
    if current == REVISIONS[-1]:
        return False
    if current is not None and current not in REVISIONS:
        raise DatabaseTooNew(current)
    if current is not None and connection.dialect.name == "postgresql":
        _check_owner(connection)
    if current is None and connection.dialect.name == "sqlite":
        _create(connection)
    else:
        # Imported by name: importing Alembic would be a tenth of every start, and few starts have a migration to run.
        import_module("models.store.migrations.applying").apply(connection)
    epoch.begin(connection, takes_unmarked=current is not None)
    return True


def _check_owner(connection: Connection) -> None:
    """Raise NotTheOwner when this user may not change the tables (``models.store.grants``)."""
    asked = text(
        "SELECT pg_get_userbyid(relowner), pg_has_role(relowner, 'USAGE') FROM pg_class "
        "WHERE oid = to_regclass('alembic_version')"
    )
    owner, may_upgrade = connection.execute(asked).one()
    if not may_upgrade:
        raise NotTheOwner(owner)


def _create(connection: Connection) -> None:
    """Create the newest schema statement by statement: running it as one script would end the transaction."""
    statement = ""
    for line in NEWEST.read_text(encoding="utf-8").splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            connection.exec_driver_sql(statement)
            statement = ""
