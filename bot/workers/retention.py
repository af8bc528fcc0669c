"""Deletes old rows once a day, a small step at each tick, and says in the log what was deleted."""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from sqlalchemy import Connection

from bot.clock import Clock
from models.escalations import escalation_rows
from models.outbox import page_retention, retention
from models.outbox.retention import PruneStep
from models.store.database import Store

log = logging.getLogger(__name__)

_PAUSE = 24 * 3600.0
"""Seconds from the begin of one pass to the next."""
KEYS = 500
"""Keys of deliveries that one step forgets."""


def _prune_keys(connection: Connection, before: datetime, after: int) -> PruneStep:
    deleted = escalation_rows.prune_deliveries(connection, before, KEYS)
    return PruneStep(after, deleted, deleted < KEYS)


PRUNES: Mapping[str, Callable[[Connection, datetime, int], PruneStep]] = {
    "messages": retention.prune, "keys": _prune_keys, "tries": page_retention.prune_tries,
    "links": page_retention.prune_links,
}  # fmt: skip
"""What is deleted, and one step of deleting it: before an instant, behind the place that the last step reached."""


class Retention:
    """Keeps what is younger than so many days; 0 keeps everything."""

    def __init__(self, store: Store, clock: Clock, days: int) -> None:
        self._store, self._clock, self._days = store, clock, days
        self._began = clock.monotonic() - _PAUSE
        self._reached: dict[str, int] = {}  # of what is not finished in this pass
        self._deleted: dict[str, int] = {}

    def tick(self) -> None:
        """Do one step of each. Raises NotSaved; the next tick tries again."""
        if not self._days:
            return
        if not self._reached:
            if self._clock.monotonic() - self._began < _PAUSE:
                return
            self._began = self._clock.monotonic()
            self._reached, self._deleted = dict.fromkeys(PRUNES, 0), dict.fromkeys(PRUNES, 0)
        before = self._clock.now() - timedelta(days=self._days)
        for name in tuple(self._reached):
            self._step(name, before)
        if not self._reached and any(self._deleted.values()):
            log.info(
                "deleted %(messages)d messages, %(keys)d keys of deliveries, %(tries)d tries and %(links)d links of "
                "messages outside Slack older than %(days)d days",
                {**self._deleted, "days": self._days},
            )

    def _step(self, name: str, before: datetime) -> None:
        step = self._store.write(lambda connection: PRUNES[name](connection, before, self._reached[name]))
        self._deleted[name] += step.deleted
        if step.is_last:
            del self._reached[name]
        else:
            self._reached[name] = step.reached
