"""What a restored record takes over from the database it replaces: until when the bot ran, and where in Slack the
messages stand that were sent since the backup.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Select, exists, insert, select, update

from models.outbox.messages import ASKING, DONE, NEW, OLDER, OVER
from models.restore.missing_cases import CaseCard
from models.rules.delivery import DeliveryState, MessageKind
from models.rules.errors import NotSaved
from models.store.database import Store
from models.store.oncall_tables import DOWNTIME, PULSE
from models.store.tables import OUTBOX

ELSEWHERE = "replaced/"
"""What the key of a reminder gets before it that another record sent: this one may send the same again."""
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
    """``ticked`` is when a bot last ticked, ``downtimes`` are when none ran, ``cards`` are newest first, ``reminders``
    are rows of the outbox that may still show buttons.
    """

    ticked: datetime | None = None
    downtimes: Sequence[tuple[datetime, datetime]] = ()
    cards: Sequence[CaseCard] = ()
    reminders: Sequence[dict[str, Any]] = field(default_factory=tuple)


def read(path: Path) -> ReplacedDatabase:
    """What can be read of a database that may be older than this program; the rest is left out."""
    store = Store(f"sqlite:///{path}")
    try:
        ticked = [row.at for row in _rows(store, select(PULSE.c.at))]
        downtimes = [(row.start, row.end) for row in _rows(store, select(DOWNTIME.c.start, DOWNTIME.c.end))]
        cards = [CaseCard(row.number, row.slack_channel, row.slack_ts) for row in _rows(store, CARDS)]
        reminders = [dict(row._mapping) for row in _rows(store, REMINDERS)]
        return ReplacedDatabase(max(ticked, default=None), downtimes, cards, reminders)
    finally:
        store.dispose()


def _rows(store: Store, query: Select[Any]) -> list[Any]:
    with suppress(NotSaved):  # an older one may lack it
        return store.read(lambda connection: list(connection.execute(query)))
    return []


def ran_until(connection: Connection, until: datetime) -> None:
    """Have it that a bot ticked at ``until``, unless one did later."""
    connection.execute(update(PULSE).where(PULSE.c.at < until).values(at=until))


def take_over(connection: Connection, replaced: ReplacedDatabase, now: datetime) -> None:
    """Go on from what the replaced database knew: the bot ran until then, and a reminder that is sent again takes the
    buttons of the one that people have.
    """
    ran_until(connection, replaced.ticked or now)
    there = set(connection.scalars(select(DOWNTIME.c.start)))
    if missing := [{"start": start, "end": end} for start, end in replaced.downtimes if start not in there]:
        connection.execute(insert(DOWNTIME), missing)
    known_ids = set(connection.scalars(select(OUTBOX.c.id)))
    if rows := [_reminder(row, now) for row in replaced.reminders if row["id"] not in known_ids]:
        connection.execute(insert(OUTBOX), rows)


def _reminder(row: dict[str, Any], now: datetime) -> dict[str, Any]:
    key = f"{ELSEWHERE}{row['id']}/{row['dedupe_key']}"
    return {**NEW, **row, "dedupe_key": key, "state": DeliveryState.SENT, "created_at": now, "due_at": now}
