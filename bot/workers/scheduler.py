"""The tick: wakes what must look around now and then. It holds no truth and decides nothing; a tick too many or too
few changes nothing, because what is due is always derived from the store.
"""

import logging
import threading
from collections.abc import Callable, Sequence
from datetime import UTC

from apscheduler.schedulers.background import BackgroundScheduler

from bot.clock import Clock
from models.rules.errors import NotSaved
from models.store.database_errors import cause_of

log = logging.getLogger(__name__)

_STALLED = 3
"""After this many intervals without a tick the clock was set back or a tick hangs."""


class Scheduler:
    """Calls each of ``wake`` every ``interval`` seconds, one after another, in one thread."""

    def __init__(self, wake: Sequence[Callable[[], None]], clock: Clock, interval: float = 5.0) -> None:
        self._wake = wake
        self._clock = clock
        self._interval = interval
        self._last = clock.monotonic()
        self._stopping = threading.Event()
        # APScheduler compares with the machine's own clock, never with a shifted one.
        self._machine = Clock()
        # In memory and in UTC: a job store would be a second truth, and local zones have hours twice or never.
        self._scheduler = BackgroundScheduler(timezone=UTC)
        self._watchdog = threading.Thread(target=self._watch, name="watchdog", daemon=True)

    def start(self) -> None:
        """Begin to tick, at once for the first time."""
        self._scheduler.add_job(
            self.tick,
            "interval",
            seconds=self._interval,
            id="tick",
            max_instances=1,
            coalesce=True,
            misfire_grace_time=None,
            next_run_time=self._machine.now(),
        )
        self._scheduler.start()
        self._watchdog.start()

    def stop(self) -> None:
        """Tick no more; a tick under way is not waited for, it may be cut anywhere."""
        self._stopping.set()
        self._scheduler.shutdown(wait=False)

    @property
    def age(self) -> float:
        """Seconds since the last tick ended."""
        return self._clock.monotonic() - self._last

    @property
    def healthy(self) -> bool:
        """False when ticks stay away."""
        return self.age < _STALLED * self._interval

    def tick(self) -> None:
        """Wake all of them now, in this thread."""
        for wake in self._wake:
            try:
                wake()
            except NotSaved as error:
                log.warning("the store cannot be used now (%s); the next tick looks again", cause_of(error))
            except Exception:  # one sleeper's trouble must not keep the others asleep
                log.exception("a tick failed")
        self._last = self._clock.monotonic()

    def _watch(self) -> None:
        """A wall clock that was set back stalls APScheduler for as long as the step; monotonic time shows it."""
        while not self._stopping.wait(self._interval):
            if not self.healthy:
                log.error("no tick for %.0f seconds: waking the scheduler", self.age)
                self._scheduler.modify_job("tick", next_run_time=self._machine.now())
