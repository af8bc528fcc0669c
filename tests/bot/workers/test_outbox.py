"""The outbox worker against a strict Slack: each message visible once, in order, whatever is broken meanwhile."""

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from bot.clock import Clock
from bot.sandbox import Sandbox
from bot.slack.client import SlackClient
from bot.slack.messages import Post
from bot.slack.transport import Transport
from bot.workers.images import Pictures
from bot.workers.outbox import Bell, OutboxWorker
from handlers.chart.drawing import Scene
from handlers.notifications.message import Message
from handlers.settings import Settings
from models.escalations.commands import Desk
from models.escalations.queries import Board
from models.outbox.queue import Outbox
from models.rules.delivery import Answer, Delivery, Verdict, What, interval
from models.rules.errors import NotSaved
from models.rules.escalations.calls import OnDuty
from models.rules.escalations.escalation import Escalation, Move
from models.store.database import Store
from models.store.tables import PACE
from tests.bot.stubs import PATIENCE, Control, until
from tests.handlers.rendering import draw, studio_on
from tests.models.samples import CHANNEL, WANG, customer_request, step

SETTINGS = Settings("C0ESCAL", "C0ONCALL", ZoneInfo("Asia/Shanghai"), "en", leads=frozenset({"U0LINA"}))
DOT = b"\x89PNG\r\n\x1a\n"
"""Enough of a picture for Slack's look at its first bytes."""
THREADS = 2
"""Workers for everything; one more is kept for calls."""
LONG = 200.0
"""Seconds after which every look and every second look is due."""


@dataclass
class House:
    """A desk, its outbox, and workers that can be started and stopped, who wait ``patience`` seconds for Slack."""

    slack: Sandbox
    control: Control
    store: Store
    clock: Clock
    bell: Bell = field(default_factory=Bell)
    render: Callable[[Delivery], Message | None] | None = None
    paint: Callable[[Scene], bytes] = lambda _: DOT
    patience: int = 30
    number: int = 0

    def __post_init__(self) -> None:
        self.board = Board(self.store)
        self.desk = Desk(self.store, self.bell.ring)
        self.outbox = Outbox(self.store)

    def drawn(self, delivery: Delivery) -> Message | None:
        drawn = draw(delivery, studio_on(self.store, SETTINGS, self.clock.now()), self.store)
        assert drawn is None or isinstance(drawn, Message)
        return drawn

    def post(self) -> Post:
        transport = Transport(self.clock, self.slack.api_url)
        return Post(SlackClient(self.slack.bot_token, self.slack.api_url, transport, self.patience))

    def worker(self) -> OutboxWorker:
        post, draw = self.post(), self.render or self.drawn
        pictures = Pictures(post, self.paint, self.clock)
        return OutboxWorker(self.outbox, post, draw, pictures, self.clock, self.bell, THREADS)

    @contextmanager
    def working(self) -> Iterator[OutboxWorker]:
        worker = self.worker()
        worker.start()
        try:
            yield worker
        finally:
            assert worker.stop(30.0)

    def raised(self) -> Escalation:
        self.number += 1
        request = customer_request(title=f"Title {self.number}")
        return self.desk.raise_escalation(request, CHANNEL, WANG, self.clock.now(), f"view-{self.number}")

    def moved(self, move: Move) -> Escalation:
        self.number += 1
        return self.desk.move(1, step(move, at=self.clock.now()), f"click-{self.number}")

    def later(self, seconds: float) -> None:
        self.control.post("clock", advance=seconds)
        self.bell.ring()

    def quiet(self) -> bool:
        with suppress(NotSaved):  # a slow disk is nobody's fault here
            return self.outbox.next_due() is None
        return False

    def settle_down(self, seconds: float = PATIENCE) -> None:
        """Wait until nothing is unfinished, letting the clock run on where only waiting is left."""

        def done() -> bool:
            # Never while a row is held: its lease must not run out because of us.
            if not self.quiet() and "sending" not in self.outbox.counts():
                self.later(25)
            return self.quiet()

        until(done, seconds, pause=0.1)

    def cards(self) -> list[dict[str, Any]]:
        return [m for m in self.control.messages() if m.get("thread_ts", m["ts"]) == m["ts"]]

    def lines(self) -> list[dict[str, Any]]:
        return [m for m in self.control.messages() if m.get("thread_ts", m["ts"]) != m["ts"]]

    def receipts(self) -> list[dict[str, Any]]:
        return self.control.messages("D0WANG")


