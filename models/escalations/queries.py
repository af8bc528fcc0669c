"""The board: all that people may look at. Reads only; what belongs to one team is only ever asked for that team."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Select, bindparam, exists, func, or_, select

from models.customers import lookup
from models.customers.typeahead import Typeahead
from models.escalations import search
from models.outbox.queue import posted, under_way
from models.rules.customers.customer import Customer
from models.rules.delivery import DeliveryState, MessageKind
from models.rules.errors import NotSaved
from models.rules.escalations.calls import MOVES_THAT_CALL, CallTargets
from models.rules.escalations.escalation import Escalation, HistoryEntry, Move, Status
from models.rules.people import Person
from models.store import departures
from models.store.database import Store, found
from models.store.tables import ESCALATION, HISTORY, OUTBOX, PERSON, entry_from, escalation_from, is_not_ended

CHUNK = 500
LISTED = 10
"""So many other escalations with the same number are named."""
# Built once: putting a statement together costs more than running it.
ONE_PERSON = select(PERSON).where(PERSON.c.id == bindparam("user"))
ONE = select(ESCALATION).where(ESCALATION.c.number == bindparam("one"))
ONE_ENTRY = select(HISTORY).where(HISTORY.c.number == bindparam("one"), HISTORY.c.seq == bindparam("seq"))
_CARD = OUTBOX.c.number == bindparam("one"), OUTBOX.c.what == MessageKind.CARD
PLACE_OF_CARD, CARD_UNDER_WAY = posted(*_CARD), under_way(*_CARD)

CALLED = (
    select(OUTBOX.c.seq, OUTBOX.c.user, OUTBOX.c.channel)
    .where(OUTBOX.c.number == bindparam("one"), OUTBOX.c.what == MessageKind.CALL)
    .order_by(OUTBOX.c.seq.desc(), OUTBOX.c.position)
)
ONE_MESSAGE = select(OUTBOX).where(OUTBOX.c.id == bindparam("mark"))
_LATER = OUTBOX.alias("later")
_REMINDED = exists().where(
    _LATER.c.number == OUTBOX.c.number, _LATER.c.what == MessageKind.REMINDER, _LATER.c.user == OUTBOX.c.user,
    _LATER.c.position > OUTBOX.c.position, _LATER.c.state.not_in([DeliveryState.SUPERSEDED, DeliveryState.DEAD]),
)  # fmt: skip
_OVERTAKEN = exists().where(
    HISTORY.c.number == OUTBOX.c.number, HISTORY.c.seq > OUTBOX.c.seq, HISTORY.c.move.in_(MOVES_THAT_CALL)
)
IN_MESSAGE = (
    select(ESCALATION, OUTBOX.c.seq, _OVERTAKEN.label("overtaken"), _REMINDED.label("reminded"))
    .join(ESCALATION, ESCALATION.c.number == OUTBOX.c.number)
    .where(OUTBOX.c.subject == bindparam("subject"), OUTBOX.c.what == MessageKind.CALL)
    .where(or_(OUTBOX.c.id == bindparam("mark"), OUTBOX.c.note == bindparam("mark")))
    .order_by(OUTBOX.c.position)
)
"""What a message of calls lists."""


@dataclass(frozen=True)
class EscalationPage:
    """One screenful: the escalations, where the page starts (0-based), and whether there is more; ``names`` has what
    their owners are called, by Slack user id.
    """

    escalations: Sequence[Escalation]
    offset: int
    more: bool
    names: Mapping[str, str] = field(default_factory=dict)

    def owner_of(self, escalation: Escalation) -> str:
        """What the owner is called: by name, else by id; empty when nobody owns it."""
        owner = escalation.owner or ""
        return self.names.get(owner, owner)


@dataclass(frozen=True)
class MessageRef:
    """Where a card stands in Slack."""

    channel: str
    ts: str


@dataclass(frozen=True)
class CallRecord:
    """One case somebody was called about, as it stands now, and the history entry that called. It is ``overtaken`` when
    it was handed over or reopened since; they were ``reminded`` when a later reminder of it goes to the same person.
    """

    case: Escalation
    seq: int
    overtaken: bool = False
    reminded: bool = False


@dataclass(frozen=True)
class CallMessage:
    """One message by which somebody is called, for one case or several; ``place`` is None until it is sent, ``user``
    is empty in a channel.
    """

    state: DeliveryState
    place: MessageRef | None
    calls: Sequence[CallRecord]
    user: str = ""


class EscalationQueries:
    """Answers questions from the store; each question is one short read."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._typeahead = Typeahead(0, ())

    def escalation(self, number: int, team_id: str | None = None) -> Escalation | None:
        """One escalation as it stands now; None when there is none, or none of that team."""
        query = ONE.where(*_of(team_id)) if team_id else ONE
        return self._store.read(lambda c: found(c.execute(query, {"one": number}).first(), escalation_from))

    def history(self, number: int, limit: int = 1000, offset: int = 0) -> list[HistoryEntry]:
        """The history of one escalation, oldest entry first."""
        query = select(HISTORY).where(HISTORY.c.number == number).order_by(HISTORY.c.seq).limit(limit).offset(offset)
        return self._store.read(lambda c: [entry_from(row._mapping) for row in c.execute(query)])

    def entry(self, number: int, seq: int) -> HistoryEntry | None:
        """One history entry."""
        about = {"one": number, "seq": seq}
        return self._store.read(lambda c: found(c.execute(ONE_ENTRY, about).first(), entry_from))

    def entry_into(self, number: int, status: Status) -> HistoryEntry | None:
        """The history entry that last brought an escalation into a status: who did it, and when."""
        query = select(HISTORY).where(HISTORY.c.number == number, HISTORY.c.status_to == status,
                                      HISTORY.c.status_from.is_distinct_from(status))  # fmt: skip
        newest = query.order_by(HISTORY.c.seq.desc()).limit(1)
        return self._store.read(lambda c: found(c.execute(newest).first(), entry_from))

    def recorded(self, number: int) -> list[str]:
        """Every service request number that was recorded for an escalation, oldest first, each once."""
        query = select(HISTORY.c.text).where(HISTORY.c.number == number, HISTORY.c.move == Move.RECORD)
        return list(dict.fromkeys(self._store.read(lambda c: list(c.scalars(query.order_by(HISTORY.c.seq))))))

    def with_request_number(self, request_number: str, team_id: str, besides: int) -> list[str]:
        """The names of a team's other escalations with this service request number, in whatever case of letters."""
        same = func.lower(ESCALATION.c.request_number) == request_number.lower()
        query = select(ESCALATION.c.number).where(same, ESCALATION.c.number != besides, *_of(team_id))
        numbers = self._store.read(lambda c: list(c.scalars(query.order_by(ESCALATION.c.number).limit(LISTED))))
        return [f"CSP-{number}" for number in numbers]

    def place_of_card(self, number: int) -> MessageRef | None:
        """Where the newest card of an escalation stands; None while it is not posted yet."""
        row = self._store.read(lambda c: c.execute(PLACE_OF_CARD, {"one": number}).first())
        return found(row, lambda r: MessageRef(*r.values()))

    def is_card_under_way(self, number: int) -> bool:
        """True while the card is being posted, so that a redrawing must wait for it."""
        return self._store.read(lambda c: c.execute(CARD_UNDER_WAY, {"one": number}).first() is not None)

    def called(self, number: int, seq: int | None = None) -> CallTargets:
        """Who was called about an escalation by one of its history entries, or by the last that called anybody."""
        rows = self._store.read(lambda c: c.execute(CALLED, {"one": number}).all())
        wanted = seq or next((row.seq for row in rows), 0)
        places = [row for row in rows if row.seq == wanted]
        people = tuple(row.user for row in places if row.user)
        return CallTargets(people, next((row.channel for row in places if row.channel), ""))

    def call_message(self, mark: str) -> CallMessage | None:
        """The message of a call, by the id of its row in the outbox; None when there is none."""

        def unit(connection: Connection) -> CallMessage | None:
            first = connection.execute(ONE_MESSAGE, {"mark": mark}).first()
            if first is None:
                return None
            rows = connection.execute(IN_MESSAGE, {"mark": mark, "subject": first.subject}).all()
            calls = [CallRecord(escalation_from(row._mapping), row.seq, row.overtaken, row.reminded) for row in rows]
            place = MessageRef(first.slack_channel, first.slack_ts) if first.slack_ts else None
            return CallMessage(DeliveryState(first.state), place, calls, first.user or "")

        return self._store.read(unit)

    def open_page(self, team_id: str, limit: int, offset: int = 0) -> EscalationPage:
        """Escalations that are not ended: the most severe first, then the oldest."""
        query = select(ESCALATION).where(is_not_ended(ESCALATION.c.status), *_of(team_id))
        return self._page(query.order_by(ESCALATION.c.severity, ESCALATION.c.number), limit, offset)

    def page_of(self, user: str, team_id: str, limit: int, offset: int = 0) -> EscalationPage:
        """What somebody owns or raised and is not ended."""
        theirs = or_(ESCALATION.c.owner == user, ESCALATION.c.raised_by == user)
        query = select(ESCALATION).where(theirs, is_not_ended(ESCALATION.c.status), *_of(team_id))
        return self._page(query.order_by(ESCALATION.c.severity, ESCALATION.c.number), limit, offset)

    def search_page(self, words: str, team_id: str, limit: int, offset: int = 0) -> EscalationPage:
        """Escalations that contain all the words anywhere in what was asked, noted or recorded; newest first."""

        def unit(connection: Connection) -> EscalationPage:
            numbers = search.numbers(connection, words, team_id, limit + 1, offset)
            query = select(ESCALATION).where(ESCALATION.c.number.in_(numbers[:limit]))
            rows = connection.execute(query.order_by(ESCALATION.c.number.desc()))
            shown = [escalation_from(row._mapping) for row in rows]
            return EscalationPage(shown, offset, len(numbers) > limit, _owners(connection, shown))

        return self._store.read(unit)

    def count_open(self, team_id: str) -> int:
        """How many escalations are not ended."""
        query = select(func.count()).where(is_not_ended(ESCALATION.c.status), *_of(team_id))
        return self._store.read(lambda c: int(c.scalar(query) or 0))

    def count_all(self) -> int:
        """How many escalations there are."""
        return self._store.read(lambda c: int(c.scalar(select(func.count()).select_from(ESCALATION)) or 0))

    def every_escalation(self, ended: bool = False) -> Iterator[Escalation]:
        """All escalations of all teams without their histories, oldest first; those that are ended only if asked."""
        last = 0
        wanted = [] if ended else [is_not_ended(ESCALATION.c.status)]
        while True:
            query = select(ESCALATION).where(ESCALATION.c.number > last, *wanted)
            page = self._page(query.order_by(ESCALATION.c.number), CHUNK, 0)
            yield from page.escalations
            if not page.more:
                return
            last = page.escalations[-1].number

    def every(self) -> Iterator[tuple[Escalation, list[HistoryEntry]]]:
        """All escalations with their histories, oldest first, read in chunks so that memory stays flat."""
        last = 0
        while chunk := self._store.read(lambda c: _chunk(c, last)):  # noqa: B023  # the lambda runs before last moves
            yield from chunk
            last = chunk[-1][0].number

    def person(self, user: str) -> tuple[Person, datetime] | None:
        """What is remembered of a person, and when Slack said it."""
        row = self._store.read(lambda c: c.execute(ONE_PERSON, {"user": user}).first())
        return found(row, lambda r: (Person.model_validate(dict(r)), r["seen_at"]))

    def owned_by(self, user: str) -> list[Escalation]:
        """What somebody owns and is not ended, the oldest first."""
        query = select(ESCALATION).where(ESCALATION.c.owner == user, is_not_ended(ESCALATION.c.status))
        query = query.order_by(ESCALATION.c.number)
        return self._store.read(lambda c: [escalation_from(row._mapping) for row in c.execute(query)])

    def has_left(self, user: str) -> bool:
        """Whether somebody is known not to be in the workspace any more."""
        return self._store.read(lambda c: user in departures.gone(c))

    def name_of(self, user: str) -> str:
        """What somebody is called, as remembered; the bare id of somebody never seen."""
        known = self.person(user)
        return known[0].name if known else user

    def keep_near(self) -> None:
        """Have the customers in memory before somebody types: reading them takes a second after an import."""
        self._store.read(self._current)

    def customers(self, typed: str, limit: int = 20) -> list[Customer]:
        """Customers whose name, domain or tenant ID contains every typed word; those that begin so come first. While
        the store is away, ids and names as they are in memory.
        """

        def unit(connection: Connection) -> list[Customer]:
            return lookup.by_ids(connection, self._current(connection).find(typed, limit))

        try:
            return self._store.read(unit)
        except NotSaved:
            found = self._typeahead.names(self._typeahead.find(typed, limit))
            return [Customer(id=one, name=name) for one, name in found]

    def _current(self, connection: Connection) -> Typeahead:
        self._typeahead = lookup.current(connection, self._typeahead)
        return self._typeahead

    def customer(self, customer_id: str) -> Customer | None:
        """One customer by its id."""
        return self._store.read(lambda c: next(iter(lookup.by_ids(c, [customer_id])), None))

    def _page(self, query: Select[tuple[object, ...]], limit: int, offset: int) -> EscalationPage:
        wanted = query.limit(limit + 1).offset(offset)

        def unit(connection: Connection) -> EscalationPage:
            rows = [escalation_from(row._mapping) for row in connection.execute(wanted)]
            return EscalationPage(rows[:limit], offset, len(rows) > limit, _owners(connection, rows[:limit]))

        return self._store.read(unit)


