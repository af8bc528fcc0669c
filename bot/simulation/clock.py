"""A clock that stands still until the simulation moves it; the bot's may be wrong by a skew."""

from datetime import UTC, datetime, timedelta

from bot.clock import Clock

INTERVAL = 5.0
"""Seconds between two ticks of a bot that runs."""


class SimulatedClock(Clock):
    """Tells the bot's time: the true instant and the ``skew`` of the machine it runs on."""

    def __init__(self, at: datetime) -> None:
        super().__init__()
        self._true = at
        self._ran = 0.0
        self.skew = timedelta()

    @property
    def true(self) -> datetime:
        """What time it really is, in UTC: that of Slack and of the people."""
        return self._true

    def seconds(self) -> float:
        """The true instant as Unix seconds."""
        return self._true.timestamp()

    def now(self) -> datetime:
        """What the bot believes, aware, in UTC."""
        return (self._true + self.skew).astimezone(UTC)

    def monotonic(self) -> float:
        """Seconds the bot believes to have run. In a span that is skipped because nothing is due it would have ticked
        all the time: so a jump counts as one interval of its ticks, and is no absence.
        """
        return self._ran

    def steady(self) -> float:
        """Seconds that really passed."""
        return self._true.timestamp()

    def move_to(self, at: datetime) -> None:
        """Let it be later; an earlier instant changes nothing."""
        if at > self._true:
            self._ran += min((at - self._true).total_seconds(), INTERVAL)
            self._true = at

    def move(self, span: timedelta) -> None:
        """Let so much time pass."""
        self.move_to(self._true + span)
