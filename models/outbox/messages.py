"""What must be said in Slack, as rows of the outbox: written inside the transaction of the fact they tell of.

A row holds ids; what it says is drawn when it is sent. Each has a key, so the same fact is never announced twice.
"""

import hashlib
import uuid
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, bindparam, exists, or_, select

from models.rules.delivery import (
    KINDS,
    NO_REMINDER,
    REDRAWS,
    Audience,
    DeliveryState,
    MessageKind,
    ReminderDetails,
)
from models.rules.escalations.calls import NO_CALLS, CallTargets
from models.rules.escalations.escalation import ENDED, Escalation, HistoryEntry, Move
from models.rules.reminders import subjects
from models.rules.reminders.shift import ABOUT_ITS_END
from models.rules.times import EARLIEST
from models.store import reminder_queue
from models.store.tables import INSERT, OUTBOX, is_unfinished

REDRAWN = 40
"""So many reminders of what is over are drawn anew: older ones nobody looks at."""
LINKS = timedelta(seconds=10)
"""So often a message that lists many cases is drawn anew because their cards were posted."""
ASKING = (MessageKind.REMINDER, MessageKind.SHIFT)
"""What asks somebody for something, with buttons."""
OVER, DONE, OLDER, FOLLOWED = "/over", "/done", "/older", "/followed"
"""What the keys of its redrawings end in: it is over, the handover is done, something newer asks for it, somebody
follows a shift by now."""
NEW: dict[str, Any] = {
    "number": None, "seq": None, "subject": None, "user": None, "channel": None, "note": "",
    "redraws": None, "listed_in": None,
    "reminder": None, "step": None, "counted_from": None, "reminder_due_at": None, "audience": None,
    "state": DeliveryState.PENDING,
    "owner": "", "generation": 0, "claims": 0, "tries": 0, "looks": 0, "plain": False, "doubtful": False, "sweeps": 0,
    "last_error": "",
}  # fmt: skip
# Built once: putting a statement together costs more than running it.
ENQUEUE = {
    name: insert(OUTBOX).on_conflict_do_nothing(index_elements=["dedupe_key"]) for name, insert in INSERT.items()
}
WAITING = (
    select(OUTBOX.c.position)
    .where(OUTBOX.c.lane == bindparam("lane"), OUTBOX.c.state == DeliveryState.PENDING)
    .where(is_unfinished(OUTBOX.c.state))
    .with_for_update()
)
CALLED = (
    select(OUTBOX.c.id, OUTBOX.c.listed_in, OUTBOX.c.user, OUTBOX.c.seq)
    .where(OUTBOX.c.number == bindparam("number"), OUTBOX.c.what == MessageKind.CALL)
    .where(
        or_(
            OUTBOX.c.state.in_([DeliveryState.SENT, DeliveryState.UNKNOWN, DeliveryState.SENDING]),
            OUTBOX.c.listed_in.is_not(None),
        )
    )
    .order_by(OUTBOX.c.seq, OUTBOX.c.position)
)
"""The calls about an escalation that may be seen."""
_CARRIED = (
    OUTBOX.c.reminder, OUTBOX.c.step, OUTBOX.c.counted_from, OUTBOX.c.reminder_due_at, OUTBOX.c.audience,
)  # fmt: skip
"""What a redrawing takes over from the message that it redraws."""


def _asking(*marks: str) -> Select[Any]:
    """Select the reminders about ``subjects`` that may still have buttons: not redrawn under one of these marks, and
    not replaced by a newer one.
    """
    again = OUTBOX.alias("again")
    redrawn = exists().where(again.c.dedupe_key.in_([OUTBOX.c.dedupe_key + mark for mark in marks]))
    newer = OUTBOX.alias("newer")
    gave_up = exists().where(
        newer.c.dedupe_key == OUTBOX.c.dedupe_key + OLDER, newer.c.state != DeliveryState.SUPERSEDED
    )
    return select(OUTBOX.c.id, OUTBOX.c.dedupe_key, OUTBOX.c.subject, OUTBOX.c.channel, OUTBOX.c.user, *_CARRIED).where(
        OUTBOX.c.subject.in_(bindparam("subjects", expanding=True)),
        OUTBOX.c.what.in_(ASKING),
        OUTBOX.c.state.in_([DeliveryState.SENT, DeliveryState.UNKNOWN, DeliveryState.SENDING]),
        or_(OUTBOX.c.user.is_not(None), OUTBOX.c.lane == subjects.DUTY),  # what stands in a thread has no buttons
        ~redrawn,
        ~gave_up,
    )


