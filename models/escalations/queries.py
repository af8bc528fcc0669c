"""Everything people can look up about escalations. Reads only.

What belongs to one team is only ever asked for with that team's id.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection

from models.customers import customer_rows, record_rows
from models.customers.typeahead import Typeahead
from models.escalations import customer_cases, duplicate_rows, escalation_rows, history_rows, person_rows, search
from models.escalations.customer_cases import CustomerOverview
from models.escalations.person_names import find_person_names
from models.outbox import message_queries
from models.outbox.message_queries import ListedCall
from models.rules.customers.customer import Customer
from models.rules.customers.record_fields import CustomerRecord
from models.rules.errors import NotSaved
from models.rules.escalations import named_cases
from models.rules.escalations.acknowledgement_calls import CallTargets
from models.rules.escalations.clocks import CaseTimeline, build_timeline
from models.rules.escalations.escalation import Escalation, HistoryEntry, Status
from models.rules.escalations.selection import CaseSelection
from models.rules.outbox.delivery import DeliveryState
from models.rules.people import Person
from models.store import departures
from models.store.database import Store, convert_row
from models.store.tables import timeline_entry_from

CHUNK = 500
"""How many escalations are read at once when all are wanted."""
LONGEST_HISTORY = 100_000
"""More entries than any escalation has."""
LISTED = 10
"""How many other escalations with the same request number are named at most."""


@dataclass(frozen=True)
class EscalationPage:
    """One page of a list of escalations."""

    escalations: Sequence[Escalation]
    offset: int  # how many escalations come before this page
    more: bool  # whether there is a next page
    names: Mapping[str, str] = field(default_factory=dict)  # of the owners, by Slack id

    def owner_of(self, escalation: Escalation) -> str:
        """Return the owner's name, else the Slack id; empty when nobody owns it."""
        owner = escalation.owner or ""
        return self.names.get(owner, owner)


@dataclass(frozen=True)
class MessageRef:
    """Where a message is in Slack."""

    channel: str
    ts: str


@dataclass(frozen=True)
class CallRecord:
    """One escalation that somebody was called about."""

    case: Escalation  # as it is now
    seq: int  # of the entry that caused the call
    overtaken: bool = False  # handed over or reopened since
    reminded: bool = False  # a later reminder goes to the same person


@dataclass(frozen=True)
class CallMessage:
    """One message that calls somebody about one escalation or several."""

    state: DeliveryState
    place: MessageRef | None  # None until it is sent
    calls: Sequence[CallRecord]
    user: str = ""  # the Slack id; empty for a message in a channel


