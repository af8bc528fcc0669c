"""The log at its most talkative says what the workers do, with ids only."""

import logging
from pathlib import Path

import pytest

from bot.clock import Clock
from bot.workers.reminders import ReminderWorker
from bot.workers.scheduler import Scheduler
from models.rules.reach.reach_plan import CHINA
from models.rules.reach.reader import parse_reach
from tests.handlers.notifications.reach_duty import FILE, ReachDuty
from tests.models.concurrent_writers import opened


def test_a_page_and_a_tick_leave_lines_with_ids_and_no_texts(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with opened(f"sqlite:///{tmp_path / 'csp.db'}") as store, caplog.at_level(logging.DEBUG, "bot"):
        store.upgrade()
        duty = ReachDuty(store, parse_reach(FILE, CHINA))
        caplog.clear()
        duty.raised("A")
        Scheduler([ReminderWorker(duty.engine, duty.clock, lambda: None).tick], Clock()).tick()
        while duty.worker.work_once():
            pass

    lines = caplog.messages
    ids = {page.id for _, page in duty.phones.taken}
    assert ids
    for page_id in ids:
        assert f"claimed delivery {page_id}, page" in lines
        assert any(line.startswith(f"delivery {page_id} ended: sent") for line in lines)
    assert any(line.startswith("a tick took ") for line in lines)
    assert any("reminders were made" in line for line in lines)
    assert not any("Nobody can work" in line or "a.cn" in line or "138" in line.split() for line in lines)
