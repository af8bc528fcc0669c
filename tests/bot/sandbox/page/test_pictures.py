"""Pictures, topics and user groups as the page shows them, and dates that grow old while one looks."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect
from slack_sdk import WebClient

from bot.sandbox.sandbox import Sandbox
from tests.bot.sandbox.page.conftest import PATIENCE_MS, OpenPage
from tests.bot.sandbox.page.gestures import said
from tests.bot.sandbox.test_files import kept, picture, png, uploaded
from tests.slack_driver import SlackDriver

pytestmark = pytest.mark.browser
expect.set_options(timeout=PATIENCE_MS)
DESCRIBED = "Who is on call in week 48"


@pytest.fixture
def client(slack: Sandbox) -> WebClient:
    return WebClient(token=slack.bot_token, base_url=slack.api_url)


@pytest.fixture
def driver(slack: Sandbox) -> Iterator[SlackDriver]:
    driver = SlackDriver(slack.page_url)
    yield driver
    driver.close()


def enlarged_and_closed(page: Page, name: str) -> None:
    """Presses a picture, looks at it large, closes it with Escape: the picture has the focus again."""
    small = page.get_by_role("button", name=name)
    small.press("Enter")
    viewer = page.get_by_role("dialog", name=name)
    expect(viewer.get_by_role("img", name=name)).to_be_visible()
    page.keyboard.press("Escape")
    expect(viewer).to_have_count(0)
    expect(small).to_be_focused()
    small.click()
    viewer.click()
    expect(viewer).to_have_count(0)


@pytest.mark.parametrize("phone", [False, True])
def test_an_uploaded_picture_is_shown_and_enlarged(
    open_page: OpenPage, client: WebClient, driver: SlackDriver, *, phone: bool
) -> None:
    name = f"Rota of width {390 if phone else 1280}"
    id_ = kept(client, driver, png(1600, 700))
    page = open_page("U0EMMA", phone=phone)
    blocks = [{**picture(id=id_), "alt_text": name, "title": {"type": "plain_text", "text": "Week 48"}}]
    client.chat_postMessage(channel="C0ESCAL", text="The rota", blocks=blocks)
    image = page.get_by_role("img", name=name)
    expect(image).to_be_visible()
    expect(image).to_have_js_property("naturalWidth", 1600)
    box = image.bounding_box()
    assert box is not None
    assert 280 < box["width"] < (390 if phone else 1000)
    assert page.evaluate("document.documentElement.scrollWidth") == (390 if phone else 1280)
    enlarged_and_closed(page, name)


def test_a_picture_comes_with_its_message_and_its_name(
    open_page: OpenPage, client: WebClient, driver: SlackDriver
) -> None:
    page = open_page("U0EMMA")
    kept(client, driver, png(), channel_id="C0ESCAL", initial_comment="Here is the rota")
    message = said(page, "Here is the rota")
    expect(message.locator("figcaption")).to_have_text("Rota")
    expect(message.get_by_role("img", name="Rota")).to_have_js_property("naturalWidth", 4)


def test_the_home_shows_a_picture(open_page: OpenPage, client: WebClient, driver: SlackDriver) -> None:
    id_ = kept(client, driver, png(1200, 300))
    view = {"type": "home", "blocks": [{**picture(id=id_), "alt_text": DESCRIBED}]}
    client.views_publish(user_id="U0EMMA", view=view)
    page = open_page("U0EMMA")
    page.get_by_role("button", name="App Home").click()
    expect(page.get_by_role("img", name=DESCRIBED)).to_have_js_property("naturalWidth", 1200)
    enlarged_and_closed(page, DESCRIBED)


def test_escape_closes_the_picture_and_not_the_thread_behind_it(
    open_page: OpenPage, client: WebClient, driver: SlackDriver
) -> None:
    page = open_page("U0EMMA")
    parent = str(client.chat_postMessage(channel="C0ESCAL", text="With a thread")["ts"])
    kept(client, driver, png(), channel_id="C0ESCAL", thread_ts=parent)
    said(page, "With a thread").get_by_role("button", name="1 reply").click()
    thread = page.get_by_role("complementary", name="Thread")
    thread.get_by_role("button", name="Rota").click()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(thread).to_be_visible()


def test_a_topic_is_shown_to_the_letter(open_page: OpenPage, client: WebClient) -> None:
    page = open_page("U0EMMA")
    client.conversations_setTopic(channel="C0ESCAL", topic="On call: *王伟* <now>")
    expect(page.locator(".place .place-words p")).to_have_text("On call: *王伟* <now>")
    expect(page.locator(".words.is-notice").last).to_contain_text("set the channel topic")


def test_that_the_topic_was_set_is_said_in_the_language_of_who_looks(open_page: OpenPage, client: WebClient) -> None:
    page = open_page("U0LINA")
    client.conversations_setTopic(channel="C0ESCAL", topic="⟦值班 On call: 王伟⟧")
    expect(page.locator(".words.is-notice").last).to_have_text("设置了频道话题：⟦值班 On call: 王伟⟧")
    client.conversations_setTopic(channel="C0ESCAL", topic="")
    expect(page.locator(".words.is-notice").last).to_have_text("清除了频道话题")


def test_a_user_group_names_who_is_in_it(open_page: OpenPage, client: WebClient) -> None:
    page = open_page("U0EMMA")
    group = page.get_by_role("group", name="@csp-oncall")
    client.usergroups_users_update(usergroup="S0ONCALL", users=["U0EMMA", "U0LINA"])
    expect(group).to_contain_text("Emma Clarke, 李娜 Li Na")
    client.usergroups_disable(usergroup="S0ONCALL")
    expect(group).to_contain_text("switched off")
    client.usergroups_enable(usergroup="S0ONCALL")
    expect(group).not_to_contain_text("switched off")


def test_dates_grow_old_while_one_looks(open_page: OpenPage, client: WebClient, driver: SlackDriver) -> None:
    tomorrow = datetime.now(UTC) + timedelta(days=1)  # forward: a message is never older than the one before
    noon = tomorrow.replace(hour=12, minute=0, second=0, microsecond=0).timestamp()
    driver.set_clock(noon - datetime.now(UTC).timestamp())
    page = open_page("U0EMMA")
    date = f"<!date^{int(noon)}^{{date_short_pretty}}, {{date_short_pretty}} or {{ago}}|once>"
    ts = str(client.chat_postMessage(channel="C0ESCAL", text=f"Promised {date}")["ts"])
    client.chat_postMessage(channel="C0ESCAL", text="A reply", thread_ts=ts)
    message = said(page, "Promised")
    expect(message.locator(".words time")).to_contain_text("Today")
    expect(page.locator(".place .day").last).to_have_text("Today")
    message.get_by_role("button", name="1 reply").focus()
    driver.advance_clock(86400)
    expect(message.locator(".words time")).to_have_text(re.compile("Yesterday, yesterday or (1 day ago|yesterday)"))
    expect(message.locator(".reply-when")).to_have_text(re.compile("last (yesterday|1 day ago)"))
    expect(page.locator(".place .day").last).to_have_text("Yesterday")
    expect(message.get_by_role("button", name="1 reply")).to_be_focused()


def test_the_home_does_not_stay_at_yesterday(open_page: OpenPage, client: WebClient, driver: SlackDriver) -> None:
    text = f"<!date^{int(datetime.now(UTC).timestamp())}^{{ago}}|once>"
    section = {"type": "section", "text": {"type": "mrkdwn", "text": f"Open since {text}"}}
    client.views_publish(user_id="U0EMMA", view={"type": "home", "blocks": [section]})
    page = open_page("U0EMMA")
    page.get_by_role("button", name="App Home").click()
    expect(page.locator(".home-body")).to_contain_text(re.compile("Open since .*(second|now)"))
    driver.advance_clock(7200)
    expect(page.locator(".home-body")).to_contain_text(re.compile("Open since .*2 hours ago"))


def test_a_file_that_is_no_picture_is_downloaded_under_its_name(open_page: OpenPage, client: WebClient) -> None:
    page = open_page("U0EMMA")
    id_ = uploaded(client, b"escalation\r\nCSP-1\r\n", "escalations.csv")
    blocks = [{"type": "section", "text": {"type": "mrkdwn", "text": "Open escalations"}}]
    client.files_completeUploadExternal(files=[{"id": id_}], channel_id="C0ESCAL", blocks=json.dumps(blocks))

    with page.expect_download() as download:
        page.get_by_role("link", name="escalations.csv").click()

    assert download.value.suggested_filename == "escalations.csv"
    assert download.value.path().read_bytes() == b"escalation\r\nCSP-1\r\n"
