"""What services outside Slack answer, in words: each code that a driver knows has a fact, and a step if one helps."""

from collections.abc import Mapping

import pytest

from bot.reach import dingtalk, feishu, feishu_app, other_services, signed_hook, wecom
from bot.reach.channel import VendorCodes
from handlers.i18n.reach_answers import describe_answer, find_answer, find_fact, find_step
from handlers.i18n.words import Words
from models.rules.reach.channels import Channel
from models.rules.reach.page import PageStatus

BOOKS: Mapping[Channel, VendorCodes] = {
    Channel.WECOM_APP: wecom._CODES, Channel.WECOM_BOT: wecom._CODES, Channel.DINGTALK_BOT: dingtalk._CODES,
    Channel.FEISHU_BOT: feishu._CODES, Channel.FEISHU_APP: feishu_app._CODES,
}  # fmt: skip
OURS = (
    "http_302", "http_404", "http_429", "http_500", "not_json", "no_code", "not_sent gaierror", "not_sent TimeoutError",
    "no_answer timed out", "ConnectionRefusedError", "SSLCertVerificationError", "SMTPServerDisconnected", "smtp_451",
    "smtp_550",
)  # fmt: skip
ENGLISH, CHINESE = Words.of("en"), Words.of("zh_CN")


@pytest.mark.parametrize("channel", BOOKS)
def test_each_code_that_a_driver_knows_has_words(channel: Channel) -> None:
    book = BOOKS[channel]
    codes = [str(code) for code in (*book.refused, *book.pauses)]

    assert [code for code in codes if find_answer(channel, code) is None] == []
    assert [code for code in map(str, book.refused) if not find_step(channel, PageStatus.REFUSED, code, ENGLISH)] == []


@pytest.mark.parametrize("code", OURS)
def test_each_failure_of_our_own_has_words(code: str) -> None:
    assert all(find_answer(channel, code) for channel in Channel)


def test_what_apprise_lacks_has_words() -> None:
    codes = (other_services.MISSING, other_services.HAS_CHANNEL, "address", "not_taken")

    assert all(find_answer(Channel.APPRISE, code) for code in codes)


def test_a_login_that_a_mail_server_refuses_is_no_wrong_recipient() -> None:
    step = find_step(Channel.EMAIL, PageStatus.REFUSED, "smtp_535", ENGLISH)

    assert step == "Correct “user” and “password” in the reach file."


def test_a_message_that_could_not_ring_says_that_its_text_arrived() -> None:
    said = describe_answer(Channel.FEISHU_APP, PageStatus.REFUSED, "urgent 230024", ENGLISH)

    assert said == "The text arrived, but it did not ring. The company's quota of rings is used up. (urgent 230024)"


def test_a_message_that_rang_says_how() -> None:
    said = [
        describe_answer(Channel.FEISHU_APP, status, f"urgent {how}", words)
        for status, how, words in (
            (PageStatus.ACCEPTED, "phone", ENGLISH), (PageStatus.OPENED, "sms", ENGLISH),
            (PageStatus.ACTED, "app", ENGLISH), (PageStatus.ACCEPTED, "phone", CHINESE),
        )
    ]  # fmt: skip

    assert said == [
        "It rang as a call.", "It was sent as an SMS too.", "It was marked urgent in the app.", "已电话加急（响铃）。",
    ]  # fmt: skip


@pytest.mark.parametrize("channel", Channel)
@pytest.mark.parametrize("status", PageStatus)
@pytest.mark.parametrize("words", [ENGLISH, CHINESE], ids=["en", "zh_CN"])
def test_only_what_failed_or_is_unknown_is_explained(channel: Channel, status: PageStatus, words: Words) -> None:
    has_failed = status in {PageStatus.REFUSED, PageStatus.UNKNOWN}

    for code in ("0", "200", "202", "250", "ok", "4711", "http_401", "urgent 230024", "no_answer timed out"):
        said = describe_answer(channel, status, code, words)
        assert said.endswith(words.in_brackets(code)) is has_failed
        assert bool(said) is has_failed
        assert bool(find_step(channel, status, code, words)) is has_failed


def test_an_end_of_a_gateway_that_is_not_known_is_no_refusal() -> None:
    said = describe_answer(Channel.HOOK, PageStatus.UNKNOWN, signed_hook.UNKNOWN_END, CHINESE)

    assert said == "网关的应答中没有本程序认识的结果，无法确认消息是否送达。（unknown_end）"
    assert find_fact(signed_hook.UNKNOWN_END).startswith("The answer of the gateway names no end that is known here")


def test_a_code_that_nobody_knows_is_said_plainly_to_be_unknown() -> None:
    assert describe_answer(Channel.HOOK, PageStatus.UNKNOWN, "4711", CHINESE) == "本程序不了解此代码的含义。（4711）"
    assert find_step(Channel.HOOK, PageStatus.UNKNOWN, "4711", CHINESE) == "请在对方服务的文档中查找此代码。"


def test_where_the_channel_is_not_known_a_code_is_told_if_it_means_one_thing() -> None:
    assert find_fact("81013") == "The service knows no such person, or the app is not available to them."
    assert find_fact("http_401") == ""  # a signature to one of them, the request to others
    assert find_fact("4711") == ""
