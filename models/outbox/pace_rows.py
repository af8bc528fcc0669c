"""The pace of each scope: from when on it may be used again. All replicas share it."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select, update

from models.outbox.due_rows import compared_times
from models.rules.outbox.delivery import Delivery
from models.rules.outbox.message_kinds import MessageKind
from models.rules.outbox.pace import UPDATE, allowed_lead, interval
from models.rules.reach.channels import APP_INTERVAL, AT_ONCE
from models.store.tables import INSERT, PACE

APP = "app:"
"""How the scope of an app begins."""
APP_AT = len(f"reach:{'0' * 16}:") + 1
"""Where the app begins in the scope of a sender, counted from 1."""


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
        if not _keep_app(connection, scope, now):
            return None
    else:
        paced = connection.execute(_PACED, {"of": scope}).first()
        seen = paced.free_at if paced else None
        if paced and scope == UPDATE and not _is_from_ahead(paced, now):
            begins = max(now - allowed_lead(scope), paced.free_at)
    kept = {"scope": scope, "free_at": begins + interval(scope), "set_at": now, "seen": seen}
    return begins if connection.execute(_KEEP[connection.dialect.name], kept).first() else None


def _keep_app(connection: Connection, scope: str, now: datetime) -> bool:
    """Use the app of a sender once; return False when it is used up, or a replica was quicker."""
    app = app_of(scope)
    if not app:
        return True
    paced = connection.execute(_PACED, {"of": app}).first()
    begins = now - APP_INTERVAL * (AT_ONCE - 1)
    if paced and not _is_from_ahead(paced, now):
        if paced.free_at > now:
            return False
        begins = max(begins, paced.free_at)
    kept = {
        "scope": app, "free_at": begins + APP_INTERVAL, "set_at": now, "seen": paced.free_at if paced else None,
    }  # fmt: skip
    return connection.execute(_KEEP[connection.dialect.name], kept).first() is not None


def app_of(scope: str) -> str:
    """Return the scope of the app in the scope of a sender; empty for one without."""
    _, _, app = scope.removeprefix("reach:").partition(":")
    return f"{APP}{app}" if app else ""


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
