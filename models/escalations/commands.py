"""Everything people can do to escalations. One method is one transaction: escalation, history and outbox together.

Who may do what, and which status follows, is decided by :mod:`models.rules.escalations.transitions`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from models.customers import informing
from models.customers.informing import SentStatement
from models.escalations import (
    articles,
    draft_rows,
    erasure_rows,
    escalation_rows,
    person_rows,
    policy_versions,
)
from models.escalations.automatic_moves import release_first
from models.escalations.draft_rows import DraftOwner
from models.escalations.following_cases import load_original, lock_parent, move_children, move_duplicates
from models.escalations.locked_moves import move_locked, record_entry
from models.outbox import escalation_messages, mending
from models.outbox.mending import StoredMessage
from models.rules.errors import refuse
from models.rules.escalations.acknowledgement_calls import MOVES_THAT_CALL, NOBODY, OnCallPeople
from models.rules.escalations.escalation import Escalation, Move
from models.rules.escalations.moves import MoveRequest
from models.rules.escalations.parents import attach_new
from models.rules.escalations.request import Request, is_blank
from models.rules.escalations.reviews import ReviewPolicy, add_review
from models.rules.escalations.transitions import CAME_BY, raise_escalation
from models.rules.people import PROGRAM, Actor, Person, hide_name
from models.store import departures
from models.store.database import Store

DEACTIVATED = "deactivated"
"""The reason stored for a departure that Slack itself reported."""


@dataclass(frozen=True)
class SolvedAs:
    """The past case or the article by which a new case is solved at once, and what is recorded as its own fix."""

    number: int
    fix: str
    is_article: bool = False


@dataclass(frozen=True)
class SentForm:
    """What a submitted form says besides its answers."""

    take: bool = False  # whether its raiser takes the case.
    quick: bool = False  # whether answers may follow until its number is recorded.
    draft: str = ""  # the key of the draft that is deleted with it.
    solved_as: SolvedAs | None = None  # the past case whose fix solved it: it is resolved at once.
    review: ReviewPolicy | None = None  # by which it is reviewed; None for no review.
    parent: int | None = None  # the case of the listed incident to which it is attached.
    came_by: str = ""  # how it came, where it was not sent in Slack.


class EscalationCommands:
    """Carries out commands.

    ``wake_up`` is called after each commit, so that the outbox worker need not wait for its next tick.
    ``on_duty`` returns who can be called at an instant.
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
        self,
        request: Request,
        channel: str,
        by: Actor,
        at: datetime,
        key: str,
        sent: SentForm | None = None,
    ) -> Escalation:
        """Record a new escalation, whose card will appear in ``channel``.

        ``key`` names the submission (team and view): the same key again returns the escalation that was made the first
        time. With ``sent.take`` its raiser acknowledges it in the same transaction, and nobody is called. With
        ``sent.solved_as`` it is resolved in the same transaction, and nobody is called either.
        Raises Refused with every fault of the form, NotSaved when the store can't take it.
        """
        sent = sent or SentForm()
        on_call = NOBODY if sent.take or sent.solved_as else self._on_duty(at)

        def unit(connection: Connection) -> Escalation:
            number = escalation_rows.next_number(connection)
            if handled := _receive(connection, key, number, 1, at):
                return handled
            version = policy_versions.find_last_number(connection)
            parent = lock_parent(connection, sent.parent, by.team_id)
            escalation, entry = raise_escalation(request, number, channel, by, at, version, quick=sent.quick)
            if sent.came_by:
                entry = entry.model_copy(update={"changes": {**entry.changes, CAME_BY: [None, sent.came_by]}})
            if parent:
                escalation, entry = attach_new(escalation, entry, parent)
            elif sent.review and not sent.solved_as:
                escalation, entry = add_review(escalation, entry, sent.review)
            escalation_rows.add(connection, escalation)
            record_entry(connection, escalation, entry, on_call)
            if parent:
                escalation_messages.enqueue_redraw(connection, parent, f"{number}:1", at)
            if sent.draft:
                draft_rows.discard(connection, DraftOwner(by.team_id, by.id), sent.draft)
            if sent.solved_as:
                return _resolve_at_once(connection, escalation, sent.solved_as, by, at)
            return (
                move_locked(connection, escalation, MoveRequest(Move.ACKNOWLEDGE, by, at)) if sent.take else escalation
            )

        # In turn, because new escalations wait for the next number anyway.
        escalation = self._store.write(unit, in_turn=True)
        self._wake_up()
        return escalation

    def move(self, number: int, step: MoveRequest, key: str) -> Escalation:
        """Carry out one step on an escalation and return it as it is afterwards.

        Its open duplicates follow in the same transaction. ``key`` names the click or submission, as in
        :meth:`raise_escalation`. Raises Refused, NotSaved.
        """
        on_call = self._on_duty(step.at) if step.move in MOVES_THAT_CALL else NOBODY

        def unit(connection: Connection) -> Escalation:
            escalation = escalation_rows.lock(connection, number, step.by.team_id)
            if escalation is None:
                raise refuse("no_such_escalation", number=number)
            # Checked under the lock: a replica may handle the same click now, and must not answer "too late".
            if handled := _receive(connection, key, number, escalation.version + 1, step.at):
                return handled
            escalation = release_first(connection, escalation, step)
            loaded = _load_solution(connection, load_original(connection, escalation, step))
            moved = move_locked(connection, escalation, loaded, on_call)
            move_duplicates(connection, moved, step)
            move_children(connection, moved, step)
            return moved

        escalation = self._store.write(unit)
        self._wake_up()
        return escalation

    def discard_message(self, position: int, operator: str, why: str, at: datetime) -> StoredMessage:
        """Never send a message of the outbox, and return it as it was. The history of its case says so.

        ``operator`` is a typed name: nobody in Slack pressed anything. Raises Refused, NotSaved.
        """
        if is_blank(why):
            raise refuse("missing")

        def unit(connection: Connection) -> StoredMessage:
            stored = mending.discard(connection, position, operator, why, at)
            facts = {"discarded": stored.what, "message": position, "operator": operator}
            _record_decision(connection, stored, Move.DISCARD, at, why, **facts)
            return stored

        discarded = self._store.write(unit)
        self._wake_up()
        return discarded

    def retry_message(self, position: int, operator: str, at: datetime) -> StoredMessage:
        """Let a message of the outbox be sent again, and return it as it is then.

        The history of its case says so where it said that the message is discarded. ``operator`` is a typed name.
        Raises Refused, NotSaved.
        """

        def unit(connection: Connection) -> StoredMessage:
            was_discarded = mending.was_discarded(connection, position)
            stored = mending.retry(connection, position, operator, at)
            if was_discarded:
                facts = {"retried": stored.what, "message": position, "operator": operator}
                _record_decision(connection, stored, Move.RETRY, at, "", **facts)
            return stored

        retried = self._store.write(unit)
        self._wake_up()
        return retried

    def claim_answer(self, key: str, at: datetime) -> bool:
        """Record that the message with this key is answered; False when it was before. Raises NotSaved."""
        return self._store.write(lambda c: escalation_rows.add_delivery(c, f"{key}:answer", 0, 0, at))

    def inform_customers(self, sent: Sequence[SentStatement], key: str, at: datetime) -> None:
        """Record that customers were informed of our support, once for each ``key``. Raises NotSaved."""

        def unit(connection: Connection) -> None:
            if escalation_rows.add_delivery(connection, key, 0, 0, at):
                informing.add_sent(connection, sent)

        self._store.write(unit)

    def remember(self, *people: tuple[Person, datetime]) -> None:
        """Keep what Slack said about people, and when, so that it need not be asked at every click.

        Who left the workspace, or came back, is recorded with the time. Raises NotSaved.
        """

        def unit(connection: Connection) -> None:
            erased = erasure_rows.find_users(connection)
            person_rows.save(connection, [(hide_name(person, erased), at) for person, at in people])
            is_gone = {person.id: person.is_deleted for person, _ in people}
            departures.record(connection, is_gone, max(at for _, at in people), DEACTIVATED)

        self._store.write(unit)

    def record_departure(self, user: str, at: datetime, why: str) -> None:
        """Record that somebody is not in the workspace, though Slack says nothing else about them."""
        self._store.write(lambda connection: departures.record(connection, {user: True}, at, why))


