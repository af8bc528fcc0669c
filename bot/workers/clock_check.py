"""Looks at each tick whether the machine's clock was set meanwhile, and says so once. What it spoiled is set right by
the vigil (``models.reminders.heartbeat``) and never waited for by the outbox.
"""

import logging
from datetime import timedelta

from bot.clock import Clock

log = logging.getLogger(__name__)

_JUMP = timedelta(seconds=60)
"""A clock that is kept right is moved by less at a time."""


class ClockCheck:
    """``clock`` is what the program goes by; ``machine`` is the clock of the machine."""

    def __init__(self, clock: Clock, machine: Clock) -> None:
        self._clock, self._machine = clock, machine
        self._wall, self._steady = machine.now(), machine.steady()

    def tick(self) -> None:
        """Set the program's clock right, and say when the machine's jumped. Raises NotSaved."""
        wall, steady = self._machine.now(), self._machine.steady()
        jump = wall - self._wall - timedelta(seconds=steady - self._steady)
        self._wall, self._steady = wall, steady
        if abs(jump) > _JUMP:
            ahead = "ahead" if jump > timedelta() else "back"
            log.warning(
                "the machine's clock was set %s by %d seconds; what waits is set right, please check NTP",
                ahead,
                abs(jump).total_seconds(),
            )
        self._clock.set_right()