@pytest.fixture
def house(slack: Sandbox, control: Control, tmp_path: Path) -> Iterator[House]:
    """A house on a fresh SQLite file."""
    store = Store(f"sqlite:///{tmp_path / 'csp.db'}", patience=5.0)
    store.upgrade()
    yield House(slack, control, store, Clock(slack.clock_file))
    store.dispose()


def ids_of(found: list[dict[str, Any]]) -> list[str]:
    return [message["metadata"]["event_payload"]["id"] for message in found]


def test_a_new_escalation_shows_its_card_its_thread_and_its_receipt_once(house: House) -> None:
    with house.working():
        house.raised()
        house.settle_down()
    assert (len(house.cards()), len(house.lines()), len(house.receipts())) == (1, 1, 1)
    assert house.lines()[0]["thread_ts"] == house.cards()[0]["ts"]


def test_many_quick_moves_show_in_order_and_redraw_the_card_a_few_times(house: House) -> None:
    with house.working():
        house.raised()
        began = time.monotonic()
        for move in (Move.ACKNOWLEDGE, Move.NOTE, Move.RECORD, Move.TELL, Move.RESOLVE, Move.CLOSE):
            house.moved(move)
        took = time.monotonic() - began
        house.settle_down()
    assert len(house.lines()) == 7
    assert [line["ts"] for line in house.lines()] == sorted(line["ts"] for line in house.lines())
    assert len(house.cards()) == 1
    # A few for quick moves, and one more for each pause between two of them that a slow machine took to make them.
    assert len(house.control.calls("chat.update")) <= 3 + took / interval("update").total_seconds()


@pytest.mark.parametrize(
    "fault",
    [
        {"mode": "drop_after"},
        {"mode": "drop_before"},
        {"mode": "http_500", "accepted": True},
        {"mode": "ok_false", "error": "fatal_error", "accepted": True},
        {"mode": "truncated"},
        {"mode": "hang", "seconds": 1.2, "accepted": True},
    ],
    ids=str,
)
def test_a_lost_answer_leads_to_no_second_message_and_no_missing_one(house: House, fault: dict[str, Any]) -> None:
    house.control.post("fault", method="chat.postMessage", times=2, **fault)
    house.patience = 1
    with house.working() as worker:
        house.raised()
        house.settle_down()
        house.later(LONG)
        worker.sweep()
        house.settle_down()
    assert (len(house.cards()), len(house.lines()), len(house.receipts())) == (1, 1, 1)


@pytest.mark.parametrize(
    "fault", [{"mode": "http_500"}, {"mode": "ok_false", "error": "internal_error"}], ids=lambda fault: fault["mode"]
)
def test_after_a_failure_that_slack_reported_the_card_shows_within_ten_seconds(
    house: House, fault: dict[str, Any]
) -> None:
    house.control.post("fault", method="chat.postMessage", channel=CHANNEL, **fault)
    with house.working():
        house.raised()
        until(lambda: house.outbox.counts().get("unknown"))
        house.later(6)
        until(house.cards, seconds=40)  # all looks would take 79 seconds more
        house.settle_down()
    assert len(house.cards()) == 1


def test_a_rate_limit_of_a_look_keeps_no_message_waiting(house: House) -> None:
    house.control.post("fault", method="conversations.history", mode="ratelimited", retry_after=600)
    house.control.post("fault", method="chat.postMessage", channel=CHANNEL, mode="drop_after")
    with house.working():
        house.raised()
        until(lambda: house.outbox.counts().get("unknown"))
        house.later(6)
        until(lambda: house.control.calls("conversations.history"))
        house.raised()
        until(lambda: len(house.cards()) == 2, seconds=40)
        assert len(house.control.calls("conversations.history")) == 1
        house.settle_down()
    assert (len(house.cards()), len(house.lines()), len(house.receipts())) == (2, 2, 2)


