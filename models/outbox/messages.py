"""Enqueue messages: rows of the outbox, written in the transaction of the change that they report.

A row holds ids and no text: it is rendered when it is sent. Each has a unique key, so nothing is enqueued twice.
"""

import hashlib
import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, RowMapping, Select, bindparam, delete, exists, or_, select

from models.rules.outbox.delivery import Delivery, DeliveryState
from models.rules.outbox.message_kinds import KINDS, REDRAWS, MessageKind
from models.rules.outbox.reminder_details import NO_REMINDER, Audience, ReminderDetails
from models.rules.reminders import subjects
from models.rules.reminders.shift import ABOUT_ITS_END
from models.rules.times import EARLIEST
from models.store.tables import INSERT, OUTBOX, is_one_of, is_unfinished

ASKING = (MessageKind.REMINDER, MessageKind.SHIFT)
"""The kinds that ask somebody for something, with buttons."""
NEW: dict[str, Any] = {
    "number": None, "seq": None, "subject": None, "user": None, "channel": None, "note": "",
    "redraws": None, "listed_in": None,
    "reminder": None, "step": None, "counted_from": None, "reminder_due_at": None, "audience": None,
    "state": DeliveryState.PENDING,
    "owner": "", "generation": 0, "claims": 0, "tries": 0, "looks": 0, "plain": False, "doubtful": False, "sweeps": 0,
    "last_error": "",
}  # fmt: skip
# Built once: building a statement costs more than running it.
_ENQUEUE = {
    name: insert(OUTBOX).on_conflict_do_nothing(index_elements=["dedupe_key"]) for name, insert in INSERT.items()
}
_WAITING = (
    select(OUTBOX.c.position)
    .where(OUTBOX.c.lane == bindparam("lane"), OUTBOX.c.state == DeliveryState.PENDING)
    .where(is_unfinished(OUTBOX.c.state))
    .with_for_update()
)
_BY_KEY = select(OUTBOX.c.position).where(OUTBOX.c.dedupe_key == bindparam("key"))
MOST_REDRAWN = 40
"""How many reminders of a subject that is over are redrawn: older ones are left as they are."""
OVER, DONE, OLDER, FOLLOWED, PRESSED = "/over", "/done", "/older", "/followed", "/pressed"
"""The ends of the keys of redrawings, by reason.

The subject is over; the handover is done; a newer message asks for it; somebody follows on a shift; one of the two
people of a handover has pressed.
"""
_NOT_DRAWN = (DeliveryState.PENDING, DeliveryState.SUPERSEDED)
"""The states of a redrawing for a newer message that follows the newest one instead."""
_UNDRAWN = delete(OUTBOX).where(
    OUTBOX.c.dedupe_key.in_(bindparam("keys", expanding=True)), is_one_of(OUTBOX.c.state, _NOT_DRAWN)
)
_CARRIED = (
    OUTBOX.c.reminder, OUTBOX.c.step, OUTBOX.c.counted_from, OUTBOX.c.reminder_due_at, OUTBOX.c.audience,
)  # fmt: skip
"""The columns that a redrawing copies from the message that it redraws."""


def _select_with_buttons(*marks: str, waiting: Collection[str] = (DeliveryState.SUPERSEDED,)) -> Select[Any]:
    """Select the reminders about ``subjects`` that may still ask for something.

    A reminder in the thread of a case or a gap is left out: a later line there says how it ended. In the thread of a
    handover none does.

    They were not redrawn under one of these marks. A redrawing for a newer message does not count in the states
    ``waiting``.
    """
    again = OUTBOX.alias("again")
    redrawn = exists().where(again.c.dedupe_key.in_([OUTBOX.c.dedupe_key + mark for mark in marks]))
    newer = OUTBOX.alias("newer")
    was_replaced = exists().where(newer.c.dedupe_key == OUTBOX.c.dedupe_key + OLDER, ~is_one_of(newer.c.state, waiting))
    return select(OUTBOX.c.id, OUTBOX.c.dedupe_key, OUTBOX.c.subject, OUTBOX.c.channel, OUTBOX.c.user, *_CARRIED).where(
        OUTBOX.c.subject.in_(bindparam("subjects", expanding=True)),
        is_one_of(OUTBOX.c.what, ASKING),
        is_one_of(OUTBOX.c.state, [DeliveryState.SENT, DeliveryState.UNKNOWN, DeliveryState.SENDING]),
        or_(OUTBOX.c.user.is_not(None), OUTBOX.c.lane == subjects.DUTY, OUTBOX.c.subject.startswith(subjects.HANDOVER)),
        ~redrawn,
        ~was_replaced,
    )


