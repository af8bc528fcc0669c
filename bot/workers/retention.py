"""Deletes old messages and keys once a day, a small step at each tick, and says in the log what was deleted."""

import logging
from datetime import timedelta

from bot.clock import Clock
from models.escalations import escalation_rows
from models.outbox import retention
from models.store.database import Store

log = logging.getLogger(__name__)

_PAUSE = 24 * 3600.0
"""Seconds from the begin of one pass to the next."""
KEYS = 500
"""Keys of deliveries that one step forgets."""


class Retention:
    """Keeps what is younger than so many days; 0 keeps everything."""

    def __init__(self, store: Store, clock: Clock, days: int) -> None:
        self._store, self._clock, self._days = store, clock, days
        self._began = clock.monotonic() - _PAUSE
        self._reached: int | None = None  # position in the outbox; None between two passes
        self._messages = self._keys = 0

    def tick(self) -> None:
        """Do one step. Raises NotSaved; the next tick tries again."""
        if not self._days:
            return
        if self._reached is None:
            if self._clock.monotonic() - self._began < _PAUSE:
                return
            self._began, self._reached, self._messages, self._keys = self._clock.monotonic(), 0, 0, 0
        self._step(self._reached)

    def _step(self, reached: int) -> None:
        before = self._clock.now() - timedelta(days=self._days)
        step = self._store.write(lambda connection: retention.prune(connection, before, reached))
        keys = self._store.write(lambda connection: escalation_rows.prune_deliveries(connection, before, KEYS))
        self._messages, self._keys = self._messages + step.deleted, self._keys + keys
        self._reached = None if step.is_last and keys < KEYS else step.reached
        if self._reached is None and self._messages + self._keys:
            log.info(
                "deleted %d messages and %d keys of deliveries older than %d days",
                self._messages, self._keys, self._days,
            )  # fmt: skip