def test_a_rate_limit_of_opening_direct_messages_holds_back_no_post(house: House) -> None:
    house.control.post("fault", method="conversations.open", mode="ratelimited", retry_after=600)
    with house.working():
        house.raised()
        until(lambda: house.lines() and house.control.calls("conversations.open"))
        paused = house.store.read(lambda c: c.execute(select(PACE.c.scope, PACE.c.free_at)).all())
        house.settle_down()
    now = house.clock.now()
    assert [scope for scope, free_at in paused if free_at > now - timedelta(seconds=500) and scope[:5] == "post:"] == []
    assert len(house.receipts()) == 1


def test_a_look_for_second_copies_that_slack_refuses_is_made_again(house: House) -> None:
    house.control.post("fault", method="chat.postMessage", channel=CHANNEL, mode="late_commit", seconds=600)
    with house.working() as worker:
        house.raised()
        house.settle_down()
        house.later(600)
        until(lambda: len(house.cards()) == 2)
        house.control.post("fault", method="conversations.history", mode="ratelimited", retry_after=30, times=2)
        for _ in range(2):
            looks = len(house.control.calls("conversations.history"))
            worker.sweep()
            until(lambda: len(house.control.calls("conversations.history")) > looks)  # noqa: B023 - asked at once
            house.later(900)

        def removed() -> bool:
            house.later(60)
            worker.sweep()
            return len(house.cards()) == 1

        until(removed, pause=0.2)


class HourAhead(Clock):
    """A machine whose clock was set an hour ahead of Slack's."""

    def now(self) -> datetime:
        return super().now() + timedelta(hours=1)


def test_a_lost_answer_leads_to_no_second_message_by_a_clock_that_is_an_hour_ahead(house: House) -> None:
    house.clock = HourAhead(house.slack.clock_file)
    house.control.post("fault", method="chat.postMessage", mode="drop_after")
    with house.working():
        house.raised()
        house.settle_down()

    assert [len(of) for of in (house.cards(), house.lines(), house.receipts())] == [1, 1, 1]


def test_a_message_that_arrives_late_leaves_one_copy(house: House) -> None:
    house.control.post("fault", method="chat.postMessage", channel="C0ESCAL", mode="late_commit", seconds=600)
    with house.working() as worker:
        house.raised()
        house.settle_down()
        assert len(house.cards()) == 1
        known = house.cards()[0]["ts"]
        house.later(600)
        until(lambda: len(house.cards()) == 2)
        house.later(900)
        worker.sweep()
        until(lambda: len(house.cards()) == 1)
    assert house.cards()[0]["ts"] == known


def test_a_second_copy_in_a_thread_is_removed_though_nobody_would_say_it_any_more(house: House) -> None:
    gone = threading.Event()
    house.render = lambda delivery: None if gone.is_set() else house.drawn(delivery)
    with house.working() as worker:
        house.raised()
        house.settle_down()
        house.control.post("fault", method="chat.postMessage", channel="C0ESCAL", mode="late_commit", seconds=600)
        house.moved(Move.NOTE)
        house.settle_down()
        said = house.lines()
        assert len(said) == 2
        gone.set()
        house.later(600)
        until(lambda: len(house.lines()) == 3)
        house.later(900)
        worker.sweep()
        until(lambda: house.lines() == said)


def test_two_late_copies_of_what_nobody_would_say_any_more_become_one(house: House) -> None:
    gone = threading.Event()
    house.render = lambda delivery: None if gone.is_set() else house.drawn(delivery)
    with house.working() as worker:
        house.raised()
        house.settle_down()
        before = len(house.control.calls("chat.postMessage"))
        house.control.post(
            "fault", method="chat.postMessage", channel="C0ESCAL", mode="late_commit", seconds=600, times=2
        )
        house.moved(Move.NOTE)

        def sent_twice() -> bool:
            if "sending" not in house.outbox.counts():
                house.later(25)
            return len(house.control.calls("chat.postMessage")) == before + 2

        until(sent_twice, pause=0.1)
        gone.set()
        house.settle_down()
        house.later(700)
        until(lambda: len(house.lines()) == 3)
        house.later(900)
        worker.sweep()
        until(lambda: len(house.lines()) == 2)


