"""Access tokens of apps: kept until shortly before their end; without one nothing was sent."""

from collections.abc import Callable
from typing import Any

import pytest

from bot.clock import Clock
from bot.reach.app_tokens import AppTokens, TokenFields
from bot.reach.channel import CodeBook
from bot.reach.json_request import ChannelReply
from models.rules.reach.page import PageAnswer, PageEnd

APP = ("corp", "secret")


class SetClock(Clock):
    """A clock that tests set."""

    seconds = 0.0

    def monotonic(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def tokens(clock: SetClock) -> AppTokens:
    return AppTokens(clock, CodeBook(refused={40001}, pauses={}), TokenFields("access_token", "errcode", "expires_in"))


def reply(**content: Any) -> Callable[[], ChannelReply]:
    return lambda: ChannelReply(content=content)


def granted(token: str) -> Callable[[], ChannelReply]:
    return reply(errcode=0, access_token=token, expires_in=7200)


def test_a_token_is_kept_until_five_minutes_before_its_end(tokens: AppTokens, clock: SetClock) -> None:
    assert tokens.find(APP, granted("first")) == "first"
    clock.seconds = 6899
    assert tokens.find(APP, granted("second")) == "first"
    clock.seconds = 6900
    assert tokens.find(APP, granted("second")) == "second"


def test_a_forgotten_token_is_asked_for_again(tokens: AppTokens) -> None:
    tokens.find(APP, granted("first"))

    tokens.forget(APP)

    assert tokens.find(APP, granted("second")) == "second"


@pytest.mark.parametrize("code", [40001, 99, None])
def test_without_a_token_the_page_is_refused_and_never_unknown(tokens: AppTokens, code: int | None) -> None:
    found = tokens.find(APP, reply(errcode=code))

    assert isinstance(found, PageAnswer)
    assert found.end is PageEnd.REFUSED


def test_a_lost_answer_to_the_question_for_a_token_is_refused(tokens: AppTokens) -> None:
    found = tokens.find(APP, lambda: ChannelReply(failure=PageAnswer(PageEnd.UNKNOWN, "timeout")))

    assert isinstance(found, PageAnswer)
    assert found.end is PageEnd.REFUSED
