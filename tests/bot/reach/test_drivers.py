"""Each channel against services that are as strict as the real ones: a refusal is never taken for success."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.clock import Clock
from bot.reach.channel import PageText
from bot.reach.drivers import make_drivers
from bot.sandbox import Sandbox, SandboxOptions, feishu_tenant
from bot.sandbox.access_tokens import LIFETIME
from bot.sandbox.phone import APP_SECRET, BUSY_EVERY, BY_KEYWORD, DINGTALK_SECRET, FEISHU_SECRET, HOOK_SECRET
from models.rules.reach.channels import Channel
from models.rules.reach.page import PageAnswer, PageStatus
from models.rules.reach.reach_plan import ReachAddress
from tests.end_to_end.gateway import SECRET, gateway

E = PageStatus
ON_THE_PHONE = [c for c in Channel if c not in {Channel.EMAIL, Channel.APPRISE}]
"""The channels that the sandbox plays."""
MANIFEST = Path(__file__).parents[3] / "manifest.yml"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(SandboxOptions(manifest=MANIFEST)) as running:
        yield running


@pytest.fixture(autouse=True)
def _empty_phone(sandbox: Sandbox) -> None:
    """Ten minutes after the last full or half hour: then Feishu is not busy."""
    quiet = time.time() // BUSY_EVERY * BUSY_EVERY + 600
    sandbox.slack.clock.wall = lambda: quiet
    phone = sandbox.slack.phone
    phone.__init__(phone._now, phone._changed)  # type: ignore[misc]
    sandbox.slack.faults.clear()


def address(sandbox: Sandbox, channel: Channel, **changes: str) -> ReachAddress:
    base = f"{sandbox.base_url}/phone"
    usual = {
        Channel.WECOM_APP: {
            "corp_id": "ww",
            "agent_id": "1",
            "secret": APP_SECRET,
            "to": "LiNa",
            "url": f"{base}/wecom",
        },
        Channel.WECOM_BOT: {"url": f"{base}/wecom/cgi-bin/webhook/send?key=k"},
        Channel.DINGTALK_BOT: {"url": f"{base}/dingtalk/robot/send?access_token=t", "secret": DINGTALK_SECRET},
        Channel.FEISHU_BOT: {"url": f"{base}/feishu/t", "secret": FEISHU_SECRET},
        Channel.FEISHU_APP: {
            "app_id": feishu_tenant.APP_ID,
            "secret": feishu_tenant.APP_SECRET,
            "to": "ou_U0EMMA",
            "url": f"{base}/feishu_app",
            "urgent": "phone",
        },
        Channel.HOOK: {"url": f"{base}/call", "secret": HOOK_SECRET, "to": "+86138"},
    }
    return ReachAddress(channel, {**usual[channel], **changes})


def send(to: ReachAddress, text: str = "CSP-7", times: int = 1) -> list[PageAnswer]:
    drivers = make_drivers(Clock())
    return [drivers[to.channel].send(to, PageText(f"id-{n}", text, "title")) for n in range(times)]


@pytest.mark.parametrize("channel", ON_THE_PHONE)
def test_each_channel_brings_a_page_to_the_phone(sandbox: Sandbox, channel: Channel) -> None:
    (answer,) = send(address(sandbox, channel), "CSP-7 待认领")

    assert answer.status is E.ACCEPTED
    assert [message["text"] for message in sandbox.slack.phone.messages] == ["CSP-7 待认领"]


@pytest.mark.parametrize(
    ("channel", "changes", "code"),
    [
        (Channel.WECOM_APP, {"secret": "wrong"}, "40001"),
        (Channel.DINGTALK_BOT, {"secret": "wrong"}, "310000"),
        (Channel.FEISHU_BOT, {"secret": "wrong"}, "19021"),
        (Channel.FEISHU_APP, {"secret": "wrong"}, "10014"),
        (Channel.FEISHU_APP, {"to": "U0EMMA"}, "99992351"),
        (Channel.HOOK, {"secret": "wrong"}, "http_401"),
    ],
)
def test_what_a_channel_refuses_is_a_refusal_whatever_its_status(
    sandbox: Sandbox, channel: Channel, changes: dict[str, str], code: str
) -> None:
    (answer,) = send(address(sandbox, channel, **changes))

    assert (answer.status, answer.code, answer.retry_after) == (E.REFUSED, code, None)
    assert sandbox.slack.phone.messages == []


def test_a_robot_of_dingtalk_that_was_used_too_often_is_mute_for_ten_minutes(sandbox: Sandbox) -> None:
    answers = send(address(sandbox, Channel.DINGTALK_BOT), times=22)

    assert [answer.status for answer in answers] == [E.ACCEPTED] * 20 + [E.REFUSED] * 2
    assert answers[-1].retry_after == 600


def test_the_limits_of_wecom_and_the_gateway_are_told_apart(sandbox: Sandbox) -> None:
    robot = send(address(sandbox, Channel.WECOM_BOT), times=21)[-1]
    rings = send(address(sandbox, Channel.HOOK), times=2)
    send(address(sandbox, Channel.WECOM_APP), times=31)

    assert (robot.status, robot.code) == (E.REFUSED, "45009")
    assert robot.retry_after
    assert [ring.status for ring in rings] == [E.ACCEPTED, E.REFUSED]
    # The first call, which the second one followed at once, and the 31st message of WeCom: both were said to be sent.
    assert sandbox.slack.phone.dropped == 2


def test_feishu_is_tried_again_after_a_full_or_half_hour(sandbox: Sandbox) -> None:
    half_hour = time.time() // BUSY_EVERY * BUSY_EVERY
    sandbox.slack.clock.wall = lambda: half_hour + 1

    (answer,) = send(address(sandbox, Channel.FEISHU_BOT))

    assert (answer.status, answer.code) == (E.REFUSED, "11232")
    assert answer.retry_after


@pytest.mark.parametrize(("channel", "code"), [(Channel.DINGTALK_BOT, "310000"), (Channel.FEISHU_BOT, "19024")])
def test_a_robot_that_asks_for_a_keyword_gets_it(sandbox: Sandbox, channel: Channel, code: str) -> None:
    base = f"{sandbox.base_url}/phone"
    urls = {
        Channel.DINGTALK_BOT: f"{base}/dingtalk/robot/send?access_token={BY_KEYWORD}",
        Channel.FEISHU_BOT: f"{base}/feishu/{BY_KEYWORD}",
    }

    (without,) = send(ReachAddress(channel, {"url": urls[channel]}), "等待认领")
    (with_it,) = send(ReachAddress(channel, {"url": urls[channel], "keyword": "CSP"}), "等待认领")

    assert (without.status, without.code) == (E.REFUSED, code)
    assert with_it.status is E.ACCEPTED
    assert [message["text"] for message in sandbox.slack.phone.messages] == ["CSP 等待认领"]


def test_an_unknown_code_a_lost_answer_and_a_broken_one_are_unknown(sandbox: Sandbox) -> None:
    robot = address(sandbox, Channel.WECOM_BOT)
    for mode in ("drop_after", "html", "http_500", "truncated", "empty"):
        sandbox.slack.faults.plan({"method": "phone.wecom_bot", "mode": mode})
    sandbox.slack.faults.plan({"method": "phone.wecom_bot", "mode": "redirect"})

    ends = [answer.status for answer in send(robot, times=6)]

    assert ends == [E.UNKNOWN] * 5 + [E.REFUSED]  # a redirect is not followed


def test_a_service_that_is_not_there_was_not_told() -> None:
    nowhere = ReachAddress(Channel.WECOM_BOT, {"url": "http://127.0.0.1:1/x"})

    (answer,) = send(nowhere)

    assert answer.status is E.REFUSED
    assert answer.retry_after
    assert "127.0.0.1" not in answer.code


def test_a_token_of_wecom_that_ended_is_replaced(sandbox: Sandbox) -> None:
    drivers, app = make_drivers(Clock()), address(sandbox, Channel.WECOM_APP)
    drivers[Channel.WECOM_APP].send(app, PageText("1", "one", ""))
    moved = sandbox.slack.clock.wall() + LIFETIME
    sandbox.slack.clock.wall = lambda: moved

    answer = drivers[Channel.WECOM_APP].send(app, PageText("2", "two", ""))

    assert answer.status is E.ACCEPTED


def test_a_loud_page_by_the_app_of_feishu_is_written_once_and_rings(sandbox: Sandbox) -> None:
    driver, to = make_drivers(Clock())[Channel.FEISHU_APP], address(sandbox, Channel.FEISHU_APP)
    sandbox.slack.faults.plan({"method": "phone.feishu_app", "mode": "drop_after"})

    lost = driver.send(to, PageText("id", "CSP-7", "", is_urgent=True))
    again = driver.send(to, PageText("id", "(again) CSP-7", "", is_urgent=True))

    assert [lost.status, again.status] == [E.UNKNOWN, E.ACCEPTED]
    shown = [(one["channel"], one["to"], one["text"]) for one in sandbox.slack.phone.messages]
    assert shown == [("feishu_app", "U0EMMA", "CSP-7"), ("feishu_phone", "U0EMMA", "CSP-7")]


def test_the_limits_of_the_app_of_feishu_and_its_quota_are_told_apart(sandbox: Sandbox) -> None:
    driver, to = make_drivers(Clock())[Channel.FEISHU_APP], address(sandbox, Channel.FEISHU_APP)
    sandbox.slack.phone.feishu.quota = 0

    without_quota = driver.send(to, PageText("0", "CSP-7", "", is_urgent=True))
    sixth = [driver.send(to, PageText(str(n), "CSP-7", "")) for n in range(1, 6)][-1]

    assert without_quota == PageAnswer(E.REFUSED, "urgent 230024")
    assert sixth == PageAnswer(E.REFUSED, "230020", 60.0)


def test_a_token_of_feishu_that_ended_is_replaced(sandbox: Sandbox) -> None:
    driver, to = make_drivers(Clock())[Channel.FEISHU_APP], address(sandbox, Channel.FEISHU_APP)
    driver.send(to, PageText("1", "one", ""))
    moved = sandbox.slack.clock.wall() + LIFETIME
    sandbox.slack.clock.wall = lambda: moved

    assert driver.send(to, PageText("2", "two", "")).status is E.ACCEPTED


def test_slack_off_stops_slack_and_not_the_phone(sandbox: Sandbox) -> None:
    sandbox.slack.settings.slack_off = True
    try:
        (answer,) = send(address(sandbox, Channel.WECOM_BOT))
    finally:
        sandbox.slack.settings.slack_off = False

    assert answer.status is E.ACCEPTED


def test_a_gateway_gets_the_fact_to_speak_beside_the_text_with_its_link() -> None:
    text, speech = "CSP-7 waits.\n“Acknowledge CSP-7” with the number 47: https://bot.cn/act/x", "CSP-7 waits."
    with gateway() as running:
        fields = {"url": f"{running.url}/call", "secret": SECRET, "to": "+86138"}
        page = PageText("1", text, "CSP Escalate: CSP-7", is_urgent=True, speech=speech)
        answer = make_drivers(Clock())[Channel.HOOK].send(ReachAddress(Channel.HOOK, fields), page)

    assert answer.status is E.DELIVERED
    assert running.calls == [
        {"id": "1", "to": "+86138", "title": page.title, "text": text, "speech": speech, "urgent": True}
    ]
