"""How often a method may be called: Slack's tiers per minute, and about one post a second and channel."""

import math
from collections import deque
from collections.abc import Callable

from bot.sandbox.errors import SlackError

PER_MINUTE = {"tier1": 1, "tier2": 20, "tier3": 50, "tier4": 100, "special": 600, "post": 600}
BURST = 4.0  # posts that a quiet channel takes at once
MINUTE = 60.0


class RateLimited(SlackError):
    """HTTP 429. ``retry_after`` is in whole seconds, at least 1."""

    def __init__(self, retry_after: float) -> None:
        super().__init__("ratelimited")
        self.retry_after = max(1, math.ceil(retry_after))


class Pacing:
    """Counts the calls of the app."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._calls: dict[str, deque[float]] = {}
        self._tokens: dict[str, tuple[float, float]] = {}

    def method(self, method: str, tier: str, scale: float) -> None:
        """Count a call.

        Raises :class:`RateLimited` above the tier's number a minute times ``scale`` (0 for no limit).
        """
        if not scale:
            return
        now, calls = self._now(), self._calls.setdefault(method, deque())
        while calls and not now - MINUTE < calls[0] <= now:  # also what lies ahead after the clock went back
            calls.popleft()
        if len(calls) >= PER_MINUTE[tier] * scale:
            raise RateLimited(calls[0] + MINUTE - now)
        calls.append(now)

    def post(self, channel: str, scale: float) -> None:
        """Count a post into a channel: a bucket of a few posts, refilled by one a second."""
        if not scale:
            return
        now = self._now()
        tokens, since = self._tokens.get(channel, (BURST, now))
        tokens = min(BURST, tokens + max(0.0, now - since) * scale)
        if tokens < 1:
            self._tokens[channel] = (tokens, now)
            raise RateLimited((1 - tokens) / scale)
        self._tokens[channel] = (tokens - 1, now)
