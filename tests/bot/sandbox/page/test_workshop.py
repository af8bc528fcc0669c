"""The workshop at the foot of the page: clock, traffic, faults, the bot and its line."""

import re
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect

from bot.sandbox.sandbox import Sandbox
from tests.bot.sandbox.page.conftest import PATIENCE_MS, OpenPage
from tests.bot.sandbox.page.gestures import card, form, say
from tests.bot.stubs import until

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("bot")]
expect.set_options(timeout=PATIENCE_MS)


def open_tab(page: Page, name: str) -> None:
    page.locator(".bar-toggle").click()
    page.get_by_role("tab", name=name).click()


def test_the_clock_moves_forward_and_back(open_page: OpenPage, slack: Sandbox) -> None:
    page = open_page("U0EMMA")
    open_tab(page, "Clock")
    page.get_by_role("button", name="+8 h").click()
    expect(page.locator(".clock-face + .tool-note")).to_have_text("+8 h from real time")
    assert float(slack.clock_file.read_text()) == pytest.approx(8 * 3600)
    page.get_by_role("button", name="Set to now").click()
    expect(page.locator(".clock-face + .tool-note")).to_have_text("Real time")


@pytest.mark.parametrize(
    ("user", "zone", "tab", "time", "button"),
    [
        ("U0EMMA", "Europe/London", "Clock", "Time of day", "Set the clock"),
        ("U0LINA", "Asia/Shanghai", "时钟", "时刻", "拨到此时"),
    ],
)
def test_the_clock_goes_to_a_time_of_day_the_next_time_it_comes(
    open_page: OpenPage, slack: Sandbox, user: str, zone: str, tab: str, time: str, button: str
) -> None:
    page = open_page(user)
    open_tab(page, tab)
    for _ in range(2):  # the second time it is that hour already, so the next day comes
        before = slack.slack.clock.now()
        page.get_by_label(time, exact=True).fill("01:50")
        page.get_by_role("button", name=button).click()
        until(lambda before=before: slack.slack.clock.now() > before + 60)  # type: ignore[misc]

        there = datetime.fromtimestamp(slack.slack.clock.now(), ZoneInfo(zone))
        assert (there.hour, there.minute) == (1, 50)
        assert 0 < slack.slack.clock.now() - before <= 25 * 3600
    expect(page.locator(".clock-face")).to_contain_text("1:50")


def test_the_clock_is_not_set_to_a_time_that_has_passed(open_page: OpenPage, slack: Sandbox) -> None:
    page = open_page("U0EMMA")
    open_tab(page, "Clock")
    page.get_by_label("Time of day", exact=True).fill("01:50")
    page.get_by_label("Date (empty: the next time)").fill("2001-02-03")
    page.get_by_role("button", name="Set the clock").click()

    expect(page.locator(".toast")).to_contain_text("That time has passed here")
    assert slack.slack.clock.offset == 0


def test_the_traffic_shows_what_went_each_way_and_can_be_searched(open_page: OpenPage) -> None:
    page = open_page("U0EMMA")
    open_tab(page, "Traffic")
    say(page, "/practise card Needle")
    row = page.locator(".traffic-row", has_text="chat.postMessage")
    row.locator("> summary").click()
    expect(row.locator(".traffic-body")).to_contain_text("Needle")
    page.get_by_role("button", name="To the bot").click()
    expect(row).to_have_count(0)
    expect(page.locator(".traffic-row", has_text="/practise")).to_have_count(1)
    page.get_by_role("searchbox").fill("nothing like it")
    expect(page.locator(".traffic-row")).to_have_count(0)


def test_a_fault_makes_the_next_call_fail(open_page: OpenPage) -> None:
    page = open_page("U0EMMA")
    open_tab(page, "Faults")
    page.get_by_role("combobox", name="Call").select_option("chat.postMessage")
    page.get_by_role("combobox", name="What happens").select_option("ok_false")
    page.get_by_role("button", name="Set", exact=True).click()
    expect(page.get_by_role("button", name="1 fault waiting")).to_be_visible()
    say(page, "/practise card Lost")
    expect(page.get_by_role("button", name="1 fault waiting")).to_be_hidden()
    say(page, "/practise card Found")
    expect(card(page, "Found")).to_be_visible()
    expect(card(page, "Lost")).to_have_count(0)


@pytest.mark.parametrize("error", ["permission_denied", "failed_for_some_users"])
def test_a_refusal_of_slacks_can_be_chosen(open_page: OpenPage, error: str) -> None:
    page = open_page("U0EMMA")
    open_tab(page, "Faults")
    page.get_by_role("combobox", name="Call").select_option("usergroups.users.update")
    expect(page.get_by_role("combobox", name="Error")).to_be_hidden()
    page.get_by_role("combobox", name="What happens").select_option("ok_false")
    page.get_by_role("combobox", name="Error").select_option(error)
    with page.expect_request("**/control/fault") as asked:
        page.get_by_role("button", name="Set", exact=True).click()
    assert f'"error":"{error}"' in (asked.value.post_data or "")
    expect(page.get_by_role("button", name="1 fault waiting")).to_be_visible()


def test_a_refreshed_line_goes_on_working(open_page: OpenPage) -> None:
    page = open_page("U0LINA")
    open_tab(page, "机器人与连接")
    page.get_by_role("button", name="刷新", exact=True).click()
    page.locator(".bar-toggle").click()
    say(page, "/practise form")
    expect(form(page).or_(page.locator(".toast"))).to_be_visible()


def test_the_drawer_opens_and_closes_by_keyboard(open_page: OpenPage) -> None:
    page = open_page("U0EMMA")
    page.locator(".bar-toggle").press("Enter")
    page.get_by_role("tab", name="Clock").press("ArrowRight")
    expect(page.get_by_role("tab", name="Traffic")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("tabpanel")).to_be_hidden()
    expect(page.locator(".bar-toggle")).to_have_attribute("aria-expanded", "false")
    expect(page.locator(".bar-toggle")).to_contain_text(re.compile("Workshop"))
