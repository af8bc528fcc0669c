"""Ticks run on time, a late tick is noticed, and the ping reports success only when everything was understood."""

import logging
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, text

from bot.clock import Clock
from bot.health import HealthStatus
from bot.http_client.transport import Transport
from bot.workers.outbox import OutboxWorker
from bot.workers.queue_worker import WakeUp
from bot.workers.reminders import ReminderWorker, make_ping
from bot.workers.scheduler import Scheduler
from models.outbox import messages
from models.outbox.queue import Outbox
from models.reminders.engine import TRY_AGAIN, TickResult
from models.rules.errors import NotSaved
from models.rules.outbox.message_kinds import MessageKind
from models.store.database import Store
from tests.bot.stubs import PATIENCE, until
from tests.http_stub import HttpAnswer, http_server

INTERVAL, MINUTE = 5.0, 60.0
WELL = TickResult()
PART = TickResult(failed={"gap:7": LookupError("bogus")})


class Hand(Clock):
    """A clock that is moved by hand. ``jump`` moves only what the wall shows."""

    def __init__(self) -> None:
        super().__init__()
        self.seconds, self.step = 1000.0, 0.0

    def now(self) -> datetime:
        return datetime(2026, 11, 22, tzinfo=UTC) + timedelta(seconds=self.seconds + self.step)

    def monotonic(self) -> float:
        return self.seconds

    def run(self, seconds: float) -> None:
        self.seconds += seconds

    def jump(self, seconds: float) -> None:
        self.step += seconds


class FakeEngine:
    """Answers each tick as it is told to, and notes how it was asked."""

    def __init__(self) -> None:
        self.outcome: TickResult | Exception = WELL
        self.ran: list[timedelta | None] = []

    def tick(self, _now: datetime, ran: timedelta | None = None) -> TickResult:
        self.ran.append(ran)
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome


class Watch:
    """A worker over such an engine; what it does is counted."""

    def __init__(self, knock: Callable[[], None] | None = None) -> None:
        self.clock, self.engine, self.rung, self.knocks = Hand(), FakeEngine(), 0, 0
        self.man = ReminderWorker(self.engine, self.clock, self._ring, knock or self._knock)  # type: ignore[arg-type]

    def _ring(self) -> None:
        self.rung += 1

    def _knock(self) -> None:
        self.knocks += 1

    def tick(self, outcome: TickResult | Exception = WELL, after: float = INTERVAL) -> None:
        """One tick, and whatever it set going."""
        self.clock.run(after)
        self.engine.outcome = outcome
        self.man.tick()
        self.wait_for_ping()

    def wait_for_ping(self) -> None:
        """Wait until a call that is under way has ended."""
        if self.man._ping_thread:
            self.man._ping_thread.join(PATIENCE)


@pytest.fixture
def watch() -> Watch:
    """A worker that has just started."""
    return Watch()


def test_after_a_tick_that_told_something_the_outbox_is_woken(watch: Watch) -> None:
    watch.tick(TickResult(reminders=1, messages=2))
    watch.tick(WELL)

    assert watch.rung == 1


def test_the_outside_is_called_after_the_first_whole_tick_and_then_once_a_minute(watch: Watch) -> None:
    after = []
    for _ in range(25):
        watch.tick()
        after.append(watch.knocks)

    assert after == [*[1] * 12, *[2] * 12, 3]


def test_a_clock_that_jumps_changes_nothing_of_that(watch: Watch) -> None:
    for jump in (3600, -3600, -86400):
        watch.clock.jump(jump)
        watch.tick()

    assert watch.knocks == 1
    assert watch.man.healthy


@pytest.mark.parametrize("outcome", [PART, NotSaved("locked")], ids=["a subject not understood", "a locked store"])
def test_after_a_tick_that_did_not_look_at_everything_nobody_is_called(
    watch: Watch, outcome: TickResult | Exception
) -> None:
    watch.tick(outcome)

    assert watch.knocks == 0


def test_a_tick_that_breaks_calls_nobody_and_is_not_hidden(watch: Watch) -> None:
    with pytest.raises(LookupError):
        watch.tick(LookupError("a bug"))

    assert watch.knocks == 0


def test_the_outside_is_not_called_before_a_failed_subject_was_looked_at_again(watch: Watch) -> None:
    """It is due again after five minutes: the ticks in between see nothing of it, and are not whole for that."""
    watch.tick(PART)
    for _ in range(int(TRY_AGAIN.total_seconds() / INTERVAL) - 1):
        watch.tick(WELL)
    assert (watch.knocks, watch.man.failing) == (0, 1)

    watch.tick(PART)
    for _ in range(int(TRY_AGAIN.total_seconds() / INTERVAL)):
        watch.tick(WELL)
    assert watch.knocks == 0

    watch.tick(WELL, after=20)  # by now it was looked at once more, and nothing was wrong
    assert (watch.knocks, watch.man.failing) == (1, 0)


