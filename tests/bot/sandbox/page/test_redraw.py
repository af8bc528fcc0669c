"""What arrives while somebody is in the middle of something never takes it away: menus, focus, half a word."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect
from slack_sdk import WebClient

from bot.sandbox.sandbox import Sandbox
from tests.bot.sandbox.page.conftest import PATIENCE_MS, OpenPage
from tests.bot.sandbox.page.gestures import card, form, open_menu, said, say

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("bot")]
expect.set_options(timeout=PATIENCE_MS)

Elsewhere = Callable[..., str]


@pytest.fixture
def elsewhere(slack: Sandbox) -> Elsewhere:
    """The bot says something in the channel, or in a thread of it; gives its timestamp."""
    client = WebClient(token=slack.bot_token, base_url=slack.api_url)

    def post(text: str, **more: Any) -> str:
        return str(client.chat_postMessage(channel="C0ESCAL", text=text, **more)["ts"])

    return post


def about_this(page: Page) -> Locator:
    return page.get_by_role("menuitem", name=re.compile("About this"))


def test_an_open_menu_stays_while_others_write(open_page: OpenPage, elsewhere: Elsewhere) -> None:
    page = open_page("U0EMMA")
    for number in range(20):
        elsewhere(f"So that the channel scrolls {number}")
    say(page, "Read by many")
    open_menu(page, said(page, "Read by many"))
    top = about_this(page).bounding_box()
    for number in range(3):
        elsewhere(f"Meanwhile {number}")
    expect(page.locator(".place").get_by_text("Meanwhile 2")).to_be_attached()
    assert about_this(page).bounding_box() == top
    about_this(page).click()
    expect(form(page).get_by_label("Title")).to_have_value("Read by many")


def test_who_reads_at_the_end_is_there_again_when_the_menu_has_closed(
    open_page: OpenPage, elsewhere: Elsewhere
) -> None:
    page = open_page("U0EMMA")
    for number in range(20):
        elsewhere(f"A long day {number}")
    say(page, "Closing soon")
    open_menu(page, said(page, "Closing soon"))
    for number in range(8):
        elsewhere(f"Later {number}")
    expect(page.get_by_text("Later 7")).not_to_be_in_viewport()
    page.keyboard.press("Escape")
    expect(page.get_by_role("menu")).to_have_count(0)
    expect(page.get_by_text("Later 7")).to_be_in_viewport()


def test_an_open_menu_stays_when_its_message_is_drawn_anew(open_page: OpenPage, elsewhere: Elsewhere) -> None:
    page = open_page("U0EMMA")
    say(page, "Soon answered")
    message = said(page, "Soon answered")
    open_menu(page, message)
    elsewhere("An answer", thread_ts=message.get_attribute("data-ts"))
    expect(message.get_by_role("button", name="1 reply")).to_be_visible()
    expect(message.get_by_role("button", name="More actions")).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("Escape")
    expect(message.get_by_role("button", name="More actions")).to_be_focused()
    open_menu(page, message)
    about_this(page).click()
    expect(form(page).get_by_label("Title")).to_have_value("Soon answered")


def test_a_menu_goes_with_its_message(open_page: OpenPage, slack: Sandbox) -> None:
    page = open_page("U0EMMA")
    say(page, "Not for long")
    message = said(page, "Not for long")
    open_menu(page, message)
    ts = message.get_attribute("data-ts")
    act = {"user": "U0EMMA", "do": "delete", "channel": "C0ESCAL", "ts": ts}
    page.request.post(f"{slack.base_url}/control/act", data=act)
    expect(message).to_have_count(0)
    expect(page.get_by_role("menu")).to_have_count(0)


def test_a_card_that_changes_leaves_the_focus_where_it_is(open_page: OpenPage, slack: Sandbox) -> None:
    page = open_page("U0EMMA")
    client = WebClient(token=slack.bot_token, base_url=slack.api_url)
    say(page, "/practise card Above")
    expect(card(page, "Above")).to_be_visible()
    say(page, "/practise card Below")
    expect(card(page, "Below")).to_be_visible()
    focused = card(page, "Below").get_by_role("button", name="Take it")
    focused.focus()
    first = card(page, "Above").get_attribute("data-ts") or ""
    client.chat_update(channel="C0ESCAL", ts=first, text="Above", blocks=[])
    expect(card(page, "Above")).to_have_count(0)
    expect(focused).to_be_focused()
    client.chat_delete(channel="C0ESCAL", ts=first)
    expect(page.locator(f"[data-ts='{first}']")).to_have_count(0)
    expect(focused).to_be_focused()


def test_of_two_equal_cards_the_right_one_keeps_the_focus(open_page: OpenPage, elsewhere: Elsewhere) -> None:
    page = open_page("U0EMMA")
    for title in ("Twin one", "Twin two"):
        say(page, f"/practise card {title}")
        expect(card(page, title)).to_be_visible()
    card(page, "Twin two").get_by_role("button", name="Take it").focus()
    elsewhere("An answer", thread_ts=card(page, "Twin two").get_attribute("data-ts"))
    expect(card(page, "Twin two").get_by_role("button", name="1 reply")).to_be_visible()
    expect(card(page, "Twin two").get_by_role("button", name="Take it")).to_be_focused()
