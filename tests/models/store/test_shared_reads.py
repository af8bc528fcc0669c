"""Reads that share a transaction: one connection, until a write or a fault ends it, and never another thread's."""

from collections.abc import Iterator
from threading import Event

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from models.outbox.messages import enqueue, message
from models.rules.errors import NotSaved
from models.rules.outbox.message_kinds import MessageKind
from models.store.database import Store
from tests.models.concurrent_writers import together
from tests.models.samples import NOW

TOO_LONG = 120.0  # seconds


@pytest.fixture
def connections(store: Store) -> Iterator[list[Connection]]:
    """The connections of the reads, one for each. They are kept: the id of one that is gone may be given again."""
    seen: list[Connection] = []
    yield seen
    assert store.read(lambda _: True), "the store is as usable as before"


def looked(store: Store, connections: list[Connection]) -> None:
    """One read."""
    store.read(connections.append)


def wrote(store: Store) -> None:
    """One write of a message."""
    row = message(MessageKind.TROUBLE, "key", NOW, lane="trouble")
    store.write(lambda connection: enqueue(connection, [row]))


def counted(store: Store) -> int:
    return store.read(lambda connection: int(connection.execute(text("SELECT count(*) FROM outbox")).scalar_one()))


def test_on_a_server_reads_together_use_one_connection(store: Store, connections: list[Connection]) -> None:
    def reads() -> str:
        looked(store, connections)
        store.read_together(lambda: looked(store, connections))
        looked(store, connections)
        return "read"

    assert store.read_together(reads) == "read"
    assert (len(connections), len(set(map(id, connections)))) == (3, 3 if store.is_sqlite else 1)


def test_a_thread_that_reads_together_may_wait_for_another_thread_while_a_third_writes(store: Store) -> None:
    """A commit to an SQLite file waits for open readers and keeps new ones waiting: nobody may read in between."""
    begun, written = Event(), Event()

    def reads() -> int:
        counted(store)
        begun.set()
        assert written.wait(TOO_LONG)
        return counted(store)

    def writes() -> None:
        assert begun.wait(TOO_LONG)
        wrote(store)
        written.set()

    together([lambda: store.read_together(reads), writes])

    assert counted(store) == 1


def test_what_is_read_after_a_write_sees_it(store: Store) -> None:
    def reads() -> tuple[int, int]:
        before = counted(store)
        wrote(store)
        return before, counted(store)

    assert store.read_together(reads) == (0, 1)


def test_a_failed_read_fails_alone(store: Store) -> None:
    def fail(connection: Connection) -> None:
        connection.execute(text("SELECT nothing FROM nowhere"))

    def reads() -> int:
        with pytest.raises((DBAPIError, NotSaved)):
            store.read(fail)
        return counted(store)

    assert store.read_together(reads) == 0


def test_threads_do_not_share(store: Store, connections: list[Connection]) -> None:
    def reads() -> None:
        looked(store, connections)
        together([lambda: looked(store, connections)])

    store.read_together(reads)

    assert len(set(map(id, connections))) == 2


def test_an_error_between_reads_ends_them(store: Store) -> None:
    def reads() -> None:
        counted(store)
        raise LookupError

    with pytest.raises(LookupError):
        store.read_together(reads)
    wrote(store)

    assert counted(store) == 1
