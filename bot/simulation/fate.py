"""When the bot is killed: at a chosen one of its next commits and calls, before or after it was done."""

from sqlalchemy import Engine, event


class Killed(BaseException):
    """The bot is dead: nothing of its own may catch this, as nothing catches SIGKILL."""


class Fate:
    """Counts the bot's commits and calls. ``doom`` kills it at one of the next."""

    def __init__(self) -> None:
        self._left: int | None = None
        self.kills = 0

    def doom(self, steps: int) -> None:
        """Kill it after so many more commits and calls (0: at the next)."""
        self._left = steps

    def spare(self) -> None:
        """Let it live on."""
        self._left = None

    def watch(self, engine: Engine) -> None:
        """Count the commits of a database: whoever is killed at one has written nothing of it."""
        event.listen(engine, "commit", lambda _connection: self.step())

    def step(self) -> None:
        """One step of the bot's life. Raises Killed when it is the last."""
        if self._left is None:
            return
        self._left -= 1
        if self._left < 0:
            self._left = None
            self.kills += 1
            raise Killed
