"""Access tokens of apps: kept until shortly before their end; without one nothing was sent."""

from collections.abc import Callable
from typing import Any

import pytest

from bot.clock import Clock
from bot.reach.app_tokens import AppTokens, TokenApi
from bot.reach.channel import VendorCodes
from bot.reach.json_request import ChannelReply
from models.rules.reach.page import PageAnswer, PageStatus

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
    api = TokenApi("access_token", "errcode", "expires_in", invalid={42001})
    return AppTokens(clock, VendorCodes(refused={40001}, pauses={}), api)


def reply(**content: Any) -> Callable[[], ChannelReply]:
    return lambda: ChannelReply(content=content)


def granted(token: str) -> Callable[[], ChannelReply]:
    return reply(errcode=0, access_token=token, expires_in=7200)


def echo(token: str) -> ChannelReply:
    """A call that says with which token it was made."""
    return ChannelReply({"errcode": 0, "token": token})


def used(tokens: AppTokens, request_token: Callable[[], ChannelReply]) -> object:
    return tokens.call(APP, request_token, echo).content["token"]


def test_a_token_is_kept_until_five_minutes_before_its_end(tokens: AppTokens, clock: SetClock) -> None:
    assert used(tokens, granted("first")) == "first"
    clock.seconds = 6899
    assert used(tokens, granted("second")) == "first"
    clock.seconds = 6900
    assert used(tokens, granted("second")) == "second"


def test_a_token_that_is_not_valid_any_more_is_replaced_once(tokens: AppTokens) -> None:
    used(tokens, granted("first"))
    made_with: list[str] = []

    def call(token: str) -> ChannelReply:
        made_with.append(token)
        return ChannelReply({"errcode": 42001})

    answer = tokens.call(APP, granted("second"), call)

    assert made_with == ["first", "second"]
    assert answer.content == {"errcode": 42001}


@pytest.mark.parametrize("code", [40001, 99, None])
def test_without_a_token_the_page_is_refused_and_never_unknown(tokens: AppTokens, code: int | None) -> None:
    answer = tokens.call(APP, reply(errcode=code), echo)

    assert answer.failure is not None
    assert answer.failure.status is PageStatus.REFUSED


def test_a_lost_answer_to_the_question_for_a_token_is_refused(tokens: AppTokens) -> None:
    lost = ChannelReply(failure=PageAnswer(PageStatus.UNKNOWN, "timeout"))

    answer = tokens.call(APP, lambda: lost, echo)

    assert answer.failure is not None
    assert answer.failure.status is PageStatus.REFUSED
