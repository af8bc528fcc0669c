"""One question at a time for each key: whoever asks the same meanwhile gets the same answer. Keeps nothing."""

from collections.abc import Callable
from concurrent.futures import Future
from threading import Lock
from typing import Generic, TypeVar

T = TypeVar("T")


class SingleFlight(Generic[T]):
    """Any number of threads may ask at once."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._under_way: dict[str, Future[T]] = {}

    def ask(self, key: str, question: Callable[[], T]) -> T:
        """The answer to a question, asked by one thread for all that wait. Raises what the question raises, in each."""
        with self._lock:
            answer = self._under_way.get(key)
            is_first = answer is None
            if answer is None:
                answer = self._under_way[key] = Future()
        if is_first:
            self._answered(key, question, answer)
        return answer.result()

    def _answered(self, key: str, question: Callable[[], T], answer: Future[T]) -> None:
        try:
            answer.set_result(question())
        except Exception as error:  # raised again by each of those that wait
            answer.set_exception(error)
        finally:
            with self._lock:
                del self._under_way[key]
