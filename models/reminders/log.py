"""The reminders that were made, and what their messages need to know of them.

The unique key in the table keeps a reminder from being made twice.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, bindparam, func, insert, literal_column, or_, select

from models.outbox.messages import ASKING
from models.outbox.queue import posted, under_way
from models.rules.delivery import Delivery, DeliveryState, MessageKind
from models.rules.reminders.gap import ENDED
from models.store import heartbeat_rows
from models.store.database import Store
from models.store.oncall_tables import REMINDER
from models.store.tables import OUTBOX, is_unfinished

Time = tuple[datetime, datetime]
CHUNK = 400
# Built once: putting a statement together costs more than running it.
_MERGED = REMINDER.c.merged_into != literal_column("''")
"""Spelled out, not bound: so both databases see that the small index serves."""
WITH_MERGED = (
    select(REMINDER)
    .where(or_(REMINDER.c.key == bindparam("key"), and_(_MERGED, REMINDER.c.merged_into == bindparam("key"))))
    .order_by(REMINDER.c.due_at)
)
SAME = (
    OUTBOX.c.subject == bindparam("subject"),
    OUTBOX.c.what == bindparam("what"),
    func.coalesce(OUTBOX.c.user, "") == bindparam("user"),
    func.coalesce(OUTBOX.c.channel, "") == bindparam("channel"),
)
"""The reminders of one subject to one place."""
SAID = select(func.max(OUTBOX.c.position)).where(*SAME, OUTBOX.c.state == DeliveryState.SENT)
UNSAID = select(func.min(OUTBOX.c.created_at)).where(
    *SAME, OUTBOX.c.state == DeliveryState.SUPERSEDED, OUTBOX.c.position < bindparam("position"),
    OUTBOX.c.position > func.coalesce(SAID.scalar_subquery(), 0),
)  # fmt: skip
EARLIER = OUTBOX.alias("earlier")
FOLLOWED = (
    select(OUTBOX.c.position)
    .where(OUTBOX.c.subject.in_(bindparam("subjects", expanding=True)), *SAME[2:])
    .where(OUTBOX.c.what.in_(ASKING), OUTBOX.c.state == DeliveryState.SENT)
    .where(
        OUTBOX.c.position
        > select(EARLIER.c.position).where(EARLIER.c.id == bindparam("earlier")).scalar_subquery()
    )
    .limit(1)
)  # fmt: skip
SETTLED = select(OUTBOX.c.reminder, OUTBOX.c.settled_at).where(OUTBOX.c.id == bindparam("id"))
NEWER = (
    select(OUTBOX.c.position)
    .where(*SAME, OUTBOX.c.position > bindparam("position"), is_unfinished(OUTBOX.c.state))
    .limit(1)
)
CARD = OUTBOX.c.subject == bindparam("subject"), OUTBOX.c.what == bindparam("what")
PLACE, UNDER_WAY = posted(*CARD), under_way(*CARD)
BECAME = select(OUTBOX.c.state, OUTBOX.c.slack_channel, OUTBOX.c.slack_ts).where(OUTBOX.c.id == bindparam("id"))
INSERT = insert(REMINDER)
MADE = select(REMINDER.c.key).where(REMINDER.c.key.in_(bindparam("keys", expanding=True)))
BETWEEN = (
    select(REMINDER.c.subject, func.min(REMINDER.c.due_at), func.max(REMINDER.c.due_at))
    .where(REMINDER.c.subject.in_(bindparam("subjects", expanding=True)))
    .group_by(REMINDER.c.subject)
)


@dataclass(frozen=True)
class LoggedReminder:
    """One reminder that was made. Instants are in UTC."""

    key: str
    subject: str
    step: str
    due_at: datetime
    made_at: datetime
    first_due_at: datetime  # when the earliest reminder that it replaces was due.
    merged: int = 0  # how many reminders it replaces.
    also: Sequence[str] = ()  # their subjects, without its own.


class ReminderLog:
    """Looks reminders and their messages up. Each method is one short read."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def one(self, key: str) -> LoggedReminder | None:
        """Return a reminder by its key, with those it replaces; None when it was not made."""
        return self._store.read(lambda connection: _one(connection, key))

    def late_since(self, delivery: Delivery, given_up: bool = True) -> datetime | None:
        """Return since when a delivery has been due, with the reminders that it replaces.

        With ``given_up``, earlier reminders count that were never sent. None when the delivery carries no reminder, or
        announces the end of a gap.
        """

        def unit(connection: Connection) -> datetime | None:
            made = _one(connection, delivery.reminder.key)
            if made is None or made.step == ENDED:
                return None
            unsaid: datetime | None = connection.scalar(UNSAID, _place_of(delivery)) if given_up else None
            return min(made.first_due_at, unsaid) if unsaid else made.first_due_at

        return self._store.read(unit)

    def has_newer(self, delivery: Delivery) -> bool:
        """Return whether a later reminder of the same subject to the same place waits: that one replaces this one."""
        return self._store.read(lambda c: c.execute(NEWER, _place_of(delivery)).first() is not None)

    def downtimes(self, start: datetime, end: datetime) -> list[Time]:
        """Return the times in which no bot ran that overlap a time, uncut."""
        downtimes = self._store.read(lambda connection: heartbeat_rows.find_downtimes_between(connection, start, end))
        return [(downtime.start, downtime.end) for downtime in downtimes]

    def place(self, subject: str, what: MessageKind) -> tuple[str, str] | None:
        """Return channel and ts of the newest card of a subject; None while it is not posted."""
        row = self._store.read(lambda c: c.execute(PLACE, {"subject": subject, "what": what}).first())
        return (row.slack_channel, row.slack_ts) if row else None

    def said(self, message_id: str) -> tuple[DeliveryState, str, str] | None:
        """Return the state of a message, and its channel and ts once it was sent; None if there is no such message."""
        row = self._store.read(lambda c: c.execute(BECAME, {"id": message_id}).first())
        return None if row is None else (DeliveryState(row.state), row.slack_channel or "", row.slack_ts or "")

    def is_followed(self, delivery: Delivery, also: Collection[str] = ()) -> bool:
        """Return whether a newer message than the one that a delivery redraws was sent to the same place.

        It is about the same subject, or about one of those in ``also``.
        """
        about = {**_place_of(delivery), "subjects": [str(delivery.subject), *also], "earlier": delivery.redraws}
        return self._store.read(lambda c: c.execute(FOLLOWED, about).first() is not None)

    def said_late(self, message_id: str) -> Time | None:
        """Return when the reminder in a message was due, and when it was sent; None when it carries no reminder."""

        def unit(connection: Connection) -> Time | None:
            row = connection.execute(SETTLED, {"id": message_id}).first()
            made = _one(connection, row.reminder or "") if row and row.settled_at else None
            return (made.first_due_at, row.settled_at) if row and made else None

        return self._store.read(unit)

    def is_under_way(self, subject: str, what: MessageKind) -> bool:
        """Return whether a card of a subject is being posted, so that a redrawing must wait for it."""
        about = {"subject": subject, "what": what}
        return self._store.read(lambda c: c.execute(UNDER_WAY, about).first() is not None)


