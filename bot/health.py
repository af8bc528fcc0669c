"""How the running bot is, as data for /healthz. Numbers and states only: no names, no texts, no addresses."""

import sqlite3
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import text

from bot.clock import Clock
from bot.workers.outbox import OutboxWorker
from bot.workers.reminders import ReminderWorker
from bot.workers.scheduler import Scheduler
from models.outbox.queue import Outbox
from models.rules.errors import NotSaved
from models.store.database import Store

_MINUTE, _FAILURES = 60.0, 3
"""So many failed writes within a minute are more than a moment's lock."""
_ROOM = 16 * 1024 * 1024
"""Bytes that must be free beside an SQLite file."""
_LONGEST_WAIT = timedelta(minutes=15)
"""A message that waits longer is late for its readers, whatever holds it up."""


class HealthStatus:
    """Asked by the health page; each call looks afresh. ``line`` says whether Slack can reach us, and what else is
    known of the connection.
    """

    def __init__(
        self,
        store: Store,
        outbox: Outbox,
        worker: OutboxWorker,
        scheduler: Scheduler,
        watchman: ReminderWorker,
        line: Callable[[], Mapping[str, Any]],
        clock: Clock,
    ) -> None:
        self._store = store
        self._outbox = outbox
        self._worker = worker
        self._scheduler = scheduler
        self._watchman = watchman
        self._line = line
        self._clock = clock

    def __call__(self) -> tuple[bool, Mapping[str, Any]]:
        """Whether all is well, and the facts."""
        store = self._stored()
        line = self._line()
        tick = {"ok": self._scheduler.healthy, "age_seconds": round(self._scheduler.age, 1)}
        watch = self._watchman
        engine = {"ok": watch.healthy, "age_seconds": round(watch.age, 1), "not_understood": watch.failing}
        outbox = self._sending() if store["ok"] else {"ok": False}
        parts = {"store": store, "line": line, "tick": tick, "vigil": engine, "outbox": outbox}
        well = all(part["ok"] for part in parts.values())
        return well, {"ok": well, **parts}

    def _stored(self) -> dict[str, Any]:
        facts: dict[str, Any] = {"ok": True, "engine": self._store.dialect}
        try:
            if self._store.is_sqlite:
                facts["version"] = sqlite3.sqlite_version
                facts["journal"] = self._store.read(lambda c: c.scalar(text("PRAGMA journal_mode")))
            else:
                facts["version"] = self._store.read(lambda c: c.scalar(text("SHOW server_version")))
        except NotSaved:
            facts["ok"] = False
        facts["failed_writes"] = self._store.failed_writes(_MINUTE)
        facts["disk_full"] = self._is_disk_full()
        facts["ok"] &= facts["failed_writes"] < _FAILURES and not facts["disk_full"]
        return facts

    def _is_disk_full(self) -> bool:
        """Whether the disk has no room for what must be written next; a database server knows of its own."""
        room = self._store.room()
        return room is not None and room < _ROOM

    def _sending(self) -> dict[str, Any]:
        try:
            counts, oldest = self._outbox.counts(), self._outbox.oldest_message()
        except NotSaved:
            return {"ok": False}
        waiting = sum(n for state, n in counts.items() if state != "dead")
        age = max(0.0, (self._clock.now() - oldest).total_seconds()) if oldest else 0.0
        return {
            "ok": self._worker.alive and not self._worker.refused and age <= _LONGEST_WAIT.total_seconds(),
            "refused": self._worker.refused,
            "waiting": waiting,
            "oldest_seconds": round(age, 1),
            "dead": counts.get("dead", 0),
        }
