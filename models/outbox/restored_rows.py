"""The rows of the outbox in a database that was put in place of another."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, exists, func, insert, or_, select, update

from models.outbox.messages import ASKING, DONE, NEW, OLDER, OVER
from models.rules.outbox.delivery import DeliveryState
from models.store.tables import OUTBOX, is_one_of, is_unfinished

_O = OUTBOX.c
_AGAIN = OUTBOX.alias("again")
_WITHOUT_BUTTONS = exists().where(
    _AGAIN.c.dedupe_key.in_([_O.dedupe_key + mark for mark in (OVER, DONE, OLDER)]),
    _AGAIN.c.state == DeliveryState.SENT,
)
_CARRIED_OVER = (
    "id", "dedupe_key", "what", "number", "seq", "subject", "user", "channel", "note", "lane", "scope", "priority",
    "reminder", "step", "counted_from", "reminder_due_at", "audience",
    "slack_channel", "slack_ts", "slack_thread", "first_tried_at", "look_from",
)  # fmt: skip
_IS_SENT = _O.state == DeliveryState.SENT
_MAY_BE_VISIBLE = or_(_O.doubtful, is_one_of(_O.state, [DeliveryState.SENDING, DeliveryState.UNKNOWN]))
_REMINDERS_WITH_BUTTONS = (
    select(*(_O[name] for name in _CARRIED_OVER), _IS_SENT.label("is_sent"))
    .where(is_one_of(_O.what, ASKING), or_(_IS_SENT, _MAY_BE_VISIBLE), ~_WITHOUT_BUTTONS)
    .order_by(_O.position)
)
_NOTE_PLACE = (
    update(OUTBOX)
    .where(_O.id == bindparam("known_id"), is_unfinished(_O.state))
    .values(slack_channel=bindparam("place"), slack_thread=bindparam("thread"))
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
    """Return the reminders that are or may be in Slack and may still show buttons, as rows for :func:`add_sent`."""
    return [dict(row._mapping) for row in connection.execute(_REMINDERS_WITH_BUTTONS)]


def add_sent(connection: Connection, rows: Collection[Mapping[str, Any]], now: datetime) -> None:
    """Insert messages that another database sent. Where it did not know whether it did, they are searched for soon.

    Those whose ids are here and that are not finished are searched for where the other database says.
    """
    known_ids = set(connection.scalars(select(OUTBOX.c.id)))
    places = [
        {"known_id": row["id"], "place": row["slack_channel"], "thread": row["slack_thread"]}
        for row in rows
        if row["id"] in known_ids and row["slack_channel"]
    ]
    if places:
        connection.execute(_NOTE_PLACE, places)
    if new := [_make_row(row, now) for row in rows if row["id"] not in known_ids]:
        connection.execute(insert(OUTBOX), new)


def _make_row(row: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """Return the row of a message that another database sent, or may have sent."""
    is_sent = row["is_sent"]
    state = DeliveryState.SENT if is_sent else DeliveryState.SUPERSEDED
    ends = {"state": state, "doubtful": not is_sent, "sweep_at": None if is_sent else now, "settled_at": now}
    carried_over = {name: row[name] for name in _CARRIED_OVER}
    return {**NEW, **carried_over, **ends, "created_at": now, "due_at": now}