def _ending(mark: str) -> Select[Any]:
    """Select the newest of those that are over: all but those that are counted from the instant ``still``."""
    # What others were told of a shift that a handover speaks for says itself that it was confirmed.
    own = or_(OUTBOX.c.subject == bindparam("subject"), OUTBOX.c.what == MessageKind.SHIFT)
    over_now = OUTBOX.c.counted_from.is_distinct_from(bindparam("still"))
    return _asking(mark).where(own, over_now).order_by(OUTBOX.c.position.desc()).limit(REDRAWN)


_ABOUT_ITS_END = OUTBOX.c.step.in_(sorted(ABOUT_ITS_END))
"""Of the reminders of a shift, those about its end."""
ENDING = {mark: _ending(mark) for mark in (OVER, DONE)}
BESIDE = _asking(OVER, DONE).where(OUTBOX.c.user.is_not(None)).order_by(OUTBOX.c.position.desc()).limit(REDRAWN)
"""The newest direct messages that still have buttons."""
ALARMS = (
    _asking(OVER, DONE)
    .where(or_(OUTBOX.c.what == MessageKind.REMINDER, _ABOUT_ITS_END))
    .order_by(OUTBOX.c.position.desc())
    .limit(REDRAWN)
)
"""The newest calls about shifts and handovers that still have buttons."""
UNFOLLOWED = _asking(FOLLOWED, OVER).where(_ABOUT_ITS_END)
"""What asks for somebody to follow a shift and still has buttons."""
OLDER_TO_USER, OLDER_IN_CHANNEL = (
    _asking(OVER, DONE).where(column == bindparam("place")) for column in (OUTBOX.c.user, OUTBOX.c.channel)
)
CARDS = (
    select(OUTBOX.c.id, OUTBOX.c.dedupe_key, OUTBOX.c.channel, *_CARRIED)
    .where(
        OUTBOX.c.subject == bindparam("week"),
        OUTBOX.c.what == MessageKind.REHEARSAL,
        OUTBOX.c.state != DeliveryState.SUPERSEDED,
    )
    .order_by(OUTBOX.c.position)
)
TOLD = select(OUTBOX.c.position).where(OUTBOX.c.dedupe_key == bindparam("key"))


def announce(
    connection: Connection, escalation: Escalation, entry: HistoryEntry, called: CallTargets = NO_CALLS
) -> None:
    """Enqueue what a move owes: the calls of those who are ``called``, the card or its redrawing, a line in the thread,
    and earlier calls anew that ask for something else by now.

    The next tick looks when it must be spoken of again.
    """
    rows = [*_calls(escalation, entry, called), *_owed(connection, escalation, entry)]
    if _waited(escalation, entry):
        rows += calls_anew(connection, escalation.number, f"{entry.seq}", entry.at)
    enqueue(connection, rows)
    reminder_queue.put(connection, {subjects.escalation(escalation.number): entry.at})


def _owed(connection: Connection, escalation: Escalation, entry: HistoryEntry) -> Iterator[dict[str, Any]]:
    number, seq, at = escalation.number, entry.seq, entry.at
    about = {"number": number, "seq": seq}
    in_thread = {**about, "channel": escalation.channel, "lane": escalation.name}
    if entry.move is Move.RAISE:
        raiser = {"user": escalation.raised_by, "lane": f"dm:{escalation.raised_by}"}
        yield message(MessageKind.CARD, f"card:{number}", at, **in_thread)
        yield message(MessageKind.RECEIPT, f"receipt:{number}", at, **about, **raiser)
    elif not _waits(connection, _card_lane(escalation)):
        lane = _card_lane(escalation)
        yield message(MessageKind.REFRESH, f"refresh:{number}:{seq}", at, **{**in_thread, "lane": lane})
    yield message(MessageKind.LINE, f"line:{number}:{seq}", at, **in_thread)


def _calls(escalation: Escalation, entry: HistoryEntry, called: CallTargets) -> Iterator[dict[str, Any]]:
    """A row for each who is called, in lanes of their own: nothing else holds a call back."""
    places = [("user", user) for user in called.people] + ([("channel", called.channel)] if called.channel else [])
    for column, place in places:
        key, lane = f"call:{escalation.number}:{entry.seq}/{place}", f"call:{place}"
        about: dict[str, Any] = {"number": escalation.number, "seq": entry.seq, column: place}
        yield message(MessageKind.CALL, key, entry.at, **about, subject=lane, lane=lane, scope=lane)


