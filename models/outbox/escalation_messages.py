"""Messages about escalations: the card, its redrawings, the lines of its thread, and the calls to acknowledge it.

They are enqueued in the transaction of the move that they report.
"""

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, or_, select

from models.outbox import page_rows, slack_silence, webhook_rows
from models.outbox.messages import details_from, enqueue, find_priority, has_waiting, message, reminder_columns
from models.outbox.page_rows import PagedMessage
from models.rules.escalations.acknowledgement_calls import NO_CALLS, NOBODY, CallTargets, OnCallPeople
from models.rules.escalations.escalation import ENDED, Escalation, HistoryEntry, Move
from models.rules.escalations.request import Severity
from models.rules.outbox.delivery import WITHOUT_TEXTS, DeliveryState
from models.rules.outbox.message_kinds import MessageKind
from models.rules.reminders import subjects
from models.store import reminder_queue
from models.store.tables import OUTBOX, is_one_of

LINK_DELAY = timedelta(seconds=10)
"""How long a message that lists many calls waits before it is redrawn with the links to their cards."""
_CALLS_THAT_MAY_BE_SEEN = (
    select(OUTBOX.c.id, OUTBOX.c.listed_in, OUTBOX.c.user, OUTBOX.c.seq)
    .where(OUTBOX.c.number == bindparam("number"), OUTBOX.c.what == MessageKind.CALL)
    .where(
        or_(
            is_one_of(OUTBOX.c.state, [DeliveryState.SENT, DeliveryState.UNKNOWN, DeliveryState.SENDING]),
            OUTBOX.c.listed_in.is_not(None),
        )
    )
    .order_by(OUTBOX.c.seq, OUTBOX.c.position)
)

_RECEIPT = select(OUTBOX.c.id, OUTBOX.c.user).where(
    OUTBOX.c.number == bindparam("number"), OUTBOX.c.what == MessageKind.RECEIPT
)

_POSTED = (
    select(OUTBOX.c.id, OUTBOX.c.seq, OUTBOX.c.user, OUTBOX.c.channel)
    .where(OUTBOX.c.number == bindparam("number"), OUTBOX.c.what == bindparam("what"))
    .order_by(OUTBOX.c.position)
)
_REMINDERS = (
    select(OUTBOX)
    .where(
        OUTBOX.c.subject.in_(bindparam("subjects", expanding=True)), OUTBOX.c.what == MessageKind.REMINDER,
        is_one_of(OUTBOX.c.state, [DeliveryState.SENT, DeliveryState.UNKNOWN, DeliveryState.SENDING]),
    )
    .order_by(OUTBOX.c.position)
)  # fmt: skip
_WITH_TEXTS = ((MessageKind.LINE, MessageKind.LINE_REFRESH), (MessageKind.RECEIPT, MessageKind.RECEIPT_REFRESH))
"""Messages that show typed texts beside the card and the calls, and what redraws them."""


def enqueue_move(
    connection: Connection,
    escalation: Escalation,
    entry: HistoryEntry,
    called: CallTargets = NO_CALLS,
    on_call: OnCallPeople = NOBODY,
) -> None:
    """Enqueue the messages of a move: calls to ``called``, the card or its redrawing, a line, and the webhook's row.

    Earlier calls are redrawn when the move changes what they ask for, and the receipt when answers or the
    review change.
    The next tick computes the next reminder.
    """
    is_urgent = escalation.current_severity is Severity.A
    messages = [*_call_messages(escalation, entry, called), *_move_messages(connection, escalation, entry)]
    rows = [{**row, "priority": find_priority(row["what"], is_urgent=is_urgent)} for row in messages]
    if on_call.reach.people and called.people:
        silent_since = slack_silence.find_silent_since(connection, entry.at)
        rows += _build_call_pages(escalation, entry, called, on_call, silent_since)
    rows += webhook_rows.build_rows(connection, entry)
    if _outdates_calls(escalation, entry):
        rows += redraw_calls(connection, escalation.number, f"{entry.seq}", entry.at)
    if entry.move in {Move.CORRECT, Move.ASK_LEAD, Move.APPROVE, Move.SEND_BACK, Move.RELEASE}:
        rows += _redraw_receipt(connection, entry)
    enqueue(connection, rows)
    due = {subjects.escalation(escalation.number): entry.at}
    if escalation.review or "review" in entry.changes:
        due[subjects.review(escalation.number)] = entry.at
    reminder_queue.put(connection, due)