def _select_ended(mark: str) -> Select[Any]:
    """Select the newest reminders, except those that are counted from the instant ``still``."""
    # A handover covers its shifts. Reminders to other people about those shifts are redrawn for the shifts themselves.
    own = or_(OUTBOX.c.subject == bindparam("subject"), OUTBOX.c.what == MessageKind.SHIFT)
    is_over = OUTBOX.c.counted_from.is_distinct_from(bindparam("still"))
    return _select_with_buttons(mark).where(own, is_over).order_by(OUTBOX.c.position.desc()).limit(MOST_REDRAWN)


_ABOUT_ITS_END = is_one_of(OUTBOX.c.step, sorted(ABOUT_ITS_END))
"""The reminders of a shift that are about its end."""
_ENDED = {mark: _select_ended(mark) for mark in (OVER, DONE)}
_DIRECT = (
    _select_with_buttons(OVER, DONE)
    .where(OUTBOX.c.user.is_not(None))
    .order_by(OUTBOX.c.position.desc())
    .limit(MOST_REDRAWN)
)
"""The newest direct messages that still have buttons."""
_ABOUT_CHANGEOVERS = (
    _select_with_buttons(OVER, DONE)
    .where(or_(OUTBOX.c.what == MessageKind.REMINDER, _ABOUT_ITS_END))
    .order_by(OUTBOX.c.position.desc())
    .limit(MOST_REDRAWN)
)
"""The newest reminders about shifts and handovers that still have buttons."""
_ABOUT_CANCELLED, _ABOUT_HALF_DONE = (
    _select_with_buttons(*marks).order_by(OUTBOX.c.position.desc()).limit(MOST_REDRAWN)
    for marks in ((OVER, DONE), (PRESSED, OVER, DONE))
)
_WITHOUT_SUCCESSOR = _select_with_buttons(FOLLOWED, OVER).where(_ABOUT_ITS_END)
"""The messages that ask for a successor of a shift and still have buttons."""
_OLDER_TO_USER, _OLDER_IN_CHANNEL = (
    _select_with_buttons(OVER, DONE, waiting=_NOT_DRAWN).where(column.in_(bindparam("places", expanding=True)))
    for column in (OUTBOX.c.user, OUTBOX.c.channel)
)
_WEEK_CARDS = (
    select(OUTBOX.c.id, OUTBOX.c.dedupe_key, OUTBOX.c.channel, OUTBOX.c.user, *_CARRIED)
    .where(
        OUTBOX.c.subject == bindparam("week"),
        OUTBOX.c.what == MessageKind.HOLIDAY_REVIEW,
        OUTBOX.c.state != DeliveryState.SUPERSEDED,
    )
    .order_by(OUTBOX.c.position)
)


def find_priority(what: MessageKind, *, is_urgent: bool) -> int:
    """Return the priority of a message. One about a case of severity A is urgent: it goes before others of its kind."""
    return KINDS[what].priority - is_urgent


def message(what: MessageKind, key: str, at: datetime, **columns: Any) -> dict[str, Any]:
    """Return the row of one message. ``key`` is unique, so that the same change is never reported twice."""
    place = columns.get("channel") or columns.get("user") or columns["lane"]
    description = KINDS[what]
    scope = description.scope or f"post:{place}"
    own = {
        "what": what, "dedupe_key": key, "id": str(uuid.uuid4()), "scope": scope, "priority": description.priority,
    }  # fmt: skip
    return {**NEW, **own, "created_at": at, "due_at": at, **columns}


