"""The outbox worker against a strict Slack: each message visible once, in order, whatever is broken meanwhile."""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Row, select

from bot.clock import Clock
from bot.http_client.transport import Transport
from bot.sandbox import Sandbox
from bot.slack.client import SlackClient
from bot.slack.messages import SlackMessages
from bot.workers.images import ImageUploads
from bot.workers.outbox import OutboxWorker
from bot.workers.queue_worker import WakeUp
from handlers.chart.drawing import Drawing
from handlers.notifications.message import Message
from handlers.settings import Settings
from models.escalations.commands import EscalationCommands
from models.escalations.queries import EscalationQueries
from models.outbox.due_rows import compared_times
from models.outbox.queue import Outbox
from models.outbox.queue_statements import CLAIMABLE
from models.rules.errors import NotSaved
from models.rules.escalations.acknowledgement_calls import OnCallPeople
from models.rules.escalations.escalation import Escalation, Move
from models.rules.outbox.delivery import Delivery, QueuePart
from models.rules.outbox.message_kinds import MessageKind
from models.rules.outbox.send_outcome import SendOutcome, SendResult
from models.store.database import Store
from models.store.tables import OUTBOX, PACE
from tests.bot.stubs import PATIENCE, Control, until
from tests.handlers.rendering import render, render_context_on
from tests.models.samples import CHANNEL, WANG, customer_request, step

SETTINGS = Settings("C0ESCAL", "C0ONCALL", ZoneInfo("Asia/Shanghai"), "en", leads=frozenset({"U0LINA"}))
DOT = b"\x89PNG\r\n\x1a\n"
"""Enough of a picture for Slack's look at its first bytes."""
THREADS = 2
"""Workers for everything; one more is kept for calls."""
LONG = 200.0
"""Seconds after which every look and every second look is due."""


@dataclass
class OutboxSetup:
    """A store, its outbox, and workers that start and stop; they wait `patience` seconds for Slack."""

    slack: Sandbox
    control: Control
    store: Store
    clock: Clock
    wake_up: WakeUp = field(default_factory=WakeUp)
    render: Callable[[Delivery], Message | None] | None = None
    paint: Callable[[Drawing], bytes] = lambda _: DOT
    patience: int = 30
    number: int = 0

    def __post_init__(self) -> None:
        self.queries = EscalationQueries(self.store)
        self.commands = EscalationCommands(self.store, self.wake_up.notify)
        self.outbox = Outbox(self.store)

    def drawn(self, delivery: Delivery) -> Message | None:
        drawn = render(delivery, render_context_on(self.store, SETTINGS, self.clock.now()))
        assert drawn is None or isinstance(drawn, Message)
        return drawn

    def post(self) -> SlackMessages:
        transport = Transport(self.clock, self.slack.api_url)
        return SlackMessages(SlackClient(self.slack.bot_token, self.slack.api_url, transport, self.patience))

    def worker(self) -> OutboxWorker:
        post, draw = self.post(), self.render or self.drawn
        pictures = ImageUploads(post, self.paint, self.clock)
        return OutboxWorker(self.outbox, post, draw, pictures, self.clock, self.wake_up, THREADS)

    @contextmanager
    def working(self) -> Iterator[OutboxWorker]:
        worker = self.worker()
        worker.start()
        try:
            yield worker
        finally:
            assert worker.stop(PATIENCE)

    def raised(self) -> Escalation:
        self.number += 1
        request = customer_request(title=f"Title {self.number}")
        return self.commands.raise_escalation(request, CHANNEL, WANG, self.clock.now(), f"view-{self.number}")

    def moved(self, move: Move) -> Escalation:
        self.number += 1
        return self.commands.move(1, step(move, at=self.clock.now()), f"click-{self.number}")

    def later(self, seconds: float) -> None:
        self.control.post("clock", advance=seconds)
        self.wake_up.notify()

    def quiet(self) -> bool:
        with suppress(NotSaved):  # a slow disk is nobody's fault here
            return self.outbox.next_due() is None
        return False

    def is_claimable(self) -> bool:
        """Whether a worker that gets to run would find something to send."""
        values = compared_times(self.clock.now())
        return self.store.read(lambda c: c.execute(CLAIMABLE[QueuePart.SLACK], values).first()) is not None

    def settle_down(self, seconds: float = PATIENCE) -> None:
        """Wait until nothing is unfinished, letting the clock run on where only waiting is left."""

        def done() -> bool:
            # Never while a row is held: its lease must not run out because of us.
            if not self.quiet() and "sending" not in self.outbox.counts():
                self.later(25)
            return self.quiet()

        until(done, seconds, pause=0.1)

    def deliver_all(self, channel: str) -> dict[str, Any]:
        """Let a worker send everything and search for second copies; return the one message in a channel."""
        with self.working() as worker:
            self.settle_down()
            self.later(1000)
            worker.sweep()
            self.settle_down()
        (message,) = self.control.messages(channel)
        return message

    def cards(self) -> list[dict[str, Any]]:
        return [m for m in self.control.messages() if m.get("thread_ts", m["ts"]) == m["ts"]]

    def lines(self) -> list[dict[str, Any]]:
        return [m for m in self.control.messages() if m.get("thread_ts", m["ts"]) != m["ts"]]

    def receipts(self) -> list[dict[str, Any]]:
        return self.control.messages("D0WANG")


