"""Since when pages might be sent. What waits for a limit or for an hour does so by design, and is counted apart."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, bindparam, case, func, literal_column, or_, select

from models.rules.outbox.delivery import Delivery
from models.rules.outbox.message_kinds import MessageKind
from models.rules.reach.page import LIMITED
from models.store.reach_tables import PAGE_TRY
from models.store.tables import OUTBOX, PACE, is_one_of, is_unfinished

_LIMITED_BY = sorted(LIMITED)
_NOW = bindparam("now", type_=PACE.c.free_at.type)
_FIRST_TRY = select(func.min(PAGE_TRY.c.tried_at)).where(PAGE_TRY.c.delivery == OUTBOX.c.id).scalar_subquery()
_FREE_AT = select(PACE.c.free_at).where(PACE.c.scope == OUTBOX.c.scope).scalar_subquery()
WAITS_SINCE = func.coalesce(_FIRST_TRY, case((OUTBOX.c.due_at < _FREE_AT, _FREE_AT), else_=OUTBOX.c.due_at))
"""Since when an unfinished page might be sent: its first try; before it, when it is due and its sender is free."""
_FIRST_OF = select(func.min(PAGE_TRY.c.tried_at)).where(PAGE_TRY.c.delivery == bindparam("of"))
_LIMITED = OUTBOX.alias("limited")


def _is_waiting(row: Any) -> ColumnElement[bool]:
    """Select unfinished pages, by literals so that both databases use the index of pages."""
    return and_(is_unfinished(row.c.state), row.c.what == literal_column(f"'{MessageKind.PAGE}'"))


def _is_limited(row: Any) -> ColumnElement[bool]:
    """Select pages that were to wait for a limit of their sender, and wait still."""
    return and_(_is_waiting(row), is_one_of(row.c.last_error, _LIMITED_BY), row.c.due_at > _NOW)


_IS_HELD_BACK = and_(
    _is_waiting(OUTBOX),
    or_(
        _is_limited(OUTBOX),
        and_(_NOW < _FREE_AT, OUTBOX.c.scope.in_(select(_LIMITED.c.scope).where(_is_limited(_LIMITED)))),
    ),
)
_HELD_BACK = select(func.count()).where(_IS_HELD_BACK)
_TURNS = select(OUTBOX.c.position, OUTBOX.c.due_at, _FREE_AT.label("free_at")).where(
    _IS_HELD_BACK, or_(OUTBOX.c.due_at <= _NOW, is_one_of(OUTBOX.c.last_error, _LIMITED_BY))
)
"""The pages that would go now if their sender were free."""


def count_held_back(connection: Connection, now: datetime) -> int:
    """Count the pages that wait because their sender was used as often as it may."""
    return connection.scalar(_HELD_BACK, {"now": now}) or 0


def find_turns(connection: Connection, now: datetime) -> dict[int, datetime]:
    """Return by position which pages wait for nothing but the limits of their sender, and until when at least."""
    rows = connection.execute(_TURNS, {"now": now})
    return {row.position: max(filter(None, (row.due_at, row.free_at))) for row in rows}


def find_waits_since(connection: Connection, delivery: Delivery, now: datetime) -> datetime:
    """Return since when a page that was claimed at ``now`` might be sent, before its new try is recorded."""
    was_claimed_before = delivery.first_tried_at is not None and delivery.first_tried_at < now
    first: datetime | None = connection.scalar(_FIRST_OF, {"of": delivery.id}) if was_claimed_before else None
    return first or delivery.ready_at or delivery.created_at
