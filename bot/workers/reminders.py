"""Runs the reminder engine at each tick, and reports it to the health page and to a dead man's switch.

The engine decides what is due.
"""

import logging
import threading
from collections.abc import Callable
from datetime import timedelta

from bot.clock import Clock
from bot.http_client.transport import NoResponse, RequestNotSent, Transport
from bot.measurements import REMINDERS, Measurements
from bot.workers.not_saved import log_not_saved
from handlers.log_context import about
from models.reminders.engine import TRY_AGAIN, ReminderEngine, TickResult
from models.rules.errors import NotSaved
from models.store.heartbeat_rows import DOWN_AFTER

log = logging.getLogger(__name__)

_PING_INTERVAL = 60.0  # seconds
_PING_TIMEOUT = 5.0  # seconds
_NEXT_LOOK = (TRY_AGAIN + DOWN_AFTER).total_seconds()
"""Seconds until a subject that failed has been looked at again."""


class ReminderWorker:
    """Makes reminders at each tick.

    ``wake_up`` wakes the outbox. ``ping`` calls the dead man's switch, if there is one.
    """

    def __init__(
        self,
        engine: ReminderEngine,
        clock: Clock,
        wake_up: Callable[[], None],
        ping: Callable[[], None] | None = None,
        measurements: Measurements | None = None,
    ) -> None:
        self._engine, self._clock, self._wake_up, self._ping = engine, clock, wake_up, ping
        self._measurements = measurements or Measurements(clock.monotonic)
        self._finished = clock.monotonic()
        self._tried: float | None = None
        self._pinged_at = -_PING_INTERVAL
        self._ping_thread: threading.Thread | None = None
        self._failing: dict[str, tuple[str, float]] = {}

    def tick(self) -> None:
        """Make what is due.

        When the store cannot be written, nothing is lost: the next tick tries again, and ``/healthz`` reports it.
        """
        began = self._clock.monotonic()
        # The first tick of a process knows nothing of the time before.
        # Only the stored heartbeat says how long no bot ran.
        ran = None if self._tried is None else timedelta(seconds=began - self._tried)
        self._tried = began
        try:
            ticked = self._engine.tick(self._clock.now(), ran)
        except NotSaved as error:
            log_not_saved(log, error, "reminders wait")
            return
        self._finished = self._clock.monotonic()
        self._note(ticked)
        self._measurements.count(REMINDERS, by=ticked.reminders)
        log.debug("%d reminders were made, %d messages", ticked.reminders, ticked.messages)
        if ticked.messages:
            self._wake_up()
        if not self._failing:
            self._ping_outside()

    @property
    def age(self) -> float:
        """Return the seconds since the last finished tick."""
        return self._clock.monotonic() - self._finished

    @property
    def healthy(self) -> bool:
        """Return False when no tick finished for three intervals."""
        return self.age < DOWN_AFTER.total_seconds()

    @property
    def failing(self) -> int:
        """Return how many subjects failed when they were last looked at: nobody is reminded of them."""
        return len(self._failing)

    def _note(self, ticked: TickResult) -> None:
        """Remember what failed until it is looked at again; log it once until the error differs."""
        for name, error in ticked.failed.items():
            if self._failing.get(name, ("", 0.0))[0] != repr(error):
                with about(subject=name):
                    log.error("reminders of %s failed", name, exc_info=error)
        failed = {name: (repr(error), self._finished) for name, error in ticked.failed.items()}
        recent = {name: kept for name, kept in self._failing.items() if self._finished - kept[1] < _NEXT_LOOK}
        self._failing = {**recent, **failed}

    def _ping_outside(self) -> None:
        if self._ping is None or self._clock.monotonic() - self._pinged_at < _PING_INTERVAL:
            return
        if self._ping_thread and self._ping_thread.is_alive():
            return  # a slow address holds one thread, not one more each minute
        self._pinged_at = self._clock.monotonic()
        # In a thread of its own: an address that does not answer must not delay the next tick.
        self._ping_thread = threading.Thread(target=self._ping, name="ping", daemon=True)
        self._ping_thread.start()


def make_ping(transport: Transport, url: str) -> Callable[[], None]:
    """Return a call of the dead man's switch. It never raises and never logs the address, which is a secret."""

    def ping() -> None:
        try:
            reply = transport.post(url, b"", {}, _PING_TIMEOUT)
        except (RequestNotSent, NoResponse) as failure:
            log.warning("the dead man's switch could not be called: %s", failure)
            return
        if not 200 <= reply.status < 300:  # a redirect is not followed: the switch was not reached
            log.warning("the dead man's switch answered with status %d", reply.status)

    return ping
