"""Logs when the machine's clock jumps.

What a jump spoils is corrected by ``models.reminders.clock_correction``; the outbox never waits for it.
"""

import logging
from datetime import timedelta

from bot.clock import Clock

log = logging.getLogger(__name__)

_JUMP = timedelta(seconds=60)
"""Time synchronisation moves a clock by less at a time."""


class ClockCheck:
    """Compares two clocks at each tick: the program's ``clock``, and the ``machine``'s own."""

    def __init__(self, clock: Clock, machine: Clock) -> None:
        self._clock, self._machine = clock, machine
        self._wall, self._steady = machine.now(), machine.steady()

    def tick(self) -> None:
        """Correct the program's clock, and log a jump of the machine's. Raises NotSaved."""
        wall, steady = self._machine.now(), self._machine.steady()
        jump = wall - self._wall - timedelta(seconds=steady - self._steady)
        self._wall, self._steady = wall, steady
        if abs(jump) > _JUMP:
            ahead = "ahead" if jump > timedelta() else "back"
            log.warning(
                "the machine's clock was set %s by %d seconds; waiting work is corrected, please check NTP",
                ahead,
                round(abs(jump).total_seconds()),
            )
        self._clock.set_right()
