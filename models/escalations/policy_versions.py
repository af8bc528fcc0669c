"""The versions of the policy file, and every SQL statement on them.

Each version is kept to the letter and never changed; the newest one counts. Version 0 is the packaged file.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, func, insert, select, text

from models.rules.policy import reader
from models.store.database import Store
from models.store.tables import POLICY_VERSION

PACKAGED = 0
"""The number of the file that ships with the program."""
POLICY_LOCK = 0x435350_06
"""The key of PostgreSQL's lock for imports of the policy: "CSP", 6."""
_P = POLICY_VERSION.c
# Built once: building a statement costs more than running it.
_ALL = select(_P.id, _P.at, _P.by, _P.text).order_by(_P.id.desc())
_NEWEST = _ALL.limit(1)
_SINCE = select(_P.id, _P.at, _P.by, _P.text).where(_P.id > bindparam("number")).order_by(_P.id)
_LAST_NUMBER = select(func.coalesce(func.max(_P.id), PACKAGED))


@dataclass(frozen=True)
class PolicyVersion:
    """One imported version of the policy file."""

    number: int
    at: datetime  # since when it counts
    by: str  # who imported it
    text: str


def import_policy(store: Store, policy_file: str, by: str, at: datetime) -> bool:
    """Make a policy file the newest version; return False when it already is, to the letter.

    Raises InvalidFile with every fault, NotSaved; then nothing was changed.
    """
    reader.parse_policy(policy_file)

    def unit(connection: Connection) -> bool:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": POLICY_LOCK})
        newest = _find_newest(connection)
        if policy_file == (newest.text if newest else reader.packaged_text()):
            return False
        since = max(at, newest.at) if newest else at  # never older than the one before, whatever the clock says
        connection.execute(insert(POLICY_VERSION).values(at=since, by=by, text=policy_file))
        return True

    return store.write(unit)


def versions(store: Store) -> list[PolicyVersion]:
    """Return the imported versions, the newest first."""
    return store.read(lambda connection: [PolicyVersion(*row) for row in connection.execute(_ALL)])


def newest(store: Store) -> PolicyVersion | None:
    """Return the newest imported version; None when the packaged file counts."""
    return store.read(_find_newest)


def find_last_number(connection: Connection) -> int:
    """Return the number of the newest version, in the caller's transaction."""
    return int(connection.scalar(_LAST_NUMBER) or PACKAGED)


def find_since(connection: Connection, number: int) -> list[PolicyVersion]:
    """Return the versions after a number, in order."""
    return [PolicyVersion(*row) for row in connection.execute(_SINCE, {"number": number})]


def _find_newest(connection: Connection) -> PolicyVersion | None:
    row = connection.execute(_NEWEST).first()
    return None if row is None else PolicyVersion(*row)
