"""Carry over what a restored database needs from the one it replaces.

That is when the bot ran, and where the messages are in Slack that were sent since the backup.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Select, exists, insert, select

from models.outbox.messages import ASKING, DONE, NEW, OLDER, OVER
from models.restore.missing_cases import CaseCard
from models.rules.delivery import DeliveryState, MessageKind
from models.rules.errors import NotSaved
from models.store import heartbeat_rows
from models.store.database import Store
from models.store.tables import OUTBOX

T = TypeVar("T")
ELSEWHERE = "replaced/"
"""The prefix of the key of a reminder that the replaced database sent: the restored one may send the same again."""
_AGAIN = OUTBOX.alias("again")
_NO_BUTTONS = exists().where(_AGAIN.c.dedupe_key.in_([OUTBOX.c.dedupe_key + mark for mark in (OVER, DONE, OLDER)]))
_COLUMNS = (
    "id", "dedupe_key", "what", "number", "seq", "subject", "user", "channel", "note", "lane", "scope", "priority",
    "reminder", "step", "counted_from", "reminder_due_at", "audience",
    "slack_channel", "slack_ts", "slack_thread",
)  # fmt: skip
REMINDERS = (
    select(*(OUTBOX.c[name] for name in _COLUMNS))
    .where(OUTBOX.c.what.in_(ASKING), OUTBOX.c.state == DeliveryState.SENT, ~_NO_BUTTONS)
    .order_by(OUTBOX.c.position)
)
CARDS = (
    select(OUTBOX.c.number, OUTBOX.c.slack_channel, OUTBOX.c.slack_ts)
    .where(OUTBOX.c.what == MessageKind.CARD, OUTBOX.c.state == DeliveryState.SENT, OUTBOX.c.slack_ts.is_not(None))
    .order_by(OUTBOX.c.position.desc())
)


@dataclass(frozen=True)
class ReplacedDatabase:
    """What was read from the replaced database. ``reminders`` are rows of the outbox."""

    last_tick: datetime | None = None  # of any bot; None if it can't be read
    downtimes: Sequence[tuple[datetime, datetime]] = ()  # start and end
    cards: Sequence[CaseCard] = ()  # newest first
    reminders: Sequence[dict[str, Any]] = field(default_factory=tuple)  # may still show buttons


def read(path: Path) -> ReplacedDatabase:
    """Read what can be read from a database that may be older than this program; the rest is left out."""
    store = Store(f"sqlite:///{path}")
    try:
        last_tick = _read(store, heartbeat_rows.find_last_tick)
        downtimes = [(downtime.start, downtime.end) for downtime in _read(store, heartbeat_rows.find_downtimes) or ()]
        cards = [CaseCard(row.number, row.slack_channel, row.slack_ts) for row in _rows(store, CARDS)]
        reminders = [dict(row._mapping) for row in _rows(store, REMINDERS)]
        return ReplacedDatabase(last_tick, downtimes, cards, reminders)
    finally:
        store.dispose()


def _rows(store: Store, query: Select[Any]) -> list[Any]:
    return _read(store, lambda connection: list(connection.execute(query))) or []


def _read(store: Store, find: Callable[[Connection], T]) -> T | None:
    """Return what ``find`` returns; None when an older database lacks its table or a column."""
    with suppress(NotSaved):
        return store.read(find)
    return None


def take_over(connection: Connection, replaced: ReplacedDatabase, now: datetime) -> None:
    """Write what was read into the restored database, so that no time since the backup is called downtime.

    A reminder that is sent again replaces the one that people have: its buttons are removed.
    """
    heartbeat_rows.advance_last_tick(connection, replaced.last_tick or now)
    heartbeat_rows.add_downtimes(connection, replaced.downtimes)
    known_ids = set(connection.scalars(select(OUTBOX.c.id)))
    if rows := [_reminder(row, now) for row in replaced.reminders if row["id"] not in known_ids]:
        connection.execute(insert(OUTBOX), rows)


def _reminder(row: dict[str, Any], now: datetime) -> dict[str, Any]:
    """Return a sent reminder as a row of the restored database."""
    key = f"{ELSEWHERE}{row['id']}/{row['dedupe_key']}"
    return {**NEW, **row, "dedupe_key": key, "state": DeliveryState.SENT, "created_at": now, "due_at": now}
