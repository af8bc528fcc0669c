"""The tick: comes again and again, whatever happens in it and to the clock."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest

from bot.clock import Clock
from bot.workers.scheduler import Scheduler
from models.rules.errors import NotSaved
from tests.bot.stubs import PATIENCE, until


@contextmanager
def ticking(*wake: Callable[[], None]) -> Iterator[Scheduler]:
    scheduler = Scheduler(wake, Clock(), interval=0.1)
    scheduler.start()
    try:
        yield scheduler
    finally:
        scheduler.stop()


def test_everybody_is_woken_again_and_again() -> None:
    first: list[int] = []
    second: list[int] = []
    with ticking(lambda: first.append(1), lambda: second.append(1)) as scheduler:
        until(lambda: len(first) >= 3 and len(second) >= 3 and scheduler.healthy)


def test_one_that_fails_keeps_nobody_else_asleep() -> None:
    def fails() -> None:
        raise RuntimeError("in the middle of a tick")

    woken: list[int] = []
    with ticking(fails, lambda: woken.append(1)):
        until(lambda: len(woken) >= 3)


def test_a_store_that_is_away_is_no_fault_of_ours(caplog: pytest.LogCaptureFixture) -> None:
    def finds_it_locked() -> None:
        raise NotSaved

    woken: list[int] = []
    Scheduler([finds_it_locked, lambda: woken.append(1)], Clock()).tick()

    assert woken == [1]
    assert [(record.levelname, record.exc_info) for record in caplog.records] == [("WARNING", None)]


class Hand(Clock):
    """A clock that is moved by hand."""

    seconds = 1000.0

    def monotonic(self) -> float:
        return self.seconds


def test_a_process_that_waits_for_its_database_lives_and_one_that_hangs_or_never_ticks_does_not() -> None:
    clock, lives = Hand(), list[bool]()

    def wait_for_the_database() -> None:
        clock.seconds += 100
        lives.append(scheduler.alive)
        raise NotSaved

    def hang() -> None:
        clock.seconds += 120
        lives.append(scheduler.alive)

    scheduler = Scheduler([*[wait_for_the_database] * 3, hang], clock)
    scheduler.tick()

    assert lives == [True, True, True, False]
    assert scheduler.alive  # it came to an end
    clock.seconds += 29
    assert scheduler.alive
    clock.seconds += 1
    assert not scheduler.alive


def test_a_tick_that_waits_for_long_is_told_once_and_so_is_its_end(caplog: pytest.LogCaptureFixture) -> None:
    let_go = threading.Event()

    def wait() -> None:
        let_go.wait(PATIENCE)

    def count_lines() -> int:
        return sum(record.name.startswith("bot.") for record in caplog.records)

    with caplog.at_level(logging.WARNING), ticking(wait) as scheduler:
        until(count_lines)
        until(lambda: scheduler.age > 1)  # ten intervals
        let_go.set()
        until(lambda: count_lines() >= 2)

    begin, end = (record.getMessage() for record in caplog.records if record.name.startswith("bot."))
    assert begin.startswith("no tick for")
    assert begin.endswith("one waits or hangs")
    assert end.startswith("ticks come again after")


def test_a_call_back_in_the_moment_of_the_stop_is_no_fault() -> None:
    with ticking() as scheduler:
        pass

    scheduler._wake()


def test_a_tick_that_stays_away_is_noticed_and_called_back() -> None:
    woken: list[int] = []
    with ticking(lambda: woken.append(1)) as scheduler:
        until(lambda: woken)
        # What a clock that is set back by an hour does to APScheduler: its next run is far off.
        scheduler._scheduler.modify_job("tick", next_run_time=Clock().now() + timedelta(hours=1))
        before = len(woken)
        until(lambda: len(woken) > before + 2)
