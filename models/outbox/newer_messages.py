"""Find newer messages that say what an older one asks, to the same person or channel."""

from collections.abc import Collection
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, bindparam, func, select

from models.outbox.message_queries import SAME_PLACE, find_by_id, place_of
from models.outbox.messages import ASKING
from models.rules.outbox.delivery import Delivery, DeliveryState
from models.rules.reminders.shift import ABOUT_ITS_END
from models.store.tables import OUTBOX, is_one_of, is_unfinished

NEWER_SEEN = 20
"""Among so many newer messages, one is looked for that stands below an older one."""
_O = OUTBOX.c
_WAITING_BEHIND = (
    select(_O.position)
    .where(_O.subject.in_(bindparam("subjects", expanding=True)), _O.what.in_(bindparam("kinds", expanding=True)))
    .where(*SAME_PLACE, func.coalesce(_O.step, "").in_(sorted(ABOUT_ITS_END)) == bindparam("is_about_end"))
    .where(_O.position > bindparam("position"), is_unfinished(OUTBOX.c.state))
    .limit(1)
)
_EARLIER = OUTBOX.alias("earlier")
_REDRAWN_POSITION = select(_EARLIER.c.position).where(_EARLIER.c.id == bindparam("redrawn")).scalar_subquery()
_SENT_AFTER_REDRAWN = (
    select(_O.slack_channel, _O.slack_thread, _O.slack_ts)
    .where(_O.subject.in_(bindparam("subjects", expanding=True)), *SAME_PLACE)
    .where(is_one_of(_O.what, ASKING), _O.state == DeliveryState.SENT, _O.position > _REDRAWN_POSITION)
    .order_by(_O.position.desc())
    .limit(NEWER_SEEN)
)


def has_newer_waiting(connection: Connection, delivery: Delivery, subjects: Collection[str]) -> bool:
    """Return whether a newer message about these subjects to the same place is not sent yet.

    It asks for something like the delivery, or is of the same kind. The beginning of a shift and its end differ.
    """
    step, kinds = delivery.reminder.step, ASKING if delivery.what in ASKING else (delivery.what,)
    about = {"subjects": list(subjects), "kinds": list(kinds), "is_about_end": step in ABOUT_ITS_END}
    return connection.execute(_WAITING_BEHIND, {**place_of(delivery), **about}).first() is not None


def has_newer_sent(connection: Connection, delivery: Delivery, subjects: Collection[str]) -> bool:
    """Return whether a newer message about these subjects was sent to the same place than the one it redraws."""
    return _find_newer(connection, delivery, subjects) != []


def is_newer_below(connection: Connection, delivery: Delivery, subjects: Collection[str]) -> bool:
    """Return whether such a newer message stands below the one it redraws: in the same thread, and posted later.

    After a silence of Slack messages may be posted in another order than they were enqueued.
    """
    redrawn = find_by_id(connection, str(delivery.redraws))
    newer = _find_newer(connection, delivery, subjects) if redrawn is not None else []
    return any(
        (row.slack_channel, row.slack_thread) == (redrawn.slack_channel, redrawn.slack_thread)
        and Decimal(row.slack_ts or 0) > Decimal(redrawn.slack_ts or 0)
        for row in newer
    )


def _find_newer(connection: Connection, delivery: Delivery, subjects: Collection[str]) -> list[Any]:
    about = {**place_of(delivery), "subjects": list(subjects), "redrawn": delivery.redraws}
    return list(connection.execute(_SENT_AFTER_REDRAWN, about))
