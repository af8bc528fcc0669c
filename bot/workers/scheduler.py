"""The tick: calls periodic tasks. A tick too many or too few changes nothing: what is due is derived from the store."""

import logging
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC

from apscheduler.jobstores.base import JobLookupError
from apscheduler.schedulers.background import BackgroundScheduler

from bot.clock import Clock
from bot.measurements import TICKS, Measurements
from bot.workers.not_saved import log_not_saved
from models.rules.errors import NotSaved

log = logging.getLogger(__name__)

_STALLED = 3
"""After this many intervals without a tick the clock was set back or a tick hangs."""


class Scheduler:
    """Calls each task every ``interval`` seconds, one after another, in one thread."""

    def __init__(
        self,
        tasks: Sequence[Callable[[], None]],
        clock: Clock,
        interval: float = 5.0,
        measurements: Measurements | None = None,
    ) -> None:
        self._tasks = tasks
        self._clock = clock
        self._interval = interval
        self._last = clock.monotonic()
        self._measurements = measurements or Measurements(clock.monotonic)
        self._stopping = threading.Event()
        # APScheduler compares with the machine's own clock, never with a shifted one.
        self._machine = Clock()
        # In memory, because a job store would be a second source; in UTC, because local hours come twice or never.
        self._scheduler = BackgroundScheduler(timezone=UTC)
        self._watchdog = threading.Thread(target=self._watch, name="watchdog", daemon=True)

    def start(self) -> None:
        """Start the ticks, the first one at once."""
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
        """Stop the ticks; a running tick is not waited for, and may be cut anywhere."""
        self._stopping.set()
        self._scheduler.shutdown(wait=False)

    @property
    def age(self) -> float:
        """Return the seconds since the last tick ended."""
        return self._clock.monotonic() - self._last

    @property
    def healthy(self) -> bool:
        """Return False when ticks stay away."""
        return self.age < _STALLED * self._interval

    def tick(self) -> None:
        """Call all tasks now, in this thread."""
        with self._measurements.timing(TICKS):
            self._call_tasks()
        self._last = self._clock.monotonic()

    def _call_tasks(self) -> None:
        for task in self._tasks:
            try:
                task()
            except NotSaved as error:
                log_not_saved(log, error, "the next tick looks again")
            except Exception:  # one task's trouble must not stop the others
                log.exception("tick failed: unexpected error")

    def _watch(self) -> None:
        """Restart ticks that stay away: a wall clock that was set back stalls APScheduler for as long as the step."""
        while not self._stopping.wait(self._interval):
            if not self.healthy:
                log.error("no tick for %.0f seconds: waking the scheduler", self.age)
                self._wake()

    def _wake(self) -> None:
        with suppress(JobLookupError):  # the ticks were stopped in this very moment
            self._scheduler.modify_job("tick", next_run_time=self._machine.now())
