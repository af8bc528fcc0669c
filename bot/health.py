"""The health of the running bot, as data for /healthz. Numbers and states only: no names, texts or addresses."""

import sqlite3
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import text

from bot.clock import Clock
from bot.limited_question import LimitedQuestion
from bot.workers.outbox import OutboxWorker
from bot.workers.reminders import ReminderWorker
from bot.workers.scheduler import Scheduler
from models.outbox import page_waits
from models.outbox.queue import Outbox
from models.rules.errors import NotSaved
from models.store.database import LEAST_FREE, Store

_FAILURE_WINDOW = 60.0  # seconds
_FAILURES = 3
"""This many failed writes within the window are more than a short lock."""
_LONGEST_WAIT = timedelta(minutes=15)
"""A message that waits longer is late for its readers, for whatever reason."""
_PATIENCE = 1.2
"""Seconds that the database may take for each of the two answers: a probe waits a few seconds for both."""
_AWAY = {"ok": False, "no_answer": True}
"""What is said of the database and of the outbox while the database does not answer."""


class HealthStatus:
    """The facts of the health page, read again at each call."""

    def __init__(
        self,
        store: Store,
        outbox: Outbox,
        worker: OutboxWorker,
        scheduler: Scheduler,
        reminders: ReminderWorker,
        connection: Callable[[], Mapping[str, Any]],
        clock: Clock,
    ) -> None:
        self._store = store
        self._outbox = outbox
        self._worker = worker
        self._scheduler = scheduler
        self._reminders = reminders
        self._connection = connection
        self._clock = clock
        self._stored, self._sending = LimitedQuestion(self._read_store), LimitedQuestion(self._read_outbox)

    def __call__(self) -> tuple[bool, Mapping[str, Any]]:
        """Return whether all is well, and the facts."""
        store = _ask(self._stored)
        connection = self._connection()
        tick = self._describe_tick(self._scheduler.healthy)
        worker = self._reminders
        reminders = {"ok": worker.healthy, "age_seconds": round(worker.age, 1), "not_understood": worker.failing}
        outbox = _ask(self._sending) if store["ok"] else {"ok": False}
        parts = {"store": store, "line": connection, "tick": tick, "vigil": reminders, "outbox": outbox}
        well = all(part["ok"] for part in parts.values())
        return well, {"ok": well, **parts}

    def live(self) -> tuple[bool, Mapping[str, Any]]:
        """Return at once whether this process works: its scheduler calls ticks, none hangs, and it sends.

        What the database or Slack do is not asked, and a tick that waits for them is no fault: no restart mends them.
        """
        tick = self._describe_tick(self._scheduler.alive)
        well = tick["ok"] and self._worker.alive
        return bool(well), {"ok": well, "tick": tick, "outbox": {"ok": self._worker.alive}}

    def ready(self) -> tuple[bool, Mapping[str, Any]]:
        """Return whether this process can take work: its database accepts it. Slack may be away meanwhile."""
        store = _ask(self._stored)
        return bool(store["ok"]), {"ok": store["ok"], "store": store}

    def _describe_tick(self, is_well: bool) -> dict[str, Any]:
        return {"ok": is_well, "age_seconds": round(self._scheduler.age, 1)}

    def _read_store(self) -> dict[str, Any]:
        facts: dict[str, Any] = {"ok": True, "engine": self._store.dialect}
        try:
            if self._store.is_sqlite:
                facts["version"] = sqlite3.sqlite_version
                facts["journal"] = self._store.read(lambda c: c.scalar(text("PRAGMA journal_mode")))
            else:
                facts["version"] = self._store.read(lambda c: c.scalar(text("SHOW server_version")))
        except NotSaved:
            facts["ok"] = False
        facts["failed_writes"] = self._store.availability.count_failed_writes(_FAILURE_WINDOW)
        facts["disk_full"] = self._is_disk_full()
        facts["ok"] &= facts["failed_writes"] < _FAILURES and not facts["disk_full"]
        return facts

    def _is_disk_full(self) -> bool:
        """Return whether the disk is too full for the next writes; a database server watches its own."""
        room = self._store.free_bytes()
        return room is not None and room < LEAST_FREE

    def _read_outbox(self) -> dict[str, Any]:
        try:
            counts, oldest, now = self._outbox.counts(), self._outbox.oldest_message(), self._clock.now()
            held_back = self._store.read(lambda connection: page_waits.count_held_back(connection, now))
        except NotSaved:
            return {"ok": False}
        waiting = sum(n for state, n in counts.items() if state != "dead")
        age = max(0.0, (now - oldest).total_seconds()) if oldest else 0.0
        return {
            "ok": self._worker.alive and not self._worker.refused and age <= _LONGEST_WAIT.total_seconds(),
            "refused": self._worker.refused,
            "waiting": waiting,
            "oldest_seconds": round(age, 1),
            "held_back": held_back,
            "dead": counts.get("dead", 0),
        }


def _ask(question: LimitedQuestion[dict[str, Any]]) -> dict[str, Any]:
    try:
        return question.ask(_PATIENCE)
    except TimeoutError:
        return _AWAY
