"""The page as people use it: act as somebody, type, choose, submit, click, read."""

import re

import pytest
from playwright.sync_api import Page, expect

from bot.sandbox.sandbox import Sandbox
from tests.bot.sandbox.page.conftest import PATIENCE_MS, OpenPage
from tests.bot.sandbox.page.gestures import card, composer, form, open_form, open_menu, said, say
from tests.slack_driver import ACK_SECONDS

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("bot")]
expect.set_options(timeout=PATIENCE_MS)


def test_everybody_can_be_acted_as_and_the_page_speaks_their_language(open_page: OpenPage) -> None:
    page = open_page("U0LINA")
    expect(page.get_by_role("radio", checked=True)).to_contain_text("李娜 Li Na")
    expect(page.locator(".nav")).to_contain_text("频道")
    for name, words, locale in (
        ("王伟", "频道", "zh-CN"),
        ("Emma", "Channels", "en-GB"),
        ("Tom", "Channels", "en-US"),
    ):
        page.get_by_role("radio", name=re.compile(name)).click()
        expect(page.get_by_role("radio", checked=True)).to_contain_text(name)
        expect(page.locator(".nav")).to_contain_text(words)
        expect(page.locator("html")).to_have_attribute("lang", locale)


@pytest.mark.parametrize(
    ("user", "roles"),
    [
        ("U0LINA", ["服务经理 · 组长 · 中文", "支持工程师 · 中文", "支持工程师 · English", "访客 · English"]),
        ("U0EMMA", ["Lead · 中文", "Engineer · 中文", "Engineer · English", "Guest · English"]),
    ],
)
def test_what_people_are_is_said_in_the_language_of_the_reader_and_not_cut_off(
    open_page: OpenPage, user: str, roles: list[str]
) -> None:
    page = open_page(user)

    said = page.locator(".person-words small")

    expect(said).to_have_text(roles)
    cut_off = "all => all.filter((one) => one.scrollWidth > one.clientWidth).map((one) => one.textContent)"
    assert said.evaluate_all(cut_off) == []


def test_typing_a_slash_offers_the_commands_of_the_manifest(open_page: OpenPage) -> None:
    page = open_page("U0EMMA")
    composer(page).press_sequentially("/pr")
    expect(page.get_by_role("option", name=re.compile("practise"))).to_contain_text("[form | card | whisper]")
    composer(page).press("Enter")
    expect(composer(page)).to_have_value("/practise ")


def test_a_form_is_filled_corrected_and_submitted(open_page: OpenPage) -> None:
    page = open_page("U0EMMA")
    dialog = open_form(page)
    dialog.get_by_role("combobox", name="Customer").press_sequentially("晨光")
    page.get_by_role("option", name="上海晨光贸易有限公司").click()
    dialog.get_by_label("Title").fill("abc")
    dialog.get_by_role("button", name="Raise").click()
    expect(dialog.get_by_role("alert").filter(has_text="标题太短 Too short")).to_be_visible()
    expect(dialog.get_by_role("combobox", name="Customer")).to_have_value("上海晨光贸易有限公司")
    dialog.get_by_label("Title").fill("Mail bounces <!channel>")
    expect(dialog.get_by_text("标题太短 Too short")).to_be_hidden()
    dialog.get_by_role("button", name="Raise").click()
    expect(dialog).to_be_hidden()
    expect(card(page, "Mail bounces <!channel>")).to_be_visible()


def test_an_option_picked_with_the_mouse_closes_its_list(open_page: OpenPage) -> None:
    page = open_page("U0EMMA")
    customer = open_form(page).get_by_role("combobox", name="Customer")
    customer.press_sequentially("晨光")
    page.get_by_role("option", name="上海晨光贸易有限公司").click()
    expect(customer).to_have_attribute("aria-expanded", "false")
    expect(customer).to_have_value("上海晨光贸易有限公司")
    expect(page.get_by_role("option")).to_have_count(0)


def test_an_empty_required_field_is_refused_before_the_bot_is_asked(open_page: OpenPage) -> None:
    dialog = open_form(open_page("U0EMMA"))
    dialog.get_by_role("button", name="Raise").click()
    expect(dialog.locator("[data-block=customer] .field-error")).not_to_be_empty()
    expect(dialog.locator("[data-block=title] .field-error")).not_to_be_empty()
    expect(dialog.locator("[data-block=since] .field-error")).to_be_hidden()


