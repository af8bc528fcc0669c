"""Wakes the workers when another process, such as the terminal, has added messages to the outbox."""

import logging
import threading

from bot.workers.queue_worker import WakeUp
from models.outbox.growth import OutboxGrowth
from models.rules.errors import NotSaved

log = logging.getLogger(__name__)

PACE = 0.05
"""Seconds between two looks: a message waits half of it on average, and a look costs less than 0.3 ms."""
_STORE_AWAY = 1.0
"""Seconds between two looks while the database can't be used."""


class QueueWatch:
    """Looks again and again, in one thread. Where it fails, workers still look by themselves, only later."""

    def __init__(self, growth: OutboxGrowth, wake_up: WakeUp, pace: float = PACE) -> None:
        self._growth, self._wake_up, self._pace = growth, wake_up, pace
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="queue-watch", daemon=True)

    def start(self) -> None:
        """Start to look."""
        self._thread.start()

    def stop(self, timeout: float) -> bool:
        """Look no more; wait at most ``timeout`` seconds. Return whether it has ended, as it does unless it waits."""
        self._stopping.set()
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _watch(self) -> None:
        pause = 0.0
        while not self._stopping.wait(pause):
            try:
                if self._growth.has_grown():
                    log.debug("messages were added to the outbox")
                    self._wake_up.notify()
                pause = self._pace
            except NotSaved:  # the store says once for all that the database is away
                pause = _STORE_AWAY
        self._growth.close()
