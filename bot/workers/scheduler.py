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
"""After this many intervals without a tick the clock was set back, or a tick waits or hangs."""
_GONE = 30.0
"""Seconds without the beginning of a tick after which the thread that calls them has ended."""
_HANGS = 120.0
"""Seconds in one task of a tick after which it hangs in our own code: a wait for the database is shorter."""


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
        self._last = self._progress = clock.monotonic()
        self._is_ticking, self._took = False, 0.0
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

    @property
    def alive(self) -> bool:
        """Return False when no tick begins any more, or one hangs. One that waits for the database does not hang."""
        return self._clock.monotonic() - self._progress < (_HANGS if self._is_ticking else _GONE)

    def tick(self) -> None:
        """Call all tasks now, in this thread."""
        began, self._is_ticking = self._clock.monotonic(), True
        with self._measurements.timing(TICKS):
            self._call_tasks()
        self._last = self._progress = self._clock.monotonic()
        self._is_ticking, self._took = False, self._last - began
        log.debug("a tick took %.0f ms", 1000 * self._took)

    def _call_tasks(self) -> None:
        for task in self._tasks:
            self._progress = self._clock.monotonic()
            try:
                task()
            except NotSaved as error:
                log_not_saved(log, error, "the next tick looks again")
            except Exception:  # one task's trouble must not stop the others
                log.exception("tick failed: unexpected error")

    def _watch(self) -> None:
        """Restart ticks that stay away: a wall clock that was set back stalls APScheduler for as long as the step.

        The log has one line when they begin to stay away, and one when they come again.
        """
        away_since: float | None = None
        while not self._stopping.wait(self._interval):
            if self.healthy and self._took < _STALLED * self._interval:
                if away_since is not None:
                    log.warning("ticks come again after %.0f seconds", self._clock.monotonic() - away_since)
                away_since = None
            elif not self.healthy and away_since is None:
                away_since = self._last
                state = "one waits or hangs" if self._is_ticking else "waking the scheduler"
                log.error("no tick for %.0f seconds: %s", self.age, state)
            if not self.healthy and not self._is_ticking:
                self._wake()

    def _wake(self) -> None:
        with suppress(JobLookupError):  # the ticks were stopped in this very moment
            self._scheduler.modify_job("tick", next_run_time=self._machine.now())