def test_when_the_bot_does_not_answer_the_form_says_so_and_keeps_everything(
    open_page: OpenPage, slack: Sandbox
) -> None:
    page = open_page("U0LINA")
    dialog = open_form(page)
    dialog.get_by_role("combobox", name="Customer").press_sequentially("Contoso")
    page.get_by_role("option", name="Contoso (China)").click()
    dialog.get_by_label("Title").fill("Never answered")
    page.request.post(f"{slack.base_url}/control/settings", data={"ack_seconds": 0.2})
    dialog.get_by_role("button", name="Raise").click()
    expect(dialog.locator(".dialog-problem")).to_have_text("连接时遇到问题，要再试一次吗？")
    page.request.post(f"{slack.base_url}/control/settings", data={"ack_seconds": ACK_SECONDS})
    expect(dialog.get_by_role("combobox", name="Customer")).to_have_value("Contoso (China)")
    dialog.get_by_label("Title").fill("Answered at last")
    dialog.get_by_role("button", name="Raise").click()
    expect(card(page, "Answered at last")).to_be_visible()


def test_a_reload_gives_back_the_form_with_what_was_typed(open_page: OpenPage) -> None:
    page = open_page("U0EMMA")
    open_form(page).get_by_label("Title").fill("Not lost")
    page.reload()
    expect(form(page).get_by_label("Title")).to_have_value("Not lost")


def test_an_answer_changes_the_form_and_keeps_what_was_typed(open_page: OpenPage) -> None:
    dialog = open_form(open_page("U0EMMA"))
    dialog.get_by_label("Title").fill("Invoice is wrong")
    dialog.get_by_label("Partner Center request").check()
    expect(dialog.get_by_role("combobox", name="Area")).to_be_visible()
    expect(dialog.get_by_role("combobox", name="Customer")).to_be_hidden()
    expect(dialog.get_by_label("Title")).to_have_value("Invoice is wrong")
    expect(dialog.get_by_label("Partner Center request")).to_be_checked()


def test_an_update_from_elsewhere_does_not_take_the_pen_away(open_page: OpenPage, slack: Sandbox) -> None:
    page, other = open_page("U0EMMA"), open_page("U0WANG")
    dialog = open_form(page)
    dialog.get_by_label("Title").press_sequentially("Half a sen")
    say(other, "Somebody else writes")
    expect(page.locator(".place").get_by_text("Somebody else writes")).to_be_attached()
    expect(dialog.get_by_label("Title")).to_be_focused()
    page.keyboard.type("tence")
    expect(dialog.get_by_label("Title")).to_have_value("Half a sentence")


def test_the_keyboard_chooses_and_stays_inside_the_form(open_page: OpenPage) -> None:
    page = open_page("U0EMMA")
    dialog = open_form(page)
    watchers = dialog.get_by_role("combobox", name="Who should know?")
    watchers.press("ArrowDown")
    expect(page.get_by_role("option", name=re.compile("李娜"))).to_be_visible()
    watchers.press("Enter")
    expect(dialog.locator(".chip")).to_have_text("李娜 Li Na")
    watchers.press("Escape")
    expect(page.get_by_role("option")).to_have_count(0)
    expect(dialog).to_be_visible()
    for _ in range(30):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.closest('[role=dialog]') !== null")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(composer(page)).to_be_focused()


def test_a_button_moves_the_card_tells_the_thread_and_the_person(open_page: OpenPage) -> None:
    page = open_page("U0WANG")
    say(page, "/practise card Slow portal")
    card(page, "Slow portal").get_by_role("button", name="Take it").click()
    expect(card(page, "Slow portal")).to_contain_text("taken")
    expect(page.locator("[data-place^=D]")).to_have_class(re.compile("is-fresh"))
    card(page, "Slow portal").get_by_role("button", name="1 条回复").click()
    thread = page.get_by_role("complementary", name="消息列")
    expect(thread).to_contain_text("Taken by @王伟 Wang Wei")
    thread.get_by_role("textbox").fill("收到，我来处理")
    thread.get_by_role("textbox").press("Enter")
    expect(thread.get_by_role("article").last).to_contain_text("收到，我来处理")
    page.locator("[data-place^=D]").click()
    expect(page.locator(".place")).to_contain_text("You took Slow portal")
    expect(page.locator("[data-place^=D]")).not_to_have_class(re.compile("is-fresh"))


