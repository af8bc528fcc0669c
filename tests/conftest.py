"""How the tests run: what CI may not skip, where browser and PostgreSQL are, how patient Hypothesis is."""

import gc
import os
import shutil
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TypeVar

import pytest
from hypothesis import HealthCheck, settings

from models.store.database import Store
from tests import shared_dialects
from tests.postgres import Databases, server

IN_CI = os.environ.get("CI") == "true"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")

SLOWEST = (
    "bot/samples/test_stories.py",
    "bot/simulation/test_second_half.py", "bot/commands/test_run.py", "handlers/notifications/test_reminders.py",
    "end_to_end/test_without_slack.py", "end_to_end/test_calls.py", "bot/simulation/test_first_half.py",
    "end_to_end/test_severity_a_night.py", "end_to_end/test_night_without_slack.py",
    "end_to_end/test_night_before_spring_festival.py", "end_to_end/test_first_night.py", "end_to_end/test_outages.py",
    "bot/sandbox/page/test_page.py",
    "models/reminders/test_gaps.py", "models/reminders/test_promises.py", "handlers/notifications/test_quiet_weeks.py",
    "end_to_end/test_crashes.py", "bot/simulation/test_evidence.py", "bot/simulation/test_crash_points.py",
    "end_to_end/test_load_and_locks.py", "bot/commands/test_sandbox.py", "end_to_end/test_two_bots.py",
    "bot/workers/test_outbox.py", "models/reminders/test_departures.py", "end_to_end/test_one_escalation.py",
    "bot/simulation/test_weeks.py", "bot/simulation/test_auditor.py", "bot/commands/test_db.py",
    "bot/simulation/test_slack_off.py", "end_to_end/test_webhook.py",
    "bot/workers/test_topic_and_group.py", "handlers/escalations/test_views.py", "test_style.py",
    "models/outbox/test_queue.py", "bot/sandbox/page/test_redraw.py", "bot/sandbox/page/test_workshop.py",
    "bot/sandbox/page/test_pictures.py", "test_packaging.py", "test_architecture.py",
    "models/rules/rota/test_random.py",
    "bot/slack/test_socket_mode.py", "bot/sandbox/page/test_drawing.py", "handlers/escalations/test_card_actions.py",
    "models/rules/escalations/test_clocks.py", "models/store/test_migrations.py", "bot/simulation/test_downtime.py",
    "handlers/test_consistency.py", "models/reminders/test_engine.py", "models/escalations/test_commands.py",
    "models/escalations/test_search.py", "models/reminders/test_calls.py",
)  # fmt: skip
"""The files that take longest, longest first. They start first, so that the other workers run the rest beside them."""

Report = TypeVar("Report", pytest.TestReport, pytest.CollectReport)

# No deadline, for making examples neither: a shared machine may be slow, and a slow example is not a wrong one.
settings.register_profile("csp", deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("csp")
shared_dialects.install()
# What is imported and collected stays to the end. Looking through it for garbage again and again found nothing.
gc.disable()
ALLOCATIONS = 20_000
"""How many objects more than before make the collector look at the youngest again; Python's default is 700."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the slowest files start first. Within a file the order stays."""
    folder = Path(__file__).parent
    ranks = {folder / name: rank for rank, name in enumerate(SLOWEST)}
    items.sort(key=lambda item: ranks.get(item.path, len(ranks)))


def pytest_collection_finish() -> None:
    """Let the garbage collector work from here on, on what the tests leave behind."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(ALLOCATIONS, 10, 10)
    gc.enable()


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of the system's Chromium. Without one the test is skipped, and in CI it fails."""
    for name in BROWSERS:
        if path := shutil.which(name):
            return path
    pytest.skip("no Chromium on this machine; with one (Debian: apt install chromium) the page is tested too")


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Databases]:
    """Fresh PostgreSQL databases, empty or migrated; never skipped, the server comes with the test packages."""
    with server() as url:
        databases = Databases(url, _migrate)
        yield databases
        databases.close()


def _migrate(url: str) -> None:
    store = Store(url)
    store.upgrade()
    store.dispose()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Let a test that skips itself fail in CI: what skips there was tested nowhere."""
    return _strict((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """The same for a module that skips itself."""
    return _strict((yield))


def _strict(report: Report) -> Report:
    if IN_CI and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped, and in CI nothing may be: {report.longrepr}"
    return report
