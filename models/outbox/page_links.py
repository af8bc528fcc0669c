"""Links of pages that are kept: by the hash of their token, revocable, used once."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update

from models.rules.reach.link import (
    LIFETIME,
    LinkAction,
    LinkState,
    PageLink,
    WantedLink,
    has_mark,
    has_shape,
    hash_of,
    make_token,
)
from models.store.database import Store
from models.store.epoch_cache import StoreEpoch
from models.store.reach_tables import PAGE_LINK

_L = PAGE_LINK.c
_BY_HASH = select(PAGE_LINK).where(_L.hash == bindparam("wanted"))


class PageLinks:
    """The links in a store. Each method is one transaction."""

    def __init__(self, store: Store, epoch: StoreEpoch) -> None:
        self._store, self._epoch = store, epoch

    def make(self, wanted: WantedLink, delivery: str, now: datetime) -> str:
        """Keep a new link and return its token, which is kept nowhere."""
        token = make_token(self._epoch.epoch)
        values = {
            "hash": hash_of(token), "delivery": delivery, "person": wanted.person, "team_id": wanted.team_id,
            "action": wanted.action, "subject": wanted.value, "state": wanted.state, "created_at": now,
            "expires_at": now + LIFETIME, "wrong": 0,
        }  # fmt: skip
        self._store.write(lambda connection: connection.execute(insert(PAGE_LINK).values(values)), urgent=True)
        return token

    def find(self, token: str, now: datetime) -> tuple[LinkState, PageLink | None]:
        """Return the link of a token, and whether it can be used now."""
        if not has_shape(token):
            return LinkState.WRONG, None
        row = self._store.read(lambda connection: connection.execute(_BY_HASH, {"wanted": hash_of(token)}).first())
        if row is None:
            return LinkState.WRONG if self.looks_ours(token) else LinkState.OTHER_RECORD, None
        link = _link_from(row)
        return link.find_state(now), link

    def looks_ours(self, token: str) -> bool:
        """Return whether a token has the mark of this record."""
        return has_mark(token, self._epoch.epoch)

    def note_opened(self, link: PageLink, now: datetime) -> None:
        """Record that the page of a link was opened, the first time."""
        self._change(link, {"opened_at": now}, _L.opened_at.is_(None))

    def note_wrong(self, link: PageLink) -> None:
        """Count a wrong number."""
        self._change(link, {"wrong": _L.wrong + 1})

    def note_used(self, link: PageLink, now: datetime) -> None:
        """Record that a link was used, the first time."""
        self._change(link, {"used_at": now}, _L.used_at.is_(None))

    def revoke(self, person: str, now: datetime) -> int:
        """Revoke the links of somebody (a Slack id), and return how many were open.

        Those that were used tell nothing any more either.
        """
        theirs = update(PAGE_LINK).where(_L.person == person, _L.revoked_at.is_(None), _L.expires_at > now)

        def unit(connection: Connection) -> int:
            opened = connection.execute(theirs.where(_L.used_at.is_(None)).values(revoked_at=now)).rowcount
            connection.execute(theirs.values(revoked_at=now))
            return opened

        return self._store.write(unit)

    def _change(self, link: PageLink, values: dict[str, Any], *also: Any) -> None:
        change = update(PAGE_LINK).where(_L.hash == link.hash, *also).values(values)
        self._store.write(lambda connection: connection.execute(change))


def _link_from(row: Any) -> PageLink:
    wanted = WantedLink(row.person, row.team_id, LinkAction(row.action), row.subject, row.state)
    return PageLink(row.hash, wanted, row.expires_at, row.wrong, row.used_at, row.revoked_at, row.delivery)
