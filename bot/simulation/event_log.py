"""A log of what happened in a simulation, by the true time.

People read it to replay a seed. The auditor reads from it when the bot or Slack was away. It judges nothing.
"""

from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

KEPT = 2000
"""How many of the newest entries are kept."""
SLACK_OFF, DOWN = "slack off", "down"
"""Reasons of an outage."""
Time = tuple[datetime, datetime]


@dataclass
class EventLog:
    """The log and the outages of one simulation."""

    now: Callable[[], datetime]
    entries: deque[tuple[datetime, str]] = field(default_factory=lambda: deque(maxlen=KEPT))
    counts: Counter[str] = field(default_factory=Counter)
    outages: list[Time] = field(default_factory=list)
    clock_errors: list[Time] = field(default_factory=list)
    slack_off: list[Time] = field(default_factory=list)
    stops: list[Time] = field(default_factory=list)
    """When no bot ran at all."""
    _since: dict[str, datetime] = field(default_factory=dict)

    def note(self, kind: str, text: str = "") -> None:
        """Write one entry, and count it under its kind."""
        self.counts[kind] += 1
        self.entries.append((self.now(), f"{kind} {text}".strip()))

    def begin_outage(self, why: str) -> None:
        """Note that the bot or Slack is away from now on, for this reason."""
        self._since.setdefault(why, self.now())

    def end_outage(self, why: str) -> None:
        """Note that the outage for this reason is over."""
        since = self._since.pop(why, None)
        if since is not None:
            (self.clock_errors if why == "clock" else self.outages).append((since, self.now()))
            if why in {SLACK_OFF, DOWN}:
                (self.slack_off if why == SLACK_OFF else self.stops).append((since, self.now()))

    @property
    def is_away(self) -> bool:
        """Whether the bot or Slack is away now."""
        return bool(self._since.keys() - {"clock"})

    def all_outages(self) -> list[Time]:
        """Return outages and clock errors so far, merged, oldest first."""
        times = sorted([*self.outages, *self.clock_errors, *((since, self.now()) for since in self._since.values())])
        merged: list[Time] = []
        for start, end in times:
            if merged and start <= merged[-1][1]:
                merged[-1] = (merged[-1][0], max(merged[-1][1], end))
            else:
                merged.append((start, end))
        return merged

    def last(self, before: datetime, count: int = 20) -> list[str]:
        """Return the entries before an instant as lines, at most ``count`` of them."""
        lines = [f"{at:%Y-%m-%d %H:%M:%S} {text}" for at, text in self.entries if at <= before + timedelta(minutes=1)]
        return lines[-count:]