@pytest.fixture
def services(slack: Sandbox, control: Control, tmp_path: Path) -> Iterator[OutboxSetup]:
    """An outbox in a fresh SQLite file."""
    store = Store(f"sqlite:///{tmp_path / 'csp.db'}", timeout=5.0)
    store.upgrade()
    yield OutboxSetup(slack, control, store, Clock(slack.clock_file))
    store.dispose()


def test_a_new_escalation_shows_its_card_its_thread_and_its_receipt_once(services: OutboxSetup) -> None:
    with services.working():
        services.raised()
        services.settle_down()
    assert (len(services.cards()), len(services.lines()), len(services.receipts())) == (1, 1, 1)
    assert services.lines()[0]["thread_ts"] == services.cards()[0]["ts"]


def test_after_a_long_silence_everything_comes_within_a_minute_and_once(services: OutboxSetup) -> None:
    services.control.post("settings", slack_off=True)
    with services.working() as worker:
        for _ in range(4):
            services.raised()
        for _ in range(12):
            until(lambda: "sending" not in services.outbox.counts())
            services.later(30)
        services.control.post("settings", slack_off=False)
        back = services.clock.now()

        def done() -> bool:
            if "sending" not in services.outbox.counts():
                worker.probe()
                if not services.is_claimable():  # or the clock would run while a busy machine lets no worker run
                    services.later(1)
            return services.quiet()

        until(done, pause=0.1)
        took = services.clock.now() - back
    assert (len(services.cards()), len(services.lines()), len(services.receipts())) == (4, 4, 4)
    assert took < timedelta(seconds=60)


def test_many_quick_moves_show_in_order_and_redraw_the_card_a_few_times(services: OutboxSetup) -> None:
    all_made = threading.Event()

    def draw_after_all(delivery: Delivery) -> Message | None:
        if delivery.what is MessageKind.REFRESH:
            assert all_made.wait(PATIENCE)
        return services.drawn(delivery)

    services.render = draw_after_all
    with services.working():
        services.raised()
        for move in (Move.ACKNOWLEDGE, Move.NOTE, Move.RECORD, Move.RESOLVE, Move.TELL, Move.CLOSE):
            services.moved(move)
        all_made.set()
        services.settle_down()
    # A line for raising it and for each move, and the picture of the closed case.
    assert len(services.lines()) == 8
    assert [line["ts"] for line in services.lines()] == sorted(line["ts"] for line in services.lines())
    assert len(services.cards()) == 1
    # One that a worker had begun during the first moves, and one for all that came later.
    assert len(services.control.calls("chat.update")) <= 2


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
def test_a_lost_answer_leads_to_no_second_message_and_no_missing_one(
    services: OutboxSetup, fault: dict[str, Any]
) -> None:
    services.control.post("fault", method="chat.postMessage", times=2, **fault)
    services.patience = 1
    with services.working() as worker:
        services.raised()
        services.settle_down()
        services.later(LONG)
        worker.sweep()
        services.settle_down()
    assert (len(services.cards()), len(services.lines()), len(services.receipts())) == (1, 1, 1)


