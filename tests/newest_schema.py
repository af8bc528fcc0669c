"""Writes ``models/store/migrations/newest.sql`` anew from what the migrations make: ``python -m
tests.newest_schema``."""

import tempfile
from pathlib import Path

from sqlalchemy import text

from models.store.database import Store
from models.store.migrations import applying
from models.store.schema import NEWEST

MADE = """SELECT sql FROM sqlite_master
    WHERE sql IS NOT NULL AND name NOT GLOB 'sqlite_*' AND name NOT GLOB '*_words_*'
    ORDER BY rowid"""


def made(store: Store) -> list[str]:
    """Every statement that makes the schema of an SQLite database; FTS5 makes its own tables behind the index."""
    return store.read(lambda connection: list(connection.scalars(text(MADE))))


def migrated(path: Path) -> Store:
    """A new database that went through every migration."""
    store = Store(f"sqlite:///{path}")
    store.write(applying.apply)
    return store


def as_script(store: Store) -> str:
    """The schema as a script, with the revision it is at."""
    last = f"INSERT INTO alembic_version (version_num) VALUES ('{store.revision()}')"  # noqa: S608 - our own number
    return "".join(f"{statement};\n\n" for statement in (*made(store), last))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        store = migrated(Path(folder) / "csp.db")
        NEWEST.write_text(as_script(store), encoding="utf-8")
        store.dispose()
