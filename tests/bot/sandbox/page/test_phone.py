"""The phone beside Slack: pages arrive on it, their links open and act, and Slack can be switched off and on."""

import asyncio
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from bot.clock import Clock
from bot.http_server.link_routes import LinkRoutes
from bot.http_server.server import HttpServer
from bot.reach.channel import PageText
from bot.reach.drivers import make_drivers
from bot.sandbox import feishu_tenant
from bot.sandbox.phone import APP_SECRET, HOOK_SECRET
from bot.sandbox.sandbox import Sandbox
from handlers.links.link_pages import LinkPages
from models.rules.reach.channels import Channel
from models.rules.reach.link import number_of
from models.rules.reach.page import PageStatus
from models.rules.reach.reach_plan import ReachAddress
from models.store.database import Store
from tests.bot.sandbox.page.conftest import PATIENCE_MS, OpenPage
from tests.bot.sandbox.page.gestures import composer, said, say
from tests.bot.sandbox.page.test_workshop import open_tab
from tests.handlers.links.link_duty import BOB, LinkDuty

pytestmark = pytest.mark.browser
expect.set_options(timeout=PATIENCE_MS)
TITLES = {"U0EMMA": "Phone of Emma", "U0LINA": "李娜"}
GROW = {"U0EMMA": "Show all messages", "U0LINA": "显示全部消息"}


@pytest.fixture(autouse=True)
def _empty_phone(slack: Sandbox) -> None:
    phone = slack.slack.phone
    phone.__init__(phone._now, phone._changed)  # type: ignore[misc]
    slack.slack.notices.changed()


def send(slack: Sandbox, channel: Channel, to: str, text: str) -> None:
    """Send one page as the bot does."""
    base = f"{slack.base_url}/phone"
    fields = {
        Channel.WECOM_APP: {
            "url": f"{base}/wecom", "corp_id": "ww", "agent_id": "1", "secret": APP_SECRET, "to": to,
        },
        Channel.WECOM_BOT: {"url": f"{base}/wecom/cgi-bin/webhook/send?key=k"},
        Channel.HOOK: {"url": f"{base}/call", "secret": HOOK_SECRET, "to": to},
    }[channel]  # fmt: skip
    answer = make_drivers(Clock())[channel].send(ReachAddress(channel, fields), PageText("1", text, "CSP-1"))
    assert answer.status is PageStatus.ACCEPTED