@pytest.mark.parametrize(
    "fault", [{"mode": "http_500"}, {"mode": "ok_false", "error": "internal_error"}], ids=lambda fault: fault["mode"]
)
def test_after_a_failure_that_slack_reported_the_card_shows_within_ten_seconds(
    services: OutboxSetup, fault: dict[str, Any]
) -> None:
    services.control.post("fault", method="chat.postMessage", channel=CHANNEL, **fault)
    with services.working():
        services.raised()
        until(lambda: services.outbox.counts().get("unknown"))
        services.later(6)
        until(services.cards, seconds=70)  # all looks would take 79 seconds more
        services.settle_down()
    assert len(services.cards()) == 1


def test_a_rate_limit_of_a_look_keeps_no_message_waiting(services: OutboxSetup) -> None:
    services.control.post("fault", method="conversations.history", mode="ratelimited", retry_after=600)
    services.control.post("fault", method="chat.postMessage", channel=CHANNEL, mode="drop_after")
    with services.working():
        services.raised()
        until(lambda: services.outbox.counts().get("unknown"))
        services.later(6)
        until(lambda: services.control.calls("conversations.history"))
        services.raised()
        until(lambda: len(services.cards()) == 2)  # the look may be made again after 600 seconds
        assert len(services.control.calls("conversations.history")) == 1
        services.settle_down()
    assert (len(services.cards()), len(services.lines()), len(services.receipts())) == (2, 2, 2)


def test_a_rate_limit_of_opening_direct_messages_holds_back_no_post(services: OutboxSetup) -> None:
    services.control.post("fault", method="conversations.open", mode="ratelimited", retry_after=600)
    with services.working():
        services.raised()
        until(lambda: services.lines() and services.control.calls("conversations.open"))
        paused = services.store.read(lambda c: c.execute(select(PACE.c.scope, PACE.c.free_at)).all())
        services.settle_down()
    now = services.clock.now()
    assert [scope for scope, free_at in paused if free_at > now - timedelta(seconds=500) and scope[:5] == "post:"] == []
    assert len(services.receipts()) == 1


def test_a_look_for_second_copies_that_slack_refuses_is_made_again(services: OutboxSetup) -> None:
    services.control.post("fault", method="chat.postMessage", channel=CHANNEL, mode="late_commit", seconds=600)
    with services.working() as worker:
        services.raised()
        services.settle_down()
        services.later(600)
        until(lambda: len(services.cards()) == 2)
        services.control.post("fault", method="conversations.history", mode="ratelimited", retry_after=30, times=2)

        def looks() -> int:
            services.later(60)
            worker.sweep()
            return len(services.control.calls("conversations.history"))

        before = looks()
        until(lambda: looks() >= before + 2, pause=0.2)

        def removed() -> bool:
            services.later(60)
            worker.sweep()
            return len(services.cards()) == 1

        until(removed, pause=0.2)


class HourAhead(Clock):
    """A machine whose clock was set an hour ahead of Slack's."""

    def now(self) -> datetime:
        return super().now() + timedelta(hours=1)


def test_a_lost_answer_leads_to_no_second_message_by_a_clock_that_is_an_hour_ahead(services: OutboxSetup) -> None:
    services.clock = HourAhead(services.slack.clock_file)
    services.control.post("fault", method="chat.postMessage", mode="drop_after")
    with services.working():
        services.raised()
        services.settle_down()

    assert [len(of) for of in (services.cards(), services.lines(), services.receipts())] == [1, 1, 1]


