"""A circuit breaker: notices that Slack takes nothing, and which messages are due at once when it is back."""

import threading
from collections.abc import Collection

from models.rules.outbox.send_outcome import SendOutcome, SendResult

_OPENS_AFTER = 3
"""So many tries in a row without an answer open the circuit."""


class CircuitBreaker:
    """Opens after tries that Slack did not answer, and closes with the first message that Slack takes.

    Threads share it. It knows the messages whose last try was not answered, by their positions in the outbox.
    What Slack itself refused or delayed is not among them.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._unanswered: set[int] = set()
        self._failures = 0
        self._is_told = False

    def take_opening(self) -> bool:
        """Return True once for each time the circuit opens: one of the threads says so in the log."""
        with self._lock:
            is_news = self._is_open and not self._is_told
            self._is_told |= is_news
            return is_news

    @property
    def is_open(self) -> bool:
        """Return whether Slack is known to take nothing."""
        with self._lock:
            return self._is_open

    @property
    def waiting(self) -> Collection[int]:
        """Return the messages that wait for Slack while the circuit is open; empty while it is closed."""
        with self._lock:
            return frozenset(self._unanswered) if self._is_open else frozenset()

    def record(self, position: int, outcome: SendOutcome) -> Collection[int]:
        """Record the outcome of one try. Return the messages that are due now because Slack is back."""
        with self._lock:
            if is_unanswered(outcome):
                self._failures += 1
                self._unanswered.add(position)
                return ()
            self._unanswered.discard(position)
            # A look that was answered does not show yet that Slack takes messages.
            if outcome.result is not SendResult.SENT:
                return ()
            was_open, self._failures, self._is_told = self._is_open, 0, False
            due = frozenset(self._unanswered) if was_open else frozenset[int]()
            self._unanswered -= due
            return due

    @property
    def _is_open(self) -> bool:
        return self._failures >= _OPENS_AFTER


def is_unanswered(outcome: SendOutcome) -> bool:
    """Return whether Slack could not be reached, or gave no usable answer."""
    if outcome.result is SendResult.UNKNOWN:
        return not outcome.answered
    return outcome.result is SendResult.NOT_ACCEPTED and outcome.retry_after is None
