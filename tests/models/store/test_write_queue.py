"""Who comes together writes together: one commit for many, and each with its own outcome."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from itertools import chain
from typing import Any

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError

from models.rules.errors import NotSaved, Refused, refuse
from models.store.database import Store
from models.store.write_queue import BATCH_SIZE, QueuedWrite, WriteQueue
from tests.models.concurrent_writers import A_WHILE

ADD = text("INSERT INTO pace (scope, free_at) VALUES (:scope, '2026-11-22 07:30:00.000000')")


class Gate:
    """Serves as told, but holds the first turn until the test opens it."""

    def __init__(self) -> None:
        self.opened, self.entered = threading.Event(), threading.Event()
        self.sizes: list[int] = []

    def serve(self, first: QueuedWrite, others: Iterator[QueuedWrite]) -> None:
        self.sizes.append(0)
        for ticket in chain([first], others):
            self.sizes[-1] += 1
            self.entered.set()
            assert self.opened.wait(A_WHILE)
            ticket.result = ticket.unit(None)


def together(turns: WriteQueue, units: Sequence[Callable[[Any], Any]]) -> list[QueuedWrite | None]:
    """Take a turn for each unit in a thread of its own, and wait for all."""
    taken: list[QueuedWrite | None] = []
    threads = [threading.Thread(target=_taking, args=(turns, unit, taken)) for unit in units]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(A_WHILE)
    return taken


def _returning(number: int) -> Callable[[Any], int]:
    return lambda _: number


def _taking(turns: WriteQueue, unit: Callable[[Any], Any], taken: list[QueuedWrite | None]) -> None:
    taken.append(turns.run(unit, A_WHILE))


def test_those_who_waited_are_served_together() -> None:
    gate = Gate()
    turns = WriteQueue(gate.serve)
    first = threading.Thread(target=turns.run, args=(lambda _: 0, A_WHILE))
    first.start()
    assert gate.entered.wait(A_WHILE)
    opener = threading.Thread(target=lambda: _open_when(gate, turns, BATCH_SIZE + 1))
    opener.start()

    taken = together(turns, [_returning(number) for number in range(BATCH_SIZE + 1)])

    first.join(A_WHILE)
    opener.join(A_WHILE)
    assert sorted(ticket.result for ticket in taken if ticket) == list(range(BATCH_SIZE + 1))
    # The first was being served when they came, so they are served with it.
    assert gate.sizes == [BATCH_SIZE, 2]


def test_what_is_urgent_goes_into_the_commit_that_is_being_prepared_and_nobody_else_follows() -> None:
    gate, order = Gate(), []
    turns = WriteQueue(gate.serve)
    first = threading.Thread(target=turns.run, args=(lambda _: order.append("first"), A_WHILE))
    first.start()
    assert gate.entered.wait(A_WHILE)
    waiting = [threading.Thread(target=turns.run, args=(lambda _: order.append("patient"), A_WHILE)) for _ in range(3)]
    for number, thread in enumerate(waiting, 1):
        thread.start()
        _wait_for(partial(_waits, turns, number))
    urgent = threading.Thread(target=lambda: turns.run(lambda _: order.append("urgent"), A_WHILE, urgent=True))
    urgent.start()
    _wait_for(lambda: turns.waiting == len(waiting) + 1)

    gate.opened.set()

    for thread in (first, *waiting, urgent):
        thread.join(A_WHILE)
    assert order == ["first", "urgent", "patient", "patient", "patient"]
    assert gate.sizes == [2, 3]


def test_a_failure_is_that_of_those_who_were_taken_and_the_others_are_served_next() -> None:
    gate = Gate()

    def serve(first: QueuedWrite, others: Iterator[QueuedWrite]) -> None:
        gate.serve(first, others if gate.sizes else iter(()))
        if len(gate.sizes) == 1:
            raise NotSaved

    turns, outcomes = WriteQueue(serve), dict[str, QueuedWrite | None]()
    first = threading.Thread(target=lambda: outcomes.update(first=turns.run(lambda _: "first", A_WHILE)))
    first.start()
    assert gate.entered.wait(A_WHILE)
    second = threading.Thread(target=lambda: outcomes.update(second=turns.run(lambda _: "second", A_WHILE)))
    second.start()
    _wait_for(lambda: turns.waiting == 1)

    gate.opened.set()

    first.join(A_WHILE)
    second.join(A_WHILE)
    assert outcomes["first"]
    assert isinstance(outcomes["first"].error, NotSaved)
    assert outcomes["second"]
    assert (outcomes["second"].result, outcomes["second"].error) == ("second", None)


def test_whose_patience_ends_leaves_the_queue_unserved() -> None:
    gate = Gate()
    turns = WriteQueue(gate.serve)
    first = threading.Thread(target=turns.run, args=(lambda _: 0, A_WHILE))
    first.start()
    assert gate.entered.wait(A_WHILE)

    assert turns.run(lambda _: pytest.fail("it had left"), 0.01) is None

    gate.opened.set()
    first.join(A_WHILE)
    assert gate.sizes == [1]


def test_a_refusal_is_its_own_and_the_others_are_kept(sqlite_url: str) -> None:
    store = Store(sqlite_url, timeout=A_WHILE)

    outcomes = _written_together(store, [_adding("a"), _refusing, _adding("b")])

    assert isinstance(outcomes[1], Refused)
    assert outcomes[0] == outcomes[2] == "kept"
    assert _scopes(store) == ["a", "b"]


def test_what_a_refused_unit_had_written_is_undone(sqlite_url: str) -> None:
    store = Store(sqlite_url, timeout=A_WHILE)

    def writes_and_refuses(connection: Connection) -> str:
        _adding("half")(connection)
        return _refusing(connection)

    _written_together(store, [writes_and_refuses, _adding("whole")])

    assert _scopes(store) == ["whole"]


def test_when_the_disk_is_full_nobody_is_told_that_it_was_saved(sqlite_url: str) -> None:
    store = Store(sqlite_url, timeout=A_WHILE)

    def full(_connection: Connection) -> str:
        raise OperationalError("INSERT", {}, Exception("database or disk is full"))

    outcomes = _written_together(store, [_adding("a"), _adding("b"), full])

    assert all(isinstance(outcome, NotSaved) for outcome in outcomes)
    assert _scopes(store) == []


def _written_together(store: Store, units: Sequence[Callable[[Connection], str]]) -> list[str | Exception]:
    """Write the units in one shared transaction: they come while another writer has the turn."""
    outcomes: dict[int, str | Exception] = {}
    entered, leave = threading.Event(), threading.Event()

    def hold(_connection: Connection) -> None:
        entered.set()
        assert leave.wait(A_WHILE)

    def write(place: int) -> None:
        try:
            outcomes[place] = store.write(units[place])
        except (Refused, NotSaved) as refused:
            outcomes[place] = refused

    def hold_first() -> None:
        with suppress(NotSaved):  # it shares the transaction, and its end
            store.write(hold)

    holder = threading.Thread(target=hold_first)
    holder.start()
    assert entered.wait(A_WHILE)
    threads = [threading.Thread(target=write, args=(place,)) for place in range(len(units))]
    for waiting, thread in enumerate(threads, 1):
        thread.start()
        _wait_for(_holds(store, waiting))
    leave.set()
    for thread in (holder, *threads):
        thread.join(A_WHILE)
    store.dispose()
    return [outcomes[place] for place in range(len(units))]


def _holds(store: Store, waiting: int) -> Callable[[], bool]:
    return lambda: store.waiting == waiting


def _waits(turns: WriteQueue, number: int) -> bool:
    return turns.waiting == number


def _open_when(gate: Gate, turns: WriteQueue, waiting: int) -> None:
    _wait_for(lambda: turns.waiting == waiting)
    gate.opened.set()


def _wait_for(holds: Callable[[], bool]) -> None:
    pause = threading.Event()
    for _ in range(24_000):
        if holds():
            return
        pause.wait(0.005)
    pytest.fail("it did not come about")


def _adding(scope: str) -> Callable[[Connection], str]:
    def unit(connection: Connection) -> str:
        connection.execute(ADD, {"scope": scope})
        return "kept"

    return unit


def _refusing(_connection: Connection) -> str:
    raise refuse("missing", "title")


def _scopes(store: Store) -> list[str]:
    return list(store.read(lambda connection: connection.scalars(text("SELECT scope FROM pace ORDER BY scope"))))
