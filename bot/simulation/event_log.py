"""What happened in a simulation, by the true time: for people who replay it, and for the auditor, who must know when
the bot or Slack was away. Judges nothing.
"""

from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

KEPT = 2000
Time = tuple[datetime, datetime]


@dataclass
class EventLog:
    """``dark`` are the times without a bot or without Slack; in ``bent`` ones the bot's clock was wrong as well."""

    now: Callable[[], datetime]
    entries: deque[tuple[datetime, str]] = field(default_factory=lambda: deque(maxlen=KEPT))
    counts: Counter[str] = field(default_factory=Counter)
    dark: list[Time] = field(default_factory=list)
    bent: list[Time] = field(default_factory=list)
    _since: dict[str, datetime] = field(default_factory=dict)

    def note(self, kind: str, text: str = "") -> None:
        """Write down one happening."""
        self.counts[kind] += 1
        self.entries.append((self.now(), f"{kind} {text}".strip()))

    def darken(self, why: str) -> None:
        """From now on it is dark, for this reason."""
        self._since.setdefault(why, self.now())

    def lighten(self, why: str) -> None:
        """That reason is over."""
        since = self._since.pop(why, None)
        if since is not None:
            (self.bent if why == "clock" else self.dark).append((since, self.now()))

    @property
    def is_dark(self) -> bool:
        """Whether the bot or Slack is away now."""
        return bool(self._since.keys() - {"clock"})

    def all_dark(self) -> list[Time]:
        """The dark and bent times so far, merged, oldest first."""
        times = sorted([*self.dark, *self.bent, *((since, self.now()) for since in self._since.values())])
        merged: list[Time] = []
        for start, end in times:
            if merged and start <= merged[-1][1]:
                merged[-1] = (merged[-1][0], max(merged[-1][1], end))
            else:
                merged.append((start, end))
        return merged

    def last(self, before: datetime, count: int = 20) -> list[str]:
        """The happenings before an instant, as lines."""
        found = [f"{at:%Y-%m-%d %H:%M:%S} {text}" for at, text in self.entries if at <= before + timedelta(minutes=1)]
        return found[-count:]