def test_what_is_wrong_is_logged_once_until_it_is_something_else_or_comes_again(
    watch: Watch, caplog: pytest.LogCaptureFixture
) -> None:
    for outcome in (PART, PART, TickResult(failed={"gap:7": KeyError("other")})):
        watch.tick(outcome)
    assert len(caplog.records) == 2

    watch.tick(WELL, after=1000)
    watch.tick(TickResult(failed={"gap:7": KeyError("other")}))
    assert len(caplog.records) == 3


def test_how_long_the_process_paused_is_measured_by_the_clock_nobody_sets(watch: Watch) -> None:
    watch.tick()
    watch.clock.jump(3600)
    watch.tick()
    watch.tick(after=90)

    assert watch.engine.ran == [None, timedelta(seconds=5), timedelta(seconds=90)]


def test_without_a_finished_tick_for_three_intervals_it_is_unwell_and_with_the_next_one_well_again(
    watch: Watch,
) -> None:
    said = []
    for outcome, after in ((WELL, 5), (NotSaved("locked"), 5), (NotSaved("locked"), 9.9), (NotSaved("locked"), 0.1)):
        watch.tick(outcome, after)
        said.append(watch.man.healthy)
    assert said == [True, True, True, False]
    assert watch.man.age == pytest.approx(15)

    watch.tick(PART)
    assert watch.man.healthy


def test_an_address_that_hangs_keeps_no_tick_waiting_and_holds_one_thread() -> None:
    let_go, called = threading.Event(), []

    def hangs() -> None:
        called.append(1)
        let_go.wait(PATIENCE)

    watch = Watch(hangs)
    for _ in range(5):
        watch.clock.run(MINUTE)
        watch.man.tick()
    assert watch.man.healthy
    until(lambda: called)  # its thread begins when the machine lets it
    assert len(called) == 1

    let_go.set()
    watch.wait_for_ping()
    watch.tick(after=MINUTE)
    assert len(called) == 2


# The health page -------------------------------------------------------------------------------------------------


class Disk(Store):
    """A store on a disk with so much room."""

    free = 10**9

    def free_bytes(self) -> int:
        return self.free


class NothingDue(Outbox):
    """The outbox of a sender that runs and sends nothing: what a test owes stays there."""

    def claim(self, *_: Any, **_named: Any) -> None:
        return None

    def next_due(self, *_: Any, **_named: Any) -> None:
        return None


class NoSlack:
    """A Slack that has not answered yet."""

    time = None


class Page:
    """The health page of a program whose other parts are well."""

    def __init__(self, watch: Watch, store: Disk, worker: OutboxWorker) -> None:
        self._clock = watch.clock
        self._scheduler = Scheduler([watch.man.tick], watch.clock, INTERVAL)
        self._store = self.disk = store
        self.health = HealthStatus(
            store, Outbox(store), worker, self._scheduler, watch.man, lambda: {"ok": True}, watch.clock
        )

    def owe(self, what: MessageKind, note: str = "") -> None:
        """A message nobody sends yet."""
        about = {"lane": str(what), "channel": "C0ONCALL", "note": note, "due_at": datetime(2100, 1, 1, tzinfo=UTC)}
        row = messages.message(what, f"a {what}", self._clock.now(), **about)
        self._store.write(lambda connection: messages.enqueue(connection, [row]))

    def fill_the_file(self) -> None:
        """Let the database grow no further, as on a full disk."""
        pages = self._store.read(lambda c: int(c.scalar(text("PRAGMA page_count")) or 0))
        event.listen(self._store.engine, "checkout", lambda raw, *_: raw.execute(f"PRAGMA max_page_count = {pages}"))

    def after(self, seconds: float, *, ticks: bool = True) -> Any:
        """What it says after so long, with or without a tick at the end."""
        self._clock.run(seconds)
        if ticks:
            self._scheduler.tick()
        well, facts = self.health()
        assert well is facts["ok"]
        return facts


