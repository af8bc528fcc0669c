"""Overwrite what an SQLite file still holds of deleted words: free pages, the indexes of words, the journal.

PostgreSQL leaves that to ``VACUUM`` (docs/privacy.md).
"""

from sqlalchemy import Connection, TextClause, text

from models.store.database import Store

INDEXES = ("escalation_words", "solution_words")
PAGES = 300
"""How many pages of an index are merged at a time: other writers wait some milliseconds."""
_CHANGES = text("SELECT total_changes()")
_MERGE = [text(f"INSERT INTO {name} ({name}, rank) VALUES ('merge', :pages)") for name in INDEXES]  # noqa: S608
_OVERWRITE = [text(f"PRAGMA {setting}") for setting in ("secure_delete = ON", "journal_size_limit = 0")]


def overwrite_deleted(connection: Connection) -> None:
    """Have SQLite overwrite what this connection deletes from now on, and empty its journal at each commit."""
    if connection.dialect.name == "sqlite":
        for setting in _OVERWRITE:
            connection.execute(setting)


def scrub(store: Store) -> None:
    """Merge the indexes of words, so that they forget deleted ones, and empty the journal. Raises NotSaved.

    It goes in small steps: a running bot writes between them.
    """
    if not store.is_sqlite:
        return
    sign = -1  # the first step of all says that everything is to be merged
    for merge in _MERGE:
        while store.write(lambda c: _does_change(c, merge, sign * PAGES)):  # noqa: B023
            sign = 1
        sign = -1
    store.empty_journal()


def _does_change(connection: Connection, merge: TextClause, pages: int) -> bool:
    """Merge some pages; return whether there was anything to merge. (SQLite's FTS5, "the merge command".)"""
    overwrite_deleted(connection)
    before = connection.scalar(_CHANGES) or 0
    connection.execute(merge, {"pages": pages})
    return int(connection.scalar(_CHANGES) or 0) - before > 1
