"""Workers are woken by what another process adds, whatever happens to the database in between."""

import threading
from pathlib import Path

from bot.workers.queue_watch import QueueWatch
from bot.workers.queue_worker import WakeUp
from models.escalations.commands import EscalationCommands
from models.outbox.growth import OutboxGrowth
from models.rules.errors import NotSaved
from tests.bot.stubs import PATIENCE, until
from tests.models.concurrent_writers import opened
from tests.models.samples import raised


class CountingWakeUp(WakeUp):
    """Counts its signals."""

    notified = 0

    def notify(self) -> None:
        self.notified += 1
        super().notify()


class AwayAtFirst(OutboxGrowth):
    """A database that is away at the first look."""

    looks = 0

    def has_grown(self) -> bool:
        self.looks += 1
        if self.looks == 1:
            raise NotSaved
        return super().has_grown()


def test_what_another_process_adds_wakes_the_workers_at_once_and_once(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'csp.db'}"
    with opened(url) as store, opened(url) as elsewhere:
        store.upgrade()
        wake_up, growth = CountingWakeUp(), AwayAtFirst(store)
        watch = QueueWatch(growth, wake_up, 0.01)
        watch.start()
        until(lambda: growth.looks > 1)

        raised(EscalationCommands(elsewhere))

        until(lambda: wake_up.notified == 1)
        looks = growth.looks
        until(lambda: growth.looks > looks + 5)
        assert wake_up.notified == 1
        assert watch.stop(PATIENCE)


def test_one_that_waits_for_the_database_does_not_delay_the_end(tmp_path: Path) -> None:
    let_go = threading.Event()

    class Hanging(OutboxGrowth):
        def has_grown(self) -> bool:
            let_go.wait(PATIENCE)
            return False

    with opened(f"sqlite:///{tmp_path / 'csp.db'}") as store:
        watch = QueueWatch(Hanging(store), WakeUp(), 0.01)
        watch.start()

        assert not watch.stop(0.01)
        let_go.set()
        assert watch.stop(PATIENCE)
