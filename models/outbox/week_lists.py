"""Redraw the lists of somebody's next week once a shift in them is confirmed or over."""

import hashlib
from collections.abc import Collection, Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, bindparam, select

from models.outbox.messages import OutgoingMessage, details_from
from models.rules.outbox.delivery import DeliveryState
from models.rules.outbox.message_kinds import MessageKind
from models.rules.reminders.digest import week_after
from models.store.tables import OUTBOX, is_one_of

NEWEST = 100
"""So many of the newest lists are looked through."""
_LISTS = (
    select(OUTBOX)
    .where(OUTBOX.c.what == MessageKind.WEEK, OUTBOX.c.user.in_(bindparam("people", expanding=True)))
    .where(is_one_of(OUTBOX.c.state, [DeliveryState.SENT, DeliveryState.UNKNOWN, DeliveryState.SENDING]))
    .order_by(OUTBOX.c.position.desc())
    .limit(NEWEST)
)


def redraw_weeks(
    connection: Connection, shifts: Collection[tuple[str, datetime]], zone: ZoneInfo
) -> Iterator[OutgoingMessage]:
    """Yield redrawings of the lists that name some of these shifts: each a person (a Slack id) and a start."""
    rows = connection.execute(_LISTS, {"people": sorted({user for user, _ in shifts})}).all()
    for row in rows:
        start, end = week_after(row.reminder_due_at, zone)
        named = sorted(at.isoformat() for user, at in shifts if user == row.user and start <= at < end)
        if named:
            key = f"{row.dedupe_key}/with/{hashlib.sha256(repr(named).encode()).hexdigest()[:12]}"
            details = details_from(row._mapping)
            yield OutgoingMessage(
                MessageKind.REMINDER_REFRESH, key, row.subject, key, user=row.user, reminder=details, redraws=row.id
            )
