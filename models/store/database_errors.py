"""Why the store could not be used, as far as it says so itself: for the words to whoever can put it right."""

import errno
import re
import sqlite3
from enum import StrEnum

from models.rules.errors import NotSaved
from models.store.database_file import DamagedDatabase


class DatabaseErrorCause(StrEnum):
    """The reasons an operator can do something about, each in its own way."""

    BUSY = "busy"
    FULL = "full"
    READ_ONLY = "read_only"
    NO_FOLDER = "no_folder"
    DAMAGED = "damaged"
    AWAY = "away"
    LOGIN = "login"
    NO_DATABASE = "no_database"
    NO_RIGHTS = "no_rights"


_SQLITE = {
    sqlite3.SQLITE_FULL: DatabaseErrorCause.FULL,
    sqlite3.SQLITE_IOERR: DatabaseErrorCause.FULL,
    sqlite3.SQLITE_READONLY: DatabaseErrorCause.READ_ONLY,
    sqlite3.SQLITE_CANTOPEN: DatabaseErrorCause.READ_ONLY,
    sqlite3.SQLITE_PERM: DatabaseErrorCause.READ_ONLY,
    sqlite3.SQLITE_CORRUPT: DatabaseErrorCause.DAMAGED,
    sqlite3.SQLITE_NOTADB: DatabaseErrorCause.DAMAGED,
}
_SQLSTATES = {
    "28P01": DatabaseErrorCause.LOGIN,
    "28000": DatabaseErrorCause.LOGIN,
    "3D000": DatabaseErrorCause.NO_DATABASE,
    "42501": DatabaseErrorCause.NO_RIGHTS,
    "53100": DatabaseErrorCause.FULL,
    "25006": DatabaseErrorCause.READ_ONLY,
}
_SYSTEM = {
    errno.ENOSPC: DatabaseErrorCause.FULL, errno.EDQUOT: DatabaseErrorCause.FULL,
    errno.EFBIG: DatabaseErrorCause.FULL, errno.EACCES: DatabaseErrorCause.READ_ONLY,
    errno.EPERM: DatabaseErrorCause.READ_ONLY, errno.EROFS: DatabaseErrorCause.READ_ONLY,
    errno.ENOENT: DatabaseErrorCause.NO_FOLDER,
    errno.ENOTDIR: DatabaseErrorCause.NO_FOLDER,
}  # fmt: skip
# A connection that is refused carries no SQLSTATE: these are the server's own words, in English or with the name in
# quotes alone.
_REFUSED = (
    (
        re.compile(r"password authentication failed|no password supplied|role \".*\" does not exist|pg_hba"),
        DatabaseErrorCause.LOGIN,
    ),
    (re.compile(r"database \".*\" does not exist"), DatabaseErrorCause.NO_DATABASE),
)


def cause_of(error: BaseException) -> DatabaseErrorCause:
    """The reason behind NotSaved, or behind an error of a database's driver."""
    cause: BaseException | None = error
    while cause is not None:
        if reason := _reason(cause):
            return reason
        cause = getattr(cause, "orig", None) or cause.__cause__
    return DatabaseErrorCause.BUSY


def is_damage(error: BaseException) -> bool:
    """Whether SQLite says that its file is none, or broken."""
    return _reason(error) is DatabaseErrorCause.DAMAGED


def lacks_rights(error: BaseException) -> bool:
    """Whether PostgreSQL says that its user may not do this."""
    return _reason(error) is DatabaseErrorCause.NO_RIGHTS


def _reason(error: BaseException) -> DatabaseErrorCause | None:
    if isinstance(error, DamagedDatabase):
        return DatabaseErrorCause.DAMAGED
    if isinstance(error, sqlite3.Error):
        return _SQLITE.get(getattr(error, "sqlite_errorcode", 0) & 0xFF)
    if isinstance(error, OSError):
        return _SYSTEM.get(error.errno or 0)
    if isinstance(error, NotSaved) or not hasattr(error, "sqlstate"):
        return None
    return _SQLSTATES.get(error.sqlstate or "") or _of_refusal(error)


def _of_refusal(error: BaseException) -> DatabaseErrorCause | None:
    """What psycopg says of a connection it did not get; of one it has, only the SQLSTATE counts."""
    if error.sqlstate:  # type: ignore[attr-defined]  # the caller looked
        return None
    said = str(error)
    return next((reason for pattern, reason in _REFUSED if pattern.search(said)), DatabaseErrorCause.AWAY)
