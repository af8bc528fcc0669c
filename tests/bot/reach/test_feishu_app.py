"""An app of Feishu: one message for each page, and a phone that rings only where the page is loud."""

from collections.abc import Iterator

import pytest

from bot.clock import Clock
from bot.reach.channel import PageText
from bot.reach.feishu_app import FeishuApp
from bot.reach.json_request import JsonRequests, Transports
from models.rules.reach.channels import Channel
from models.rules.reach.page import PageAnswer, PageStatus
from models.rules.reach.reach_plan import ReachAddress
from tests.bot.reach.feishu_platform import (
    BAD_TOKEN,
    NOT_VISIBLE,
    PERSON,
    QUOTA_GONE,
    SECRET,
    TOO_FAST,
    FeishuPlatform,
    feishu_platform,
)

E = PageStatus


@pytest.fixture
def platform() -> Iterator[FeishuPlatform]:
    with feishu_platform() as running:
        yield running


@pytest.fixture
def app() -> FeishuApp:
    clock = Clock()
    return FeishuApp(JsonRequests(Transports(clock).find), clock)


def send(
    app: FeishuApp, platform: FeishuPlatform, page: str = "1", *, is_loud: bool = True, **fields: str
) -> PageAnswer:
    address = {"app_id": "cli_1", "secret": SECRET, "to": PERSON, "url": platform.url, "urgent": "phone", **fields}
    return app.send(ReachAddress(Channel.FEISHU_APP, address), PageText(page, "CSP-7 待认领", "", is_urgent=is_loud))


@pytest.mark.parametrize("how", ["app", "sms", "phone"])
def test_a_loud_page_is_written_and_rings_as_its_address_says(
    app: FeishuApp, platform: FeishuPlatform, how: str
) -> None:
    assert send(app, platform, urgent=how) == PageAnswer(E.ACCEPTED, f"urgent {how}")
    assert list(platform.messages.values()) == ["CSP-7 待认领"]
    assert platform.rung == [f"urgent_{how}"]


def test_what_is_not_loud_and_an_address_that_does_not_ring_ring_nobody(
    app: FeishuApp, platform: FeishuPlatform
) -> None:
    answers = [send(app, platform, "1", is_loud=False), send(app, platform, "2", urgent="")]

    assert [answer.status for answer in answers] == [E.ACCEPTED, E.ACCEPTED]
    assert platform.rung == []


@pytest.mark.parametrize(
    ("codes", "answer"),
    [
        ([NOT_VISIBLE], PageAnswer(E.REFUSED, str(NOT_VISIBLE))),
        ([TOO_FAST], PageAnswer(E.REFUSED, str(TOO_FAST), 60.0)),
        ([4711], PageAnswer(E.UNKNOWN, "4711")),
    ],
)
def test_a_code_that_comes_with_status_400_counts(
    app: FeishuApp, platform: FeishuPlatform, codes: list[int], answer: PageAnswer
) -> None:
    platform.codes = codes

    assert send(app, platform) == answer
    assert platform.messages == {}


def test_a_page_that_could_not_ring_is_not_accepted(app: FeishuApp, platform: FeishuPlatform) -> None:
    platform.quota = 0

    assert send(app, platform) == PageAnswer(E.REFUSED, f"urgent {QUOTA_GONE}")
    assert len(platform.messages) == 1


def test_a_repeat_of_an_unknown_page_is_written_once(app: FeishuApp, platform: FeishuPlatform) -> None:
    send(app, platform)
    send(app, platform)

    assert len(platform.messages) == 1
    assert platform.rung == ["urgent_phone"] * 2


def test_a_token_that_feishu_knows_no_more_is_replaced(app: FeishuApp, platform: FeishuPlatform) -> None:
    send(app, platform)
    platform.tokens.append("t-of-another-process")

    assert send(app, platform, "2").status is E.ACCEPTED
    assert platform.tokens[-1] == "t-2"


def test_a_wrong_secret_is_a_refusal_and_a_token_that_never_works_too(app: FeishuApp, platform: FeishuPlatform) -> None:
    wrong = send(app, platform, secret="wrong")
    platform.codes = [BAD_TOKEN, BAD_TOKEN]

    never = send(app, platform)

    assert (wrong.status, wrong.code) == (E.REFUSED, "10014")
    assert never == PageAnswer(E.REFUSED, str(BAD_TOKEN), 60.0)
    assert platform.messages == {}


def test_a_platform_that_is_not_there_is_tried_again(app: FeishuApp) -> None:
    answer = send(app, FeishuPlatform(url="http://127.0.0.1:9"))

    assert answer.status is E.REFUSED
    assert answer.retry_after
