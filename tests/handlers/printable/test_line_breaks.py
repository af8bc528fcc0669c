"""On phones and wide screens, a command is broken at spaces only, and no line begins with the sign between items."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from handlers.i18n.terminal_commands import OF_STEP, write_move
from handlers.i18n.words import Words
from handlers.printable.duty_sheet import write_sheet
from handlers.printable.line_breaks import write_text
from handlers.printable.page import PageParagraphs, PrintablePage, render_page
from handlers.printable.sheet_facts import SheetFacts
from handlers.printable.styles import LETTER
from models.rules.escalations.deadlines import AwaitedStep
from tests.handlers.printable.test_duty_sheet import FULL, LONG_NAMES
from tests.handlers.printing_browser import launch_browser

COMMAND = "csp-escalate escalations do CSP-7 "
BROKEN_WORDS = """pattern => {
  const broken = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) for (const match of walker.currentNode.data.matchAll(pattern)) {
    const range = document.createRange();
    range.setStart(walker.currentNode, match.index);
    range.setEnd(walker.currentNode, match.index + match[0].length);
    const lines = new Set([...range.getClientRects()].map(rect => Math.round(rect.top)));
    if (lines.size > 1) broken.push(match[0]);
  }
  return broken;
}"""
LINES_OF_A_SIGN = """() => [...document.querySelectorAll('.flowing td:not(:last-child)')].filter(cell => {
  const rects = [...cell.getClientRects()], last = rects[rects.length - 1], style = getComputedStyle(cell);
  const inLine = rects.filter(rect => Math.abs(rect.bottom - last.bottom) < last.height / 2);
  const width = inLine.reduce((sum, rect) => sum + rect.width, 0);
  return style.display === 'inline' && width < parseFloat(style.fontSize) * 0.95;
}).map(cell => cell.textContent)"""
"""Cells whose last line is so narrow that it holds only the sign which follows the cell."""


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    """A browser for the tests of this file."""
    with launch_browser(chromium) as browser:
        yield browser


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    page = browser.new_page()
    yield page
    page.close()


def find_broken(page: Page, pattern: str) -> list[str]:
    found: list[str] = page.evaluate(f"({BROKEN_WORDS})(/{pattern}/g)")
    return found


def test_text_is_escaped_and_the_words_of_a_command_are_marked() -> None:
    says = write_text("Run csp-escalate doctor --format json · <b> well-known --")

    assert says == (
        'Run <span class="short">csp-escalate</span> doctor <span class="short">--format</span> json'
        "\xa0· &lt;b&gt; well-known --"
    )


@pytest.mark.parametrize("width", range(300, 420, 12))
@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_a_command_on_the_page_of_a_link_is_broken_at_spaces_only(page: Page, language: str, width: int) -> None:
    says = write_text(write_move(OF_STEP[AwaitedStep.NUMBER], "CSP-7", "", Words.of(language)))
    page.set_viewport_size({"width": width, "height": 700})
    page.set_content(f"<style>{LETTER}</style><main><p><code>{says}</code></p></main>")

    assert COMMAND in page.inner_text("p").replace("\n", " ")
    assert find_broken(page, "csp-escalate|--as|CSP-7") == []


@pytest.mark.parametrize("width", range(300, 420, 12))
def test_a_command_on_a_printed_page_is_broken_at_spaces_only(page: Page, width: int) -> None:
    text = f"请在终端运行 {COMMAND}，或 {COMMAND}"
    page.set_viewport_size({"width": width, "height": 700})
    page.set_content(render_page(PrintablePage("zh_CN", "T", "", [text], [PageParagraphs("P", [text])], [text])))

    assert find_broken(page, "csp-escalate|--as") == []


@pytest.mark.parametrize("width", [320, 360, 390, 412, 1200])
@pytest.mark.parametrize("language", ["en", "zh_CN", "both"])
@pytest.mark.parametrize("facts", [FULL, LONG_NAMES], ids=["full", "long names"])
def test_no_line_of_the_duty_sheet_begins_with_the_sign_between_items(
    page: Page, facts: SheetFacts, language: str, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 740})
    page.set_content(write_sheet(facts, Words.of(language)))

    assert page.evaluate(f"({LINES_OF_A_SIGN})()") == []
