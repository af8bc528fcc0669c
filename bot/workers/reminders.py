"""Runs the vigil at each tick, and says so: to the health page, and to an outside address that misses us when we are
silent. What is due, the vigil decides.
"""

import logging
import threading
from collections.abc import Callable
from datetime import timedelta

from bot.clock import Clock
from bot.slack.transport import NoResponse, RequestNotSent, Transport
from models.reminders.engine import TRY_AGAIN, ReminderEngine, TickResult
from models.rules.errors import NotSaved
from models.store.database_errors import cause_of
from models.store.heartbeat_rows import DOWN_AFTER

log = logging.getLogger(__name__)

_KNOCKS_APART = 60.0
_KNOCK_TIMEOUT = 5.0
_NEXT_LOOK = (TRY_AGAIN + DOWN_AFTER).total_seconds()
"""Seconds until whatever could not be understood has been looked at again."""


class ReminderWorker:
    """``bell`` wakes the outbox after reminders were made. ``knock`` calls the outside address; None without one."""

    def __init__(
        self, engine: ReminderEngine, clock: Clock, wake_up: Callable[[], None], knock: Callable[[], None] | None = None
    ) -> None:
        self._engine, self._clock, self._wake_up, self._knock = engine, clock, wake_up, knock
        self._finished = clock.monotonic()
        self._tried: float | None = None
        self._knocked = -_KNOCKS_APART
        self._knocking: threading.Thread | None = None
        self._failing: dict[str, tuple[str, float]] = {}

    def tick(self) -> None:
        """Make what is due. A store that can't be written now is no surprise: nothing is lost, and health tells."""
        began = self._clock.monotonic()
        # The first tick of a process says nothing of before: however long no bot ran, it is told by the pulse alone.
        ran = None if self._tried is None else timedelta(seconds=began - self._tried)
        self._tried = began
        try:
            ticked = self._engine.tick(self._clock.now(), ran)
        except NotSaved as error:
            log.warning("the store cannot be used now (%s); reminders wait", cause_of(error))
            return
        self._finished = self._clock.monotonic()
        self._note(ticked)
        if ticked.told:
            self._wake_up()
        if not self._failing:
            self._knock_outside()

    @property
    def age(self) -> float:
        """Seconds since a tick of the vigil finished."""
        return self._clock.monotonic() - self._finished

    @property
    def healthy(self) -> bool:
        """False when no tick finished for three intervals."""
        return self.age < DOWN_AFTER.total_seconds()

    @property
    def failing(self) -> int:
        """How many subjects could not be understood when they were last looked at: nobody is reminded of them."""
        return len(self._failing)

    def _note(self, ticked: TickResult) -> None:
        """Keep in mind what could not be understood until it was looked at again; log it once until it differs."""
        for name, error in ticked.failed.items():
            if self._failing.get(name, ("", 0.0))[0] != repr(error):
                log.error("%s can't be looked after", name, exc_info=error)
        failed = {name: (repr(error), self._finished) for name, error in ticked.failed.items()}
        recent = {name: kept for name, kept in self._failing.items() if self._finished - kept[1] < _NEXT_LOOK}
        self._failing = {**recent, **failed}

    def _knock_outside(self) -> None:
        if self._knock is None or self._clock.monotonic() - self._knocked < _KNOCKS_APART:
            return
        if self._knocking and self._knocking.is_alive():
            return  # an address that drips holds one thread, not one more each minute
        self._knocked = self._clock.monotonic()
        # Apart: an address that does not answer must not keep the next tick waiting.
        self._knocking = threading.Thread(target=self._knock, name="knock", daemon=True)
        self._knocking.start()


def make_ping(transport: Transport, url: str) -> Callable[[], None]:
    """A call of the address that misses us; it never fails and never says the address, which is a secret."""

    def knock() -> None:
        try:
            reply = transport.post(url, b"", {}, _KNOCK_TIMEOUT)
        except (RequestNotSent, NoResponse) as failure:
            log.warning("the dead man's switch could not be called: %s", failure)
            return
        if not 200 <= reply.status < 300:  # a redirect is not followed, so nobody there has heard of us
            log.warning("the dead man's switch answers %d", reply.status)

    return knock