class EscalationQueries:
    """Answers questions from the store. Each question is one short read."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._typeahead = Typeahead(0, ())

    # Escalations -----------------------------------------------------------------------------------------------------

    def escalation(self, number: int, team_id: str | None = None) -> Escalation | None:
        """Return one escalation; None when there is none, or none of that team."""
        return self._store.read(lambda c: escalation_rows.find(c, number, team_id))

    def open_page(self, team_id: str, limit: int, offset: int = 0) -> EscalationPage:
        """Return a page of a team's open escalations: the most severe first, then the oldest."""
        return self._page(limit, offset, lambda c, most: escalation_rows.find_open_page(c, team_id, most, offset))

    def own_page(self, user: str, team_id: str, limit: int, offset: int = 0) -> EscalationPage:
        """Return a page of the open escalations that somebody (a Slack id) owns or raised, ordered in the same way."""
        return self._page(limit, offset, lambda c, most: escalation_rows.find_open_page(c, team_id, most, offset, user))

    def search_page(self, wanted: CaseSelection, team_id: str, limit: int, offset: int = 0) -> EscalationPage:
        """Return a page of a team's escalations that are selected, newest first.

        Words are searched in the answers of the form and in everything that was noted or recorded.
        """

        def find(connection: Connection, most: int) -> list[Escalation]:
            numbers = search.find_numbers(connection, wanted, team_id, most, offset)
            return escalation_rows.find_newest_first(connection, numbers)

        return self._page(limit, offset, find)

    def unowned(self, team_id: str, limit: int) -> tuple[list[Escalation], int]:
        """Return the first open escalations of a team that nobody owns, and how many there are in all."""
        return self._store.read(lambda c: escalation_rows.find_unowned(c, team_id, limit))

    def owned_by(self, user: str) -> list[Escalation]:
        """Return the open escalations that somebody owns, oldest first."""
        return self._store.read(lambda c: escalation_rows.find_owned_by(c, user))

    def others_with_request_number(self, request_number: str, team_id: str, besides: int) -> list[str]:
        """Return the names of a team's other escalations with this service request number, ignoring case."""
        numbers = self._store.read(
            lambda c: escalation_rows.find_numbers_with_request(c, request_number, team_id, besides, LISTED)
        )
        return [f"CSP-{number}" for number in numbers]

    def duplicates_of(self, number: int) -> list[int]:
        """Return the numbers of the first escalations that repeat one, ended ones too, oldest first."""
        return self._store.read(lambda c: duplicate_rows.find_numbers(c, number, LISTED))

    def named_in(self, text: str, team_id: str) -> list[Escalation]:
        """Return a team's escalations that a text names, oldest first: as CSP-7, or by a service request number."""
        named = named_cases.find_names(text)

        def unit(connection: Connection) -> list[Escalation]:
            by_name = [escalation_rows.find(connection, number, team_id) for number in named.numbers]
            by_request = escalation_rows.find_with_requests(connection, named.request_numbers, team_id, LISTED)
            named_escalations = {escalation.number: escalation for escalation in (*by_name, *by_request) if escalation}
            return [named_escalations[number] for number in sorted(named_escalations)]

        return self._store.read(unit)

    def count_open(self, team_id: str) -> int:
        """Count a team's open escalations."""
        return self._store.read(lambda c: escalation_rows.count_open(c, team_id))

    def count_all(self) -> int:
        """Count the escalations of all teams."""
        return self._store.read(escalation_rows.count)

    def selected_numbers(self, wanted: CaseSelection) -> list[int]:
        """Return the numbers of the escalations of all teams that are selected, oldest first."""
        return self._store.read(lambda c: search.find_all_numbers(c, wanted))

    def all_escalations(self, ended: bool = False) -> Iterator[Escalation]:
        """Yield the escalations of all teams without their histories, oldest first; ended ones only if wanted."""
        last = 0
        while chunk := self._store.read(lambda c: escalation_rows.find_after(c, last, CHUNK, ended=ended)):  # noqa: B023
            yield from chunk
            last = chunk[-1].number

    def all_with_history(self) -> Iterator[tuple[Escalation, list[HistoryEntry]]]:
        """Yield all escalations with their histories, oldest first, read in chunks so that memory stays flat."""
        last = 0
        while chunk := self._store.read(lambda c: _add_history(c, escalation_rows.find_after(c, last, CHUNK))):  # noqa: B023
            yield from chunk
            last = chunk[-1][0].number

    def with_history(self, numbers: Sequence[int]) -> Iterator[tuple[Escalation, list[HistoryEntry]]]:
        """Yield these escalations with their histories, in the order of their numbers, read in chunks as well."""
        for at in range(0, len(numbers), CHUNK):
            chunk = numbers[at : at + CHUNK]
            yield from self._store.read(
                lambda c: _add_history(c, escalation_rows.find_oldest_first(c, chunk))  # noqa: B023
            )

    # History ---------------------------------------------------------------------------------------------------------

    def history(self, number: int, limit: int = 1000, offset: int = 0) -> list[HistoryEntry]:
        """Return the history of one escalation, oldest entry first."""
        return self._store.read(lambda c: history_rows.find_entries(c, number, limit, offset))

    def events_after(self, after: int, until: datetime, limit: int) -> list[tuple[int, HistoryEntry]]:
        """Return the moves on all escalations after a position, up to an instant, each with its position."""
        return self._store.read(lambda c: history_rows.find_entries_after(c, after, until, limit))

    def timeline(self, number: int) -> CaseTimeline:
        """Return what lasted when in the life of one escalation, from its whole history."""
        return self.timelines([number])[number]

    def whole_history(self, number: int) -> list[HistoryEntry]:
        """Return every entry of the history of one escalation, oldest first."""
        return self.history(number, LONGEST_HISTORY)

    def timelines(self, numbers: Sequence[int]) -> dict[int, CaseTimeline]:
        """Return the same of several escalations, by number; read in chunks."""
        chunks = (numbers[begin : begin + CHUNK] for begin in range(0, len(numbers), CHUNK))
        rows = (self._store.read(lambda c: history_rows.find_timeline_rows(c, chunk)) for chunk in chunks)  # noqa: B023
        return {
            number: build_timeline(timeline_entry_from(row) for row in entries)
            for histories in rows
            for number, entries in histories.items()
        }

    def entry(self, number: int, seq: int) -> HistoryEntry | None:
        """Return one history entry."""
        return self._store.read(lambda c: history_rows.find_entry(c, number, seq))

    def last_entry_into(self, number: int, status: Status) -> HistoryEntry | None:
        """Return the history entry that last brought an escalation into a status."""
        return self._store.read(lambda c: history_rows.find_last_entry_into(c, number, status))

    def request_numbers(self, number: int) -> list[str]:
        """Return every service request number recorded for an escalation, oldest first, each once."""
        return self._store.read(lambda c: history_rows.find_request_numbers(c, number))

    # Messages --------------------------------------------------------------------------------------------------------

    def card_place(self, number: int) -> MessageRef | None:
        """Return where the newest card of an escalation is in Slack; None while it is not posted yet."""
        row = self._store.read(lambda c: message_queries.find_escalation_card(c, number))
        return convert_row(row, lambda r: MessageRef(*r.values()))

    def cases_at(self, channel: str, ts: str, team_id: str) -> list[Escalation]:
        """Return a team's escalations that a message of the bot is about, by its place in Slack."""

        def unit(connection: Connection) -> list[Escalation]:
            numbers = message_queries.find_numbers_at(connection, channel, ts)
            return [case for number in numbers if (case := escalation_rows.find(connection, number, team_id))]

        return self._store.read(unit)

    def is_card_under_way(self, number: int) -> bool:
        """Return whether the card is being posted, so that an update of it must wait."""
        return self._store.read(lambda c: message_queries.is_escalation_card_in_doubt(c, number))

    def call_targets(self, number: int, seq: int | None = None) -> CallTargets:
        """Return who was called about an escalation by one history entry, or by the last that called anybody."""
        rows = self._store.read(lambda c: message_queries.find_calls(c, number))
        wanted = seq or next((row.seq for row in rows), 0)
        places = [row for row in rows if row.seq == wanted]
        people = tuple(row.user for row in places if row.user)
        return CallTargets(people, next((row.channel for row in places if row.channel), ""))

    def call_message(self, message_id: str) -> CallMessage | None:
        """Return the message of a call by the id of its row in the outbox; None when there is none."""

        def unit(connection: Connection) -> CallMessage | None:
            first = message_queries.find_by_id(connection, message_id)
            if first is None:
                return None
            listed = message_queries.find_listed_calls(connection, message_id, first.subject)
            calls = _find_call_records(connection, listed)
            place = MessageRef(first.slack_channel, first.slack_ts) if first.slack_ts else None
            return CallMessage(DeliveryState(first.state), place, calls, first.user or "")

        return self._store.read(unit)

    # People ----------------------------------------------------------------------------------------------------------

    def person(self, user: str) -> tuple[Person, datetime] | None:
        """Return what is remembered of a person (a Slack id), and when Slack said it."""
        return self._store.read(lambda c: person_rows.find(c, user))

    def name_of(self, user: str) -> str:
        """Return what somebody is called; a label for an erased person, and the bare id of a person never seen."""
        return self._store.read(lambda c: find_person_names(c, [user]))[user]

    def names_of_team(self, team_id: str | None = None) -> dict[str, str]:
        """Return the names of everybody in a team by Slack id; of all teams for None."""
        return self._store.read(lambda c: person_rows.find_names_of_team(c, team_id))

    def has_left(self, user: str) -> bool:
        """Return whether somebody is not in the workspace any more, as far as is known."""
        return self._store.read(lambda c: user in departures.find_absent_users(c))

    # Customers -------------------------------------------------------------------------------------------------------

    def preload_customers(self) -> None:
        """Read the customer list into memory before somebody types, because that takes a second after an import."""
        self._store.read(self._current_typeahead)

    def customers(self, typed: str, limit: int = 20) -> list[Customer]:
        """Return customers whose name, domain or tenant ID contains every typed word, those that begin so first.

        While the store is away these are ids and names only, from memory.
        """
        try:
            return self._store.read(lambda c: customer_rows.find(c, self._current_typeahead(c).find(typed, limit)))
        except NotSaved:
            names = self._typeahead.names(self._typeahead.find(typed, limit))
            return [Customer(id=customer_id, name=name) for customer_id, name in names]

    def customer(self, customer_id: str) -> Customer | None:
        """Return one customer by its id."""
        return self._store.read(lambda c: next(iter(customer_rows.find(c, [customer_id])), None))

    def customer_record(self, customer_id: str) -> CustomerRecord:
        """Return what lists said of one customer."""
        return self._store.read(lambda c: record_rows.find(c, customer_id))

    def customer_overview(self, customer_id: str, team_id: str, now: datetime) -> CustomerOverview | None:
        """Return what is known of a customer, with the cases of a team; None when there is no such customer."""
        return self._store.read(lambda c: customer_cases.find_overview(c, customer_id, team_id, now))

    def _current_typeahead(self, connection: Connection) -> Typeahead:
        """Return the typeahead of the newest customer list, made again only when the list has changed."""
        revision = customer_rows.find_revision(connection)
        if self._typeahead.revision != revision:
            self._typeahead = Typeahead(revision, customer_rows.find_search_texts(connection))
        return self._typeahead

    def _page(self, limit: int, offset: int, find: Callable[[Connection, int], Sequence[Escalation]]) -> EscalationPage:
        """Make a page of what ``find`` returns; asked for one more, to know whether there is a next page."""

        def unit(connection: Connection) -> EscalationPage:
            escalations = find(connection, limit + 1)
            shown = escalations[:limit]
            owners = {escalation.owner for escalation in shown if escalation.owner}
            names = find_person_names(connection, owners)
            return EscalationPage(shown, offset, len(escalations) > limit, names)

        return self._store.read(unit)


def _find_call_records(connection: Connection, calls: Sequence[ListedCall]) -> list[CallRecord]:
    """Return the calls that one message lists with their escalations."""
    numbers = {call.number for call in calls}
    escalations = {case.number: case for case in escalation_rows.find_newest_first(connection, numbers)}
    last_seqs = history_rows.find_last_calling_seqs(connection, numbers)
    return [
        CallRecord(escalations[call.number], call.seq, last_seqs.get(call.number, 0) > call.seq, call.is_reminded)
        for call in calls
        if call.number in escalations
    ]


def _add_history(
    connection: Connection, escalations: Sequence[Escalation]
) -> list[tuple[Escalation, list[HistoryEntry]]]:
    histories: dict[int, list[HistoryEntry]] = {escalation.number: [] for escalation in escalations}
    for entry in history_rows.find_entries_of(connection, histories):
        histories[entry.number].append(entry)
    return [(escalation, histories[escalation.number]) for escalation in escalations]
