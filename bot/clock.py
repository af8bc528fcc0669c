"""The only reader of the time: aware UTC instants and monotonic seconds. It never waits."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

# A typing error in the offset file must not move the clock out of what a datetime can hold.
_FURTHEST_OFFSET = 10 * 366 * 86400.0


class Clock:
    """The machine's clock. An offset file (sandbox and tests only) shifts the wall clock by the seconds in it."""

    def __init__(self, offset_file: Path | None = None) -> None:
        self._offset_file = offset_file

    def now(self) -> datetime:
        """Return the present instant, aware, in UTC; the offset file is read again at each call."""
        return datetime.now(UTC) + timedelta(seconds=self._offset())

    def monotonic(self) -> float:
        """Return seconds from an unknown start, which setting the clock can't move; for deadlines and watchdogs."""
        return time.monotonic()

    def steady(self) -> float:
        """Return seconds like :meth:`monotonic` that also count while the machine is suspended, where supported."""
        return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()

    def set_right(self) -> None:
        """Compare with another source of time; this clock has none."""

    def _offset(self) -> float:
        if self._offset_file is None:
            return 0.0
        try:
            seconds = float(self._offset_file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            # The file may be missing for a moment while it is replaced: real time is the right answer.
            return 0.0
        return seconds if abs(seconds) <= _FURTHEST_OFFSET else 0.0


class StoreClock(Clock):
    """The clock of a database that several machines share: a machine with a wrong clock still writes right times.

    The database is asked now and then; in between the steady clock counts on.
    """

    def __init__(self, ask: Callable[[], datetime], machine: Clock | None = None) -> None:
        super().__init__()
        self._ask = ask
        self._machine = machine or Clock()
        self._base = self._read_time()

    def now(self) -> datetime:
        """Return the present instant by the database, aware, in UTC."""
        at, since = self._base
        return at + timedelta(seconds=self._machine.steady() - since)

    def set_right(self) -> None:
        """Ask the database again. Raises NotSaved."""
        self._base = self._read_time()

    def _read_time(self) -> tuple[datetime, float]:
        before = self._machine.steady()
        at = self._ask()
        return at, (before + self._machine.steady()) / 2