def test_a_message_that_arrives_late_leaves_one_copy(services: OutboxSetup) -> None:
    services.control.post("fault", method="chat.postMessage", channel="C0ESCAL", mode="late_commit", seconds=600)
    with services.working() as worker:
        services.raised()
        services.settle_down()
        assert len(services.cards()) == 1
        known = services.cards()[0]["ts"]
        services.later(600)
        until(lambda: len(services.cards()) == 2)
        services.later(900)
        worker.sweep()
        until(lambda: len(services.cards()) == 1)
    assert services.cards()[0]["ts"] == known


def test_a_second_copy_in_a_thread_is_removed_though_nobody_would_say_it_any_more(services: OutboxSetup) -> None:
    gone = threading.Event()
    services.render = lambda delivery: None if gone.is_set() else services.drawn(delivery)
    with services.working() as worker:
        services.raised()
        services.settle_down()
        services.control.post("fault", method="chat.postMessage", channel="C0ESCAL", mode="late_commit", seconds=600)
        services.moved(Move.NOTE)
        services.settle_down()
        said = services.lines()
        assert len(said) == 2
        gone.set()
        services.later(600)
        until(lambda: len(services.lines()) == 3)
        services.later(900)
        worker.sweep()
        until(lambda: services.lines() == said)


def test_two_late_copies_of_what_nobody_would_say_any_more_become_one(services: OutboxSetup) -> None:
    gone = threading.Event()
    services.render = lambda delivery: None if gone.is_set() else services.drawn(delivery)
    with services.working() as worker:
        services.raised()
        services.settle_down()
        before = len(services.control.calls("chat.postMessage"))
        services.control.post(
            "fault", method="chat.postMessage", channel="C0ESCAL", mode="late_commit", seconds=600, times=2
        )
        services.moved(Move.NOTE)

        def sent_twice() -> bool:
            if "sending" not in services.outbox.counts():
                services.later(25)
            return len(services.control.calls("chat.postMessage")) == before + 2

        until(sent_twice, pause=0.1)
        gone.set()
        services.settle_down()
        services.later(700)
        until(lambda: len(services.lines()) == 3)
        services.later(900)
        worker.sweep()
        until(lambda: len(services.lines()) == 2)


def test_what_another_process_held_when_it_was_killed_is_sent_once(services: OutboxSetup) -> None:
    services.raised()
    held = services.outbox.claim(services.clock.now(), "a worker that dies now")
    assert held is not None
    with services.working():
        services.later(61)
        services.settle_down()
    assert (len(services.cards()), len(services.lines()), len(services.receipts())) == (1, 1, 1)


def test_what_was_posted_but_not_settled_when_it_was_killed_is_found(services: OutboxSetup) -> None:
    services.raised()
    held = services.outbox.claim(services.clock.now(), "a worker that dies after its post")
    assert held is not None
    assert held.what is MessageKind.CARD
    drawn = services.drawn(held)
    assert drawn is not None
    sent = services.post().post(held.id, CHANNEL, drawn.text, drawn.blocks)
    with services.working():
        services.later(61)
        services.settle_down()
    assert [card["ts"] for card in services.cards()] == [sent.ts]


def test_a_worker_that_comes_back_too_late_changes_nothing(services: OutboxSetup) -> None:
    services.raised()
    held = services.outbox.claim(services.clock.now(), "a worker that sleeps")
    assert held is not None
    with services.working():
        services.later(61)
        services.settle_down()
    place = services.queries.card_place(1)
    assert not services.outbox.settle(held, SendOutcome(SendResult.SENT, CHANNEL, "1.000000"), services.clock.now())
    assert services.queries.card_place(1) == place


