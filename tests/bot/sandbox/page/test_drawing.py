"""What the page draws, block by block, from messages posted straight through the Web API."""

from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect
from slack_sdk import WebClient

from bot.sandbox.sandbox import Sandbox
from tests.bot.sandbox.page.conftest import PATIENCE_MS, OpenPage

pytestmark = pytest.mark.browser
expect.set_options(timeout=PATIENCE_MS)


def post(slack: Sandbox, **message: Any) -> None:
    WebClient(token=slack.bot_token, base_url=slack.api_url).chat_postMessage(channel="C0ESCAL", **message)


def newest(page: Page) -> Locator:
    return page.locator(".place .message-main").last


def test_the_words_of_both_languages_are_complete(open_page: OpenPage) -> None:
    page = open_page("U0EMMA")
    missing = page.evaluate(
        """async () => {
          const { DICTIONARIES: { en, "zh-CN": zh } } = await import("/page/words.js");
          const holes = (text) => (text.match(/\\{\\w+\\}/g) || []).sort().join();
          const keys = new Set([...Object.keys(en), ...Object.keys(zh)]);
          return [...keys].filter((key) => !en[key] || !zh[key] || holes(en[key]) !== holes(zh[key]));
        }"""
    )
    assert missing == []


MRKDWN: list[tuple[str, str, dict[str, str]]] = [
    (
        "*bold* _italic_ ~gone~ `code`",
        "bold italic gone code",
        {"strong": "bold", "em": "italic", "s": "gone", "code": "code"},
    ),
    ("snake_case_name 2*3*4 a~b~c", "snake_case_name 2*3*4 a~b~c", {}),
    ("客户*粗体*文字", "客户*粗体*文字", {}),
    ("状态：*已解决*。", "状态：已解决。", {"strong": "已解决"}),
    ("&lt;!channel&gt; &amp;amp; `*x*`", "<!channel> &amp; *x*", {"code": "*x*"}),
    ("<https://example.com/a?b=1&amp;c=2|a page>", "a page", {"a": "a page"}),
    ("<javascript:alert(1)|press>", "press", {}),
    (
        "<@U0LINA> <#C0ONCALL> <!subteam^S0ONCALL> <!here>",
        "@李娜 Li Na #csp-oncall @csp-oncall @here",
        {},
    ),
    ("&gt; quoted\nnot quoted", "quotednot quoted", {"blockquote": "quoted"}),
    ("```\na *b*\n```", "a *b*", {"pre": "a *b*"}),
    ("<!date^0^{date_num} {time}|long ago>", "1970-01-01 01:00", {"time": "1970-01-01 01:00"}),
]


def test_mrkdwn_is_read_as_slack_reads_it(open_page: OpenPage, slack: Sandbox) -> None:
    page = open_page("U0EMMA")
    for text, shown, styled in MRKDWN:
        post(slack, text=text)
        words = newest(page).locator(".words")
        expect(words, text).to_have_text(shown)
        for tag, inner in styled.items():
            expect(words.locator(tag), text).to_have_text(inner)
        if not styled:
            expect(words.locator("strong, em, s, code, a:not(.mention)"), text).to_have_count(0)


def test_rich_text_is_drawn_with_its_lists_and_styles(open_page: OpenPage, slack: Sandbox) -> None:
    def text(words: str, **style: bool) -> dict[str, Any]:
        return {"type": "text", "text": words, **({"style": style} if style else {})}

    def row(*parts: dict[str, Any]) -> dict[str, Any]:
        return {"type": "rich_text_section", "elements": list(parts)}

    elements = [
        row(text("plain "), text("strong", bold=True), {"type": "user", "user_id": "U0WANG"}),
        {"type": "rich_text_list", "style": "ordered", "elements": [row(text("one")), row(text("two"))]},
        {"type": "rich_text_quote", "elements": [text("said *so*")]},
        {"type": "rich_text_preformatted", "elements": [text("0x80070057")]},
    ]
    post(slack, text="fallback", blocks=[{"type": "rich_text", "elements": elements}])
    message = newest(open_page("U0EMMA"))
    expect(message.locator("strong", has_text="strong")).to_be_visible()
    expect(message.locator(".mention")).to_have_text("@王伟 Wang Wei")
    expect(message.locator("ol > li")).to_have_text(["one", "two"])
    expect(message.locator("blockquote")).to_have_text("said *so*")
    expect(message.locator("pre")).to_have_text("0x80070057")


def test_plain_text_is_literal_and_mrkdwn_fields_are_not(open_page: OpenPage, slack: Sandbox) -> None:
    blocks = [
        {"type": "header", "text": {"type": "plain_text", "text": "*not bold* <!channel> &amp;"}},
        {"type": "section", "fields": [{"type": "mrkdwn", "text": "*Field*\nvalue"}]},
        {"type": "context", "elements": [{"type": "plain_text", "text": "_literal_"}]},
    ]
    post(slack, text="fallback", blocks=blocks)
    message = newest(open_page("U0EMMA"))
    expect(message.locator(".block-header")).to_have_text("*not bold* <!channel> &amp;")
    expect(message.locator(".section-field strong")).to_have_text("Field")
    expect(message.locator(".block-context")).to_have_text("_literal_")


def test_a_block_the_page_does_not_know_is_a_red_box(open_page: OpenPage) -> None:
    page = open_page("U0EMMA")
    text = page.evaluate(
        """async () => {
          const { renderBlock } = await import("/page/render/blocks.js");
          const { context } = await import("/page/state.js");
          const node = renderBlock({ type: "hologram" }, { ctx: context() });
          return [node.className, node.textContent];
        }"""
    )
    assert "unknown" in text[0]
    assert "hologram" in text[1]


def test_five_hundred_messages_stay_light_and_the_older_ones_are_a_click_away(
    open_page: OpenPage, slack: Sandbox
) -> None:
    for number in range(500):
        post(slack, text=f"message {number}")
    page = open_page("U0EMMA")
    expect(page.locator(".place .words").last).to_have_text("message 499")
    assert page.locator(".place .message").count() <= 130
    page.get_by_role("button", name="Show earlier messages").click()
    expect(page.locator(".place .words", has_text="message 300")).to_be_attached()
    took = page.evaluate(
        """async () => {
          const { set, store } = await import("/page/state.js");
          const times = [];
          for (let n = 0; n < 5; n++) {
            const started = performance.now();
            set({ server: structuredClone(store.server) });
            await new Promise((done) => setTimeout(done));
            times.push(performance.now() - started);
          }
          return Math.min(...times);
        }"""
    )
    assert took < 500  # redrawing what has not changed, the best of five; about 20 ms on a quiet machine
