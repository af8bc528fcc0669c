"""A message that was thought not to be in Slack, and a second copy that Slack did not remove, are dealt with later."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Row, select

from bot.clock import Clock
from bot.sandbox import Sandbox
from bot.workers.outbox import OutboxWorker
from handlers.notifications.message import Message
from models.outbox import mending
from models.outbox.queue import Outbox
from models.rules.errors import NotSaved
from models.rules.outbox.delivery import Delivery, DeliveryState
from models.rules.outbox.message_kinds import MessageKind
from models.store.database import Store
from models.store.tables import OUTBOX
from tests.bot.stubs import Control, until
from tests.bot.workers.test_outbox import OutboxSetup
from tests.models.samples import CHANNEL


@pytest.fixture
def services(slack: Sandbox, control: Control, tmp_path: Path) -> Iterator[OutboxSetup]:
    """An outbox in a fresh SQLite file."""
    store = Store(f"sqlite:///{tmp_path / 'csp.db'}", timeout=5.0)
    store.upgrade()
    yield OutboxSetup(slack, control, store, Clock(slack.clock_file))
    store.dispose()


def row(services: OutboxSetup, what: MessageKind) -> Row[Any]:
    query = select(OUTBOX).where(OUTBOX.c.what == what)
    return services.store.read(lambda connection: connection.execute(query).one())


def post_and_lose(services: OutboxSetup, what: MessageKind, channel: str) -> str:
    """Let a worker be killed after it has posted a message, and return where the message is."""
    while held := services.outbox.claim(services.clock.now(), "a worker that is killed"):
        if held.what is what:
            drawn = services.drawn(held)
            assert drawn
            sent = services.post().post(held.id, channel, drawn.text, drawn.blocks)
            assert sent.ts
            return sent.ts
    raise AssertionError(what)


def sweep_until(services: OutboxSetup, worker: OutboxWorker, what: MessageKind, state: DeliveryState) -> None:
    def is_there() -> bool:
        services.later(100)
        worker.sweep()
        return bool(row(services, what).state == state)

    until(is_there, pause=0.1)


def test_what_is_in_slack_and_cannot_be_drawn_any_more_is_recorded_as_sent(services: OutboxSetup) -> None:
    services.raised()
    ts = post_and_lose(services, MessageKind.RECEIPT, "D0WANG")

    def draw(delivery: Delivery) -> Message | None:
        if delivery.what is MessageKind.RECEIPT:
            raise LookupError("a bug")
        return services.drawn(delivery)

    services.render = draw
    with services.working():
        services.later(61)
        services.settle_down()

    receipt = row(services, MessageKind.RECEIPT)
    assert (receipt.state, receipt.slack_ts) == (DeliveryState.SENT, ts)


def test_a_discarded_message_that_is_in_slack_is_recorded_as_sent(services: OutboxSetup) -> None:
    services.raised()
    ts = post_and_lose(services, MessageKind.RECEIPT, "D0WANG")
    services.later(61)
    position = row(services, MessageKind.RECEIPT).position
    services.store.write(lambda c: mending.discard(c, position, "wei", "not needed", services.clock.now()))

    with services.working() as worker:
        sweep_until(services, worker, MessageKind.RECEIPT, DeliveryState.SENT)
        services.settle_down()

    assert row(services, MessageKind.RECEIPT).slack_ts == ts


def test_a_message_that_killed_its_workers_and_is_in_slack_is_recorded_as_sent(services: OutboxSetup) -> None:
    services.raised()
    ts = post_and_lose(services, MessageKind.RECEIPT, "D0WANG")

    def is_set_aside() -> bool:
        services.later(61)
        while services.outbox.claim(services.clock.now(), "a worker that is killed"):
            pass
        return bool(row(services, MessageKind.RECEIPT).state == DeliveryState.DEAD)

    until(is_set_aside)

    with services.working() as worker:
        sweep_until(services, worker, MessageKind.RECEIPT, DeliveryState.SENT)

    assert row(services, MessageKind.RECEIPT).slack_ts == ts


def test_a_second_copy_that_slack_did_not_remove_is_removed_later(services: OutboxSetup) -> None:
    services.control.post("fault", method="chat.postMessage", channel=CHANNEL, mode="late_commit", seconds=900)
    services.control.post("fault", method="chat.delete", mode="http_503", times=2)
    with services.working() as worker:
        services.raised()
        services.settle_down()
        services.later(1000)
        until(lambda: len(services.cards()) == 2)

        def is_removed() -> bool:
            services.later(100)
            worker.sweep()
            return len(services.cards()) == 1

        until(is_removed, pause=0.1)
    assert len(services.control.calls("chat.delete")) == 3


def test_a_message_whose_place_could_not_be_recorded_comes_at_once_when_it_can(services: OutboxSetup) -> None:
    is_locked, was_locked = threading.Event(), threading.Event()

    class LockedOutbox(Outbox):
        def note_place(self, delivery: Delivery, channel: str, thread: str | None) -> bool:
            if is_locked.is_set():
                was_locked.set()
                raise NotSaved("locked")
            return super().note_place(delivery, channel, thread)

    services.outbox = LockedOutbox(services.store)
    services.raised()
    is_locked.set()
    worker = services.worker()

    def tried() -> bool:
        services.later(1.1)
        worker.work_once()
        return was_locked.is_set()

    until(tried)

    is_locked.clear()
    for _ in range(4):
        services.later(1.1)
        worker.work_once()

    assert len(services.lines()) == 1