def test_a_worker_that_was_stopped_before_its_post_does_not_post_what_another_has_posted(services: OutboxSetup) -> None:
    stopped, go_on, came_back = threading.Event(), threading.Event(), threading.Event()

    def paused(delivery: Delivery) -> Message | None:
        drawn = services.drawn(delivery)
        if delivery.what is MessageKind.CARD and not stopped.is_set():
            stopped.set()
            assert go_on.wait(PATIENCE)
            came_back.set()
        return drawn

    services.render = paused
    with services.working():
        services.raised()
        assert stopped.wait(PATIENCE)
        services.later(61)
        services.settle_down()
        go_on.set()
        assert came_back.wait(PATIENCE)
    assert (len(services.cards()), len(services.lines())) == (1, 1)
    assert len(services.control.calls("chat.postMessage")) == 3


@dataclass
class Race:
    """A receipt that one worker claims, and that nobody needs any more when the next one renders it."""

    services: OutboxSetup
    gone: threading.Event = field(default_factory=threading.Event)

    def draw(self, delivery: Delivery) -> Message | None:
        is_gone = delivery.what is MessageKind.RECEIPT and self.gone.is_set()
        return None if is_gone else self.services.drawn(delivery)

    def claim(self) -> Delivery:
        """Claim rows until the receipt comes; Slack is busy for all before it."""
        while held := self.services.outbox.claim(self.services.clock.now(), "a worker that is slow"):
            if held.what is MessageKind.RECEIPT:
                return held
            busy = SendOutcome(SendResult.NOT_ACCEPTED)
            assert self.services.outbox.settle(held, busy, self.services.clock.now())
        raise AssertionError("no receipt is waiting")

    def send(self, held: Delivery) -> SendOutcome:
        """Post the receipt as the slow worker does, and return Slack's answer."""
        drawn = self.services.drawn(held)
        assert drawn is not None
        return self.services.post().post(held.id, "D0WANG", drawn.text, drawn.blocks)

    def row(self) -> Row[Any]:
        query = select(OUTBOX).where(OUTBOX.c.what == MessageKind.RECEIPT)
        return self.services.store.read(lambda connection: connection.execute(query).one())

    def recorded(self) -> tuple[str, list[str]]:
        """Return the state of the row, and the receipts that Slack shows: the row must name their place."""
        shown = [message["ts"] for message in self.services.receipts()]
        row = self.row()
        assert shown == ([row.slack_ts] if row.state == "sent" else [])
        return row.state, shown


@pytest.fixture
def race(services: OutboxSetup) -> Race:
    """The outbox renders the receipt only until its reason is gone."""
    made = Race(services)
    services.render = made.draw
    return made


def test_what_was_sent_before_its_reason_was_gone_is_recorded_as_sent(race: Race) -> None:
    services = race.services
    services.raised()
    held = race.claim()
    sent = race.send(held)
    race.gone.set()
    with services.working():
        services.later(61)
        services.settle_down()
    assert race.recorded() == ("sent", [sent.ts])
    assert not services.outbox.settle(held, sent, services.clock.now())


def test_what_was_sent_while_another_worker_found_no_reason_for_it_is_recorded_as_sent(race: Race) -> None:
    services = race.services
    services.raised()
    held = race.claim()
    race.gone.set()
    with services.working():
        services.later(61)
        services.settle_down()
    assert race.recorded() == ("superseded", [])
    sent = race.send(held)
    assert services.outbox.settle(held, sent, services.clock.now())
    assert race.recorded() == ("sent", [sent.ts])