def _one(connection: Connection, key: str) -> LoggedReminder | None:
    rows = connection.execute(WITH_MERGED, {"key": key}).all()
    own = next((row for row in rows if row.key == key), None)
    if own is None:
        return None
    also = dict.fromkeys(row.subject for row in rows if row.subject != own.subject)
    return LoggedReminder(
        own.key, own.subject, own.step, own.due_at, own.made_at, rows[0].due_at, len(rows) - 1, tuple(also)
    )


def _place_of(delivery: Delivery) -> dict[str, object]:
    """Return the parameters of :data:`SAME`."""
    return {
        "subject": delivery.subject, "what": delivery.what, "position": delivery.position,
        "user": delivery.user or "", "channel": delivery.channel or "",
    }  # fmt: skip


def made_of(connection: Connection, keys: Collection[str]) -> set[str]:
    """Return which of these reminders were made, by key."""
    wanted, made = list(keys), set[str]()
    for at in range(0, len(wanted), CHUNK):
        chunk = wanted[at : at + CHUNK]
        made |= set(connection.scalars(MADE, {"keys": chunk}))
    return made


def add(connection: Connection, reminders: Sequence[Mapping[str, Any]]) -> None:
    """Insert reminders that were made."""
    if reminders:
        connection.execute(INSERT, reminders)


def made_between(connection: Connection, subjects: Collection[str]) -> Mapping[str, Time]:
    """Return when the first and the last reminder of each subject were due; subjects without any are left out."""
    rows = connection.execute(BETWEEN, {"subjects": list(subjects)})
    return {subject: (first, last) for subject, first, last in rows}
