"""The queue of planned actions: in the order of their times, then in the order in which they were planned."""

import heapq
from collections.abc import Awaitable, Callable
from datetime import datetime

Action = Callable[[], Awaitable[None] | None]


class EventQueue:
    """A priority queue of actions."""

    def __init__(self) -> None:
        self._queue: list[tuple[datetime, int, Action, bool]] = []
        self._planned = 0

    def schedule(self, at: datetime, action: Action, wakes_bot: bool = True) -> None:
        """Plan an action. ``wakes_bot`` says whether the bot's next tick could find work after it."""
        self._planned += 1
        heapq.heappush(self._queue, (at, self._planned, action, wakes_bot))

    def pop_due(self, now: datetime) -> tuple[Action, bool] | None:
        """Remove and return the next due action and whether it wakes the bot; None when nothing is due."""
        return heapq.heappop(self._queue)[2:] if self._queue and self._queue[0][0] <= now else None

    @property
    def next_due(self) -> datetime | None:
        """When the next action is due; None when nothing is planned."""
        return self._queue[0][0] if self._queue else None
