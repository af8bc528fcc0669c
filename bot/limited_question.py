"""A question that may hang, such as one to a database: those who ask wait for a limited time."""

from collections.abc import Callable
from concurrent.futures import Future
from threading import Lock, Thread
from typing import Generic, TypeVar

T = TypeVar("T")


class LimitedQuestion(Generic[T]):
    """Asks in a thread of its own, one at a time. Those who ask meanwhile get the same answer.

    No thread of the caller is kept by an answer that does not come, and the end of the process waits for none.
    """

    def __init__(self, question: Callable[[], T]) -> None:
        self._question, self._lock = question, Lock()
        self._asked: Future[T] | None = None

    def ask(self, seconds: float) -> T:
        """Return the answer, or raise what the question raises. Raises TimeoutError when it does not come in time."""
        with self._lock:
            if self._asked is None or self._asked.done():
                self._asked = Future()
                Thread(target=self._run, args=(self._asked,), name="question", daemon=True).start()
            asked = self._asked
        return asked.result(seconds)

    def _run(self, asked: "Future[T]") -> None:
        try:
            asked.set_result(self._question())
        except Exception as error:  # raised again by each of those that wait
            asked.set_exception(error)