def test_what_another_process_held_when_it_was_killed_is_sent_once(house: House) -> None:
    house.raised()
    held = house.outbox.claim(house.clock.now(), "a worker that dies now")
    assert held is not None
    with house.working():
        house.later(61)
        house.settle_down()
    assert (len(house.cards()), len(house.lines()), len(house.receipts())) == (1, 1, 1)


def test_what_was_posted_but_not_settled_when_it_was_killed_is_found(house: House) -> None:
    house.raised()
    held = house.outbox.claim(house.clock.now(), "a worker that dies after its post")
    assert held is not None
    assert held.what is What.CARD
    drawn = house.drawn(held)
    assert drawn is not None
    sent = house.post().post(held.id, CHANNEL, drawn.text, drawn.blocks)
    with house.working():
        house.later(61)
        house.settle_down()
    assert [card["ts"] for card in house.cards()] == [sent.ts]


def test_a_worker_that_comes_back_too_late_changes_nothing(house: House) -> None:
    house.raised()
    held = house.outbox.claim(house.clock.now(), "a worker that sleeps")
    assert held is not None
    with house.working():
        house.later(61)
        house.settle_down()
    place = house.board.place_of_card(1)
    assert not house.outbox.settle(held, Answer(Verdict.SENT, CHANNEL, "1.000000"), house.clock.now())
    assert house.board.place_of_card(1) == place


def test_a_worker_that_was_stopped_before_its_post_does_not_post_what_another_has_posted(house: House) -> None:
    stopped, go_on, came_back = threading.Event(), threading.Event(), threading.Event()

    def paused(delivery: Delivery) -> Message | None:
        drawn = house.drawn(delivery)
        if delivery.what is What.CARD and not stopped.is_set():
            stopped.set()
            assert go_on.wait(30.0)
            came_back.set()
        return drawn

    house.render = paused
    with house.working():
        house.raised()
        assert stopped.wait(30.0)
        house.later(61)
        house.settle_down()
        go_on.set()
        assert came_back.wait(30.0)
    assert (len(house.cards()), len(house.lines())) == (1, 1)
    assert len(house.control.calls("chat.postMessage")) == 3


def test_a_call_goes_out_while_everything_else_waits_for_slack(house: House) -> None:
    go_on, held = threading.Event(), threading.Semaphore(0)

    def slow(delivery: Delivery) -> Message | None:
        if delivery.what is not What.CALL:
            held.release()
            assert go_on.wait(30.0)
        return house.drawn(delivery)

    house.render = slow
    with house.working():
        house.raised()
        for _ in range(THREADS):
            assert held.acquire(timeout=30.0)
        house.desk = Desk(house.store, house.bell.ring, lambda _: OnDuty(on_call=("U0LINA",)))
        house.raised()
        until(lambda: len(house.control.messages("D0LINA")) == 1)
        assert not house.cards()
        go_on.set()
        house.settle_down()
    assert (len(house.cards()), len(house.receipts())) == (2, 2)


def test_a_card_somebody_deleted_is_posted_anew(house: House) -> None:
    with house.working():
        house.raised()
        until(house.quiet)
        first = house.cards()[0]
        assert house.post().delete(CHANNEL, first["ts"]).verdict is Verdict.SENT
        house.moved(Move.ACKNOWLEDGE)
        house.settle_down()
    (card,) = house.cards()
    assert card["ts"] != first["ts"]


def test_a_message_slack_refuses_is_sent_once_more_as_plain_text(house: House) -> None:
    fault = {"method": "chat.postMessage", "channel": CHANNEL, "mode": "ok_false", "error": "invalid_blocks"}
    house.control.post("fault", **fault)
    with house.working():
        house.raised()
        house.settle_down()
    (card,) = house.cards()
    assert not card.get("blocks")
    assert "CSP-1" in card["text"]


def test_a_row_that_cannot_be_drawn_holds_up_nobody_and_is_said_aloud(house: House) -> None:
    def poisoned(delivery: Delivery) -> Message | None:
        if delivery.what is What.LINE and delivery.number == 1:
            raise LookupError("poison")
        return house.drawn(delivery)

    house.render = poisoned
    with house.working():
        house.raised()
        house.raised()
        house.settle_down()
    assert (len(house.cards()), len(house.lines()), len(house.receipts())) == (2, 1, 2)
    assert house.outbox.counts()["dead"] == 1
    assert len(house.control.messages("C0ONCALL")) == 1


