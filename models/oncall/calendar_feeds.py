"""Secret addresses under which somebody's shifts, or all, can be read by a calendar. Only their hashes are kept."""

import hmac
import secrets
from datetime import datetime
from hashlib import sha256

from sqlalchemy import Connection, func, insert, select

from models.store.database import Store
from models.store.oncall_tables import FEED, ROTA_CHANGE
from models.store.tables import ROTA_PLAN

TEAM = ""
"""Whose feed it is when it is everybody's."""
LONGEST = 100
_F = FEED.c
_BYTES = 32


def open_feed(store: Store, member: str, by: str, at: datetime) -> str:
    """A new secret for a member's feed, or the team's. It is told now and never again. Raises NotSaved."""
    secret = secrets.token_urlsafe(_BYTES)
    row = {"at": at, "by": by, "secret_hash": _hash(secret), "member": member}
    store.write(lambda connection: connection.execute(insert(FEED), row))
    return secret


def revoke(store: Store, member: str, by: str, at: datetime) -> int:
    """End every address of this feed; how many there were. Raises NotSaved."""

    def unit(connection: Connection) -> int:
        open_ones = [row.id for row in connection.execute(_OPEN.where(_F.member == member))]
        # A row that ends another has a hash as well, of which nobody knows the secret.
        ends = [
            {"at": at, "by": by, "secret_hash": _hash(secrets.token_urlsafe(_BYTES)), "member": member, "revokes": one}
            for one in open_ones
        ]
        if ends:
            connection.execute(insert(FEED), ends)
        return len(ends)

    return store.write(unit)


def member_of(store: Store, secret: str) -> str | None:
    """Whose feed this secret opens: a member's name, ``TEAM``, or None when it opens none."""
    wanted = _hash(secret[:LONGEST])
    row = store.read(lambda connection: connection.execute(_OPEN.where(_F.secret_hash == wanted)).first())
    # The database compared hashes of 256 bits, of which timing tells nothing; this is for whoever would doubt it.
    return str(row.member) if row is not None and hmac.compare_digest(row.secret_hash, wanted) else None


def changed_at(store: Store, known_at: datetime) -> datetime | None:
    """When the rota last changed, as known at an instant: its file, or a change of it; None when there is none."""
    newest = (select(func.max(table.c.at)).where(table.c.at <= known_at) for table in (ROTA_PLAN, ROTA_CHANGE))
    found: list[datetime | None] = store.read(lambda connection: [connection.scalar(one) for one in newest])
    return max(filter(None, found), default=None)


def _hash(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()


_ended = FEED.alias()
_OPEN = (
    select(_F.id, _F.member, _F.secret_hash)
    .where(_F.revokes.is_(None))
    .where(~select(_ended.c.id).where(_ended.c.revokes == _F.id).exists())
)