def test_a_dangerous_button_asks_first(open_page: OpenPage) -> None:
    page = open_page("U0EMMA")
    say(page, "/practise card Old thing")
    card(page, "Old thing").get_by_role("button", name="Away").click()
    page.get_by_role("alertdialog").get_by_role("button", name="Keep it").click()
    expect(card(page, "Old thing")).to_be_visible()
    card(page, "Old thing").get_by_role("button", name="Away").click()
    page.get_by_role("alertdialog").get_by_role("button", name="Yes, away").click()
    expect(card(page, "Old thing")).to_have_count(0)


def test_a_private_answer_is_seen_by_its_person_only(open_page: OpenPage) -> None:
    page = open_page("U0EMMA")
    say(page, "/practise whisper")
    private = page.locator(".message.is-private")
    expect(private).to_contain_text("Only visible to you")
    expect(private).to_contain_text("A private answer to <you>")
    page.get_by_role("radio", name=re.compile("王伟")).click()
    expect(page.locator(".message.is-private")).to_have_count(0)


def test_what_people_write_appears_literally(open_page: OpenPage) -> None:
    page = open_page("U0EMMA")
    say(page, "<img src=x onerror=alert(1)> <!channel> <@U0LINA> & *bold* `code`")
    message = said(page, "<img src=x onerror=alert(1)>").locator(".words")
    expect(message).to_have_text("<img src=x onerror=alert(1)> <!channel> <@U0LINA> & bold code")
    expect(message.locator("strong")).to_have_text("bold")
    expect(message.locator("img")).to_have_count(0)


def test_what_is_typed_to_the_bot_and_in_the_thread_of_its_message_reaches_it(open_page: OpenPage) -> None:
    page = open_page("U0EMMA")
    say(page, "/practise card Typed at")
    card(page, "Typed at").get_by_role("button", name="Take it").click()
    page.locator("[data-place^=D]").click()
    said(page, "You took Typed at").hover()
    said(page, "You took Typed at").get_by_role("button", name="Reply in thread").click()
    thread = page.get_by_role("complementary", name="Thread")
    thread.get_by_role("textbox").fill("with the customer")
    thread.get_by_role("textbox").press("Enter")
    expect(thread.get_by_role("article").last).to_contain_text("Heard “with the customer”")

    say(page, "CSP-7 note Restarted")
    said(page, "CSP-7 note Restarted").get_by_role("button", name="1 reply").click()
    expect(thread).to_contain_text("Heard “CSP-7 note Restarted”")


def test_a_screenshot_is_attached_to_a_thread(open_page: OpenPage) -> None:
    page = open_page("U0EMMA")
    say(page, "Here it starts")
    said(page, "Here it starts").hover()
    said(page, "Here it starts").get_by_role("button", name="Reply in thread").click()
    thread = page.get_by_role("complementary", name="Thread")
    thread.locator("input[type=file]").set_input_files(
        {"name": "bounce.txt", "mimeType": "text/plain", "buffer": b"550 5.7.1"}
    )
    expect(thread.locator(".chip")).to_contain_text("bounce.txt")
    thread.get_by_role("textbox").press("Enter")
    expect(thread.get_by_role("article").last.get_by_role("link", name="bounce.txt")).to_be_visible()


def test_both_kinds_of_shortcuts_open_the_form(open_page: OpenPage) -> None:
    page = open_page("U0EMMA")
    page.get_by_role("button", name="Shortcuts").click()
    page.get_by_role("menuitem", name=re.compile("Practise")).first.click()
    form(page).get_by_role("button", name="Cancel").click()
    expect(form(page)).to_be_hidden()
    say(page, "Outside mail bounces")
    open_menu(page, said(page, "Outside mail bounces"))
    page.get_by_role("menuitem", name=re.compile("About this")).click()
    expect(form(page).get_by_label("Title")).to_have_value("Outside mail bounces")


def test_the_home_is_drawn_for_whoever_opens_it(open_page: OpenPage) -> None:
    page = open_page("U0EMMA")
    page.get_by_role("button", name="App Home").click()
    expect(page.get_by_role("heading", name="Home of U0EMMA")).to_be_visible()
    page.get_by_role("radio", name=re.compile("李娜")).click()
    expect(page.get_by_role("heading", name="Home of U0LINA")).to_be_visible()