@pytest.mark.parametrize("error", ["user_disabled", "user_not_found", "users_not_found", "account_inactive"])
def test_who_slack_says_is_not_there_any_more_is_known_to_have_left_at_once(house: House, error: str) -> None:
    house.control.post("fault", method="conversations.open", mode="ok_false", error=error, times=-1)
    with house.working() as worker:
        house.raised()
        house.settle_down()
        assert worker.refused == ""
    assert house.board.has_left("U0WANG")
    assert len(house.cards()) == 1


def test_a_token_of_a_removed_app_makes_nobody_leave(house: House) -> None:
    for method in ("conversations.open", "auth.test", "chat.postMessage"):
        house.control.post("fault", method=method, mode="ok_false", error="account_inactive", times=-1)
    with house.working() as worker:
        house.raised()
        until(lambda: worker.refused)
    assert not house.board.has_left("U0WANG")


def test_a_channel_that_is_limited_delays_nobody_else(house: House) -> None:
    house.control.post("fault", method="chat.postMessage", channel=CHANNEL, mode="ratelimited", retry_after=300)
    with house.working():
        house.raised()
        until(lambda: house.receipts() and len(house.control.calls("chat.postMessage")) == 2)
        assert house.cards() == []
        house.later(300)
        house.settle_down()
    assert len(house.cards()) == 1


def test_a_revoked_token_keeps_everything_and_says_so_until_it_works_again(house: House) -> None:
    house.control.post("settings", token_revoked=True)
    with house.working() as worker:
        house.raised()
        until(lambda: worker.refused)
        house.control.post("settings", token_revoked=False)
        house.settle_down()
        assert worker.refused == ""
    assert (len(house.cards()), len(house.lines()), len(house.receipts())) == (1, 1, 1)
    assert house.outbox.counts() == {}


def test_an_outage_of_a_day_is_made_up_for_in_order(house: House) -> None:
    house.control.post("fault", method="*", mode="drop_before", times=-1)
    with house.working():
        house.raised()
        until(lambda: house.control.calls("chat.postMessage"))
        house.later(86400)
        house.moved(Move.ACKNOWLEDGE)
        house.moved(Move.NOTE)
        house.control.clear_faults()
        house.settle_down()
    assert (len(house.cards()), len(house.lines()), len(house.receipts())) == (1, 3, 1)


def test_a_commit_wakes_the_worker_who_would_sleep_for_an_hour(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.workers.outbox._IDLE", 3600.0)
    with house.working():
        until(house.quiet)
        house.raised()
        until(house.cards)


def test_a_locked_database_after_the_post_leads_to_no_second_post(house: House, tmp_path: Path) -> None:
    posted = threading.Event()
    draw = house.drawn

    def locking(delivery: Delivery) -> Message | None:
        drawn = draw(delivery)
        if delivery.what is What.CARD and not posted.is_set():
            locker.execute("BEGIN IMMEDIATE")
            posted.set()
        return drawn

    locker = sqlite3.connect(tmp_path / "csp.db", isolation_level=None, check_same_thread=False)
    house.render = locking
    with house.working():
        house.raised()
        until(house.cards)
        locker.execute("ROLLBACK")
        locker.close()
        house.settle_down()
    assert (len(house.cards()), len(house.lines())) == (1, 1)


def test_stopping_waits_for_the_send_in_hand(house: House) -> None:
    house.control.post("fault", method="chat.postMessage", channel=CHANNEL, mode="delay", seconds=0.5)
    begun = threading.Event()

    def noticed(delivery: Delivery) -> Message | None:
        if delivery.what is What.CARD:
            begun.set()
        return house.drawn(delivery)

    house.render = noticed
    with house.working() as worker:
        house.raised()
        assert begun.wait(30.0)
        assert worker.stop(30.0)
        assert not worker.alive
    assert len(house.cards()) == 1
    assert "sending" not in house.outbox.counts()


def test_a_ring_while_nobody_sleeps_is_not_lost() -> None:
    bell = Bell()
    bell.ring()
    assert bell.sleep(0, 60.0) == 1
