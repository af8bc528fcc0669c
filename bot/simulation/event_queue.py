"""What is going to happen: acts in the order of their times, equal times in the order in which they were planned."""

import heapq
from collections.abc import Awaitable, Callable
from datetime import datetime

Act = Callable[[], Awaitable[None] | None]


class EventQueue:
    """A queue of acts."""

    def __init__(self) -> None:
        self._queue: list[tuple[datetime, int, Act, bool]] = []
        self._planned = 0

    def plan(self, at: datetime, act: Act, stirs: bool = True) -> None:
        """Let something happen at an instant; ``stirs`` says whether the bot's next tick could find anything of it."""
        self._planned += 1
        heapq.heappush(self._queue, (at, self._planned, act, stirs))

    def due(self, now: datetime) -> tuple[Act, bool] | None:
        """The next act that is due, and whether it stirs; None when there is none."""
        return heapq.heappop(self._queue)[2:] if self._queue and self._queue[0][0] <= now else None

    @property
    def next_due(self) -> datetime | None:
        """When something happens next."""
        return self._queue[0][0] if self._queue else None
