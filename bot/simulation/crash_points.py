"""Kill the bot at a chosen one of its next commits and calls, before or after the work was done."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection

from models.store.database import Store


class SimulatedKill(BaseException):
    """The bot was killed. Like SIGKILL it must not be caught by the bot's own code."""


class CrashPoints:
    """Count the commits and calls of the bot. ``arm`` kills it at one of the next."""

    def __init__(self) -> None:
        self._left: int | None = None

    def arm(self, steps: int) -> None:
        """Kill the bot after ``steps`` more commits and calls; 0 kills it at the next."""
        self._left = steps

    def disarm(self) -> None:
        """Cancel a kill that was planned."""
        self._left = None

    def store(self, url: str) -> Store:
        """Return a database whose commits are counted as steps."""
        return _CrashingStore(url, self)

    def commit(self) -> None:
        """Count a commit, just before it is done."""
        self.step()

    def step(self) -> None:
        """Count one step. Raises :class:`SimulatedKill` at the step that was chosen."""
        if self._left is None:
            return
        self._left -= 1
        if self._left < 0:
            self._left = None
            raise SimulatedKill


class _CrashingStore(Store):
    """A database that can be killed before a commit: then nothing of the transaction is written."""

    def __init__(self, url: str, crash_points: CrashPoints) -> None:
        super().__init__(url)
        self._crash_points = crash_points

    @contextmanager
    def transaction(self, writes: bool, timeout: float) -> Iterator[Connection]:
        """Open a transaction that may end with :class:`SimulatedKill`."""
        with super().transaction(writes, timeout) as connection:
            yield connection
            self._crash_points.commit()
