"""A database that breaks while the bot runs: no traceback, no flood, and the reason in each line."""

import io
import logging
from pathlib import Path

from bot import logs
from bot.clock import Clock
from bot.sandbox import Sandbox
from bot.workers.scheduler import Scheduler
from models.outbox.queue import Outbox
from models.store.database import Store
from tests.bot.stubs import Control
from tests.bot.workers.test_outbox import OutboxSetup
from tests.bot.workers.test_reminders import Hand


def test_a_database_damaged_under_a_running_bot_is_a_line_a_minute_that_says_so(
    slack: Sandbox, control: Control, tmp_path: Path
) -> None:
    root, stream = logging.getLogger(), io.StringIO()
    kept, level = root.handlers[:], root.level
    store = Store(f"sqlite:///{tmp_path / 'csp.db'}", timeout=1.0)
    store.upgrade()
    services = OutboxSetup(slack, control, store, Clock(slack.clock_file))
    worker = services.worker()

    def count() -> None:
        Outbox(store).counts()

    scheduler = Scheduler([count], Clock())
    store.dispose()
    store.path.write_bytes(b"SQLite format 3\0" + b"\xff" * 8000)
    logs.set_up((), stream, clock=Hand())  # however long the fifty times take
    try:
        for _ in range(50):
            worker.work_once()
            scheduler.tick()
    finally:
        root.handlers[:] = kept
        root.setLevel(level)
    store.dispose()

    lines = stream.getvalue().splitlines()
    assert len(lines) == 2
    assert all("the database cannot be used now (damaged)" in line for line in lines)
