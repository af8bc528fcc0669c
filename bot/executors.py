"""The thread pools of the running bot."""

from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass

REQUEST_THREADS = 100
"""Requests of Slack that are served at the same time; with Bolt's own five the sixth slow one times out."""


@dataclass(frozen=True)
class Executors:
    """The pools: for requests, for Bolt's listeners, and for questions to Slack that nobody waits for."""

    requests: Executor
    listeners: Executor
    background: Executor

    @property
    def all(self) -> tuple[Executor, ...]:
        """Every pool, to shut it down."""
        return (self.requests, self.listeners, self.background)


def make_executors(inline: Executor | None = None) -> Executors:
    """Return thread pools; a simulation gives an executor that runs listeners and background work at once."""
    return Executors(
        requests=ThreadPoolExecutor(REQUEST_THREADS, thread_name_prefix="serve"),
        listeners=inline or ThreadPoolExecutor(REQUEST_THREADS, thread_name_prefix="listen"),
        background=inline or ThreadPoolExecutor(1, thread_name_prefix="notes"),
    )
