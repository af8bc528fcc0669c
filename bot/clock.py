"""The one reader of the time: aware UTC instants and monotonic seconds. Never waits."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

# A typing slip in the offset file must not move the clock out of what a datetime can hold.
_FURTHEST_OFFSET = 10 * 366 * 86400.0


class Clock:
    """Tells the time. An offset file (sandbox and tests only) shifts the wall clock by the seconds in it."""

    def __init__(self, offset_file: Path | None = None) -> None:
        self._offset_file = offset_file

    def now(self) -> datetime:
        """The present instant, aware, in UTC; the offset file is read again at each reading."""
        return datetime.now(UTC) + timedelta(seconds=self._offset())

    def monotonic(self) -> float:
        """Seconds from an unknown start, which no clock setting can move; for deadlines and watchdogs."""
        return time.monotonic()

    def steady(self) -> float:
        """Like :meth:`monotonic`, and counting also while the machine is suspended, where the system can tell."""
        return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()

    def set_right(self) -> None:
        """Compare with whatever else knows the time; this clock knows nothing else."""

    def _offset(self) -> float:
        if self._offset_file is None:
            return 0.0
        try:
            seconds = float(self._offset_file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            # The file may be away for a moment while its owner replaces it: real time is the honest answer.
            return 0.0
        return seconds if abs(seconds) <= _FURTHEST_OFFSET else 0.0


class StoreClock(Clock):
    """The time of a database that several machines share: a machine whose own clock is wrong writes right times.

    Asked now and then, and carried on by a clock that nobody can set.
    """

    def __init__(self, ask: Callable[[], datetime], machine: Clock | None = None) -> None:
        super().__init__()
        self._ask = ask
        self._machine = machine or Clock()
        self._base = self._asked()

    def now(self) -> datetime:
        """The present instant by the database, aware, in UTC."""
        at, since = self._base
        return at + timedelta(seconds=self._machine.steady() - since)

    def set_right(self) -> None:
        """Ask the database again. Raises NotSaved."""
        self._base = self._asked()

    def _asked(self) -> tuple[datetime, float]:
        before = self._machine.steady()
        at = self._ask()
        return at, (before + self._machine.steady()) / 2
