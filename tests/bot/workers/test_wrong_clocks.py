"""Clocks that jump: replicas go by the database's, a message is looked for by Slack's, a jump is said once."""

import logging
from datetime import UTC, datetime, timedelta

import pytest

from bot.clock import Clock, StoreClock
from bot.sandbox import Sandbox
from bot.workers.clock_check import ClockCheck
from models.outbox.queue import Outbox
from models.reminders.engine import record_tick
from models.store.database import Store
from tests.bot.stubs import Control
from tests.bot.workers.test_outbox import OutboxSetup
from tests.postgres import Databases


class Skewed(Clock):
    """A machine's clock that is wrong by ``skew``; the seconds that pass are right."""

    def __init__(self, right: Clock | None = None, skew: timedelta = timedelta()) -> None:
        super().__init__()
        self._right = right or Clock()
        self.skew = skew

    def now(self) -> datetime:
        return self._right.now() + self.skew


@pytest.mark.parametrize("skew", [timedelta(hours=2), timedelta(days=2), timedelta(hours=-2)], ids=str)
@pytest.mark.parametrize("comes_right", [True, False])
def test_a_lost_answer_under_a_wrong_clock_leaves_one_copy(
    slack: Sandbox, control: Control, tmp_path: object, skew: timedelta, comes_right: bool
) -> None:
    store = Store(f"sqlite:///{tmp_path}/csp.db", timeout=5.0)
    store.upgrade()
    clock = Skewed(Clock(slack.clock_file), skew)
    services = OutboxSetup(slack, control, store, clock)
    with services.working():
        services.raised()
        services.settle_down()
        control.post("fault", method="chat.postMessage", times=1, mode="drop_after")
        services.raised()
        if comes_right:
            clock.skew = timedelta()
            store.write(lambda connection: record_tick(connection, clock.now(), timedelta(seconds=5)))
        services.settle_down()

    assert len(services.cards()) == 2
    store.dispose()


def test_the_time_of_a_shared_database_is_the_databases_however_wrong_a_machine_is(postgresql: Databases) -> None:
    with postgresql.migrated() as url:
        store = Store(url)
        right = StoreClock(store.time)
        wrong = StoreClock(store.time, Skewed(skew=timedelta(minutes=10)))

        # Between two looks a busy machine may stand still; the wrong clock is ten minutes ahead.
        assert abs(wrong.now() - right.now()) < timedelta(minutes=1)
        assert abs(wrong.now() - store.time()) < timedelta(minutes=1)
        store.dispose()


def test_the_time_goes_on_while_the_database_is_away_and_is_compared_again() -> None:
    machine, told = Skewed(), [datetime(2026, 11, 28, tzinfo=UTC), datetime(2026, 11, 28, 3, tzinfo=UTC)]
    clock = StoreClock(lambda: told.pop(0), machine)
    first = clock.now()

    machine.skew = timedelta(hours=8)
    second = clock.now()
    clock.set_right()

    assert timedelta() <= second - first < timedelta(minutes=1)
    # Between an answer of the database and the look at it passes a moment, and not each time the same.
    assert abs(clock.now() - first - timedelta(hours=3)) < timedelta(minutes=1)


def test_a_jump_of_the_machines_clock_is_said_once_each_way(caplog: pytest.LogCaptureFixture) -> None:
    machine = Skewed()
    timekeeper = ClockCheck(machine, machine)
    with caplog.at_level(logging.WARNING):
        for skew in (0, 10, 10, 28_810, 28_810, 28_810, 0, 0):
            machine.skew = timedelta(seconds=skew)
            timekeeper.tick()

    said = [record.getMessage() for record in caplog.records]
    assert len(said) == 2
    assert "was set ahead by 288" in said[0]
    assert "was set back by 288" in said[1]


def test_two_replicas_one_of_them_ahead_send_each_message_once_and_at_once(postgresql: Databases) -> None:
    with postgresql.migrated() as url:
        store = Store(url)
        ahead = StoreClock(store.time, Skewed(skew=timedelta(minutes=10)))
        right = StoreClock(store.time)
        before = store.write(lambda c: record_tick(c, ahead.now(), None))

        after = store.write(lambda c: record_tick(c, right.now(), None))

        assert before is None
        assert after
        assert abs(after - store.time()) < timedelta(minutes=1)
        assert Outbox(store).claim(right.now(), "right") is None
        store.dispose()
