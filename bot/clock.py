"""The one reader of the time: aware UTC instants and monotonic seconds. Never waits."""

import time
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

    def _offset(self) -> float:
        if self._offset_file is None:
            return 0.0
        try:
            seconds = float(self._offset_file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            # The file may be away for a moment while its owner replaces it: real time is the honest answer.
            return 0.0
        return seconds if abs(seconds) <= _FURTHEST_OFFSET else 0.0
