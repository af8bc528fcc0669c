"""The desk: all that people may do to escalations. One method is one transaction: facts, history and outbox together.

Who may do what, and what follows what,
is decided by ``models.rules.escalations.transitions``; the desk only carries it out, once.
"""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Connection, bindparam, func, insert, select, text, update

from models.escalations import search
from models.outbox import messages
from models.rules.errors import refuse
from models.rules.escalations.calls import MOVES_THAT_CALL, NOBODY, OnCallPeople, find_call_targets
from models.rules.escalations.escalation import Escalation, HistoryEntry, Move
from models.rules.escalations.request import Request
from models.rules.escalations.transitions import STAMPS, MoveRequest, advance, changed_columns, raise_escalation
from models.rules.people import Actor, Person
from models.store import departures
from models.store.database import Store, found
from models.store.tables import ESCALATION, HISTORY, INBOX, INSERT, PERSON, RECORD, escalation_from, is_not_ended

DEACTIVATED = "deactivated"
"""How it became known that somebody left, when Slack describes them so."""
NUMBERING_LOCK = 0x435350_02

# Built once: putting a statement together costs more than running it.
BY_KEY = select(ESCALATION).join(INBOX, INBOX.c.number == ESCALATION.c.number).where(INBOX.c.key == bindparam("key"))
HELD = (
    select(ESCALATION)
    .where(ESCALATION.c.number == bindparam("held_number"), ESCALATION.c.team_id == bindparam("team"))
    .with_for_update()
)
WRITE = insert(HISTORY).inline()
RECEIVED = {
    name: insert(INBOX).on_conflict_do_nothing(index_elements=["key"]).returning(INBOX.c.key)
    for name, insert in INSERT.items()
}
REMEMBER = {
    name: new.on_conflict_do_update(index_elements=["id"], set_={c.name: new.excluded[c.name] for c in PERSON.columns})
    for name, new in ((name, insert(PERSON)) for name, insert in INSERT.items())
}
CHANGE = update(ESCALATION).where(ESCALATION.c.number == bindparam("changed_number"))
LAST_NUMBERS = select(
    select(func.max(ESCALATION.c.number)).scalar_subquery().label("here"),
    select(func.max(RECORD.c.last_number)).scalar_subquery().label("ever"),
)


class EscalationCommands:
    """``bell`` is rung after each commit, so that the outbox worker need not wait for its next tick; ``on_duty`` says
    who can be called at an instant.
    """

    def __init__(
        self,
        store: Store,
        wake_up: Callable[[], None] = lambda: None,
        on_duty: Callable[[datetime], OnCallPeople] = lambda _: NOBODY,
    ) -> None:
        self._store = store
        self._wake_up = wake_up
        self._on_duty = on_duty

    def raise_escalation(
        self, request: Request, channel: str, by: Actor, at: datetime, key: str, *, take: bool = False
    ) -> Escalation:
        """Record a new escalation; ``channel`` is where its card will appear. With ``take`` its raiser acknowledges it
        in the same transaction, and nobody is called.

        ``key`` names the submission (team and view): the same one again returns what it made the first time.
        Raises Refused with every fault of the form, NotSaved when the store can't take it.
        """
        duty = NOBODY if take else self._on_duty(at)

        def unit(connection: Connection) -> Escalation:
            number = _next_number(connection)
            if done := _already(connection, key, number, 1, at):
                return done
            escalation, entry = raise_escalation(request, number, channel, by, at)
            connection.execute(insert(ESCALATION), escalation.model_dump())
            _record(connection, escalation, entry, duty)
            return _moved(connection, escalation, MoveRequest(Move.ACKNOWLEDGE, by, at)) if take else escalation

        return self._rung(self._store.write(unit, in_turn=True))  # they wait for the next number anyway

    def move(self, number: int, step: MoveRequest, key: str) -> Escalation:
        """Carry out one step on an escalation and return it as it stands afterwards.

        ``key`` names the click or submission, as in :meth:`raise_escalation`. Raises Refused, NotSaved.
        """
        duty = self._on_duty(step.at) if step.move in MOVES_THAT_CALL else NOBODY

        def unit(connection: Connection) -> Escalation:
            escalation = _held(connection, number, step.by.team_id)
            # Asked while it is held: the same click may be under way on a replica, and must not hear "too late".
            if done := _already(connection, key, number, escalation.version + 1, step.at):
                return done
            return _moved(connection, escalation, step, duty)

        return self._rung(self._store.write(unit))

    def remember(self, *seen: tuple[Person, datetime]) -> None:
        """Keep what Slack said of people, and when, so that it need not be asked at every click. Who left the workspace
        or is back is written down with its time.
        """
        facts = [{**person.model_dump(), "seen_at": at} for person, at in seen]

        def unit(connection: Connection) -> None:
            connection.execute(REMEMBER[connection.dialect.name], facts)
            gone = {person.id: person.is_deleted for person, _ in seen}
            departures.note(connection, gone, max(at for _, at in seen), DEACTIVATED)

        self._store.write(unit)

    def missing(self, user: str, at: datetime, why: str) -> None:
        """Write down that somebody is not in the workspace, though Slack says nothing else of them."""
        self._store.write(lambda connection: departures.note(connection, {user: True}, at, why))

    def _rung(self, escalation: Escalation) -> Escalation:
        self._wake_up()
        return escalation


