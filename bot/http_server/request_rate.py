"""How often the web pages of the bot are answered: for each secret address, and for all of them together."""

from collections import defaultdict, deque
from collections.abc import Callable

_MINUTE = 60.0


class RequestRate:
    """Counts requests in the last minute, for each key and for all together."""

    def __init__(self, now: Callable[[], float], per_key: int, together: int) -> None:
        self._now, self._per_key, self._together = now, per_key, together
        self._all: deque[float] = deque()
        self._keys: dict[str, deque[float]] = defaultdict(deque)

    def admit(self, key: str) -> bool:
        """Count a request, and return whether it is answered."""
        now = self._now()
        _forget(self._all, now)
        if len(self._all) >= self._together:
            return False
        self._all.append(now)
        if len(self._keys) > self._together:
            recent = {each: uses for each, uses in self._keys.items() if uses[-1] > now - _MINUTE}
            self._keys = defaultdict(deque, recent)
        uses = self._keys[key]
        _forget(uses, now)
        uses.append(now)
        return len(uses) <= self._per_key


def _forget(uses: deque[float], now: float) -> None:
    while uses and uses[0] <= now - _MINUTE:
        uses.popleft()
