"""Old tries of pages go with their messages, and old links by themselves, in small steps.

Kept for ever is the first try that reached somebody about a case or a gap by a channel: history and cards name it.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Delete, and_, bindparam, delete, exists, func, or_, select

from models.outbox.retention import IS_OLD, STEP, PruneStep
from models.rules.reach.page import HANDED_OVER
from models.rules.reminders import subjects
from models.store.reach_tables import PAGE_LINK, PAGE_TRY
from models.store.tables import OUTBOX

_T, _L = PAGE_TRY.c, PAGE_LINK.c
_BEFORE = bindparam("before", type_=_T.tried_at.type)
_EARLIER = PAGE_TRY.alias("earlier")
_E = _EARLIER.c
_HAS_EARLIER = exists().where(
    _E.subject == _T.subject, _E.person == _T.person, _E.channel == _T.channel, _E.id < _T.id,
    _E.outcome.in_(sorted(HANDED_OVER)),
)  # fmt: skip
_IS_PROOF = and_(
    _T.outcome.in_(sorted(HANDED_OVER)),
    or_(_T.subject.startswith(subjects.ESCALATION), _T.subject.startswith(subjects.GAP)),
    ~_HAS_EARLIER,
)
_MESSAGE = exists().where(OUTBOX.c.id == _T.delivery)
_OLD_TRY: ColumnElement[bool] = and_(_T.tried_at < _BEFORE, or_(~_MESSAGE, _MESSAGE.where(IS_OLD)), ~_IS_PROOF)
_OLD_LINK = _L.expires_at < _BEFORE
_PRUNE_TRIES = delete(PAGE_TRY).where(_T.id > bindparam("after"), _T.id <= bindparam("upto"), _OLD_TRY)
_PRUNE_LINKS: Delete = delete(PAGE_LINK).where(_L.hash.in_(select(_L.hash).where(_OLD_LINK).limit(STEP)))
_LAST_TRY = select(func.max(_T.id))


def prune_tries(connection: Connection, before: datetime, after: int) -> PruneStep:
    """Delete the tries from before an instant whose messages go too, among the next ones."""
    upto, last = after + STEP, connection.scalar(_LAST_TRY) or 0
    deleted = connection.execute(_PRUNE_TRIES, {"before": before, "after": after, "upto": upto}).rowcount
    return PruneStep(upto, deleted, upto >= last)


def prune_links(connection: Connection, before: datetime, after: int) -> PruneStep:
    """Delete some of the links that ended before an instant."""
    deleted = connection.execute(_PRUNE_LINKS, {"before": before}).rowcount
    return PruneStep(after, deleted, deleted < STEP)


def count_old_tries(connection: Connection, before: datetime) -> int:
    """Count the tries that would be deleted."""
    return _count(connection, PAGE_TRY, _OLD_TRY, before)


def count_old_links(connection: Connection, before: datetime) -> int:
    """Count the links that would be deleted."""
    return _count(connection, PAGE_LINK, _OLD_LINK, before)


def _count(connection: Connection, table: Any, is_old: ColumnElement[bool], before: datetime) -> int:
    return connection.scalar(select(func.count()).select_from(table).where(is_old), {"before": before}) or 0