def move_cases(connection: Connection, outgoing: str, incoming: str, at: datetime) -> list[Escalation]:
    """At a handover: what the outgoing person owns and is not ended becomes the incoming one's, inside somebody's
    transaction. Taking over is accepting all of it, so it is the incoming person who moves each.
    """
    theirs = select(ESCALATION).where(ESCALATION.c.owner == outgoing, is_not_ended(ESCALATION.c.status))
    moved = []
    for row in connection.execute(theirs.order_by(ESCALATION.c.number).with_for_update()).all():
        case = escalation_from(row._mapping)
        # A case is its owner's or a lead's to hand over; both owners have just agreed to it.
        by = Actor(incoming, case.team_id, is_lead=True)
        moved.append(_moved(connection, case, MoveRequest(Move.TAKE_OVER, by, at, to=incoming)))
    return moved


def _moved(
    connection: Connection, escalation: Escalation, step: MoveRequest, duty: OnCallPeople = NOBODY
) -> Escalation:
    """Carry out one step on an escalation that is held."""
    moved, entry = advance(escalation, step)
    changed = {name: getattr(moved, name) for name in (*changed_columns(entry), *STAMPS)}
    connection.execute(CHANGE, {"changed_number": escalation.number, **changed})
    _record(connection, moved, entry, duty)
    return moved


def _already(connection: Connection, key: str, number: int, seq: int, at: datetime) -> Escalation | None:
    """Receive a click or submission; when it was received before, what it was about."""
    receipt = {"key": key, "number": number, "seq": seq, "at": at}
    if connection.execute(RECEIVED[connection.dialect.name], receipt).first():
        return None
    return found(connection.execute(BY_KEY, {"key": key}).first(), escalation_from)


def _held(connection: Connection, number: int, team_id: str) -> Escalation:
    """The escalation, locked against other moves until the transaction ends."""
    held = connection.execute(HELD, {"held_number": number, "team": team_id}).first()
    escalation = found(held, escalation_from)
    if escalation is None:
        raise refuse("no_such_escalation", number=number)
    return escalation


def _next_number(connection: Connection) -> int:
    """Numbers have no holes but what a restored backup lacks: whoever reads the record must never wonder where CSP-7
    went, and no number is given twice.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": NUMBERING_LOCK})
    last = connection.execute(LAST_NUMBERS).one()
    return max(last.here or 0, last.ever or 0) + 1


def _record(connection: Connection, escalation: Escalation, entry: HistoryEntry, duty: OnCallPeople) -> None:
    connection.execute(WRITE, entry.model_dump())
    messages.announce(connection, escalation, entry, find_call_targets(escalation, entry, duty))
    if words := _findable(escalation, entry):
        search.index(connection, entry.number, words)


def _findable(escalation: Escalation, entry: HistoryEntry) -> str:
    """The words by which this entry makes the escalation findable: what was asked and what people wrote."""
    asked = _asked(escalation) if entry.move in {Move.RAISE, Move.CORRECT} else []
    return " ".join([entry.text, *asked]).strip()


def _asked(escalation: Escalation) -> list[str]:
    names = ("name", "customer_name", "tenant_id", "domain", "service", "title", "details")
    answers = [str(value) for value in escalation.answers.values()]
    return [*(str(getattr(escalation, name)) for name in names), *answers]
