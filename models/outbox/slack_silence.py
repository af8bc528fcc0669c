"""Find when Slack took no messages, from those that were tried."""

from bisect import bisect_left, bisect_right
from datetime import datetime
from itertools import pairwise

from sqlalchemy import Connection, bindparam, func, select

from models.rules.outbox.delivery import DeliveryState
from models.rules.outbox.message_kinds import MessageKind
from models.rules.reminders.lateness import WORTH_SAYING, Time
from models.rules.times import EARLIEST
from models.store import heartbeat_rows
from models.store.database import Store
from models.store.tables import OUTBOX, is_unfinished

NEAR = 500
"""So many messages tell whether Slack took any: those made just before another one, and after it."""
_O = OUTBOX.c
_IN_SLACK = _O.what.not_in([MessageKind.PAGE, MessageKind.WEBHOOK])
_TRIED_NEAR = (
    select(_O.first_tried_at, _O.settled_at, _O.state)
    .where(_O.position > bindparam("after"), _O.first_tried_at.is_not(None), _O.state != DeliveryState.DEAD, _IN_SLACK)
    .order_by(_O.position)
    .limit(NEAR)
)
_TRIED_IN_VAIN = (
    select(_O.position, _O.first_tried_at)
    .where(is_unfinished(OUTBOX.c.state), _O.first_tried_at <= bindparam("before"), _IN_SLACK)
    .order_by(_O.first_tried_at.desc())
    .limit(1)
)
"""The newest message that waits since a minute ago: an older one may have been tried just before Slack took others."""
_LAST_TAKEN = select(func.max(_O.settled_at)).where(
    _O.position > bindparam("after"), _O.state == DeliveryState.SENT, _IN_SLACK
)
_WAITING_SINCE = select(func.min(_O.first_tried_at)).where(
    is_unfinished(OUTBOX.c.state), _O.first_tried_at > bindparam("since"), _IN_SLACK
)


def find_untaken(connection: Connection, position: int, now: datetime) -> list[Time]:
    """Return from when until when Slack took nothing of what was tried, near a position of the outbox.

    The time that a message waited is split where Slack took another one. A message that still waits counts until now.
    Times of less than a minute are left out.
    """
    rows = connection.execute(_TRIED_NEAR, {"after": position - NEAR // 2}).all()
    taken = sorted(row.settled_at for row in rows if row.state == DeliveryState.SENT)
    untaken: list[Time] = []
    for row in rows:
        tried, end = row.first_tried_at, row.settled_at or now
        between = taken[bisect_right(taken, tried) : bisect_left(taken, end)]
        untaken += pairwise([tried, *between, end])
    return [(start, end) for start, end in untaken if end - start >= WORTH_SAYING]


def count_waiting(connection: Connection) -> int:
    """Count the messages that wait for Slack."""
    query = select(func.count()).select_from(OUTBOX).where(is_unfinished(OUTBOX.c.state), _IN_SLACK)
    return connection.scalar(query) or 0


def is_silent(store: Store, now: datetime) -> bool:
    """Return whether Slack takes nothing now."""
    return store.read(lambda connection: find_silent_since(connection, now)) is not None


def find_silent_since(connection: Connection, now: datetime) -> datetime | None:
    """Return since when Slack takes nothing: what was tried then still waits, and nothing was sent since.

    None when it may take messages: nothing waits that was tried a minute ago. Time without a bot does not count.
    """
    tried = connection.execute(_TRIED_IN_VAIN, {"before": now - WORTH_SAYING}).first()
    if tried is None:
        return None
    taken_at = connection.scalar(_LAST_TAKEN, {"after": tried.position - NEAR // 2}) or EARLIEST
    if taken_at > tried.first_tried_at:
        return None
    since: datetime = connection.scalar(_WAITING_SINCE, {"since": taken_at}) or tried.first_tried_at
    return max([since, *(stop.end for stop in heartbeat_rows.find_downtimes_between(connection, since, now))])