@pytest.fixture
def page(watch: Watch, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> Iterator[Page]:
    """The health page over a fresh store, with a sender that runs."""
    store = Disk(f"sqlite:///{tmp_path / 'csp.db'}")
    store.upgrade()
    worker = OutboxWorker(NothingDue(store), NoSlack(), lambda _: None, None, Clock(), WakeUp(), threads=1)  # type: ignore[arg-type]
    worker.start()
    yield Page(watch, store, worker)
    assert worker.stop(PATIENCE)
    assert not [record for record in caplog.records if record.exc_info], "the sender ran all the time"
    store.dispose()


def test_the_health_page_is_red_when_no_look_was_finished_for_three_intervals_and_green_after_the_next(
    watch: Watch, page: Page
) -> None:
    assert page.after(INTERVAL)["ok"]

    watch.engine.outcome = NotSaved("locked")
    said = [page.after(INTERVAL) for _ in range(3)]
    assert [one["ok"] for one in said] == [True, True, False]
    assert said[-1]["tick"]["ok"]  # the scheduler ticks: the reminder tick is what does not finish
    assert said[-1]["vigil"] == {"ok": False, "age_seconds": 15.0, "not_understood": 0}

    watch.engine.outcome = PART
    facts = page.after(INTERVAL)
    assert facts["ok"]
    assert facts["vigil"] == {"ok": True, "age_seconds": 0.0, "not_understood": 1}


def test_the_health_page_is_red_while_a_message_has_waited_longer_than_a_quarter_of_an_hour(page: Page) -> None:
    page.owe(MessageKind.TROUBLE)
    assert page.after(15 * MINUTE)["outbox"] == {
        "ok": True, "refused": "", "waiting": 1, "oldest_seconds": 900.0, "held_back": 0, "dead": 0,
    }  # fmt: skip

    said = page.after(INTERVAL)

    assert (said["ok"], said["outbox"]["ok"], said["outbox"]["oldest_seconds"]) == (False, False, 905.0)


def test_an_old_message_makes_the_page_red_and_restarts_nothing(page: Page) -> None:
    page.owe(MessageKind.TROUBLE)
    said = page.after(60 * MINUTE)

    assert not said["ok"]
    assert page.health.live()[0]
    assert page.health.ready()[0]


def test_a_bot_that_does_not_tick_is_restarted_and_one_with_a_full_disk_takes_no_work(page: Page) -> None:
    page.after(60 * MINUTE, ticks=False)
    page.disk.free = 10**6

    assert not page.health.live()[0]
    assert not page.health.ready()[0]


def test_a_user_group_that_is_refused_for_long_is_no_message_that_waits(page: Page) -> None:
    page.owe(MessageKind.GROUP)

    said = page.after(24 * 60 * MINUTE)

    assert (said["ok"], said["outbox"]["waiting"], said["outbox"]["oldest_seconds"]) == (True, 1, 0.0)


def test_the_health_page_is_red_while_writes_fail(page: Page) -> None:
    page.fill_the_file()
    for _ in range(3):
        with pytest.raises(NotSaved):
            page.owe(MessageKind.TROUBLE, "云" * 100_000)

    said = page.after(INTERVAL)

    assert (said["ok"], said["store"]["ok"], said["store"]["failed_writes"]) == (False, False, 3)


def test_the_health_page_is_red_when_the_disk_is_full(page: Page) -> None:
    assert not page.after(INTERVAL)["store"]["disk_full"]
    page.disk.free = 1000

    said = page.after(INTERVAL)

    assert (said["ok"], said["store"]["ok"], said["store"]["disk_full"]) == (False, False, True)


def test_the_health_page_is_red_when_the_scheduler_stays_away_and_green_after_its_next_tick(page: Page) -> None:
    assert page.after(INTERVAL)["ok"]

    facts = page.after(3 * INTERVAL, ticks=False)
    assert (facts["ok"], facts["tick"]["ok"], facts["vigil"]["ok"]) == (False, False, False)
    assert page.after(0)["ok"]


# The address -----------------------------------------------------------------------------------------------------


@contextmanager
def answering(status: int, **headers: str) -> Iterator[tuple[str, list[str]]]:
    """An address that answers so, and the calls it got."""
    calls: list[str] = []

    def answer(_method: str, path: str, body: bytes) -> HttpAnswer:
        calls.append(f"{path} {body!r}")
        return HttpAnswer(status, headers=headers)

    with http_server(answer) as port:
        yield f"http://127.0.0.1:{port}/canary-address", calls


def call(url: str) -> None:
    make_ping(Transport(Clock(), url), url)()


def test_the_address_is_called_once_with_nothing_in_it(caplog: pytest.LogCaptureFixture) -> None:
    with answering(200) as (url, calls):
        call(url)

    assert calls == ["/canary-address b''"]
    assert caplog.text == ""


@pytest.mark.parametrize("status", [302, 404, 500])
def test_an_answer_that_is_no_yes_is_told_without_the_address_and_not_asked_again(
    caplog: pytest.LogCaptureFixture, status: int
) -> None:
    with answering(status, Location="/elsewhere") as (url, calls):
        call(url)

    assert len(calls) == 1
    assert str(status) in caplog.text
    assert "canary" not in caplog.text


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1:9/canary", "https://127.0.0.1:9/canary", "http://canary.invalid/", "http://[::1]:9/canary"],
)
def test_an_address_where_nobody_is_never_fails_and_is_not_repeated_in_the_log(
    caplog: pytest.LogCaptureFixture, url: str
) -> None:
    call(url)

    assert "could not be called" in caplog.text
    assert "canary" not in caplog.text
    assert all(record.levelno == logging.WARNING for record in caplog.records)


def test_an_address_that_says_nothing_is_given_up(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.workers.reminders._PING_TIMEOUT", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        call(f"http://127.0.0.1:{silent.getsockname()[1]}/canary")

    assert "could not be called" in caplog.text
    assert "canary" not in caplog.text