def _owners(connection: Connection, escalations: Sequence[Escalation]) -> dict[str, str]:
    """What the owners are called."""
    owners = {escalation.owner for escalation in escalations if escalation.owner}
    if not owners:
        return {}
    query = select(PERSON.c.id, PERSON.c.name).where(PERSON.c.id.in_(owners))
    return {row.id: row.name for row in connection.execute(query)}


def _of(team_id: str | None) -> list[ColumnElement[bool]]:
    return [] if team_id is None else [ESCALATION.c.team_id == team_id]


def _chunk(connection: Connection, after: int) -> list[tuple[Escalation, list[HistoryEntry]]]:
    rows = connection.execute(
        select(ESCALATION).where(ESCALATION.c.number > after).order_by(ESCALATION.c.number).limit(CHUNK)
    )
    escalations = [escalation_from(row._mapping) for row in rows]
    if not escalations:
        return []
    span = HISTORY.c.number.between(escalations[0].number, escalations[-1].number)
    histories: dict[int, list[HistoryEntry]] = {escalation.number: [] for escalation in escalations}
    for row in connection.execute(select(HISTORY).where(span).order_by(HISTORY.c.number, HISTORY.c.seq)):
        histories[row.number].append(entry_from(row._mapping))
    return [(escalation, histories[escalation.number]) for escalation in escalations]
