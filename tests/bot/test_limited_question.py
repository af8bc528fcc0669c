"""A question that hangs keeps nobody waiting longer than they want, and is not asked twice at once."""

import threading

import pytest

from bot.limited_question import LimitedQuestion
from tests.bot.stubs import PATIENCE, until


def test_who_asks_gets_the_answer_or_what_was_raised() -> None:
    answers = iter([7, 8])

    def ask() -> int:
        return next(answers)

    question = LimitedQuestion(ask)

    assert [question.ask(PATIENCE), question.ask(PATIENCE)] == [7, 8]
    with pytest.raises(StopIteration):
        question.ask(PATIENCE)


def test_a_question_that_hangs_is_given_up_and_asked_again_only_when_it_has_ended() -> None:
    asked, let_go = list[int](), threading.Event()

    def hang() -> int:
        asked.append(1)
        let_go.wait(PATIENCE)
        return len(asked)

    question = LimitedQuestion(hang)
    for _ in range(3):
        with pytest.raises(TimeoutError):
            question.ask(0.01)
    assert len(asked) == 1

    let_go.set()

    until(lambda: question.ask(PATIENCE) == 2)
