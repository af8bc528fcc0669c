"""A clock that stands still until the simulation moves it. The bot's clock may be wrong by a skew."""

from datetime import UTC, datetime, timedelta

from bot.clock import Clock

INTERVAL = 5.0
"""Seconds between two ticks of a running bot."""


class SimulatedClock(Clock):
    """The bot's clock: the true time plus the ``skew`` of the machine it runs on."""

    def __init__(self, at: datetime) -> None:
        super().__init__()
        self._true = self._reached = at
        self._ran = 0.0
        self.skew = timedelta()

    @property
    def true(self) -> datetime:
        """The true time in UTC, which Slack and the people see."""
        return self._true

    def seconds(self) -> float:
        """Return the true time as Unix seconds."""
        return self._true.timestamp()

    def now(self) -> datetime:
        """Return the bot's time, in UTC."""
        return (self._true + self.skew).astimezone(UTC)

    def monotonic(self) -> float:
        """Return the seconds the bot has run.

        A span that is skipped because nothing is due counts as one tick: a real bot would have ticked all the time, and
        was not away.
        """
        return self._ran

    def steady(self) -> float:
        """Return the true time as Unix seconds: a clock that no skew changes."""
        return self._true.timestamp()

    def move_to(self, at: datetime) -> None:
        """Move the clock forward to an instant. An earlier instant changes nothing."""
        if at >= self._true:
            self._ran += min((at - self._reached).total_seconds(), INTERVAL)
            self._true = self._reached = at

    def show(self, at: datetime) -> None:
        """Show an instant on the way to the next :meth:`move_to`, for somebody who watches.

        The bot's running time is then the same as without a look at it.
        """
        self._true = max(self._true, at)

    def move(self, span: timedelta) -> None:
        """Move the clock forward by a span."""
        self.move_to(self._true + span)