def enqueue_redraw(connection: Connection, escalation: Escalation, key: str, at: datetime) -> None:
    """Enqueue a redrawing of the card because another escalation changed; ``key`` names that change."""
    lane = _card_lane(escalation)
    if not has_waiting(connection, lane):
        about = {"number": escalation.number, "channel": escalation.channel, "lane": lane}
        enqueue(connection, [message(MessageKind.REFRESH, f"refresh:{escalation.number}/{key}", at, **about)])


def enqueue_without_texts(
    connection: Connection, escalation: Escalation, seqs: Collection[int], key: str, at: datetime
) -> None:
    """Enqueue redrawings of what still shows erased texts: the card, these lines of its thread, receipts and calls.

    Reminders and what was sent about the review are redrawn too. ``key`` names the erasure.
    """
    number = escalation.number
    enqueue_redraw(connection, escalation, key, at)
    rows = [*redraw_calls(connection, number, key, at)]
    for kind, redrawing in _WITH_TEXTS:
        for sent in connection.execute(_POSTED, {"number": number, "what": kind}):
            if kind is MessageKind.LINE and sent.seq not in seqs:
                continue
            about = {"number": number, "seq": sent.seq, "user": sent.user, "channel": sent.channel}
            lane = f"{kind}/{sent.id}"
            rows.append(message(redrawing, f"{lane}/{key}", at, **about, lane=lane, redraws=sent.id))
    enqueue(connection, [*rows, *_redraw_reminders(connection, number, key, at)])


def _redraw_reminders(connection: Connection, number: int, key: str, at: datetime) -> Iterator[dict[str, Any]]:
    """Yield redrawings of all reminders about an escalation and its review, also of those that are answered."""
    about = [subjects.escalation(number), subjects.review(number)]
    for sent in connection.execute(_REMINDERS, {"subjects": about}).mappings():
        lane = f"{WITHOUT_TEXTS}{sent['id']}"
        columns = {"subject": sent["subject"], "channel": sent["channel"], "user": sent["user"]}
        columns |= reminder_columns(details_from(sent))
        yield message(MessageKind.REMINDER_REFRESH, f"{lane}/{key}", at, **columns, lane=lane, redraws=sent["id"])


def _move_messages(connection: Connection, escalation: Escalation, entry: HistoryEntry) -> Iterator[dict[str, Any]]:
    number, seq, at = escalation.number, entry.seq, entry.at
    about = {"number": number, "seq": seq}
    in_thread = {**about, "channel": escalation.channel, "lane": escalation.name}
    if entry.move is Move.RAISE:
        raiser = {"user": escalation.raised_by, "lane": f"dm:{escalation.raised_by}"}
        yield message(MessageKind.CARD, f"card:{number}", at, **in_thread)
        yield message(MessageKind.RECEIPT, f"receipt:{number}", at, **about, **raiser)
    elif not has_waiting(connection, _card_lane(escalation)):
        lane = _card_lane(escalation)
        yield message(MessageKind.REFRESH, f"refresh:{number}:{seq}", at, **{**in_thread, "lane": lane})
    yield message(MessageKind.LINE, f"line:{number}:{seq}", at, **in_thread)
    if entry.move is Move.CLOSE:
        # A lane of its own: a picture takes seconds, and the thread must not wait for it.
        lane = f"{escalation.name}/picture"
        yield message(MessageKind.CASE_PICTURE, f"case_picture:{number}:{seq}", at, **{**in_thread, "lane": lane})