def _record_decision(
    connection: Connection, stored: StoredMessage, move: Move, at: datetime, why: str, **facts: Any
) -> None:
    """Write into the history of a message's case what an operator decided about the message."""
    case = escalation_rows.find(connection, stored.number) if stored.number else None
    if case and (locked := escalation_rows.lock(connection, case.number, case.team_id)):
        move_locked(connection, locked, MoveRequest(move, Actor(PROGRAM, case.team_id), at, why, **facts))


def _receive(connection: Connection, key: str, number: int, seq: int, at: datetime) -> Escalation | None:
    """Record a click or submission; return its escalation when it was handled before."""
    if escalation_rows.add_delivery(connection, key, number, seq, at):
        return None
    return escalation_rows.find_by_delivery(connection, key)


def _load_solution(connection: Connection, step: MoveRequest) -> MoveRequest:
    """Return the step with the past case whose fix it names as that is now."""
    return replace(step, solution=_find_solution(connection, step.solution.number, step.by)) if step.solution else step


def _find_solution(connection: Connection, number: int, by: Actor) -> Escalation:
    solution = escalation_rows.find(connection, number, by.team_id)
    if solution is None:
        raise refuse("no_such_escalation", "solved_from", number=number)
    return solution


def _resolve_at_once(
    connection: Connection, escalation: Escalation, solved_as: SolvedAs, by: Actor, at: datetime
) -> Escalation:
    """Resolve a case that was just raised by the fix of a past one, or by an article."""
    step = MoveRequest(Move.RESOLVE, by, at, solved_as.fix)
    if solved_as.is_article:
        articles.check_usable(connection, solved_as.number, by.team_id)
        return move_locked(connection, escalation, replace(step, article=solved_as.number))
    return move_locked(connection, escalation, replace(step, solution=_find_solution(connection, solved_as.number, by)))
