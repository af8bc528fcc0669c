"""Which page goes out next: the most urgent of the senders that are free, however many wait for the others."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import insert

from models.outbox import queue_statements
from models.outbox.due_rows import compared_times
from models.outbox.messages import enqueue, message
from models.outbox.page_rows import URGENT
from models.outbox.queue import Outbox
from models.rules.delivery import LONGEST_WAIT, PAGES, MessageKind, QueuePart, SendOutcome, SendResult
from models.store.database import Store
from models.store.tables import PACE
from tests.models.concurrent_writers import opened, together
from tests.models.samples import NOW

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
WAITING = [(f"reach:busy{n % 40}", 0) for n in range(2000)]


def enqueued(store: Store, pages: Iterable[tuple[str, int]], at: datetime = NOW) -> None:
    """Pages of these senders and priorities, in this order; the key says which one of its sender it is."""
    rows = [
        message(MessageKind.PAGE, f"{scope} {n}", at, lane=f"{scope} {n}", scope=scope, priority=priority, note="n")
        for n, (scope, priority) in enumerate(pages)
    ]
    store.write(lambda connection: enqueue(connection, rows))


def held_back(store: Store, scopes: Iterable[str], until: datetime, written: datetime = NOW) -> None:
    """These senders must wait."""
    values = [{"scope": scope, "free_at": until, "set_at": written} for scope in scopes]
    store.write(lambda connection: connection.execute(insert(PACE), values))


def claimed(outbox: Outbox, now: datetime = NOW) -> str:
    """The lane of the next page; empty for none."""
    delivery = outbox.claim(now, "worker", part=QueuePart.PAGES)
    return delivery.lane if delivery else ""


def test_a_sender_that_is_free_is_used_while_thousands_of_pages_wait_for_others(store: Store) -> None:
    enqueued(store, [*WAITING, ("reach:free", 0)])
    held_back(store, {scope for scope, _ in WAITING}, NOW + 5 * MINUTE)
    outbox = Outbox(store)

    assert claimed(outbox) == "reach:free 2000"
    assert claimed(outbox) == ""
    assert claimed(outbox, NOW + 6 * MINUTE) == "reach:busy0 0"


def test_urgent_pages_go_first_and_of_the_others_the_oldest(store: Store) -> None:
    enqueued(store, [("reach:b", 0), ("reach:a", 0), ("reach:a", URGENT), ("reach:b", 0)])
    outbox = Outbox(store)

    assert [claimed(outbox, NOW + n * 2 * SECOND) for n in range(5)] == [
        "reach:a 2", "reach:b 0", "reach:a 1", "reach:b 3", "",
    ]  # fmt: skip


def test_two_workers_never_use_a_sender_at_the_same_moment(url: str) -> None:
    with opened(url) as one, opened(url) as other:
        enqueued(one, [("reach:a", 0), ("reach:a", 0), ("reach:b", 0)])

        lanes = together([lambda: claimed(Outbox(one)), lambda: claimed(Outbox(other))] * 2)

    assert len([lane for lane in lanes if lane.startswith("reach:a")]) <= 1
    assert len([lane for lane in lanes if lane.startswith("reach:b")]) <= 1


def test_the_next_page_is_due_when_its_sender_is_free(store: Store) -> None:
    enqueued(store, [("reach:a", 0)])
    outbox = Outbox(store)
    alone = outbox.next_due(QueuePart.PAGES, NOW)
    held_back(store, ["reach:a"], NOW + MINUTE)

    assert (alone, outbox.next_due(QueuePart.PAGES, NOW)) == (NOW, NOW + MINUTE)
    assert outbox.next_due(QueuePart.PAGES, NOW + 2 * MINUTE) == NOW
    assert outbox.next_due(QueuePart.PAGES) == NOW


def test_nothing_is_due_without_pages(store: Store) -> None:
    outbox = Outbox(store)

    assert (claimed(outbox), outbox.next_due(QueuePart.PAGES, NOW)) == ("", None)


def test_a_pause_that_a_wrong_clock_wrote_holds_nobody_back(store: Store) -> None:
    enqueued(store, [("reach:a", 0), ("reach:b", 0), ("reach:c", 0)])
    held_back(store, ["reach:a"], NOW + 2 * LONGEST_WAIT)
    held_back(store, ["reach:b"], NOW + MINUTE, written=NOW + MINUTE)
    held_back(store, ["reach:c"], NOW + MINUTE)
    outbox = Outbox(store)

    assert [claimed(outbox), claimed(outbox), claimed(outbox)] == ["reach:a 0", "reach:b 1", ""]


def test_all_pages_wait_while_all_senders_are_held_back(store: Store) -> None:
    enqueued(store, [("reach:a", 0)])
    held_back(store, [PAGES], NOW + MINUTE)

    assert claimed(Outbox(store)) == ""


def test_a_page_whose_worker_fell_silent_is_claimed_again(store: Store) -> None:
    enqueued(store, [("reach:a", 0)])
    outbox = Outbox(store)
    first = outbox.claim(NOW, "worker", part=QueuePart.PAGES)
    assert first

    assert claimed(outbox, NOW + 30 * SECOND) == ""
    assert claimed(outbox, NOW + 2 * MINUTE) == "reach:a 0"
    assert not outbox.settle(first, SendOutcome(SendResult.NOT_ACCEPTED), NOW + 2 * MINUTE)


def test_pages_of_senders_that_are_held_back_are_not_read(tmp_path: Path) -> None:
    work = {}
    for count in (len(WAITING) // 10, len(WAITING)):
        with opened(f"sqlite:///{tmp_path / str(count)}.db") as store:
            store.upgrade()
            enqueued(store, WAITING[:count])
            held_back(store, {scope for scope, _ in WAITING}, NOW + 5 * MINUTE)
            work[count] = [_count_steps(store, statements[QueuePart.PAGES]) for statements in (
                queue_statements.CLAIMABLE, queue_statements.NEXT,
            )]  # fmt: skip

    few, many = work.values()
    assert all(b < 1.5 * a for a, b in zip(few, many, strict=True)), work


def _count_steps(store: Store, statement: object) -> int:
    """How many steps SQLite's machine takes for a statement."""
    steps = []
    with store.engine.connect() as connection:
        raw = connection.connection.driver_connection
        assert raw
        raw.set_progress_handler(lambda: steps.append(1), 10)
        connection.execute(statement, {**compared_times(NOW), "but": []}).all()  # type: ignore[call-overload]
        raw.set_progress_handler(None, 10)
    return 10 * len(steps)
