"""Which services keep threads waiting: one that hangs must never take the last free thread of a worker."""

import threading
from collections import Counter
from dataclasses import dataclass

SLOW = 3.0
"""Seconds that an answer may take: after a later one its service counts as slow, until it answers more quickly."""


@dataclass(frozen=True)
class _Call:
    service: str
    began: float


class ServiceLoad:
    """Counts the threads that are busy with each service. Threads share it."""

    def __init__(self, most: int) -> None:
        """Let at most ``most`` threads be busy with a service, and one while it is slow."""
        self._most = most
        self._lock = threading.Lock()
        self._calls: dict[str, _Call] = {}
        self._slow: set[str] = set()

    def begin(self, key: str, service: str, now: float) -> None:
        """Note that a thread is busy with a service from now on. ``key`` names what it sends."""
        with self._lock:
            self._calls[key] = _Call(service, now)

    def end(self, key: str, now: float) -> None:
        """Note that a thread has finished. ``now`` is in seconds of the clock of :meth:`begin`."""
        with self._lock:
            call = self._calls.pop(key, None)
            if call and now - call.began >= SLOW:
                self._slow.add(call.service)
            elif call:
                self._slow.discard(call.service)

    def find_full(self) -> frozenset[str]:
        """Return the services that may take no other thread now. One call that hangs alone says nothing of others."""
        with self._lock:
            busy, slow = Counter(call.service for call in self._calls.values()), set(self._slow)
        return frozenset(service for service, count in busy.items() if count >= (1 if service in slow else self._most))
