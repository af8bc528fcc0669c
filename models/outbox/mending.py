"""What an operator sees of the outbox and may do to one message: send it again, or discard it.

No row is ever deleted here. A message that was sent with unknown outcome is looked for before it is sent again.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, bindparam, delete, func, or_, select, update

from models.outbox import failure_rows, message_queries
from models.rules.errors import refuse
from models.rules.outbox.delivery import DeliveryState, MessageStatus
from models.rules.outbox.failure_notice import FailureKind, FailureNotice
from models.rules.outbox.message_kinds import REPEATABLE, MessageKind
from models.rules.outbox.settlement import SWEEPS
from models.store.tables import OUTBOX, PACE, is_unsettled

_STATES = {
    MessageStatus.UNKNOWN: DeliveryState.UNKNOWN,
    MessageStatus.SENDING: DeliveryState.SENDING,
    MessageStatus.WAITING: DeliveryState.PENDING,
    MessageStatus.SENT: DeliveryState.SENT,
    MessageStatus.SUPERSEDED: DeliveryState.SUPERSEDED,
}
_STATUSES = {state: status for status, state in _STATES.items()}
NOT_DONE = (MessageStatus.SET_ASIDE, MessageStatus.UNKNOWN, MessageStatus.SENDING, MessageStatus.WAITING)
"""The states that a list shows unless others are asked for, in its order."""
SETTLED = frozenset({MessageStatus.SENT, MessageStatus.SUPERSEDED})
_O = OUTBOX.c
_BY_POSITION = select(OUTBOX).where(_O.position == bindparam("position"))
_SET_ASIDE_CARD = (
    select(_O.position)
    .where(_O.number == bindparam("number"), _O.what == MessageKind.CARD, _O.state == DeliveryState.DEAD)
    .where(_O.discarded_at.is_(None))
    .limit(1)
)
_CHANGE = update(OUTBOX).where(_O.position == bindparam("changed"))


@dataclass(frozen=True)
class StoredMessage:
    """One row of the outbox. Times are in UTC."""

    position: int
    """The number by which operators name it."""
    id: str
    what: MessageKind
    status: MessageStatus
    number: int | None  # of an escalation
    seq: int | None  # of the entry of its history that it shows
    subject: str | None
    user: str | None
    channel: str | None
    created_at: datetime
    due_at: datetime
    first_tried_at: datetime | None
    settled_at: datetime | None
    tries: int
    may_be_visible: bool
    """Whether Slack may show it although its outcome was never known."""
    last_error: str
    """Slack's error code, or the name of our own failure; empty when there was none."""
    slack_channel: str | None
    slack_ts: str | None
    discarded_at: datetime | None
    discarded_by: str | None
    discarded_why: str | None
    """Empty for a message about a case: its history has the words."""


def find_set_aside_card(connection: Connection, number: int) -> int | None:
    """Return the position of the card of an escalation that was set aside: its other messages wait for it."""
    position: int | None = connection.scalar(_SET_ASIDE_CARD, {"number": number})
    return position


def find_messages(
    connection: Connection, statuses: Collection[MessageStatus], limit: int
) -> tuple[list[StoredMessage], int]:
    """Return messages in these states, and how many there are in all.

    Those that are not done come set aside first, then the oldest; where a state is done, the newest comes first.
    """
    conditions = or_(*(_is(status) for status in MessageStatus if status in statuses))
    if not SETTLED & set(statuses):
        conditions = and_(is_unsettled(_O.state), conditions)
    count = connection.scalar(select(func.count()).select_from(OUTBOX).where(conditions)) or 0
    urgent_first = (_O.state != DeliveryState.DEAD, _O.position)
    order = (_O.position.desc(),) if is_newest_first(statuses) else urgent_first
    rows = connection.execute(select(OUTBOX).where(conditions).order_by(*order).limit(limit))
    return [_add_place(connection, _message_from(row), row) for row in rows], count


def is_newest_first(statuses: Collection[MessageStatus]) -> bool:
    """Return whether a list of messages in these states begins with the newest: where a state is done."""
    return not set(statuses) <= set(NOT_DONE)


def find_message(connection: Connection, position: int) -> StoredMessage | None:
    """Return one message by its number; None when there is none."""
    row = connection.execute(_BY_POSITION, {"position": position}).first()
    return None if row is None else _add_place(connection, _message_from(row), row)


def _add_place(connection: Connection, stored: StoredMessage, row: Any) -> StoredMessage:
    """Return a message with its person or channel; a redrawing has those of the message that it redraws."""
    channel, user = message_queries.find_recipient(connection, stored.channel, stored.user, row.redraws)
    return replace(stored, channel=channel, user=user)


def count_set_aside(connection: Connection) -> int:
    """Count the messages that were given up and about which nobody has decided."""
    return connection.scalar(select(func.count()).select_from(OUTBOX).where(_is(MessageStatus.SET_ASIDE))) or 0


def was_discarded(connection: Connection, position: int) -> bool:
    """Return whether an operator discarded a message, and lock it until the transaction ends."""
    row = connection.execute(_BY_POSITION.with_for_update(), {"position": position}).first()
    return row is not None and row.discarded_at is not None


