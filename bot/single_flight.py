"""One call at a time for each key: threads that ask for the same meanwhile share its answer. Nothing is cached."""

from collections.abc import Callable
from concurrent.futures import Future
from threading import Lock
from typing import Generic, TypeVar

T = TypeVar("T")


class SingleFlight(Generic[T]):
    """Shares answers among threads. Any number of them may ask at once."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._running: dict[str, Future[T]] = {}

    def ask(self, key: str, question: Callable[[], T]) -> T:
        """Return the answer to a question: one thread asks, the others wait. What it raises is raised in each."""
        with self._lock:
            answer = self._running.get(key)
            is_first = answer is None
            if answer is None:
                answer = self._running[key] = Future()
        if is_first:
            self._run(key, question, answer)
        return answer.result()

    def _run(self, key: str, question: Callable[[], T], answer: Future[T]) -> None:
        try:
            answer.set_result(question())
        except Exception as error:  # raised again by each of those that wait
            answer.set_exception(error)
        finally:
            with self._lock:
                del self._running[key]