def _waited(escalation: Escalation, entry: HistoryEntry) -> bool:
    """Whether somebody may have been called before this move who reads something else now."""
    if entry.move in {Move.RAISE, Move.NOTE, Move.TELL} or entry.status_from in ENDED:
        return False
    return not escalation.acknowledged_at or "acknowledged_at" in entry.changes


def calls_anew(
    connection: Connection, number: int, key: str, at: datetime, users: Collection[str] | None = None
) -> Iterator[dict[str, Any]]:
    """Redrawings of the newest calls about an escalation that may be seen already, of these users' or of all; one for
    each message, whatever it lists.
    """
    newest = _newest_calls(connection, number)
    for mark in dict.fromkeys(row.listed_in or row.id for row in newest if users is None or row.user in users):
        lane = f"call/{mark}"
        if not _waits(connection, lane):
            yield message(
                MessageKind.CALL_REFRESH, f"{lane}:{number}:{key}", at, number=number, lane=lane, redraws=mark
            )


def link_calls(connection: Connection, number: int, at: datetime) -> Iterator[dict[str, Any]]:
    """Once its card is posted: who was called before gets the link to it; in a list of many cases now and then."""
    for row in _newest_calls(connection, number):
        mark = row.listed_in or row.id
        lane, due_at = f"call/{mark}/link", at + (LINKS if row.listed_in else timedelta())
        if not _waits(connection, lane):
            key = f"{lane}:{number}"
            yield message(MessageKind.CALL_REFRESH, key, at, number=number, lane=lane, redraws=mark, due_at=due_at)


def _newest_calls(connection: Connection, number: int) -> list[Any]:
    rows = connection.execute(CALLED, {"number": number}).all()
    return [row for row in rows if row.seq == rows[-1].seq]


def _card_lane(escalation: Escalation) -> str:
    return f"{escalation.name}/card"


def message(what: MessageKind, key: str, at: datetime, **columns: Any) -> dict[str, Any]:
    """The row of one message that must appear once. ``key`` is unique: the same fact is never announced twice."""
    place = columns.get("channel") or columns.get("user") or columns["lane"]
    description = KINDS[what]
    scope = description.scope or f"post:{place}"
    own = {
        "what": what,
        "dedupe_key": key,
        "id": str(uuid.uuid4()),
        "scope": scope,
        "priority": description.priority,
    }
    return {**NEW, **own, "created_at": at, "due_at": at, **columns}