def _redraw_receipt(connection: Connection, entry: HistoryEntry) -> Iterator[dict[str, Any]]:
    """Yield a redrawing of the raiser's receipt, which holds the text for 21Vianet or what is still missing for it."""
    number = entry.number
    for receipt in connection.execute(_RECEIPT, {"number": number}):
        lane = f"receipt/{receipt.id}"
        if not has_waiting(connection, lane):
            about = {"number": number, "user": receipt.user, "lane": lane, "redraws": receipt.id}
            yield message(MessageKind.RECEIPT_REFRESH, f"receipt:{number}:{entry.seq}", entry.at, **about)


def _call_messages(escalation: Escalation, entry: HistoryEntry, called: CallTargets) -> Iterator[dict[str, Any]]:
    """Yield a row for each person or channel that is called, each in a lane that nothing else holds back."""
    places = [("user", user) for user in called.people] + ([("channel", called.channel)] if called.channel else [])
    for column, place in places:
        key, lane = f"call:{escalation.number}:{entry.seq}/{place}", f"call:{place}"
        about: dict[str, Any] = {"number": escalation.number, "seq": entry.seq, column: place}
        yield message(MessageKind.CALL, key, entry.at, **about, subject=lane, lane=lane, scope=lane)


def _build_call_pages(
    escalation: Escalation, entry: HistoryEntry, called: CallTargets, on_call: OnCallPeople,
    silent_since: datetime | None,
) -> list[dict[str, Any]]:  # fmt: skip
    """Return the pages beside the calls of a move: those of severity A ring at once, whatever Slack does."""
    base, severity = f"call:{escalation.number}:{entry.seq}", str(escalation.severity)
    paged = [
        PagedMessage(
            f"{base}/{user}", base, user, subjects.escalation(escalation.number), severity,
            severity == Severity.A, escalation.number, entry.seq,
        )
        for user in called.people
    ]  # fmt: skip
    return list(page_rows.build_rows(paged, on_call.reach, on_call.names, entry.at, silent_since))


def _outdates_calls(escalation: Escalation, entry: HistoryEntry) -> bool:
    """Return whether a move changes what earlier calls ask for."""
    if entry.move in {Move.RAISE, Move.NOTE, Move.TELL, Move.DISCARD, Move.RETRY} or entry.status_from in ENDED:
        return False
    return not escalation.acknowledged_at or "acknowledged_at" in entry.changes


def redraw_calls(
    connection: Connection, number: int, key: str, at: datetime, users: Collection[str] | None = None
) -> Iterator[dict[str, Any]]:
    """Yield redrawings of the newest calls about an escalation that may be visible already, one for each message.

    With ``users`` only the calls to these people are redrawn.
    """
    newest = _newest_calls(connection, number)
    for message_id in dict.fromkeys(row.listed_in or row.id for row in newest if users is None or row.user in users):
        lane = f"call/{message_id}"
        if not has_waiting(connection, lane):
            yield message(
                MessageKind.CALL_REFRESH, f"{lane}:{number}:{key}", at, number=number, lane=lane, redraws=message_id
            )


def add_card_links(connection: Connection, number: int, at: datetime) -> Iterator[dict[str, Any]]:
    """Yield redrawings of calls that were sent before the card was posted, to add the link to it."""
    for row in _newest_calls(connection, number):
        message_id = row.listed_in or row.id
        # A drawing from before an acknowledgement must not be sent after one from later: both take one lane.
        lane, due_at = f"call/{message_id}", at
        if row.listed_in:
            lane, due_at = f"{lane}/link", at + LINK_DELAY  # others must not wait for it
        if not has_waiting(connection, lane):
            key = f"call/{message_id}/link:{number}"
            yield message(
                MessageKind.CALL_REFRESH, key, at, number=number, lane=lane, redraws=message_id, due_at=due_at
            )


def _newest_calls(connection: Connection, number: int) -> list[Any]:
    rows = connection.execute(_CALLS_THAT_MAY_BE_SEEN, {"number": number}).all()
    return [row for row in rows if row.seq == rows[-1].seq]


def _card_lane(escalation: Escalation) -> str:
    return f"{escalation.name}/card"
