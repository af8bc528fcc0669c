"""A circuit breaker: which messages are due at once when Slack is back."""

import pytest

from bot.workers.circuit_breaker import CircuitBreaker
from models.rules.outbox.send_outcome import SendOutcome, SendResult

SENT = SendOutcome(SendResult.SENT)
SILENT = SendOutcome(SendResult.UNKNOWN)


def test_after_three_tries_without_an_answer_the_first_message_that_slack_takes_releases_the_others() -> None:
    circuit = CircuitBreaker()
    for position in (1, 2, 1):
        assert circuit.waiting == frozenset()
        assert not circuit.record(position, SILENT)
    assert not circuit.record(3, SendOutcome(SendResult.NOT_ACCEPTED, error="ConnectionRefusedError"))

    assert circuit.waiting == {1, 2, 3}
    assert not circuit.record(1, SendOutcome(SendResult.ABSENT)), "a look says nothing of posting"
    assert circuit.record(1, SENT) == {2, 3}
    assert circuit.waiting == frozenset()
    assert not circuit.record(2, SENT)


def test_single_failures_release_nothing() -> None:
    circuit = CircuitBreaker()
    for _ in range(9):
        assert not circuit.record(1, SILENT)
        assert not circuit.record(2, SENT)


@pytest.mark.parametrize(
    "own",
    [
        SendOutcome(SendResult.NOT_ACCEPTED, retry_after=30.0), SendOutcome(SendResult.UNKNOWN, answered=True),
        SendOutcome(SendResult.TARGET_BROKEN), SendOutcome(SendResult.CONTENT_BROKEN),
        SendOutcome(SendResult.WORKSPACE_BROKEN),
    ],
)  # fmt: skip
def test_what_slack_itself_refused_keeps_its_own_wait(own: SendOutcome) -> None:
    circuit = CircuitBreaker()
    for position in (1, 2, 3):
        circuit.record(position, SILENT)
    circuit.record(2, own)

    assert circuit.record(9, SENT) == {1, 3}


def test_of_threads_that_see_it_open_at_once_one_says_so_and_each_time_anew() -> None:
    circuit, told = CircuitBreaker(), list[bool]()
    for _ in range(2):
        for position in (1, 2, 3, 4):
            circuit.record(position, SILENT)
        told += [circuit.take_opening() for _ in range(3)]
        circuit.record(1, SENT)

    assert told == [True, False, False] * 2
