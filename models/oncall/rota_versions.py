"""The versions of the rota file in a store: each kept to the letter, the newest counts, none is ever rewritten."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, insert, select, text

from models.rules.rota.toml import reader
from models.store.database import Store
from models.store.tables import ROTA_PLAN

TERMINAL = "cli"
"""Who imports a file at the terminal."""
ROTA_LOCK = 0x435350_04
P = ROTA_PLAN.c
NEWEST_FIRST = select(P.id, P.text).order_by(P.at.desc(), P.id.desc()).limit(1)


@dataclass(frozen=True)
class RotaVersion:
    """One version of the rota file as it was written, by whom (a Slack id, or ``TERMINAL``), and since when it counts;
    ``quiet`` is why nobody was told of it, empty when everybody concerned was.
    """

    number: int
    at: datetime
    by: str
    text: str
    quiet: str = ""


def import_rota(store: Store, written: str, by: str, at: datetime) -> bool:
    """Make a rota file the newest version; False when it already is, to the letter.

    ``by`` is a Slack user id, or ``cli``. Raises BadPlan with every fault, NotSaved; then nothing was changed.
    """
    reader.read_rota(written)

    def unit(connection: Connection) -> bool:
        lock(connection)
        newest = connection.execute(NEWEST_FIRST).first()
        if newest is not None and newest.text == written:
            return False
        add_version(connection, written, by, at)
        return True

    return store.write(unit)


def add_version(connection: Connection, written: str, by: str, at: datetime, quiet: str = "") -> int:
    """Write a version down, in somebody's transaction under the lock; its number. It is never older than the one
    before, whatever this machine's clock says: the newest is the one that was written last.
    """
    newest = connection.scalar(select(func.max(P.at)))
    row = {"at": max(at, newest) if newest else at, "by": by, "text": written, "quiet": quiet or None}
    number = connection.execute(insert(ROTA_PLAN).values(row)).inserted_primary_key
    assert number is not None  # noqa: S101 - SQLAlchemy's promise
    return int(number[0])


def versions(store: Store, known_at: datetime) -> list[RotaVersion]:
    """The versions of the rota file that were known at an instant, the newest first."""
    query = (
        select(P.id, P.at, P.by, P.text, func.coalesce(P.quiet, ""))
        .where(P.at <= known_at)
        .order_by(P.at.desc(), P.id.desc())
    )
    return store.read(lambda connection: [RotaVersion(*row) for row in connection.execute(query)])


def text_at(store: Store, known_at: datetime) -> str | None:
    """The rota file that was the newest at an instant, as it was written; None when there was none yet."""
    found = store.read(lambda connection: connection.execute(NEWEST_FIRST.where(P.at <= known_at)).first())
    return None if found is None else str(found.text)


def lock(connection: Connection) -> None:
    """One change of the rota after another, so that each was checked against what it changes."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": ROTA_LOCK})
