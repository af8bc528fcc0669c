"""Which page goes out next: the most urgent of the senders that are free, however many wait for the others."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert

from models.outbox import queue_statements
from models.outbox.due_rows import compared_times
from models.outbox.messages import enqueue, message
from models.outbox.page_rows import URGENT, scope_of
from models.outbox.queue import Outbox
from models.rules.outbox.delivery import QueuePart
from models.rules.outbox.message_kinds import MessageKind
from models.rules.outbox.pace import PAGES
from models.rules.outbox.send_outcome import SendOutcome, SendResult
from models.rules.outbox.settlement import LONGEST_WAIT
from models.rules.reach.channels import APP_INTERVAL, APP_LIMITS, AT_ONCE, MARGIN, Channel, RateLimit
from models.rules.reach.reach_plan import ReachAddress
from models.store.database import Store
from models.store.tables import PACE
from tests.models.concurrent_writers import opened, together
from tests.models.samples import NOW

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
CROWD = 150
"""So many people whom one app reaches."""
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


def test_an_app_keeps_its_limits_over_all_people_and_holds_no_other_sender_back(store: Store) -> None:
    people = [ReachAddress(Channel.FEISHU_APP, {"app_id": "cli", "to": f"ou_{n}"}) for n in range(CROWD)]
    other_app = ReachAddress(Channel.FEISHU_APP, {"app_id": "cli2", "to": "ou_0"})
    robot = ReachAddress(Channel.WECOM_BOT, {"url": "https://a.cn/x"})
    enqueued(store, [(scope_of(address), 0) for address in (*people, other_app, robot)])
    outbox = Outbox(store)

    at_once = _claim_all(outbox, NOW)
    assert [lane.partition(" ")[0] for lane in at_once[AT_ONCE:]] == [scope_of(other_app), scope_of(robot)]
    assert outbox.next_due(QueuePart.PAGES, NOW) == NOW + APP_INTERVAL
    used = [NOW] * AT_ONCE
    while now := outbox.next_due(QueuePart.PAGES, used[-1]):
        used += [now] * len(_claim_all(outbox, now))

    assert len(used) == CROWD
    for limit in APP_LIMITS:
        assert max(sum(at <= each < at + limit.per + MARGIN for each in used) for at in used) <= limit.count
    assert used[-1] - NOW < CROWD * APP_INTERVAL  # and no slower than it must be


def _claim_all(outbox: Outbox, now: datetime) -> list[str]:
    """Send what may go out now, and return the lanes."""
    lanes = []
    while delivery := outbox.claim(now, "worker", part=QueuePart.PAGES):
        outbox.settle(delivery, SendOutcome(SendResult.SENT), now)
        lanes.append(delivery.lane)
    return lanes


@pytest.mark.parametrize("limit", APP_LIMITS)
def test_the_pace_of_an_app_fits_into_each_of_its_limits(limit: RateLimit) -> None:
    assert AT_ONCE + (limit.per + MARGIN) / APP_INTERVAL <= limit.count + 0.001


def test_two_workers_never_use_an_app_more_often_than_it_may_be(url: str) -> None:
    with opened(url) as one, opened(url) as other:
        addresses = [ReachAddress(Channel.FEISHU_APP, {"app_id": "cli", "to": f"ou_{n}"}) for n in range(3 * AT_ONCE)]
        enqueued(one, [(scope_of(address), 0) for address in addresses])

        lanes = together([lambda: claimed(Outbox(one)), lambda: claimed(Outbox(other))] * (2 * AT_ONCE))

    taken = [lane for lane in lanes if lane]
    assert 0 < len(taken) <= AT_ONCE
    assert len(set(taken)) == len(taken)


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