def retry(connection: Connection, position: int, by: str, now: datetime) -> StoredMessage:
    """Let a message be sent at once, and return it as it is then. A worker looks for it first where it may be visible.

    The on-call channel, which was told of a discarded message that is not about a case, is told of this too.
    Raises Refused for a message that was sent, is being sent, or has nothing to say.
    """
    row = _lock(connection, position, now)
    released = _release(row)
    looked_for = released["doubtful"] and row.what not in REPEATABLE
    values = {
        "state": DeliveryState.UNKNOWN if looked_for else DeliveryState.PENDING, "due_at": now, "settled_at": None,
        "tries": 0, "looks": row.looks if row.state == DeliveryState.UNKNOWN else 0, "claims": 0, "plain": False,
        **released, "discarded_at": None, "discarded_by": None, "discarded_why": None,
    }  # fmt: skip
    connection.execute(_CHANGE, {"changed": position, **values})
    if row.what == MessageKind.WEBHOOK:  # its receiver is asked at once, though it was away before
        connection.execute(delete(PACE).where(PACE.c.scope == row.scope))
    if row.discarded_at:
        _tell_channel(connection, row, FailureKind.RETRIED, by, now)
    return _message_from(connection.execute(_BY_POSITION, {"position": position}).one())


def discard(connection: Connection, position: int, by: str, why: str, now: datetime) -> StoredMessage:
    """Never send a message, and return it as it was. Who decided so is kept with it.

    The on-call channel is told of a message that is not about a case; a case has a history for that.
    Raises Refused as :func:`retry`, and for a message that was discarded before.
    """
    row = _lock(connection, position, now)
    if row.discarded_at:
        raise refuse("message_was_discarded", number=position, who=row.discarded_by, at=row.discarded_at)
    released = _release(row)
    values = {
        "state": DeliveryState.DEAD, "settled_at": row.settled_at or now, **released,
        "sweep_at": now + SWEEPS[0] if released["doubtful"] else None,
        "discarded_at": now, "discarded_by": by, "discarded_why": None if row.number else why,
    }  # fmt: skip
    connection.execute(_CHANGE, {"changed": position, **values})
    _tell_channel(connection, row, FailureKind.DISCARDED, by, now)
    return _message_from(row)


def _tell_channel(connection: Connection, row: Any, decision: FailureKind, by: str, now: datetime) -> None:
    """Tell the on-call channel what an operator decided about a message, unless a case has a history for that."""
    if not row.number:
        notice = FailureNotice(decision, row.what, f"{row.position} {by}")
        failure_rows.notify(connection, notice, f"trouble:{decision}:{row.id}:{row.generation}", now)


def _lock(connection: Connection, position: int, now: datetime) -> Any:
    """Return the row of a message that may be changed, locked until the transaction ends. Raises Refused."""
    row = connection.execute(_BY_POSITION.with_for_update(), {"position": position}).first()
    if row is None:
        raise refuse("no_such_message", number=position)
    stored = _message_from(row)
    if stored.status is MessageStatus.SENT:
        raise refuse("message_was_sent", number=position, at=stored.settled_at)
    if stored.status is MessageStatus.SUPERSEDED:
        raise refuse("message_says_nothing", number=position)
    if stored.status is MessageStatus.SENDING and row.lease_until and row.lease_until >= now:
        raise refuse("message_is_being_sent", number=position)
    return row


def _release(row: Any) -> dict[str, Any]:
    """Return the columns by which a worker that once held the row changes it no more, unless it did send it.

    A worker that was lost while it sent the message leaves its outcome unknown.
    """
    doubtful = row.doubtful or row.state in {DeliveryState.SENDING, DeliveryState.UNKNOWN}
    return {"owner": "", "generation": row.generation + 1, "lease_until": None, "doubtful": doubtful}


def _is(status: MessageStatus) -> ColumnElement[bool]:
    """Select the messages in one state, by the index of unsettled ones where they are in it."""
    if status is MessageStatus.SET_ASIDE:
        return and_(is_unsettled(_O.state), _O.state == DeliveryState.DEAD, _O.discarded_at.is_(None))
    if status is MessageStatus.DISCARDED:
        return and_(is_unsettled(_O.state), _O.state == DeliveryState.DEAD, _O.discarded_at.is_not(None))
    in_state = _O.state == _STATES[status]
    return in_state if status in SETTLED else and_(is_unsettled(_O.state), in_state)


def _message_from(row: Any) -> StoredMessage:
    state = DeliveryState(row.state)
    gave_up = MessageStatus.DISCARDED if row.discarded_at else MessageStatus.SET_ASIDE
    fields = {name: getattr(row, name) for name in StoredMessage.__dataclass_fields__ if hasattr(row, name)}
    what = MessageKind(row.what)
    unknown = state in {DeliveryState.UNKNOWN, DeliveryState.SENDING}
    return StoredMessage(
        **{
            **fields, "what": what, "status": _STATUSES.get(state, gave_up),
            "may_be_visible": (bool(row.doubtful) or unknown) and state is not DeliveryState.SENT
            and what not in REPEATABLE,
        }
    )  # fmt: skip
