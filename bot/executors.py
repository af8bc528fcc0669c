"""The thread pools of the running bot."""

from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import ParamSpec, TypeVar

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")

REQUEST_THREADS = 100
"""Requests of Slack that are served at the same time. Of Bolt's own 5 listeners, the sixth slow one times out."""


class BackgroundPool(ThreadPoolExecutor):
    """One thread for work that nobody waits for. After shutdown new work is dropped: a tick may still run then."""

    def __init__(self) -> None:
        super().__init__(1, thread_name_prefix="notes")

    def submit(
        self, work: Callable[Parameters, Result], /, *args: Parameters.args, **kwargs: Parameters.kwargs
    ) -> Future[Result]:
        """Run work in the background; return a cancelled future once the pool is shut down."""
        try:
            return super().submit(work, *args, **kwargs)
        except RuntimeError:  # the pool is shut down
            dropped = Future[Result]()
            dropped.cancel()
            dropped.set_running_or_notify_cancel()
            return dropped


@dataclass(frozen=True)
class Executors:
    """The pools: for requests, for Bolt's listeners, and for questions to Slack that nobody waits for."""

    requests: Executor
    listeners: Executor
    background: Executor

    def shut_down(self) -> None:
        """Finish all work, pool by pool: requests give work to listeners, and both to the background."""
        for pool in (self.requests, self.listeners, self.background):
            pool.shutdown()


def make_executors(inline: Executor | None = None) -> Executors:
    """Return thread pools; a simulation gives an executor that runs listeners and background work at once."""
    return Executors(
        requests=ThreadPoolExecutor(REQUEST_THREADS, thread_name_prefix="serve"),
        listeners=inline or ThreadPoolExecutor(REQUEST_THREADS, thread_name_prefix="listen"),
        background=inline or BackgroundPool(),
    )
