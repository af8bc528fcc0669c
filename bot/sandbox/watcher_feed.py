"""What the sandbox tells its watchers: that something changed, the raw traffic, toasts, surprises.

A surprise is anything a correct bot would never cause; tests expect none. Secrets are never noted.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from bot.sandbox.json_types import Json


class NumberedLog:
    """The newest entries of an endless list, numbered from 1."""

    def __init__(self, kept: int) -> None:
        self.entries: deque[Json] = deque(maxlen=kept)
        self.last = 0

    def add(self, entry: Json) -> Json:
        """Add an entry and number it."""
        self.last += 1
        numbered = {"n": self.last, **entry}
        self.entries.append(numbered)
        return numbered

    def after(self, n: int, limit: int = 500) -> list[Json]:
        """Return at most ``limit`` entries after number ``n``."""
        fresh = self.last - n
        if fresh <= 0:
            return []
        skipped = max(0, len(self.entries) - fresh)
        return [self.entries[index] for index in range(skipped, min(len(self.entries), skipped + limit))]


class WatcherFeed:
    """The feed of one local Slack."""

    def __init__(self, now: Callable[[], float], echo: Callable[[str], None] | None = None) -> None:
        self._now = now
        self._echo = echo
        self._activity = asyncio.Event()
        self.revision = 1
        self.traffic = NumberedLog(2000)
        self.toasts = NumberedLog(500)
        self.surprises = NumberedLog(500)

    def changed(self) -> None:
        """Note that something in ``/control/state`` is different now."""
        self.revision += 1
        self._wake()

    def toast(self, user: str, text: str) -> None:
        """Note what Slack's client would say to this person, and only to them."""
        self.toasts.add({"at": self._now(), "user": user, "text": text})
        self.changed()

    def surprise(self, kind: str, detail: Any) -> None:
        """Note something a correct bot would never cause."""
        self.surprises.add({"at": self._now(), "kind": kind, "detail": detail})
        if self._echo:
            self._echo(f"surprise: {kind}: {detail}")
        self.changed()

    def passed(self, direction: str, kind: str, name: str, **more: Any) -> None:
        """Note one exchange. ``direction`` is the bot's view: "in" when Slack called it, "out" when it called."""
        self.traffic.add({"at": self._now(), "direction": direction, "kind": kind, "name": name, **more})
        self._wake()

    async def news(self, timeout: float) -> None:
        """Wait for any notice, at most ``timeout`` seconds."""
        activity = self._activity
        with suppress(TimeoutError):
            await asyncio.wait_for(activity.wait(), timeout)

    async def wait(self, after: int, timeout: float) -> None:
        """Wait until the revision is greater than ``after``, at most ``timeout`` seconds."""
        until = time.monotonic() + timeout
        while self.revision <= after and (remaining := until - time.monotonic()) > 0:
            await self.news(remaining)

    def _wake(self) -> None:
        activity, self._activity = self._activity, asyncio.Event()
        activity.set()