def test_what_was_posted_in_a_thread_by_a_killed_worker_is_recorded_though_its_reason_is_gone(
    services: OutboxSetup, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = threading.Event()
    services.render = lambda delivery: None if gone.is_set() else services.drawn(delivery)
    services.raised()
    with services.working():
        services.settle_down()
    services.moved(Move.NOTE)
    with monkeypatch.context() as killed:
        killed.setattr(OutboxWorker, "_settle", lambda *_: False)
        worker = services.worker()

        def posted() -> bool:
            services.later(2)
            worker.work_once()
            return len(services.lines()) == 2

        until(posted)
    said = services.lines()
    gone.set()
    with services.working():
        services.later(61)
        services.settle_down()
    query = select(OUTBOX).where(OUTBOX.c.what == MessageKind.LINE, OUTBOX.c.seq == 2)
    row = services.store.read(lambda connection: connection.execute(query).one())
    assert (row.state, row.slack_ts, row.slack_thread) == ("sent", said[-1]["ts"], said[-1]["thread_ts"])
    assert services.lines() == said


def test_what_arrives_long_after_its_reason_was_gone_is_recorded_by_the_sweep(race: Race) -> None:
    services = race.services
    services.raised()
    held = race.claim()
    race.gone.set()
    with services.working() as worker:
        services.later(61)
        services.settle_down()
        assert race.recorded() == ("superseded", [])
        sent = race.send(held)
        services.later(LONG)
        worker.sweep()
        until(lambda: race.row().state == "sent")
    assert race.recorded() == ("sent", [sent.ts])


def test_a_call_goes_out_while_everything_else_waits_for_slack(services: OutboxSetup) -> None:
    go_on, held = threading.Event(), threading.Semaphore(0)

    def slow(delivery: Delivery) -> Message | None:
        if delivery.what is not MessageKind.CALL:
            held.release()
            assert go_on.wait(PATIENCE)
        return services.drawn(delivery)

    services.render = slow
    with services.working():
        services.raised()
        for _ in range(THREADS):
            assert held.acquire(timeout=PATIENCE)
        services.commands = EscalationCommands(
            services.store, services.wake_up.notify, lambda _: OnCallPeople(on_call=("U0LINA",))
        )
        services.raised()
        until(lambda: len(services.control.messages("D0LINA")) == 1)
        assert not services.cards()
        go_on.set()
        services.settle_down()
    assert (len(services.cards()), len(services.receipts())) == (2, 2)


def test_a_card_somebody_deleted_is_posted_anew(services: OutboxSetup) -> None:
    with services.working():
        services.raised()
        until(services.quiet)
        first = services.cards()[0]
        assert services.post().delete(CHANNEL, first["ts"]).result is SendResult.SENT
        services.moved(Move.ACKNOWLEDGE)
        services.settle_down()
    (card,) = services.cards()
    assert card["ts"] != first["ts"]


def test_a_message_slack_refuses_is_sent_once_more_as_plain_text(services: OutboxSetup) -> None:
    fault = {"method": "chat.postMessage", "channel": CHANNEL, "mode": "ok_false", "error": "invalid_blocks"}
    services.control.post("fault", **fault)
    with services.working():
        services.raised()
        services.settle_down()
    (card,) = services.cards()
    assert not card.get("blocks")
    assert "CSP-1" in card["text"]


def test_a_row_that_cannot_be_drawn_holds_up_nobody_and_is_said_aloud(services: OutboxSetup) -> None:
    def poisoned(delivery: Delivery) -> Message | None:
        if delivery.what is MessageKind.LINE and delivery.number == 1:
            raise LookupError("poison")
        return services.drawn(delivery)

    services.render = poisoned
    with services.working():
        services.raised()
        services.raised()
        services.settle_down()
    assert (len(services.cards()), len(services.lines()), len(services.receipts())) == (2, 1, 2)
    assert services.outbox.counts()["dead"] == 1
    assert len(services.control.messages("C0ONCALL")) == 1


@pytest.mark.parametrize("error", ["user_disabled", "user_not_found", "users_not_found", "account_inactive"])
def test_who_slack_says_is_not_there_any_more_is_known_to_have_left_at_once(services: OutboxSetup, error: str) -> None:
    services.control.post("fault", method="conversations.open", mode="ok_false", error=error, times=-1)
    with services.working() as worker:
        services.raised()
        services.settle_down()
        assert worker.refused == ""
    assert services.queries.has_left("U0WANG")
    assert len(services.cards()) == 1


def test_a_token_of_a_removed_app_makes_nobody_leave(services: OutboxSetup) -> None:
    for method in ("conversations.open", "auth.test", "chat.postMessage"):
        services.control.post("fault", method=method, mode="ok_false", error="account_inactive", times=-1)
    with services.working() as worker:
        services.raised()
        until(lambda: worker.refused)
    assert not services.queries.has_left("U0WANG")


def test_a_channel_that_is_limited_delays_nobody_else(services: OutboxSetup) -> None:
    services.control.post("fault", method="chat.postMessage", channel=CHANNEL, mode="ratelimited", retry_after=300)
    with services.working():
        services.raised()
        until(lambda: services.receipts() and len(services.control.calls("chat.postMessage")) == 2)
        assert services.cards() == []
        services.later(300)
        services.settle_down()
    assert len(services.cards()) == 1


def test_a_revoked_token_keeps_everything_and_says_so_until_it_works_again(services: OutboxSetup) -> None:
    services.control.post("settings", token_revoked=True)
    with services.working() as worker:
        services.raised()
        until(lambda: worker.refused)
        services.control.post("settings", token_revoked=False)
        services.settle_down()
        assert worker.refused == ""
    assert (len(services.cards()), len(services.lines()), len(services.receipts())) == (1, 1, 1)
    assert services.outbox.counts() == {}


def test_an_outage_of_a_day_is_made_up_for_in_order(services: OutboxSetup) -> None:
    services.control.post("fault", method="*", mode="drop_before", times=-1)
    with services.working():
        services.raised()
        until(lambda: services.control.calls("chat.postMessage"))
        services.later(86400)
        services.moved(Move.ACKNOWLEDGE)
        services.moved(Move.NOTE)
        services.control.clear_faults()
        services.settle_down()
    assert (len(services.cards()), len(services.lines()), len(services.receipts())) == (1, 3, 1)


def test_a_commit_wakes_the_worker_who_would_sleep_for_an_hour(
    services: OutboxSetup, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.workers.queue_worker._IDLE", 3600.0)
    with services.working():
        until(services.quiet)
        services.raised()
        until(services.cards)


def test_a_locked_database_after_the_post_leads_to_no_second_post(services: OutboxSetup, tmp_path: Path) -> None:
    posted = threading.Event()
    draw = services.drawn

    def locking(delivery: Delivery) -> Message | None:
        drawn = draw(delivery)
        if delivery.what is MessageKind.CARD and not posted.is_set():
            locker.execute("BEGIN IMMEDIATE")
            posted.set()
        return drawn

    locker = sqlite3.connect(tmp_path / "csp.db", isolation_level=None, check_same_thread=False)
    services.render = locking
    with services.working():
        services.raised()
        until(services.cards)
        locker.execute("ROLLBACK")
        locker.close()
        services.settle_down()
    assert (len(services.cards()), len(services.lines())) == (1, 1)


def test_stopping_waits_for_the_send_in_hand(services: OutboxSetup) -> None:
    services.control.post("fault", method="chat.postMessage", channel=CHANNEL, mode="delay", seconds=0.5)
    begun = threading.Event()

    def noticed(delivery: Delivery) -> Message | None:
        if delivery.what is MessageKind.CARD:
            begun.set()
        return services.drawn(delivery)

    services.render = noticed
    with services.working() as worker:
        services.raised()
        assert begun.wait(PATIENCE)
        assert worker.stop(PATIENCE)
        assert not worker.alive
    assert len(services.cards()) == 1
    assert "sending" not in services.outbox.counts()


def test_a_signal_while_nobody_sleeps_is_not_lost() -> None:
    wake_up = WakeUp()
    wake_up.notify()
    assert wake_up.wait(0, 60.0) == 1
