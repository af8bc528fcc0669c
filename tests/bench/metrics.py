"""``/metrics`` beside 10,000 open cases, as Prometheus asks for it every few seconds."""

import time
from datetime import timedelta

from bot.clock import Clock
from bot.gauges import Gauges, RunningParts
from bot.measurements import DATABASE_SECONDS, DELIVERIES, DELIVERY_SECONDS, Measurements
from bot.metrics import MetricsPage
from bot.services import Repositories
from bot.workers.outbox import OutboxWorker
from bot.workers.queue_worker import WakeUp
from bot.workers.reminders import ReminderWorker
from bot.workers.scheduler import Scheduler
from models.oncall.rota_versions import import_rota
from models.rules.outbox.message_kinds import MessageKind
from models.rules.outbox.send_outcome import SendResult
from models.store.database import Store
from tests.bench import databases, open_cases
from tests.bench.measurement import Figure, Workshop, at_most, middle
from tests.models.reminders.conftest import REMINDER_SETTINGS
from tests.models.samples import NOW
from tests.sample_rotas import DAILY_TURNS_WITH_BACKUP

OPEN, PAGES = 10_000, 40
LIMIT = 20


def measure(workshop: Workshop) -> list[Figure]:
    """The same on both databases."""
    figures = _on("SQLite", databases.sqlite(workshop.folder, "metrics"), workshop)
    with databases.postgresql() as server, server.migrated() as url:
        return figures + _on("PostgreSQL", url, workshop)


def _on(kind: str, url: str, workshop: Workshop) -> list[Figure]:
    workshop.say(f"{kind}: {OPEN:,} open cases")
    store = Store(url)
    try:
        import_rota(store, DAILY_TURNS_WITH_BACKUP, "cli", NOW - timedelta(days=30))
        open_cases.write(store, open_cases.lives(1, OPEN))
        page = _page(store)
        page.render()  # the first one reads the ledger of a day, as one in a minute does
        took = [_milliseconds(page) for _ in range(PAGES)]
    finally:
        store.dispose()
    return [at_most(f"{kind}: a page of metrics beside {OPEN:,} open cases, processor time", LIMIT, middle(took), "ms")]


def _milliseconds(page: MetricsPage) -> float:
    began = time.process_time()
    page.render()
    return 1000 * (time.process_time() - began)


def _page(store: Store) -> MetricsPage:
    """The page of a bot that has sent every kind of message."""
    clock, repositories = Clock(), Repositories(store, REMINDER_SETTINGS)
    measurements = Measurements(clock.monotonic)
    for kind in MessageKind:
        for verdict in SendResult:
            measurements.count(DELIVERIES, kind, verdict)
        measurements.observe(DELIVERY_SECONDS, 0.3, kind)
    for operation in ("read", "write"):
        measurements.observe(DATABASE_SECONDS, 0.01, operation)
    worker = OutboxWorker(repositories.outbox, None, lambda _: None, None, clock, WakeUp())  # type: ignore[arg-type]
    reminders = ReminderWorker(repositories.engine, clock, lambda: None)
    parts = RunningParts(worker, Scheduler([], clock), reminders, lambda: {"ok": True}, lambda: 0)
    return MetricsPage(measurements, Gauges(store, repositories, parts, clock).read)
