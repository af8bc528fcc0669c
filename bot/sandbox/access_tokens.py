"""The access tokens of an app, as WeCom and Feishu give them: for two hours, and the same one until near its end."""

from collections.abc import Callable

LIFETIME = 7200.0
"""Seconds that a token is valid."""


class AccessTokens:
    """The tokens that were given."""

    def __init__(self, prefix: str, now: Callable[[], float], renewed_before: float = 0.0) -> None:
        """``renewed_before``: so many seconds before the end of a token another one is given."""
        self._prefix, self._now, self._renewed_before = prefix, now, renewed_before
        self._ends: dict[str, float] = {}

    def give(self) -> tuple[str, int]:
        """Return the token of this moment, and its seconds left."""
        now = self._now()
        for token, ends in self._ends.items():
            if now < ends - self._renewed_before:
                return token, int(ends - now)
        token = f"{self._prefix}{len(self._ends) + 1}"
        self._ends[token] = now + LIFETIME
        return token, int(LIFETIME)

    def is_known(self, token: str) -> bool:
        """Return whether a token was ever given."""
        return token in self._ends

    def is_valid(self, token: str) -> bool:
        """Return whether a token was given and has not ended."""
        return self._now() < self._ends.get(token, 0.0)
