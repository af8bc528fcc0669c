"""Enqueue moves for the webhook, each in the transaction that records it.

Whether there is a webhook is kept in the database, so that a command at the terminal knows it too.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, func, select, update

from models.outbox.messages import message
from models.rules.escalations.escalation import HistoryEntry
from models.rules.outbox.delivery import DeliveryState
from models.rules.outbox.message_kinds import MessageKind
from models.store import epoch
from models.store.tables import OUTBOX, is_one_of, is_unfinished

_O = OUTBOX.c
_WAITING = (is_unfinished(_O.state), is_one_of(_O.what, [MessageKind.WEBHOOK]))
_BACKLOG = select(func.count(), func.min(_O.created_at)).where(*_WAITING)
_LAST_ERROR = select(_O.last_error).where(*_WAITING, _O.last_error != "").order_by(_O.position).limit(1)


class WebhookBacklog(NamedTuple):
    """The moves that the receiver has not taken yet."""

    waiting: int
    oldest: datetime | None  # when the oldest was made, UTC
    error: str  # what was answered to it last; empty when nothing was


def build_rows(connection: Connection, entry: HistoryEntry) -> Iterator[dict[str, Any]]:
    """Yield the row of a move, in the lane of its case; nothing where there is no webhook."""
    if epoch.has_webhook(connection):
        about = {"number": entry.number, "seq": entry.seq, "lane": f"webhook/CSP-{entry.number}"}
        yield message(MessageKind.WEBHOOK, f"webhook:{entry.number}:{entry.seq}", entry.at, **about)


def set_up(connection: Connection, is_wanted: bool, now: datetime) -> None:
    """Keep whether moves go to a webhook from now on. Without one, what waits for it is not needed any more."""
    if epoch.has_webhook(connection) == is_wanted:
        return
    epoch.set_webhook(connection, is_wanted)
    if not is_wanted:
        done = {"state": DeliveryState.SUPERSEDED, "settled_at": now}
        connection.execute(update(OUTBOX).where(*_WAITING).values(done))


def read_backlog(connection: Connection) -> WebhookBacklog:
    """Return how many moves wait for the receiver, since when, and why."""
    waiting, oldest = connection.execute(_BACKLOG).one()
    return WebhookBacklog(waiting, oldest, connection.scalar(_LAST_ERROR) or "")
