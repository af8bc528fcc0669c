"""A database that no longer answers makes the bot not ready, restarts nothing, and is used again when it answers."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace

import aiohttp
from sqlalchemy import make_url

from bot import metrics
from bot.clock import Clock
from bot.gauges import Gauges, RunningParts
from bot.health import HealthStatus
from bot.http_server.server import HttpServer, Probes
from bot.measurements import Measurements
from bot.services import Repositories
from bot.workers.outbox import OutboxWorker
from bot.workers.queue_worker import WakeUp
from bot.workers.reminders import ReminderWorker
from bot.workers.scheduler import Scheduler
from models.store.database import Store
from tests.bot.stubs import PATIENCE, until
from tests.models.concurrent_writers import opened
from tests.models.reminders.conftest import REMINDER_SETTINGS
from tests.models.store.test_availability import is_saved, taken_away
from tests.postgres import Databases
from tests.tcp_proxy import proxied

TICK = 0.2
NO_SLACK = SimpleNamespace(time=None)
ALL = ["/livez", "/readyz", "/healthz", "/metrics"]


class Bot:
    """The parts of a bot that its probes ask, at work over a database."""

    def __init__(self, store: Store) -> None:
        clock, repositories = Clock(), Repositories(store, REMINDER_SETTINGS)
        self.worker = OutboxWorker(repositories.outbox, NO_SLACK, lambda _: None, None, clock, WakeUp(), 1)  # type: ignore[arg-type]
        reminders = ReminderWorker(repositories.engine, clock, lambda: None)
        self.scheduler = Scheduler([reminders.tick, repositories.epoch.refresh], clock, TICK)
        parts = RunningParts(self.worker, self.scheduler, reminders, lambda: {"ok": True}, lambda: 0)
        gauges = Gauges(store, repositories, parts, clock)
        self._page = metrics.MetricsPage(Measurements(clock.monotonic), gauges.read)
        self._health = HealthStatus(
            store, repositories.outbox, self.worker, self.scheduler, reminders, lambda: {"ok": True}, clock
        )

    def ask(self) -> dict[str, tuple[int, str]]:
        """What each probe is answered, all asked at once."""
        return asyncio.run(self._ask_all())

    async def _ask_all(self) -> dict[str, tuple[int, str]]:
        probes = Probes(self._health.live, self._health.ready, self._page.render, metrics.CONTENT_TYPE)
        web = HttpServer(self._health, probes)
        port = await web.start("127.0.0.1", 0)
        async with aiohttp.ClientSession() as session:

            async def ask(path: str) -> tuple[int, str]:
                async with session.get(f"http://127.0.0.1:{port}{path}") as got:
                    return got.status, await got.text()

            answers = await asyncio.gather(*(ask(path) for path in ALL))
        await web.stop()
        return dict(zip(ALL, answers, strict=True))

    def statuses(self) -> list[int]:
        """The status of each probe, in their order."""
        answers = self.ask()
        return [answers[path][0] for path in ALL]


@contextmanager
def running(store: Store) -> Iterator[Bot]:
    bot = Bot(store)
    bot.worker.start()
    bot.scheduler.start()
    try:
        yield bot
    finally:
        bot.scheduler.stop()
        assert bot.worker.stop(PATIENCE)


def test_a_server_that_hangs_makes_the_bot_not_ready_and_restarts_nothing(postgresql: Databases) -> None:
    quick = {"options": "-c statement_timeout=1s"}
    with postgresql.migrated() as direct, proxied(direct) as (proxy, address):
        url = make_url(address).update_query_dict(quick).render_as_string(hide_password=False)
        with opened(url, 1.5) as store, running(store) as bot:
            until(lambda: bot.statuses() == [200, 200, 200, 200])
            proxy.hang()
            until(lambda: bot.statuses() == [200, 503, 503, 200])
            until(lambda: bot.scheduler.age > 10 * TICK)

            began = time.monotonic()
            answers = bot.ask()
            took = time.monotonic() - began

            assert answers["/livez"][0] == 200
            assert "csp_store_up 0.0" in answers["/metrics"][1]
            assert took < 10  # the machine may be busy; no answer waits for the database
            proxy.go_on()
            until(lambda: bot.statuses() == [200, 200, 200, 200])


def test_without_a_pooler_the_bot_is_ready_with_the_first_write_after_an_outage(postgresql: Databases) -> None:
    with postgresql.migrated() as url, opened(url, 1.5) as store:
        bot = Bot(store)
        assert bot.ask()["/readyz"][0] == 200
        with taken_away(url):
            assert not any(is_saved(store) for _ in range(5))
            assert bot.ask()["/readyz"][0] == 503

        assert bot.ask()["/readyz"][0] == 503  # nothing was saved yet
        assert is_saved(store)

        assert bot.ask()["/readyz"][0] == 200
