"""Find out why the store could not be used, for the message to the operator."""

import errno
import re
import sqlite3
from enum import StrEnum

from models.rules.errors import NotSaved
from models.store.database_file import DamagedDatabase


class DatabaseErrorCause(StrEnum):
    """The reasons that an operator can remove, each in a different way."""

    BUSY = "busy"
    FULL = "full"
    READ_ONLY = "read_only"
    NO_FOLDER = "no_folder"
    DAMAGED = "damaged"
    AWAY = "away"
    REFUSED = "refused"
    NO_HOST = "no_host"
    LOGIN = "login"
    NO_DATABASE = "no_database"
    NO_RIGHTS = "no_rights"
    STANDBY = "standby"
    NO_SLOT = "no_slot"


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
    "25006": DatabaseErrorCause.STANDBY,
    "53300": DatabaseErrorCause.NO_SLOT,
}
_NO_CONNECTION = ("08", "57P")
"""How the states begin with which a server that ends, or a pooler in front of one, closes a connection."""
_SYSTEM = {
    errno.ENOSPC: DatabaseErrorCause.FULL, errno.EDQUOT: DatabaseErrorCause.FULL,
    errno.EFBIG: DatabaseErrorCause.FULL, errno.EACCES: DatabaseErrorCause.READ_ONLY,
    errno.EPERM: DatabaseErrorCause.READ_ONLY, errno.EROFS: DatabaseErrorCause.READ_ONLY,
    errno.ENOENT: DatabaseErrorCause.NO_FOLDER,
    errno.ENOTDIR: DatabaseErrorCause.NO_FOLDER,
}  # fmt: skip
# A refused connection has no SQLSTATE. These are the server's messages in English.
_REFUSED = (
    (
        re.compile(
            r"password authentication failed|no password supplied|role \".*\" does not exist|pg_hba|"
            r"no such user|SASL authentication failed"
        ),
        DatabaseErrorCause.LOGIN,
    ),
    (re.compile(r"database \".*\" does not exist|no such database"), DatabaseErrorCause.NO_DATABASE),
    (
        re.compile(r"too many clients already|connection slots are reserved|too many connections|no more connections"),
        DatabaseErrorCause.NO_SLOT,
    ),
    (re.compile(r"Connection refused"), DatabaseErrorCause.REFUSED),
    (
        re.compile(r"could not translate host name|failed to resolve host|Name or service not known"),
        DatabaseErrorCause.NO_HOST,
    ),
)


def cause_of(error: BaseException) -> DatabaseErrorCause:
    """Return the reason behind NotSaved, or behind an error of a database driver; BUSY when it is not known."""
    cause: BaseException | None = error
    while cause is not None:
        if reason := _reason(cause):
            return reason
        cause = getattr(cause, "orig", None) or cause.__cause__
    return DatabaseErrorCause.BUSY


def is_damage(error: BaseException) -> bool:
    """Return whether SQLite says that the file is not a database, or is damaged."""
    return _reason(error) is DatabaseErrorCause.DAMAGED


def lacks_rights(error: BaseException) -> bool:
    """Return whether PostgreSQL says that its user may not do this."""
    return _reason(error) is DatabaseErrorCause.NO_RIGHTS


def is_read_only(error: BaseException) -> bool:
    """Return whether PostgreSQL says that nothing can be written there: a standby, or a former primary."""
    return getattr(error, "sqlstate", None) == "25006"


def _reason(error: BaseException) -> DatabaseErrorCause | None:
    if isinstance(error, DamagedDatabase):
        return DatabaseErrorCause.DAMAGED
    if isinstance(error, sqlite3.Error):
        return _SQLITE.get(getattr(error, "sqlite_errorcode", 0) & 0xFF)
    if isinstance(error, OSError):
        return _SYSTEM.get(error.errno or 0)
    if isinstance(error, NotSaved) or not hasattr(error, "sqlstate"):
        return None
    return _SQLSTATES.get(error.sqlstate or "") or _reason_for_refusal(error)


def _reason_for_refusal(error: BaseException) -> DatabaseErrorCause | None:
    """Return why there is no connection to the server, also from a pooler. For all else only the SQLSTATE counts."""
    state: str = error.sqlstate or ""  # type: ignore[attr-defined]  # the caller checked
    if state and not state.startswith(_NO_CONNECTION):
        return None
    message = str(error)
    return next((reason for pattern, reason in _REFUSED if pattern.search(message)), DatabaseErrorCause.AWAY)