def enqueue(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    if rows:
        connection.execute(ENQUEUE[connection.dialect.name], rows)


@dataclass(frozen=True)
class OutgoingMessage:
    """A message about a ``subject`` of the duty, to a ``channel`` or, by direct message, to a ``user``. ``key`` makes
    it one and the same for ever; ``lane`` is what it keeps its order with; ``reminder`` is the reminder it carries
    out; ``redraws`` is the id of the message it redraws; ``number`` is that of the escalation it is about, if any. A
    redrawing that ``follows`` shares the lane of what replaces it. ``wait`` is how much later it is sent.
    """

    what: MessageKind
    key: str
    subject: str
    lane: str
    channel: str | None = None
    user: str | None = None
    reminder: ReminderDetails = NO_REMINDER
    note: str = ""
    redraws: str | None = None
    number: int | None = None
    follows: bool = False
    wait: timedelta = timedelta()
    covers: Collection[str] = ()
    """The subjects whose older reminders it replaces; empty for its own subject."""


def tell(connection: Connection, messages: Iterable[OutgoingMessage], at: datetime) -> int:
    """Enqueue messages of the duty inside somebody's transaction; what was enqueued before is not again."""
    rows = [
        message(
            owed.what, owed.key, at, subject=owed.subject, lane=owed.lane, channel=owed.channel, user=owed.user,
            note=owed.note, redraws=owed.redraws, number=owed.number, due_at=at + owed.wait,
            **reminder_columns(owed.reminder),
        )
        for owed in messages
        if owed.what not in REDRAWS or owed.follows or not _waits(connection, owed.lane)
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
    """Return what a row of the outbox carries of its reminder."""
    audience = frozenset(Audience(name) for name in row["audience"] or ())
    due_at = row["reminder_due_at"]
    return ReminderDetails(row["reminder"] or "", row["step"] or "", row["counted_from"], due_at, audience)


def _redrawing(row: Any, mark: str, subject: str) -> OutgoingMessage:
    """Return the redrawing of a reminder that was sent, in a lane of its own."""
    key = row.dedupe_key + mark
    details = details_from(row._mapping)
    what = MessageKind.REMINDER_REFRESH
    return OutgoingMessage(what, key, subject, key, row.channel, row.user, details, redraws=row.id)


def over(connection: Connection, subject: str, still: datetime = EARLIEST) -> list[OutgoingMessage]:
    """Return redrawings of the newest reminders of a subject that had buttons: by then there is nothing to press.

    Those that are counted from ``still`` keep them. What was redrawn before is not redrawn again.
    """
    mark = DONE if subject.startswith(subjects.HANDOVER) else OVER
    about = {"subjects": subjects.find_covered(subject), "subject": subject, "still": still}
    return [_redrawing(row, mark, subject) for row in connection.execute(ENDING[mark], about)]


def alarms_over(connection: Connection, gone: Collection[str]) -> list[OutgoingMessage]:
    """Redrawings of the calls about shifts and handovers that are over, or not planned any more."""
    return [_redrawing(row, OVER, row.subject) for row in connection.execute(ALARMS, {"subjects": sorted(gone)})]


def followed(connection: Connection, shifts: Collection[str]) -> list[OutgoingMessage]:
    """Redrawings of what asked for somebody to follow one of these shifts: somebody does, or nobody is needed."""
    rows = connection.execute(UNFOLLOWED, {"subjects": sorted(shifts)})
    return [_redrawing(row, FOLLOWED, row.subject) for row in rows]


def cards_over(connection: Connection, week: str, by: str) -> list[OutgoingMessage]:
    """Redrawings of all cards of a holiday week, for a reminder (its key) after which the older ones, or all, have
    nothing to press. In the lane of the cards: the newest is posted by then, or has turned out to have nothing to
    say.
    """
    return [
        OutgoingMessage(
            MessageKind.REMINDER_REFRESH,
            f"{by}/over/{row.dedupe_key}",
            week,
            week,
            row.channel,
            reminder=details_from(row._mapping),
            redraws=row.id,
        )
        for row in connection.execute(CARDS, {"week": week})
    ]


def drawn_anew(connection: Connection, others: Collection[str], subject: str) -> list[OutgoingMessage]:
    """Redrawings of direct messages about these ``others`` that speak of a subject too, of which nothing is left."""
    mark = f"/with/{hashlib.sha256(subject.encode()).hexdigest()[:12]}"
    rows = connection.execute(BESIDE, {"subjects": sorted(others)}) if others else ()
    return [_redrawing(row, mark, row.subject) for row in rows]


def tell_newest(connection: Connection, messages: Sequence[OutgoingMessage], at: datetime) -> int:
    """Enqueue messages, and take the buttons off the older reminders that they replace; return how many rows."""
    return tell(connection, [*messages, *older(connection, messages)], at)


def older(connection: Connection, reminders: Iterable[OutgoingMessage]) -> Iterator[OutgoingMessage]:
    """Yield redrawings of older reminders to the same people about the same subjects.

    Each stands behind the new reminder in its lane, and gives up its buttons once that was sent.
    """
    for new in reminders:
        if new.what not in ASKING or not (new.user or new.lane == subjects.DUTY):
            continue
        about = {"subjects": sorted(new.covers or (new.subject,)), "place": new.user or new.channel}
        for row in connection.execute(OLDER_TO_USER if new.user else OLDER_IN_CHANNEL, about).all():
            yield replace(
                new, what=MessageKind.REMINDER_REFRESH, key=row.dedupe_key + OLDER, reminder=details_from(row._mapping),
                redraws=row.id, number=None, follows=True,
            )  # fmt: skip


def was_told(connection: Connection, key: str) -> bool:
    """Whether a message was ever enqueued under this key."""
    return connection.execute(TOLD, {"key": key}).first() is not None


def _waits(connection: Connection, lane: str) -> bool:
    """Whether a redrawing that nobody began yet will show this change as well: one serves many quick ones."""
    return connection.execute(WAITING, {"lane": lane}).first() is not None