def enqueue(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows, except those whose keys were used before."""
    if rows:
        connection.execute(_ENQUEUE[connection.dialect.name], rows)


@dataclass(frozen=True)
class OutgoingMessage:
    """A message about a ``subject``, to a ``channel`` or, by direct message, to a ``user``."""

    what: MessageKind
    key: str  # unique for ever
    subject: str
    lane: str  # messages of one lane are sent in order
    channel: str | None = None
    user: str | None = None
    reminder: ReminderDetails = NO_REMINDER
    note: str = ""
    redraws: str | None = None  # id of a message
    number: int | None = None  # of an escalation
    follows: bool = False  # a redrawing in the lane of the newer message
    is_urgent: bool = False
    """Whether it is about a case of severity A."""
    wait: timedelta = timedelta()  # how much later it is sent
    covers: Collection[str] = ()
    """The subjects whose older reminders it replaces; empty for its own subject."""

    @property
    def replaced_subjects(self) -> Collection[str]:
        """Return the subjects whose older reminders it replaces."""
        return self.covers or (self.subject,)

    @property
    def recipient(self) -> str:
        """Return the Slack id of the person, or of the channel."""
        return self.user or self.channel or ""


def enqueue_messages(connection: Connection, messages: Iterable[OutgoingMessage], at: datetime) -> int:
    """Enqueue messages in the caller's transaction, and return how many are not left out.

    A redrawing is left out when one that is not begun yet will show the same.
    """
    rows = [
        message(
            outgoing.what, outgoing.key, at, subject=outgoing.subject, lane=outgoing.lane,
            channel=outgoing.channel, user=outgoing.user, note=outgoing.note,
            redraws=outgoing.redraws, number=outgoing.number, due_at=at + outgoing.wait,
            priority=find_priority(outgoing.what, is_urgent=outgoing.is_urgent), **reminder_columns(outgoing.reminder),
        )
        for outgoing in messages
        if outgoing.what not in REDRAWS or outgoing.follows or not has_waiting(connection, outgoing.lane)
    ]  # fmt: skip
    enqueue(connection, rows)
    return len(rows)


def reminder_columns(reminder: ReminderDetails) -> dict[str, Any]:
    """Return the columns of a row that carries out a reminder."""
    return {
        "reminder": reminder.key or None, "step": reminder.step or None, "counted_from": reminder.counted_from,
        "reminder_due_at": reminder.due_at, "audience": sorted(reminder.audience) or None,
    }  # fmt: skip


def details_from(row: Mapping[str, Any] | RowMapping) -> ReminderDetails:
    """Return the reminder that a row of the outbox carries."""
    audience = frozenset(Audience(name) for name in row["audience"] or ())
    due_at = row["reminder_due_at"]
    return ReminderDetails(row["reminder"] or "", row["step"] or "", row["counted_from"], due_at, audience)


def delivery_from(row: Mapping[str, Any] | RowMapping) -> Delivery:
    """Return a row of the outbox as a delivery."""
    fields = {
        name: row[name] for name in Delivery.__dataclass_fields__ if name not in {"reminder", "paced_from", "ready_at"}
    }
    kinds = {"what": MessageKind(row["what"]), "state": DeliveryState(row["state"])}
    return Delivery(**{**fields, **kinds, "reminder": details_from(row)})


def was_enqueued(connection: Connection, key: str) -> bool:
    """Return whether a message was ever enqueued under this key."""
    return connection.execute(_BY_KEY, {"key": key}).first() is not None


def has_waiting(connection: Connection, lane: str) -> bool:
    """Return whether a message of a lane is not begun yet: such a redrawing will show the newest change as well."""
    return connection.execute(_WAITING, {"lane": lane}).first() is not None


# Redrawings ----------------------------------------------------------------------------------------------------------


def _redrawing(row: Any, mark: str, subject: str) -> OutgoingMessage:
    """Return the redrawing of a reminder that was sent, in a lane of its own."""
    key = row.dedupe_key + mark
    details = details_from(row._mapping)
    what = MessageKind.REMINDER_REFRESH
    return OutgoingMessage(what, key, subject, key, row.channel, row.user, details, redraws=row.id)


def redraw_ended(connection: Connection, subject: str, still: datetime = EARLIEST) -> list[OutgoingMessage]:
    """Return redrawings that remove the buttons of the newest reminders of a subject that is over.

    Reminders that are counted from ``still`` keep their buttons. A message is not redrawn twice.
    """
    mark = DONE if subject.startswith(subjects.HANDOVER) else OVER
    about = {"subjects": subjects.find_covered(subject), "subject": subject, "still": still}
    return [_redrawing(row, mark, subject) for row in connection.execute(_ENDED[mark], about)]


def redraw_cancelled(
    connection: Connection, dropped: Collection[str], cancelled: Collection[str]
) -> list[OutgoingMessage]:
    """Return redrawings of the reminders about shifts and handovers that are over or no longer planned.

    Of those that are ``cancelled``, the reminders to the person of the shift lose their buttons too.
    """
    about_over = connection.execute(_ABOUT_CHANGEOVERS, {"subjects": sorted(dropped)}).all()
    about_cancelled = connection.execute(_ABOUT_CANCELLED, {"subjects": sorted(cancelled)}).all() if cancelled else ()
    rows = {row.id: row for row in (*about_over, *about_cancelled)}
    return [_redrawing(row, OVER, row.subject) for row in rows.values()]


def redraw_pressed(connection: Connection, subject: str) -> list[OutgoingMessage]:
    """Return redrawings of the newest reminders of a handover of which one of two buttons is pressed."""
    about = {"subjects": subjects.find_covered(subject)}
    return [_redrawing(row, PRESSED, row.subject) for row in connection.execute(_ABOUT_HALF_DONE, about)]


def redraw_followed(connection: Connection, shifts: Collection[str]) -> list[OutgoingMessage]:
    """Return redrawings of messages that asked for a successor of these shifts and need none any longer."""
    rows = connection.execute(_WITHOUT_SUCCESSOR, {"subjects": sorted(shifts)})
    return [_redrawing(row, FOLLOWED, row.subject) for row in rows]


def redraw_week_cards(connection: Connection, week: str, reminder_key: str) -> list[OutgoingMessage]:
    """Return redrawings of all cards of a holiday week, after the reminder with this key.

    They share the lane of the cards, so the newest card is settled before the others are redrawn.
    """
    return [
        replace(_redrawing(row, "", week), key=f"{reminder_key}/over/{row.dedupe_key}", lane=week)
        for row in connection.execute(_WEEK_CARDS, {"week": week})
    ]


def redraw_direct(connection: Connection, others: Collection[str], subject: str) -> list[OutgoingMessage]:
    """Return redrawings of direct messages about ``others`` that also show a subject that is over."""
    mark = f"/with/{hashlib.sha256(subject.encode()).hexdigest()[:12]}"
    rows = connection.execute(_DIRECT, {"subjects": sorted(others)}) if others else ()
    return [_redrawing(row, mark, row.subject) for row in rows]


def enqueue_newest(connection: Connection, messages: Sequence[OutgoingMessage], at: datetime) -> int:
    """Enqueue messages and the redrawings of older reminders that they replace; return how many rows.

    A redrawing that waits behind an earlier message, which this one replaces too, now follows this one.
    """
    redrawings = list(redraw_older(connection, messages))
    if redrawings:
        connection.execute(_UNDRAWN, {"keys": [redrawing.key for redrawing in redrawings]})
    return enqueue_messages(connection, [*messages, *redrawings], at)


def redraw_older(connection: Connection, reminders: Iterable[OutgoingMessage]) -> Iterator[OutgoingMessage]:
    """Yield redrawings of older reminders to the same people about the same subjects.

    Each follows the new reminder in its lane, so the old message keeps its buttons until the new one was sent.
    """
    asking = [new for new in reminders if new.what in ASKING and (new.user or new.lane == subjects.DUTY)]
    to_users, in_channels = [new for new in asking if new.user], [new for new in asking if not new.user]
    older = {
        **_find_older(connection, _OLDER_TO_USER, to_users),
        **_find_older(connection, _OLDER_IN_CHANNEL, in_channels),
    }
    for new in asking:
        for subject in sorted(new.replaced_subjects):
            for row in older.get((new.recipient, subject), ()):
                yield replace(
                    new, what=MessageKind.REMINDER_REFRESH, key=row.dedupe_key + OLDER,
                    reminder=details_from(row._mapping), redraws=row.id, number=None, follows=True,
                )  # fmt: skip


def _find_older(
    connection: Connection, statement: Select[Any], asking: Sequence[OutgoingMessage]
) -> Mapping[tuple[str, str], Sequence[Row[Any]]]:
    """Return the older reminders by recipient and subject, with one statement however many messages there are."""
    older: dict[tuple[str, str], list[Row[Any]]] = defaultdict(list)
    if asking:
        recipients = {new.recipient for new in asking}
        about = {subject for new in asking for subject in new.replaced_subjects}
        for row in connection.execute(statement, {"subjects": sorted(about), "places": sorted(recipients)}):
            older[row.user if statement is _OLDER_TO_USER else row.channel, row.subject].append(row)
    return older
