"""Every SQL statement that looks for messages by what they are about, rather than by when they are due."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    bindparam,
    exists,
    func,
    or_,
    select,
)  # fmt: skip

from models.rules.outbox.delivery import Delivery, DeliveryState
from models.rules.outbox.message_kinds import REDRAWS, MessageKind
from models.rules.reminders.subjects import GAP
from models.store.tables import OUTBOX, is_one_of


class Posting(NamedTuple):
    """What became of a message, and where it is in Slack; both places are empty while it is not there."""

    state: DeliveryState
    channel: str
    ts: str


class CallRow(NamedTuple):
    """One call, as it was enqueued."""

    number: int  # of the escalation
    seq: int  # of the history entry that called
    user: str | None
    channel: str | None
    created_at: datetime


class ListedCall(NamedTuple):
    """One call in a message that may list several."""

    number: int
    seq: int
    is_reminded: bool  # a later reminder about the escalation was sent to the same person


def _select_posted(*about: ColumnElement[bool]) -> Select[Any]:
    """Select where the newest of some messages is in Slack."""
    places = select(OUTBOX.c.slack_channel, OUTBOX.c.slack_ts).where(*about, OUTBOX.c.state == DeliveryState.SENT)
    return places.order_by(OUTBOX.c.position.desc()).limit(1)


def _select_in_doubt(*about: ColumnElement[bool]) -> Select[Any]:
    """Select one of some messages that may be in Slack already, and may not."""
    # Literals, not parameters, so that both databases use the partial index.
    in_doubt = is_one_of(OUTBOX.c.state, [DeliveryState.SENDING, DeliveryState.UNKNOWN])
    return select(OUTBOX.c.position).where(*about, in_doubt).limit(1)


# Built once: building a statement costs more than running it.
_O = OUTBOX.c
_IS_ESCALATION_CARD = _O.number == bindparam("number"), _O.what == MessageKind.CARD
_ESCALATION_CARD, _ESCALATION_CARD_IN_DOUBT = (
    _select_posted(*_IS_ESCALATION_CARD),
    _select_in_doubt(*_IS_ESCALATION_CARD),
)
_IS_CARD = _O.subject == bindparam("subject"), _O.what == bindparam("what")
_CARD, _CARD_IN_DOUBT = _select_posted(*_IS_CARD), _select_in_doubt(*_IS_CARD)
_POSTED = select(_O.subject).where(
    _O.subject.in_(bindparam("subjects", expanding=True)), _O.what == bindparam("what"), _O.state == DeliveryState.SENT
)
_SENT_CARDS = (
    select(_O.number, _O.slack_channel, _O.slack_ts)
    .where(_O.what == MessageKind.CARD, _O.state == DeliveryState.SENT, _O.slack_ts.is_not(None))
    .order_by(_O.position.desc())
)
_CHANNELS_OF_GAP_CARDS = select(_O.subject, _O.channel).where(
    _O.subject.in_(bindparam("subjects", expanding=True)), _O.what == MessageKind.GAP, _O.state == DeliveryState.SENT
)
_POSTING = select(_O.state, _O.slack_channel, _O.slack_ts)
_POSTING_BY_ID = _POSTING.where(_O.id == bindparam("id"))
_POSTING_BY_KEY = _POSTING.where(_O.dedupe_key == bindparam("key"))
_BY_ID = select(OUTBOX).where(_O.id == bindparam("id"))
_CARD_ROW = select(OUTBOX).where(*_IS_CARD, _O.state == DeliveryState.SENT).order_by(_O.position.desc()).limit(1)
_CALL = select(_O.number, _O.seq, _O.user, _O.channel, _O.created_at).where(_O.what == MessageKind.CALL)
_CALLS = _CALL.where(_O.number == bindparam("number")).order_by(_O.seq.desc(), _O.position)
_CALLS_TO_PEOPLE = _CALL.where(_O.number.in_(bindparam("numbers", expanding=True)), _O.user.is_not(None))
_LATER = OUTBOX.alias("later")
_REMINDED = exists().where(
    _LATER.c.number == _O.number, _LATER.c.what == MessageKind.REMINDER, _LATER.c.user == _O.user,
    _LATER.c.position > _O.position, _LATER.c.state == DeliveryState.SENT,
)  # fmt: skip
_LISTED_CALLS = (
    select(_O.number, _O.seq, _REMINDED.label("is_reminded"))
    .where(_O.subject == bindparam("subject"), _O.what == MessageKind.CALL)
    .where(or_(_O.id == bindparam("id"), _O.listed_in == bindparam("id")))
    .order_by(_O.position)
)
SAME_PLACE = (
    func.coalesce(_O.user, "") == bindparam("user"),
    func.coalesce(_O.channel, "") == bindparam("channel"),
)
_SAME = (_O.subject == bindparam("subject"), _O.what == bindparam("what"), *SAME_PLACE)
"""The messages of one kind about one subject to one person or channel."""
SAYS_THE_SAME = or_(_O.subject.startswith(GAP), _O.counted_from.is_not_distinct_from(bindparam("counted_from")))
"""About the same: a case that waits for another step now is not. A gap stays the same when its edges move."""
_LAST_SENT = select(func.max(_O.position)).where(
    *_SAME, _O.state == DeliveryState.SENT, _O.position < bindparam("position")
)
_UNSENT_SINCE = select(func.min(_O.created_at)).where(
    *_SAME, SAYS_THE_SAME, _O.state == DeliveryState.SUPERSEDED, _O.position < bindparam("position"),
    _O.position > func.coalesce(_LAST_SENT.scalar_subquery(), 0),
)  # fmt: skip
_MADE = select(_O.position, _O.created_at, _O.subject, _O.what, _O.user, _O.channel, _O.counted_from).where(
    _O.id == bindparam("id")
)
_SENT_TO = (
    select(_O.id, _O.what, _O.number, _O.subject)
    .where(_O.slack_ts == bindparam("ts"), _O.slack_channel == bindparam("channel"))
    .where(_O.user.is_not(None), _O.number.is_not(None))
    .order_by(_O.position)
)
_LAST_STEP = (
    select(_O.position, _O.step)
    .where(_O.subject == bindparam("subject"), _O.what == bindparam("what"))
    .order_by(_O.position.desc())
    .limit(1)
)
_NOTES = select(_O.note).where(_O.subject == bindparam("subject"), _O.what == MessageKind.TROUBLE)


# Cards ---------------------------------------------------------------------------------------------------------------


def find_escalation_card(connection: Connection, number: int) -> Any:
    """Return channel and ts of the newest card of an escalation; None while it is not posted."""
    return connection.execute(_ESCALATION_CARD, {"number": number}).first()


def is_escalation_card_in_doubt(connection: Connection, number: int) -> bool:
    """Return whether the card of an escalation is being posted, so that it may be in Slack already."""
    return connection.execute(_ESCALATION_CARD_IN_DOUBT, {"number": number}).first() is not None


def find_redrawn(connection: Connection, delivery: Delivery) -> Any:
    """Return the row of the message in whose place a redrawing stands; None for a new message, and when it is gone."""
    if delivery.redraws:
        return find_by_id(connection, delivery.redraws)
    card_kind = REDRAWS.get(delivery.what)
    if card_kind is None:
        return None
    return connection.execute(_CARD_ROW, {"subject": delivery.subject, "what": card_kind}).first()


def find_card(connection: Connection, subject: str, what: MessageKind) -> Any:
    """Return channel and ts of the newest card of a subject; None while it is not posted."""
    return connection.execute(_CARD, {"subject": subject, "what": what}).first()


def is_card_in_doubt(connection: Connection, subject: str, what: MessageKind) -> bool:
    """Return whether a card of a subject is being posted, so that it may be in Slack already."""
    return connection.execute(_CARD_IN_DOUBT, {"subject": subject, "what": what}).first() is not None


def find_posted(connection: Connection, subjects: Collection[str], what: MessageKind) -> set[str]:
    """Return which of some subjects have a card of a kind in Slack."""
    return set(connection.scalars(_POSTED, {"subjects": list(subjects), "what": what}))


def find_sent_escalation_cards(connection: Connection) -> Sequence[Any]:
    """Return number, channel and ts of the cards of all escalations, newest first."""
    return connection.execute(_SENT_CARDS).all()


def find_channels_of_gap_cards(connection: Connection, subjects: Collection[str]) -> list[tuple[str, str]]:
    """Return subject and channel of the cards that were sent for some gaps."""
    return [(row.subject, row.channel) for row in connection.execute(_CHANNELS_OF_GAP_CARDS, {"subjects": subjects})]


# One message ---------------------------------------------------------------------------------------------------------


def find_by_id(connection: Connection, message_id: str) -> Any:
    """Return one row of the outbox; None when there is none."""
    return connection.execute(_BY_ID, {"id": message_id}).first()


def find_recipient(
    connection: Connection, channel: str | None, user: str | None, redraws: str | None
) -> tuple[str | None, str | None]:
    """Return the channel and the user of a message; a redrawing without either has those of what it redraws."""
    if channel or user or not redraws:
        return channel, user
    redrawn = find_by_id(connection, redraws)
    return (redrawn.channel, redrawn.user) if redrawn else (None, None)


def find_posting(connection: Connection, message_id: str) -> Posting | None:
    """Return what became of a message; None when there is none."""
    return _posting_from(connection.execute(_POSTING_BY_ID, {"id": message_id}).first())


def find_posting_by_key(connection: Connection, key: str) -> Posting | None:
    """Return what became of the message with this unique key; None when there is none."""
    return _posting_from(connection.execute(_POSTING_BY_KEY, {"key": key}).first())


def _posting_from(row: Row[Any, Any, Any] | None) -> Posting | None:
    return None if row is None else Posting(DeliveryState(row.state), row.slack_channel or "", row.slack_ts or "")


def find_recorded(connection: Connection, message_ids: Collection[str]) -> set[str]:
    """Return those of some message ids that are in the outbox."""
    return set(connection.scalars(select(OUTBOX.c.id).where(OUTBOX.c.id.in_(list(message_ids)))))


def find_numbers_at(connection: Connection, channel: str, ts: str) -> list[int]:
    """Return the numbers of the escalations that the message at a place in Slack is about, each once."""
    numbers: list[int] = []
    for row in connection.execute(_SENT_TO, {"channel": channel, "ts": ts}):
        listed = find_listed_calls(connection, row.id, row.subject) if row.what == MessageKind.CALL else ()
        numbers += [row.number, *(call.number for call in listed)]
    return list(dict.fromkeys(numbers))


# Calls ---------------------------------------------------------------------------------------------------------------


def find_calls(connection: Connection, number: int) -> list[CallRow]:
    """Return the calls about an escalation, those of the newest history entry first."""
    return [CallRow(*row) for row in connection.execute(_CALLS, {"number": number})]


def find_calls_to_people(connection: Connection, numbers: Collection[int]) -> list[CallRow]:
    """Return the calls about some escalations that went to people, not to a channel."""
    return [CallRow(*row) for row in connection.execute(_CALLS_TO_PEOPLE, {"numbers": list(numbers)})]


def find_listed_calls(connection: Connection, message_id: str, subject: str) -> list[ListedCall]:
    """Return the calls that one message lists, in the order of the list. ``subject`` is that of the message."""
    about = {"id": message_id, "subject": subject}
    return [ListedCall(*row) for row in connection.execute(_LISTED_CALLS, about)]


# Reminders -----------------------------------------------------------------------------------------------------------


def find_unsent_since(connection: Connection, delivery: Delivery) -> datetime | None:
    """Return when the oldest message was enqueued that was superseded since one like this delivery was sent."""
    place = {**place_of(delivery), "counted_from": delivery.reminder.counted_from}
    moment: datetime | None = connection.scalar(_UNSENT_SINCE, place)
    return moment


def find_waiting(connection: Connection, message_id: str) -> tuple[int, datetime] | None:
    """Return the position of a message, and since when it or one that it replaces is in the outbox; None for none."""
    row = connection.execute(_MADE, {"id": message_id}).first()
    if row is None:
        return None
    place = {"subject": row.subject, "what": row.what, "position": row.position, "counted_from": row.counted_from}
    unsent = connection.scalar(_UNSENT_SINCE, {**place, "user": row.user or "", "channel": row.channel or ""})
    return row.position, min(row.created_at, unsent or row.created_at)


def place_of(delivery: Delivery) -> Mapping[str, object]:
    """Return the values with which the statements here find messages like a delivery."""
    return {
        "subject": delivery.subject, "what": delivery.what, "position": delivery.position,
        "user": delivery.user or "", "channel": delivery.channel or "",
    }  # fmt: skip


def find_last_step(connection: Connection, subject: str, what: MessageKind) -> tuple[int, str]:
    """Return position and step of the newest message of a kind about a subject; 0 and empty when there is none."""
    row = connection.execute(_LAST_STEP, {"subject": subject, "what": what}).first()
    return (row.position, row.step or "") if row else (0, "")


def find_notes(connection: Connection, subject: str) -> list[str]:
    """Return the notes of all failure notices about a subject."""
    return list(connection.scalars(_NOTES, {"subject": subject}))
