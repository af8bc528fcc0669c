"""Old messages are deleted in small steps: those that are in Slack for long and that nothing refers to any more.

Kept for ever are cards, calls and receipts: they prove who was told, or are replaced when a case goes on. So is all
that an operator has to decide about. History, the coverage ledger and the log of reminders are never shortened.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, String, and_, bindparam, cast, delete, exists, func, not_, or_, select

from models.rules.outbox.delivery import DeliveryState
from models.rules.outbox.message_kinds import MessageKind
from models.rules.reminders import subjects
from models.store import reminder_queue
from models.store.tables import OUTBOX, is_one_of

KEPT_AT_LEAST = timedelta(days=30)
"""No message is deleted earlier: at a start, Slack's newest messages are compared with those on record."""
STEP = 1000
"""Positions that one step looks at."""
KEPT = (
    MessageKind.CARD, MessageKind.CALL, MessageKind.RECEIPT, MessageKind.GAP, MessageKind.HANDOVER, MessageKind.OFFER,
    MessageKind.HOLIDAY_REVIEW, MessageKind.GROUP,
)  # fmt: skip
"""Kinds that are never deleted."""


class PruneStep(NamedTuple):
    """What one step deleted."""

    reached: int  # the position up to which it looked
    deleted: int
    is_last: bool


_O = OUTBOX.c
_LATER = OUTBOX.alias("later")
_HAS_LATER = exists().where(
    _LATER.c.subject == _O.subject, _LATER.c.what == _O.what, _LATER.c.position > _O.position
)  # fmt: skip
_IS_DAILY = not_(_O.subject.contains(":"))
"""The subject is one that comes again and again, such as the daily list: the newest message of each kind is kept."""
_IS_LIVE = or_(
    and_(_O.subject.is_not(None), reminder_queue.is_listed(_O.subject), not_(and_(_IS_DAILY, _HAS_LATER))),
    and_(_O.number.is_not(None), reminder_queue.is_listed(subjects.ESCALATION + cast(_O.number, String))),
)
"""Its case, gap or shift is still looked at."""
_IS_DONE = or_(
    is_one_of(_O.state, [DeliveryState.SENT, DeliveryState.SUPERSEDED]), _O.discarded_at.is_not(None)
)  # fmt: skip
_REFERS_TO_RESTORE = and_(_O.what == MessageKind.TROUBLE, _O.subject.is_not(None))
IS_OLD: ColumnElement[bool] = and_(
    _O.settled_at < bindparam("before", type_=_O.settled_at.type), _IS_DONE, _O.sweep_at.is_(None),
    ~is_one_of(_O.what, KEPT), not_(_REFERS_TO_RESTORE), not_(_IS_LIVE),
)  # fmt: skip
"""A message is old: it was settled before the parameter ``before``, and nothing needs it any more."""
_PRUNE = delete(OUTBOX).where(_O.position > bindparam("after"), _O.position <= bindparam("upto"), IS_OLD)
_COUNT = select(_O.what, func.count()).where(IS_OLD).group_by(_O.what).order_by(func.count().desc())
_LAST = select(func.max(_O.position))


def prune(connection: Connection, before: datetime, after: int) -> PruneStep:
    """Delete what was settled before an instant, among the next positions."""
    upto, last = after + STEP, connection.scalar(_LAST) or 0
    deleted = connection.execute(_PRUNE, {"before": before, "after": after, "upto": upto}).rowcount
    return PruneStep(upto, deleted, upto >= last)


def count_old(connection: Connection, before: datetime) -> Mapping[MessageKind, int]:
    """Count what would be deleted, by kind, the most first."""
    return {MessageKind(what): count for what, count in connection.execute(_COUNT, {"before": before})}
