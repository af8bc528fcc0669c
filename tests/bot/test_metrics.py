"""``/metrics``: what the bot counts and times, and how things stand, without a name or a text."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families as parse
from sqlalchemy import event

from bot.clock import Clock
from bot.gauges import Gauges, RunningParts
from bot.measurements import (
    DATABASE_SECONDS,
    DELIVERY_SECONDS,
    METRICS,
    PAGE_SECONDS,
    PAGE_TRIES,
    REMINDERS,
    Measurements,
)
from bot.metrics import MetricsPage
from bot.services import Repositories
from bot.workers.outbox import OutboxWorker
from bot.workers.queue_worker import WakeUp
from bot.workers.reminders import ReminderWorker
from bot.workers.scheduler import Scheduler
from models.oncall.rota_versions import import_rota
from models.rules.errors import NotSaved
from models.store.database import Store
from tests.models.reminders.conftest import REMINDER_SETTINGS
from tests.models.samples import NOW, raised
from tests.sample_rotas import DAILY_TURNS


class Stopped(Clock):
    """A clock that stands still, ten minutes after the cases were raised."""

    def now(self) -> datetime:
        return NOW + timedelta(minutes=10)


class Bot:
    """The parts of a bot that the page asks, over a fresh store."""

    def __init__(self, store: Store) -> None:
        clock = Stopped()
        self.store, self.measurements = store, Measurements(clock.monotonic)
        self.repositories = Repositories(store, REMINDER_SETTINGS)
        worker = OutboxWorker(self.repositories.outbox, None, lambda _: None, None, clock, WakeUp())  # type: ignore[arg-type]
        parts = RunningParts(
            worker, Scheduler([], clock), ReminderWorker(self.repositories.engine, clock, lambda: None),
            lambda: {"ok": False}, lambda: 3,
        )  # fmt: skip
        self.page = MetricsPage(self.measurements, Gauges(store, self.repositories, parts, clock).read)

    def samples(self) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
        """Every series of the page with its value."""
        families = parse(self.page.render().decode())
        return {(s.name, frozenset(s.labels.items())): s.value for family in families for s in family.samples}

    def value(self, name: str, **labels: str) -> float:
        return self.samples()[name, frozenset(labels.items())]


@pytest.fixture
def bot(tmp_path: Path) -> Iterator[Bot]:
    store = Store(f"sqlite:///{tmp_path / 'csp.db'}")
    store.upgrade()
    yield Bot(store)
    store.dispose()


def test_open_cases_are_counted_by_turn_and_severity(bot: Bot) -> None:
    raised(bot.repositories.commands)
    raised(bot.repositories.commands, "view-2", severity="A", answers={"impact": "all"})

    assert bot.value("csp_cases_open", turn="ours", severity="A") == 1
    assert sum(value for (name, _), value in bot.samples().items() if name == "csp_cases_open") == 2


def test_the_outbox_and_its_oldest_message_are_shown(bot: Bot) -> None:
    raised(bot.repositories.commands)

    assert bot.value("csp_outbox_messages", state="waiting") > 0
    assert bot.value("csp_outbox_messages", state="set-aside") == 0
    assert bot.value("csp_outbox_oldest_seconds") == 600


def test_the_minutes_of_the_last_day_that_nobody_covered_are_counted(bot: Bot) -> None:
    import_rota(bot.store, DAILY_TURNS, "cli", NOW - timedelta(days=30))

    # The first turn began on the 22nd at 00:00 UTC, and it is 07:40: 16 hours and 20 minutes before it are bare.
    assert bot.value("csp_uncovered_minutes") == 16 * 60 + 20
    assert bot.value("csp_gaps_open", within="now") == 0


def test_minutes_before_the_first_rota_are_not_counted(bot: Bot) -> None:
    import_rota(bot.store, DAILY_TURNS, "cli", NOW)

    assert bot.value("csp_uncovered_minutes") == 0


def test_connections_and_the_line_to_slack_are_shown(bot: Bot) -> None:
    assert bot.value("csp_slack_connected") == 0
    assert bot.value("csp_http_connections") == 3
    assert bot.value("csp_store_up") == 1


def test_while_the_database_is_away_the_rest_of_the_page_is_shown(bot: Bot) -> None:
    def refuse(*_args: object) -> None:
        raise NotSaved("away")

    event.listen(bot.store.engine, "checkout", refuse)

    assert bot.value("csp_store_up") == 0
    assert "csp_tick_age_seconds" in bot.page.render().decode()


def test_times_fall_into_their_buckets_and_add_up(bot: Bot) -> None:
    for seconds in (0.05, 0.1, 0.2, 9999.0):
        bot.measurements.observe(DELIVERY_SECONDS, seconds, "call")
    bot.measurements.count(REMINDERS, by=2)

    assert bot.value("csp_delivery_seconds_bucket", kind="call", le="0.1") == 2
    assert bot.value("csp_delivery_seconds_bucket", kind="call", le="+Inf") == 4
    assert bot.value("csp_delivery_seconds_count", kind="call") == 4
    assert bot.value("csp_reminders_total") == 2


def test_pages_are_counted_by_channel_and_end_and_timed(bot: Bot) -> None:
    bot.measurements.count(PAGE_TRIES, "hook", "accepted")
    bot.measurements.observe(PAGE_SECONDS, 0.08, "hook", "A")

    assert bot.value("csp_page_tries_total", channel="hook", end="accepted") == 1
    assert bot.value("csp_page_seconds_bucket", channel="hook", severity="A", le="0.05") == 0
    assert bot.value("csp_page_seconds_bucket", channel="hook", severity="A", le="0.1") == 1


def test_the_time_of_transactions_is_measured_by_operation(bot: Bot) -> None:
    bot.store.measure = bot.measurements.database_time

    raised(bot.repositories.commands)

    (labels, series), *_ = bot.measurements.histograms(DATABASE_SECONDS)
    assert labels in {("read",), ("write",)}
    assert sum(series.counts) > 0


def test_the_page_holds_no_text_name_or_address(bot: Bot) -> None:
    raised(bot.repositories.commands, title="canary title", customer_name="Canary Ltd")

    page = bot.page.render().decode()

    assert "anary" not in page
    assert "U0" not in page
    assert str(bot.store.path) not in page


def test_the_number_of_series_is_bounded(bot: Bot) -> None:
    names = {metric.name for metric in METRICS}

    assert len(names) == len(METRICS)
    assert len(bot.samples()) < 100  # before anything was counted; each kind of message adds fourteen