def test_a_permalink_leads_to_its_message_and_thread(open_page: OpenPage, slack: Sandbox) -> None:
    page = open_page("U0EMMA")
    say(page, "/practise card Linked")
    card(page, "Linked").get_by_role("button", name="Take it").click()
    expect(card(page, "Linked")).to_contain_text("taken")
    ts = card(page, "Linked").get_attribute("data-ts") or ""
    page.goto("about:blank")
    page.goto(f"{slack.base_url}/archives/C0ESCAL/p{ts.replace('.', '')}?thread_ts={ts}&cid=C0ESCAL")
    expect(page.get_by_role("complementary", name="Thread")).to_contain_text("Taken by @Emma Clarke")


def test_on_a_phone_one_thing_is_seen_at_a_time(open_page: OpenPage) -> None:
    page = open_page("U0WANG", phone=True)
    expect(page.locator(".sidebar")).to_be_hidden()
    page.get_by_role("button", name="返回").click()
    expect(page.locator(".sidebar")).to_be_visible()
    page.locator("[data-place=C0ESCAL]").click()
    expect(page.locator(".sidebar")).to_be_hidden()
    dialog = open_form(page)
    box = dialog.bounding_box()
    assert box is not None
    assert (round(box["width"]), round(box["height"])) == (390, 844)
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    submit = dialog.get_by_role("button", name="Raise").bounding_box()
    assert submit is not None
    assert submit["height"] >= 44


def test_digits_spaces_and_signs_never_come_from_the_emoji_font(open_page: OpenPage) -> None:
    page = open_page("U0EMMA")
    composer(page).fill("08:00 # * 值班 12 🔴")
    composer(page).press("Enter")
    page.locator(".place .words", has_text="08:00 # *").wait_for()

    emoji = [(kind, glyphs) for kind, glyphs in _fonts(page, ".place .words") if "Emoji" in kind]

    assert sum(glyphs for _, glyphs in emoji) <= 1


def _fonts(page: Page, selector: str) -> list[tuple[str, int]]:
    """The fonts that drew the last element so selected, and how many glyphs each drew."""
    page.evaluate("at => [...document.querySelectorAll(at)].at(-1).id = 'measured'", selector)
    session = page.context.new_cdp_session(page)
    session.send("DOM.enable")
    session.send("CSS.enable")
    root = session.send("DOM.getDocument")["root"]["nodeId"]
    node = session.send("DOM.querySelector", {"nodeId": root, "selector": "#measured"})["nodeId"]
    used = session.send("CSS.getPlatformFontsForNode", {"nodeId": node})["fonts"]
    return [(str(one["familyName"]), int(one["glyphCount"])) for one in used]


def test_while_a_window_is_open_it_is_said_why_nobody_else_can_be_acted_as(open_page: OpenPage) -> None:
    page = open_page("U0EMMA")
    expect(page.get_by_text("Close the open window first")).to_be_hidden()
    dialog = open_form(page)
    expect(page.get_by_text("Close the open window first: it is Emma")).to_be_visible()
    dialog.press("Escape")
    expect(page.get_by_text("Close the open window first")).to_be_hidden()


def test_an_empty_composer_on_a_phone_is_one_row_without_a_scrollbar(open_page: OpenPage) -> None:
    page = open_page("U0EMMA")  # the window is made narrow afterwards
    box = composer(page)
    expect(box).to_be_visible()
    page.set_viewport_size({"width": 390, "height": 844})
    assert box.evaluate("it => it.scrollHeight - it.clientHeight") == 0
    assert box.evaluate("it => it.clientHeight") >= 44


def test_a_press_that_was_lost_keeps_a_warning_and_who_types_sees_the_end(open_page: OpenPage) -> None:
    page = open_page("U0EMMA")
    say(page, "/practise card Lost press")
    button = card(page, "Lost press").get_by_role("button", name="Take it")
    lost = {"ok": False, "error": "dispatch_failed"}
    page.route("**/control/act", lambda route: route.fulfill(json=lost))
    button.click()
    expect(button).to_have_class(re.compile("has-failed"))
    expect(button).to_have_attribute("title", "This press did not reach the app. Press again.")
    page.unroute("**/control/act")
    for number in range(12):
        say(page, f"line {number}")
    expect(said(page, "line 11")).to_be_in_viewport()
    page.locator(".timeline").first.evaluate("node => { node.scrollTop = 0 }")
    say(page, "the last line")
    expect(said(page, "the last line")).to_be_in_viewport()