@contextmanager
def served(pages: LinkPages) -> Iterator[str]:
    """Serve the pages of links as the bot does; their address."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    with ThreadPoolExecutor(1) as pool:
        web = HttpServer(lambda: (True, {}))
        web.add_routes(LinkRoutes(pages, pool, Clock()).routes())
        port = asyncio.run_coroutine_threadsafe(web.start("127.0.0.1", 0), loop).result(10)
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            asyncio.run_coroutine_threadsafe(web.stop(), loop).result(10)
            loop.call_soon_threadsafe(loop.stop)
            thread.join()
    loop.close()


@pytest.fixture
def duty(tmp_path: Path) -> Iterator[LinkDuty]:
    store = Store(f"sqlite:///{tmp_path / 'csp.db'}")
    store.upgrade()
    yield LinkDuty(store)
    store.dispose()


def test_the_newest_message_is_in_view_after_a_call_and_after_the_phone_was_closed(
    open_page: OpenPage, slack: Sandbox
) -> None:
    page = open_page("U0EMMA")
    for number in range(12):
        send(slack, Channel.WECOM_BOT, "", f"message {number} " + "long " * 60)
    expect(page.get_by_text("message 11")).to_be_in_viewport()
    page.locator(".phone-list").evaluate("list => { list.scrollTop = 0 }")

    send(slack, Channel.HOOK, "U0EMMA", "the call")
    expect(page.get_by_text("the call")).to_be_in_viewport()

    page.get_by_role("button", name="Close the phone").click()
    send(slack, Channel.WECOM_BOT, "", "sent while it was closed")
    page.locator(".bar-item", has_text="Phone").click()
    expect(page.get_by_text("sent while it was closed")).to_be_in_viewport()


@pytest.mark.parametrize(("user", "title"), [("U0EMMA", "Call by Feishu"), ("U0LINA", "飞书来电")])
def test_an_urgent_message_of_feishus_app_rings(open_page: OpenPage, slack: Sandbox, user: str, title: str) -> None:
    page = open_page(user)
    fields = {
        "app_id": feishu_tenant.APP_ID, "secret": feishu_tenant.APP_SECRET, "to": f"ou_{user}", "urgent": "phone",
        "url": f"{slack.base_url}/phone/feishu_app",
    }  # fmt: skip
    address = ReachAddress(Channel.FEISHU_APP, fields)

    make_drivers(Clock())[Channel.FEISHU_APP].send(address, PageText("1", "CSP-1", "", is_urgent=True))

    expect(page.locator(".phone").get_by_role("article")).to_have_count(2)
    expect(page.locator(".phone .rings")).to_contain_text(title)
    expect(page.locator(".phone .rings")).to_contain_text("CSP-1")


@pytest.mark.parametrize("narrow", [False, True], ids=["wide", "390"])
@pytest.mark.parametrize(
    ("user", "calls", "app"), [("U0EMMA", "Phone or SMS", "WeCom"), ("U0LINA", "电话或短信", "企业微信")]
)
def test_a_page_arrives_on_the_phone_beside_slack(
    open_page: OpenPage, slack: Sandbox, user: str, calls: str, app: str, *, narrow: bool
) -> None:
    page = open_page(user, phone=narrow)
    phone = page.locator(".phone")
    expect(phone).to_be_hidden()

    send(slack, Channel.HOOK, user, "CSP-1 <b>等待认领</b>\nhttps://csp.example.cn/act/abc")
    send(slack, Channel.WECOM_APP, user, "CSP-2")

    expect(phone).to_be_visible()
    expect(phone).to_contain_text("CSP-2")
    if narrow:
        phone.get_by_role("button", name=GROW[user]).click()
    expect(phone.get_by_role("heading")).to_contain_text(TITLES[user])
    expect(phone.get_by_role("article")).to_have_count(2)
    expect(phone.get_by_role("article").first).to_contain_text(calls)
    expect(phone.get_by_role("article").first).to_contain_text("<b>等待认领</b>")
    expect(phone.get_by_role("article").last).to_contain_text(app)
    expect(phone.get_by_role("link")).to_have_attribute("href", "https://csp.example.cn/act/abc")
    assert page.evaluate("document.documentElement.scrollWidth") == (390 if narrow else 1280)
    phone.get_by_role("button").last.click()
    expect(phone).to_be_hidden()
    slack.slack.clock.move(slack.slack.clock.offset + 61)
    send(slack, Channel.HOOK, user, "It rings again")
    expect(phone).to_contain_text("It rings again")


def test_on_a_narrow_screen_the_phone_is_a_strip_below_slack_that_opens_and_closes(
    open_page: OpenPage, slack: Sandbox
) -> None:
    page = open_page("U0EMMA", phone=True)
    phone, box = page.locator(".phone"), composer(page)
    for number in range(5):
        send(slack, Channel.WECOM_BOT, "", f"message {number} " + "long " * 60)
    expect(phone.get_by_text("message 4")).to_be_visible()
    expect(phone.get_by_text("message 3")).to_be_hidden()
    strip = phone.bounding_box()
    assert strip is not None
    assert strip["height"] < 844 / 5
    box.click()  # nothing lies over it
    say(page, "typed beside the phone")
    said(page, "typed beside the phone")

    phone.get_by_role("button", name=GROW["U0EMMA"]).click()
    expect(phone.get_by_text("message 3")).to_be_visible()
    tall = phone.bounding_box()
    assert tall is not None
    assert tall["height"] > 844 / 2

    page.keyboard.press("Escape")
    expect(phone.get_by_text("message 3")).to_be_hidden()
    expect(phone.get_by_role("button", name=GROW["U0EMMA"])).to_be_focused()
    phone.click(position={"x": 60, "y": strip["height"] - 30})
    expect(phone.get_by_text("message 3")).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Back").click()
    page.locator(".bar-item", has_text="Phone").click()
    expect(phone.get_by_text("message 3")).to_be_visible()
    page.locator(".bar-item", has_text="Phone").click()
    expect(phone).to_be_hidden()


def test_the_newest_message_is_in_view_when_a_narrow_screen_becomes_wide(open_page: OpenPage, slack: Sandbox) -> None:
    page = open_page("U0EMMA", phone=True)
    for number in range(12):
        send(slack, Channel.WECOM_BOT, "", f"message {number} " + "long " * 60)
    send(slack, Channel.HOOK, "U0EMMA", "the call https://csp.example.cn/act/abc")
    expect(page.locator(".phone").get_by_text("the call")).to_be_visible()

    page.set_viewport_size({"width": 1280, "height": 800})

    expect(page.locator(".phone").get_by_text("the call")).to_be_in_viewport()
    expect(page.locator(".phone").get_by_text("message 0")).not_to_be_in_viewport()
    page.locator(".phone").get_by_role("link").focus()  # a link can be pressed again
    expect(page.locator(".phone").get_by_role("link")).to_be_focused()


@pytest.mark.parametrize(("user", "date"), [("U0EMMA", "27 Nov"), ("U0LINA", "11月28日")])
def test_a_message_on_the_phone_has_its_date(open_page: OpenPage, slack: Sandbox, user: str, date: str) -> None:
    night = datetime(2026, 11, 27, 17, 50, tzinfo=UTC)  # 01:50 of the next day in Shanghai
    slack.slack.clock.move(night.timestamp() - time.time())
    page = open_page(user)

    send(slack, Channel.HOOK, user, "the call")

    expect(page.locator(".phone-message time")).to_contain_text(date)


@pytest.mark.parametrize("width", [761, 900, 901, 1020, 1100, 1280, 1400, 1401])
def test_the_phone_and_a_thread_leave_room_for_what_stands_beside_them(
    open_page: OpenPage, slack: Sandbox, width: int
) -> None:
    page = open_page("U0EMMA")
    page.set_viewport_size({"width": width, "height": 800})
    send(slack, Channel.HOOK, "U0EMMA", "the call")
    expect(page.locator(".phone")).to_be_visible()
    say(page, f"typed at {width}")
    message = said(page, f"typed at {width}")
    phone, box = page.locator(".phone").bounding_box(), composer(page).bounding_box()
    assert phone
    assert box
    assert box["x"] + box["width"] < phone["x"]

    message.hover()
    message.get_by_role("button", name="Reply in thread").click()

    expect(page.locator(".thread")).to_be_visible()
    for place in page.locator(".place:visible, .thread:visible").all():
        assert (place.bounding_box() or {"width": 0})["width"] >= 300
    assert page.evaluate("document.documentElement.scrollWidth") == width
    page.locator(".thread").get_by_role("button", name="Close").click()
    expect(composer(page)).to_be_visible()


def test_each_person_sees_their_own_phone_and_everybody_the_groups(open_page: OpenPage, slack: Sandbox) -> None:
    page = open_page("U0EMMA")
    send(slack, Channel.WECOM_APP, "U0LINA", "for Li Na")
    send(slack, Channel.WECOM_BOT, "", "for the group")

    expect(page.locator(".phone").get_by_role("article")).to_have_count(1)
    expect(page.locator(".phone")).to_contain_text("for the group")


def test_the_link_of_a_page_opens_and_a_press_acts(open_page: OpenPage, slack: Sandbox, duty: LinkDuty) -> None:
    page, token = open_page("U0EMMA"), duty.raised()
    with served(duty.pages) as site:
        send(
            slack,
            Channel.HOOK,
            "U0EMMA",
            f"CSP-1. “Acknowledge CSP-1” with the number {number_of(token)}: {site}/act/{token}",
        )
        with page.expect_popup() as opened:
            page.locator(".phone").get_by_role("link").click()
        link = opened.value
        expect(link.get_by_role("heading")).to_have_text("Acknowledge CSP-1")
        link.get_by_label("Number in the message").fill(number_of(token))
        link.get_by_role("button", name="Acknowledge CSP-1").click()
        expect(link.get_by_role("heading")).to_contain_text("Done")

    assert duty.case().owner == BOB


@pytest.mark.parametrize(
    ("user", "tab", "off", "on", "says"),
    [
        ("U0EMMA", "Bot and line", "Switch Slack off", "Switch Slack on", "Slack is off"),
        ("U0LINA", "机器人与连接", "关闭 Slack", "开启 Slack", "Slack 已关闭"),
    ],
)
def test_slack_is_switched_off_and_on_in_the_workshop(
    open_page: OpenPage, slack: Sandbox, user: str, tab: str, off: str, on: str, says: str
) -> None:
    page = open_page(user)
    open_tab(page, tab)
    page.get_by_role("button", name=off, exact=True).click()
    expect(page.locator(".bar").get_by_role("button", name=says)).to_be_visible()
    _is_refused(page)
    send(slack, Channel.HOOK, user, "rings all the same")
    expect(page.locator(".phone")).to_contain_text("rings all the same")

    page.get_by_role("button", name=on, exact=True).click()
    expect(page.locator(".bar").get_by_role("button", name=says)).to_be_hidden()
    say(page, f"heard by {user}")
    expect(page.locator(".place").get_by_role("article").filter(has_text=f"heard by {user}")).to_be_visible()


def _is_refused(page: Page) -> None:
    """What somebody writes while Slack is off is not there, and they are told."""
    say(page, "nobody hears this")
    expect(page.locator(".toast")).to_be_visible()
    expect(page.locator(".place").get_by_role("article").filter(has_text="nobody hears this")).to_have_count(0)


@pytest.mark.parametrize("narrow", [False, True], ids=["wide", "390"])
@pytest.mark.parametrize(
    ("user", "why", "on"),
    [
        ("U0EMMA", "Slack was switched off in the workshop", "Switch it on"),
        ("U0LINA", "Slack 已在工作间中关闭", "重新开启"),
    ],
)
def test_while_slack_is_off_the_page_says_why_and_switches_it_on(
    open_page: OpenPage, slack: Sandbox, user: str, why: str, on: str, *, narrow: bool
) -> None:
    page = open_page(user, phone=narrow)
    expect(page.get_by_text(why)).to_be_hidden()
    slack.slack.settings.slack_off = True
    slack.slack.notices.changed()

    expect(page.get_by_text(why)).to_be_visible()
    assert page.evaluate("document.documentElement.scrollHeight <= innerHeight")
    page.get_by_role("button", name=on, exact=True).click()

    expect(page.get_by_text(why)).to_be_hidden()
    assert slack.slack.settings.slack_off is False
