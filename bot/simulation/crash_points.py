"""When the bot is killed: at a chosen one of its next commits and calls, before or after it was done."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection

from models.store.database import Store


class SimulatedKill(BaseException):
    """The bot is dead: nothing of its own may catch this, as nothing catches SIGKILL."""


class CrashPoints:
    """Counts the bot's commits and calls. ``doom`` kills it at one of the next."""

    def __init__(self) -> None:
        self._left: int | None = None

    def doom(self, steps: int) -> None:
        """Kill it after so many more commits and calls (0: at the next)."""
        self._left = steps

    def spare(self) -> None:
        """Let it live on."""
        self._left = None

    def store(self, url: str) -> Store:
        """A database whose commits are steps."""
        return _Mortal(url, self)

    def commit(self) -> None:
        """The bot is about to commit."""
        self.step()

    def step(self) -> None:
        """One step of the bot's life. Raises Killed when it is the last."""
        if self._left is None:
            return
        self._left -= 1
        if self._left < 0:
            self._left = None
            raise SimulatedKill


class _Mortal(Store):
    """Whoever is killed at a commit has written nothing of it."""

    def __init__(self, url: str, fate: CrashPoints) -> None:
        super().__init__(url)
        self._fate = fate

    @contextmanager
    def transaction(self, writes: bool, patience: float) -> Iterator[Connection]:
        """As any, but it may end with Killed."""
        with super().transaction(writes, patience) as connection:
            yield connection
            self._fate.commit()
