"""The channels beside Slack keep the limits that their vendors publish, with each vendor's own way of refusing."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from typing import Any

import pytest

from bot.sandbox.phone import (
    APP_SECRET,
    BY_ADDRESS,
    BY_KEYWORD,
    DINGTALK_SECRET,
    DROPPED,
    FEISHU_SECRET,
    HOOK_SECRET,
    ChannelAnswer,
    Phone,
)
from bot.sandbox.usage_limits import HOUR, MINUTE

Json = dict[str, Any]
QUIET = 1_800_000_000.0 + 600
"""Ten minutes after a full hour."""


class HeldPhone(Phone):
    """A phone whose clock a test moves."""

    def __init__(self) -> None:
        self.at = QUIET
        super().__init__(lambda: self.at, lambda: None)
        self.token = self.ask("token", {"corpsecret": APP_SECRET}).content["access_token"]

    def ask(self, channel: str, query: Json, content: Json | None = None) -> ChannelAnswer:
        return self.answer(channel, query, json.dumps(content or {}).encode(), {})

    def wecom_app(self, text: str = "x", to: str = "LiNa") -> ChannelAnswer:
        return self.ask("wecom_app", {"access_token": self.token}, {"touser": to, "text": {"content": text}})

    def wecom_bot(self, text: str = "x") -> ChannelAnswer:
        return self.ask("wecom_bot", {"key": "k"}, {"text": {"content": text}})

    def dingtalk(self, text: str = "x", token: str = "t", age: float = 0.0) -> ChannelAnswer:
        stamp = str(int((self.at - age) * 1000))
        signed = hmac.new(DINGTALK_SECRET.encode(), f"{stamp}\n{DINGTALK_SECRET}".encode(), hashlib.sha256).digest()
        query = {"access_token": token, "timestamp": stamp, "sign": base64.b64encode(signed).decode()}
        return self.ask("dingtalk_bot", query, {"text": {"content": text}})

    def feishu_bot(self, text: str = "x", token: str = "t") -> ChannelAnswer:
        stamp = str(int(self.at))
        signed = hmac.new(f"{stamp}\n{FEISHU_SECRET}".encode(), b"", hashlib.sha256).digest()
        body = {"timestamp": stamp, "sign": base64.b64encode(signed).decode(), "content": {"text": text}}
        return self.ask("feishu_bot", {"token": token}, body)

    def call(self, to: str = "+86138") -> ChannelAnswer:
        body, stamp = json.dumps({"to": to, "text": "x"}).encode(), str(int(self.at))
        signed = hmac.new(HOOK_SECRET.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
        return self.answer("hook", {}, body, {"X-CSP-Timestamp": stamp, "X-CSP-Signature": f"v1={signed}"})

    def codes(self, use: Callable[[], ChannelAnswer], times: int) -> list[object]:
        answers = [use().content for _ in range(times)]
        return [content.get("errcode", content.get("code")) for content in answers]


@pytest.fixture
def phone() -> HeldPhone:
    return HeldPhone()


def test_wecom_drops_what_is_over_30_a_minute_for_a_member_and_says_it_was_sent(phone: HeldPhone) -> None:
    answers = [phone.wecom_app() for _ in range(31)]
    phone.wecom_app(to="WangWei")

    assert {answer.content["errcode"] for answer in answers} == {0}
    assert [answer.happened for answer in answers[-2:]] == ["", DROPPED]
    assert (len(phone.messages), phone.dropped) == (31, 1)


def test_wecom_drops_what_is_over_1000_an_hour_for_a_member(phone: HeldPhone) -> None:
    for _ in range(50):
        phone.at += MINUTE + 1
        for _ in range(20):
            phone.wecom_app()
    phone.at += MINUTE + 1

    assert phone.wecom_app().happened == DROPPED
    phone.at += HOUR
    assert phone.wecom_app().happened == ""


def test_a_robot_of_wecom_takes_20_a_minute(phone: HeldPhone) -> None:
    assert phone.codes(phone.wecom_bot, 22) == [0] * 20 + [45009] * 2
    phone.at += MINUTE
    assert phone.codes(phone.wecom_bot, 1) == [0]


def test_a_robot_of_dingtalk_is_mute_for_ten_minutes_after_more_than_20_a_minute(phone: HeldPhone) -> None:
    codes = phone.codes(phone.dingtalk, 21)
    phone.at += 9 * MINUTE
    still = phone.codes(phone.dingtalk, 1)
    phone.at += 1 * MINUTE

    assert (codes, still) == ([0] * 20 + [130101], [130101])
    assert phone.codes(phone.dingtalk, 1) == [0]


def test_dingtalk_refuses_with_status_200(phone: HeldPhone) -> None:
    old = phone.dingtalk(age=HOUR + 1)
    unsigned = phone.ask("dingtalk_bot", {"access_token": "t", "timestamp": "now"}, {"text": {"content": "x"}})
    without, elsewhere = phone.dingtalk(token=BY_KEYWORD), phone.dingtalk(token=BY_ADDRESS)

    assert {answer.status for answer in (old, unsigned, without, elsewhere)} == {200}
    assert {answer.content["errcode"] for answer in (old, unsigned, without, elsewhere)} == {310000}
    assert phone.dingtalk("CSP-7", token=BY_KEYWORD).content["errcode"] == 0


def test_a_robot_of_feishu_takes_5_a_second_and_100_a_minute(phone: HeldPhone) -> None:
    assert phone.codes(phone.feishu_bot, 6) == [0] * 5 + [9499]
    for _ in range(19):
        phone.at += 1
        assert phone.codes(phone.feishu_bot, 5) == [0] * 5
    phone.at += 1
    assert phone.codes(phone.feishu_bot, 1) == [9499]


@pytest.mark.parametrize(("after", "code"), [(-1.0, 0), (0.0, 11232), (2.9, 11232), (3.0, 0)])
def test_feishu_is_busy_at_full_and_half_hours(phone: HeldPhone, after: float, code: int) -> None:
    phone.at = QUIET + 1200 + after

    assert phone.codes(phone.feishu_bot, 1) == [code]


def test_the_robots_of_feishu_ask_for_their_keyword_and_address(phone: HeldPhone) -> None:
    assert phone.feishu_bot(token=BY_KEYWORD).content["code"] == 19024
    assert phone.feishu_bot(token=BY_ADDRESS).content["code"] == 19022
    assert phone.feishu_bot("CSP-7", token=BY_KEYWORD).content["code"] == 0


@pytest.mark.parametrize(
    ("send", "longest", "code"),
    [
        (HeldPhone.wecom_app, 2048, 45002), (HeldPhone.wecom_bot, 2048, 45002),
        (HeldPhone.dingtalk, 19_900, 460101), (HeldPhone.feishu_bot, 20_200, 9499),
    ],
)  # fmt: skip
def test_a_text_that_is_too_long_is_refused(
    phone: HeldPhone, send: Callable[..., ChannelAnswer], longest: int, code: int
) -> None:
    fits, too_long = send(phone, "x" * longest), send(phone, "x" * (longest + 400))

    assert [c.content.get("errcode", c.content.get("code")) for c in (fits, too_long)] == [0, code]


@pytest.mark.parametrize(
    ("every", "calls", "rung"), [(59.0, 2, 1), (2 * MINUTE, 6, 5), (15 * MINUTE, 96, 20)], ids=["minute", "hour", "day"]
)
def test_a_phone_rings_once_a_minute_five_times_an_hour_and_20_times_a_day(
    phone: HeldPhone, every: float, calls: int, rung: int
) -> None:
    statuses = []
    for _ in range(calls):
        statuses.append(phone.call().status)
        phone.at += every

    assert statuses == [202] * rung + [200] * (calls - rung)


def test_a_call_that_was_refused_counts(phone: HeldPhone) -> None:
    phone.call()
    for _ in range(2):
        phone.at += 50
        phone.call()

    assert len(phone.messages) == 1


def test_of_two_calls_within_a_second_neither_rings(phone: HeldPhone) -> None:
    first = phone.call()
    phone.at += 0.9
    second = phone.call()

    assert (first.status, second.content["end"]) == (202, "refused")
    assert phone.messages == []
    assert phone.dropped == 1
