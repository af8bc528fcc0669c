"""The reminders that were made, and what their messages need to know of them.

The unique key in the table keeps a reminder from being made twice.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, bindparam, func, insert, literal_column, or_, select

from models.outbox import message_queries, newer_messages, slack_silence
from models.outbox.messages import delivery_from
from models.rules.outbox.delivery import Delivery, DeliveryState
from models.rules.outbox.message_kinds import MessageKind
from models.rules.reminders.gap import ENDED
from models.rules.reminders.lateness import LateReasons, find_reasons
from models.store import heartbeat_rows
from models.store.database import Store
from models.store.oncall_tables import REMINDER

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


@dataclass(frozen=True)
class SentMessage:
    """A message in Slack, and when it was first sent (UTC)."""

    delivery: Delivery
    sent_at: datetime


class ReminderLog:
    """Finds reminders that were made, and their messages. Each method is one short read."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def find(self, key: str) -> LoggedReminder | None:
        """Return a reminder by its key, with those it replaces; None when it was not made."""
        return self._store.read(lambda connection: _find(connection, key))

    def find_due_since(self, delivery: Delivery, given_up: bool = True) -> datetime | None:
        """Return since when a delivery has been due, with the reminders that it replaces.

        With ``given_up``, earlier reminders count that were never sent. None when the delivery carries no reminder, or
        announces the end of a gap.
        """

        def unit(connection: Connection) -> datetime | None:
            made = _find(connection, delivery.reminder.key)
            if made is None or made.step == ENDED:
                return None
            unsaid = message_queries.find_unsent_since(connection, delivery) if given_up else None
            return min(made.first_due_at, unsaid) if unsaid else made.first_due_at

        return self._store.read(unit)

    def has_newer_waiting(self, delivery: Delivery, also: Collection[str] = ()) -> bool:
        """Return whether a later reminder to the same place waits and replaces this one.

        It is about the same subject, or about one of those in ``also``.
        """
        about = [str(delivery.subject), *also]
        return self._store.read(lambda c: newer_messages.has_newer_waiting(c, delivery, about))

    def find_late_reasons(self, message_id: str, due: datetime, sent: datetime) -> LateReasons:
        """Return why a message came late that was due and is sent at these instants."""

        def unit(connection: Connection) -> LateReasons:
            stops = heartbeat_rows.find_downtimes_between(connection, due, sent)
            waiting = message_queries.find_waiting(connection, message_id)
            position, made_at = waiting or (0, sent)
            untaken = slack_silence.find_untaken(connection, position, sent) if waiting else []
            return find_reasons(due, made_at, sent, [(stop.start, stop.end) for stop in stops], untaken)

        return self._store.read(unit)

    def is_slack_silent(self, now: datetime) -> bool:
        """Return whether Slack takes no messages now."""
        return slack_silence.is_silent(self._store, now)

    def find_card(self, subject: str, what: MessageKind) -> tuple[str, str] | None:
        """Return channel and ts of the newest card of a subject; None while it is not posted."""
        row = self._store.read(lambda c: message_queries.find_card(c, subject, what))
        return (row.slack_channel, row.slack_ts) if row else None

    def find_posting(self, message_id: str) -> message_queries.Posting | None:
        """Return what became of a message, and where it is in Slack; None if there is no such message."""
        return self._store.read(lambda c: message_queries.find_posting(c, message_id))

    def has_newer_sent(self, delivery: Delivery, also: Collection[str] = ()) -> bool:
        """Return whether a newer message than the one that a delivery redraws was sent to the same place.

        It is about the same subject, or about one of those in ``also``.
        """
        about = [str(delivery.subject), *also]
        return self._store.read(lambda c: newer_messages.has_newer_sent(c, delivery, about))

    def is_newer_below(self, delivery: Delivery, also: Collection[str] = ()) -> bool:
        """Return whether such a newer message stands below the one that a delivery redraws, in the same place."""
        about = [str(delivery.subject), *also]
        return self._store.read(lambda c: newer_messages.is_newer_below(c, delivery, about))

    def find_sent(self, redrawing: Delivery) -> SentMessage | None:
        """Return the message in whose place a redrawing stands, as it was first sent; None for a new message."""
        row = self._store.read(lambda connection: message_queries.find_redrawn(connection, redrawing))
        sent_at = (row.in_doubt_since or row.settled_at) if row and row.state == DeliveryState.SENT else None
        return SentMessage(delivery_from(row._mapping), sent_at) if sent_at else None

    def is_card_in_doubt(self, subject: str, what: MessageKind) -> bool:
        """Return whether a card of a subject is being posted, so that a redrawing must wait for it."""
        return self._store.read(lambda c: message_queries.is_card_in_doubt(c, subject, what))


def _find(connection: Connection, key: str) -> LoggedReminder | None:
    rows = connection.execute(WITH_MERGED, {"key": key}).all()
    own = next((row for row in rows if row.key == key), None)
    if own is None:
        return None
    also = dict.fromkeys(row.subject for row in rows if row.subject != own.subject)
    return LoggedReminder(
        own.key, own.subject, own.step, own.due_at, own.made_at, rows[0].due_at, len(rows) - 1, tuple(also)
    )


def find_made(connection: Connection, keys: Collection[str]) -> set[str]:
    """Return which of these reminders were made, by key."""
    wanted, made = list(keys), set[str]()
    for at in range(0, len(wanted), CHUNK):
        chunk = wanted[at : at + CHUNK]
        made |= set(connection.scalars(MADE, {"keys": chunk}))
    return made


def find_step_names(connection: Connection, subject: str) -> list[str]:
    """Return the names of all steps that were made of a subject."""
    return list(connection.scalars(select(REMINDER.c.step).where(REMINDER.c.subject == subject)))


def add(connection: Connection, reminders: Sequence[Mapping[str, Any]]) -> None:
    """Insert reminders that were made."""
    if reminders:
        connection.execute(INSERT, reminders)


def find_due_ranges(connection: Connection, subjects: Collection[str]) -> Mapping[str, Time]:
    """Return when the first and the last reminder of each subject were due; subjects without any are left out."""
    rows = connection.execute(BETWEEN, {"subjects": list(subjects)})
    return {subject: (first, last) for subject, first, last in rows}
