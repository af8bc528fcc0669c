"""The rows of the outbox in a database that was put in place of another."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, exists, func, insert, select, update

from models.outbox.messages import ASKING, DONE, NEW, OLDER, OVER
from models.rules.outbox.delivery import DeliveryState
from models.store.tables import OUTBOX, is_one_of, is_unfinished

_O = OUTBOX.c
_AGAIN = OUTBOX.alias("again")
_WITHOUT_BUTTONS = exists().where(_AGAIN.c.dedupe_key.in_([_O.dedupe_key + mark for mark in (OVER, DONE, OLDER)]))
_CARRIED_OVER = (
    "id", "dedupe_key", "what", "number", "seq", "subject", "user", "channel", "note", "lane", "scope", "priority",
    "reminder", "step", "counted_from", "reminder_due_at", "audience",
    "slack_channel", "slack_ts", "slack_thread",
)  # fmt: skip
_REMINDERS_WITH_BUTTONS = (
    select(*(_O[name] for name in _CARRIED_OVER))
    .where(is_one_of(_O.what, ASKING), _O.state == DeliveryState.SENT, ~_WITHOUT_BUTTONS)
    .order_by(_O.position)
)


def mark_unfinished_unknown(connection: Connection, now: datetime) -> None:
    """Treat every unfinished message as one that may be in Slack, so that it is looked for before it is sent."""
    unfinished = update(OUTBOX).where(is_unfinished(OUTBOX.c.state))
    since = func.coalesce(OUTBOX.c.first_tried_at, OUTBOX.c.created_at)
    values = {
        "state": DeliveryState.UNKNOWN, "looks": 0, "claims": 0, "doubtful": True, "lease_until": None, "due_at": now,
        "first_tried_at": since,
    }  # fmt: skip
    connection.execute(unfinished.values(values))


def find_reminders_with_buttons(connection: Connection) -> list[dict[str, Any]]:
    """Return the reminders that were sent and may still show buttons, as rows for :func:`add_sent`."""
    return [dict(row._mapping) for row in connection.execute(_REMINDERS_WITH_BUTTONS)]


def add_sent(connection: Connection, rows: Collection[Mapping[str, Any]], now: datetime) -> None:
    """Insert messages that another database sent, except those whose ids are here."""
    known_ids = set(connection.scalars(select(OUTBOX.c.id)))
    sent = {"state": DeliveryState.SENT, "created_at": now, "due_at": now}
    if new := [{**NEW, **row, **sent} for row in rows if row["id"] not in known_ids]:
        connection.execute(insert(OUTBOX), new)
