"""Secret addresses of calendar feeds, and every SQL statement on them. Only hashes of the secrets are stored."""

import hmac
import secrets
from datetime import datetime
from hashlib import sha256

from sqlalchemy import Connection, bindparam, insert, select

from models.oncall import override_rows, rota_versions
from models.store.database import Store
from models.store.oncall_tables import FEED

TEAM = ""
"""The member of a feed that shows everybody's shifts."""
LONGEST = 100
"""How many characters of a secret are compared."""
SECRET_LENGTH = 32  # bytes
_F = FEED.c
_REVOCATION = FEED.alias()
# Built once: building a statement costs more than running it.
_OPEN = (
    select(_F.id, _F.member, _F.secret_hash)
    .where(_F.revokes.is_(None))
    .where(~select(_REVOCATION.c.id).where(_REVOCATION.c.revokes == _F.id).exists())
)
_OPEN_OF_MEMBER = _OPEN.where(_F.member == bindparam("member"))
_OPEN_WITH_HASH = _OPEN.where(_F.secret_hash == bindparam("hash"))


def open_feed(store: Store, member: str, by: str, at: datetime) -> str:
    """Return a new secret for a member's feed, or the team's. It cannot be read again later. Raises NotSaved."""
    secret = secrets.token_urlsafe(SECRET_LENGTH)
    row = {"at": at, "by": by, "secret_hash": _hash(secret), "member": member}
    store.write(lambda connection: connection.execute(insert(FEED), row))
    return secret


def revoke(store: Store, member: str, by: str, at: datetime) -> int:
    """Revoke every address of a feed and return how many there were. Raises NotSaved."""

    def unit(connection: Connection) -> int:
        # A revocation has a hash as well, because the column is unique; nobody knows its secret.
        revocations = [
            {"at": at, "by": by, "secret_hash": _hash(secrets.token_urlsafe(SECRET_LENGTH)), "member": member,
             "revokes": row.id}
            for row in connection.execute(_OPEN_OF_MEMBER, {"member": member}).all()
        ]  # fmt: skip
        if revocations:
            connection.execute(insert(FEED), revocations)
        return len(revocations)

    return store.write(unit)


def member_of(store: Store, secret: str) -> str | None:
    """Return whose feed a secret opens: a member's name, ``TEAM``, or None when it opens none."""
    wanted = _hash(secret[:LONGEST])
    row = store.read(lambda connection: connection.execute(_OPEN_WITH_HASH, {"hash": wanted}).first())
    # The timing of the database's comparison of hashes tells nothing. This comparison removes any doubt.
    return str(row.member) if row is not None and hmac.compare_digest(row.secret_hash, wanted) else None


def changed_at(store: Store, known_at: datetime) -> datetime | None:
    """Return when the rota last changed, by a new file or an override, as known at an instant; None for no rota."""

    def unit(connection: Connection) -> datetime | None:
        plan = rota_versions.find_last_saved(connection, known_at)
        override = override_rows.find_last_saved(connection, known_at)
        return max(filter(None, (plan, override)), default=None)

    return store.read(unit)


def _hash(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()
