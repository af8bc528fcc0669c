"""Carry over what a restored database needs from the one it replaces.

That is when the bot ran, where the messages are in Slack that were sent since the backup, and what was erased.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection

from models.escalations import erasing, erasure_rows
from models.outbox import message_queries, restored_rows
from models.restore.missing_cases import CaseCard
from models.rules.errors import NotSaved
from models.rules.escalations.erasure import Erasure
from models.store import heartbeat_rows
from models.store.database import Store

T = TypeVar("T")
ELSEWHERE = "replaced/"
"""The prefix of the key of a reminder that the replaced database sent: the restored one may send the same again."""


@dataclass(frozen=True)
class ReplacedDatabase:
    """What was read from the replaced database. ``reminders`` are rows of the outbox."""

    last_tick: datetime | None = None  # of any bot; None if it can't be read
    downtimes: Sequence[tuple[datetime, datetime]] = ()  # start and end
    cards: Sequence[CaseCard] = ()  # newest first
    reminders: Sequence[dict[str, Any]] = field(default_factory=tuple)  # may still show buttons
    erasures: Sequence[Erasure] = ()


def read(path: Path) -> ReplacedDatabase:
    """Read what can be read from a database that may be older than this program; the rest is left out."""
    store = Store(f"sqlite:///{path}")
    try:
        last_tick = _read(store, heartbeat_rows.find_last_tick)
        downtimes = [(downtime.start, downtime.end) for downtime in _read(store, heartbeat_rows.find_downtimes) or ()]
        cards = [
            CaseCard(row.number, row.slack_channel, row.slack_ts)
            for row in _read(store, message_queries.find_sent_escalation_cards) or ()
        ]
        reminders = _read(store, restored_rows.find_reminders_with_buttons) or []
        erasures = _read(store, erasure_rows.find_all) or []
        return ReplacedDatabase(last_tick, downtimes, cards, reminders, erasures)
    finally:
        store.dispose()


def _read(store: Store, find: Callable[[Connection], T]) -> T | None:
    """Return what ``find`` returns; None when an older database lacks its table or a column."""
    with suppress(NotSaved):
        return store.read(find)
    return None


def take_over(connection: Connection, replaced: ReplacedDatabase, now: datetime) -> int:
    """Write what was read into the restored database, so that no time since the backup is called downtime.

    A reminder that is sent again replaces the one that people have: its buttons are removed. What was erased since the
    backup is erased again; return how many erasures that were.
    """
    heartbeat_rows.advance_last_tick(connection, replaced.last_tick or now)
    heartbeat_rows.add_downtimes(connection, replaced.downtimes)
    rows = [{**row, "dedupe_key": f"{ELSEWHERE}{row['id']}/{row['dedupe_key']}"} for row in replaced.reminders]
    restored_rows.add_sent(connection, rows, now)
    return erasing.repeat(connection, replaced.erasures, now)
