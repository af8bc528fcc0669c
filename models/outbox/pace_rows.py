"""The pace of each scope: from when on it may be used again. All replicas share it."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select, update

from models.outbox.due_rows import compared_times
from models.rules.delivery import UPDATE, Delivery, MessageKind, allowed_lead, interval
from models.store.tables import INSERT, PACE


def _paced(insert: Any, where: Any = None) -> Any:
    return insert.on_conflict_do_update(
        index_elements=["scope"], where=where,
        set_={"free_at": insert.excluded.free_at, "set_at": insert.excluded.set_at},
    )  # fmt: skip


# Built once: building a statement costs more than running it.
_PAUSE = {name: _paced(insert(PACE)) for name, insert in INSERT.items()}
_KEEP = {
    name: _paced(insert(PACE), PACE.c.free_at == bindparam("seen")).returning(PACE.c.scope)
    for name, insert in INSERT.items()
}
_PACED = select(PACE.c.free_at, PACE.c.set_at).where(PACE.c.scope == bindparam("of"))
_GIVE_BACK = update(PACE).where(PACE.c.scope == bindparam("of"), PACE.c.free_at == bindparam("kept"))


def keep(connection: Connection, row: Row[Any], now: datetime) -> datetime | None:
    """Use the scope of a row once, with one interval between two uses on average, and return from when on.

    None when a replica was quicker.
    """
    scope, begins = row.scope, now
    if row.what == MessageKind.PAGE:
        seen = row.sender_free_at  # read with the row
    else:
        paced = connection.execute(_PACED, {"of": scope}).first()
        seen = paced.free_at if paced else None
        if paced and scope == UPDATE and not _is_from_ahead(paced, now):
            begins = max(now - allowed_lead(scope), paced.free_at)
    kept = {"scope": scope, "free_at": begins + interval(scope), "set_at": now, "seen": seen}
    return begins if connection.execute(_KEEP[connection.dialect.name], kept).first() else None


def give_back(connection: Connection, delivery: Delivery, now: datetime) -> None:
    """Let the next message have the turn of one that was not posted, unless its scope was used or paused since."""
    if delivery.paced_from:
        kept = delivery.paced_from + interval(delivery.scope)
        values = {"free_at": delivery.paced_from, "set_at": now}
        connection.execute(_GIVE_BACK, {"of": delivery.scope, "kept": kept, **values})


def pause(connection: Connection, scope: str, until: datetime, now: datetime) -> None:
    """Let nothing use a scope before an instant; even messages that may go ahead of the pace wait for it."""
    values = {"scope": scope, "free_at": until + allowed_lead(scope), "set_at": now}
    connection.execute(_PAUSE[connection.dialect.name], values)


def _is_from_ahead(row: Row[Any, Any], now: datetime) -> bool:
    """Return whether a pace was written by a clock that was ahead."""
    limits = compared_times(now)
    return bool(row.free_at > limits["longest"] or (row.set_at and row.set_at > limits["apart"]))
