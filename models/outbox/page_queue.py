"""Which page goes out next: SQL that looks at each sender once, however many pages wait for it.

A sender, the scope of a page, may be held back for hours while hundreds of pages wait. None of those rows is read.
"""

from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    Select,
    String,
    and_,
    bindparam,
    case,
    exists,
    func,
    literal_column,
    or_,
    select,
)

from models.outbox.due_rows import is_due
from models.outbox.pace_rows import APP, APP_AT
from models.rules.outbox.message_kinds import MessageKind
from models.rules.outbox.pace import PAGES
from models.store.tables import OUTBOX, PACE, is_unfinished

_NOW, _LONGEST, _APART = (bindparam(name, type_=PACE.c.free_at.type) for name in ("now", "longest", "apart"))


def _is_waiting(row: Any) -> ColumnElement[bool]:
    """Select unfinished pages, by literals so that both databases use the index of pages."""
    return and_(is_unfinished(row.c.state), row.c.what == literal_column(f"'{MessageKind.PAGE}'"))


def _app_of(sender: ColumnElement[str]) -> ColumnElement[str]:
    """Return the scope of the app of a sender, as :func:`models.outbox.pace_rows.app_of`; of none without one."""
    return literal_column(f"'{APP}'", String).concat(func.substr(sender, APP_AT))


def _find_senders() -> CTE:
    """Find the senders that have unfinished pages: each by one step in the index from the one before."""
    first, following = OUTBOX.alias("first_page"), OUTBOX.alias("following_page")
    lowest = select(first.c.scope).where(_is_waiting(first)).order_by(first.c.scope).limit(1)
    sender = select(lowest.scalar_subquery().label("scope")).cte("sender", recursive=True)
    above = select(following.c.scope).where(_is_waiting(following), following.c.scope > sender.c.scope)
    above = above.order_by(following.c.scope).limit(1)
    return sender.union_all(select(above.scalar_subquery()).where(sender.c.scope.is_not(None)))


def _claimable() -> Select[Any]:
    """Select the most urgent page that is due and whose sender is free; since when, is ``sender_free_at``.

    Senders in the list ``but`` are left out.
    """
    sender, first = _find_senders(), OUTBOX.alias("first")
    most_urgent = (
        select(first.c.position)
        .where(first.c.scope == sender.c.scope, _is_waiting(first), is_due(first))
        .order_by(first.c.priority, first.c.position)
        .limit(1)
    )
    # Times that a wrong clock wrote are ignored.
    is_paused = and_(
        PACE.c.free_at > _NOW, PACE.c.free_at <= _LONGEST, or_(PACE.c.set_at.is_(None), PACE.c.set_at <= _APART)
    )
    return (
        select(OUTBOX, select(PACE.c.free_at).where(PACE.c.scope == OUTBOX.c.scope).label("sender_free_at"))
        .select_from(sender)
        .join(OUTBOX, OUTBOX.c.position == most_urgent.scalar_subquery())
        .where(sender.c.scope.not_in(bindparam("but", expanding=True)))
        .where(~exists().where(PACE.c.scope == sender.c.scope, is_paused))
        .where(~exists().where(PACE.c.scope == _app_of(sender.c.scope), is_paused))
        .where(~exists().where(PACE.c.scope == PAGES, is_paused))
        # Of the row itself too: it may have changed while its lock was waited for.
        .where(_is_waiting(OUTBOX), is_due(OUTBOX))
        .order_by(OUTBOX.c.priority, OUTBOX.c.position)
        .limit(1)
    )


def _next_due() -> Select[Any]:
    """Select when a page may be due next: a sender that is held back counts from the end of its pause."""
    sender, waiting, app = _find_senders(), OUTBOX.alias("waiting"), PACE.alias("app")
    first_due = select(func.min(waiting.c.due_at)).where(waiting.c.scope == sender.c.scope, _is_waiting(waiting))
    is_longer = or_(PACE.c.free_at.is_(None), PACE.c.free_at < app.c.free_at)
    due = case(
        (and_(app.c.free_at > _NOW, is_longer), app.c.free_at),
        (PACE.c.free_at > _NOW, PACE.c.free_at),
        else_=first_due.scalar_subquery(),
    )
    return (
        select(func.min(due))
        .select_from(sender)
        .outerjoin(PACE, PACE.c.scope == sender.c.scope)
        .outerjoin(app, app.c.scope == _app_of(sender.c.scope))
        .where(sender.c.scope.is_not(None))
    )


CLAIMABLE, NEXT = _claimable(), _next_due()
