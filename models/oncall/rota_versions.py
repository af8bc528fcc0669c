"""The versions of the rota file, and every SQL statement on them.

Each version is kept to the letter and never changed; the newest one counts.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, bindparam, func, insert, select, text

from models.rules.rota.toml import reader
from models.rules.times import ENDLESS
from models.store.database import Store
from models.store.tables import ROTA_PLAN

TERMINAL = "cli"
"""The author of a file that was imported at the terminal."""
ROTA_LOCK = 0x435350_04
"""The key of PostgreSQL's lock for changes of the rota: "CSP", 4."""
_P = ROTA_PLAN.c
LAST_ID = select(func.coalesce(func.max(_P.id), 0)).scalar_subquery()
"""Changes whenever a version is saved."""
# Built once: building a statement costs more than running it.
_KNOWN = (
    select(_P.id, _P.at, _P.by, _P.text, func.coalesce(_P.quiet, "").label("quiet"))
    .where(_P.at <= bindparam("known_at"))
    .order_by(_P.at.desc(), _P.id.desc())
)
_NEWEST = select(_P.id, _P.text).where(_P.at <= bindparam("known_at")).order_by(_P.at.desc(), _P.id.desc()).limit(1)
_WITH_PREDECESSOR = select(ROTA_PLAN).where(_P.id <= bindparam("number")).order_by(_P.id.desc()).limit(2)
_TIMES_BETWEEN = select(_P.at).where(_P.at > bindparam("after"), _P.at < bindparam("before"))
_FIRST_SAVED = select(func.min(_P.at))
_LAST_SAVED = select(func.max(_P.at)).where(_P.at <= bindparam("known_at"))


@dataclass(frozen=True)
class RotaVersion:
    """One version of the rota file."""

    number: int
    at: datetime  # since when it counts
    by: str  # a Slack id, or TERMINAL
    text: str
    quiet: str = ""  # why nobody was informed; empty when everybody concerned was


class NewestVersion(NamedTuple):
    """What most readers need of the newest version."""

    id: int
    text: str


def import_rota(store: Store, rota_file: str, by: str, at: datetime) -> bool:
    """Make a rota file the newest version; return False when it already is, to the letter.

    ``by`` is a Slack user id, or ``TERMINAL``. Raises InvalidFile with every fault, NotSaved; then nothing was changed.
    """
    reader.read_rota(rota_file)

    def unit(connection: Connection) -> bool:
        lock(connection)
        newest = find_newest(connection)
        if newest is not None and newest.text == rota_file:
            return False
        add_version(connection, rota_file, by, at)
        return True

    return store.write(unit)


def versions(store: Store, known_at: datetime) -> list[RotaVersion]:
    """Return the versions of the rota file known at an instant, the newest first."""
    return store.read(lambda c: [RotaVersion(*row) for row in c.execute(_KNOWN, {"known_at": known_at})])


def text_at(store: Store, known_at: datetime) -> str | None:
    """Return the newest rota file at an instant, as it was written; None when there was none yet."""
    newest = store.read(lambda connection: find_newest(connection, known_at))
    return None if newest is None else str(newest.text)


# In the caller's transaction ----------------------------------------------------------------------------------------


def lock(connection: Connection) -> None:
    """Allow one change of the rota at a time, so that each was checked against what it changes."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": ROTA_LOCK})


def add_version(connection: Connection, rota_file: str, by: str, at: datetime, quiet: str = "") -> int:
    """Insert a version under the lock, and return its number.

    It is never older than the version before, whatever this machine's clock says: the newest is the last one saved.
    """
    newest = find_last_saved(connection)
    row = {"at": max(at, newest) if newest else at, "by": by, "text": rota_file, "quiet": quiet or None}
    number = connection.execute(insert(ROTA_PLAN).values(row)).inserted_primary_key
    assert number is not None  # noqa: S101 - SQLAlchemy's promise
    return int(number[0])


def find_newest(connection: Connection, known_at: datetime = ENDLESS) -> NewestVersion | None:
    """Return the newest version known at an instant."""
    row = connection.execute(_NEWEST, {"known_at": known_at}).first()
    return None if row is None else NewestVersion(*row)


def find_with_predecessor(connection: Connection, number: int) -> list[Row[Any]]:
    """Return the row of a version and of the one before; none when there is no such version."""
    rows = connection.execute(_WITH_PREDECESSOR, {"number": number}).all()
    return list(rows) if rows and rows[0].id == number else []


def find_times_between(connection: Connection, after: datetime, before: datetime) -> list[datetime]:
    """Return when versions were saved between two instants, without the instants themselves."""
    return list(connection.scalars(_TIMES_BETWEEN, {"after": after, "before": before}))


def find_first_saved(connection: Connection) -> datetime | None:
    """Return when the first version was saved."""
    moment: datetime | None = connection.scalar(_FIRST_SAVED)
    return moment


def find_last_saved(connection: Connection, known_at: datetime = ENDLESS) -> datetime | None:
    """Return when the newest version known at an instant was saved."""
    moment: datetime | None = connection.scalar(_LAST_SAVED, {"known_at": known_at})
    return moment
