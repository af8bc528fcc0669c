"""All pages that are read without Slack have one look: on small phones, in the dark, and by keyboard."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from handlers.i18n.words import Words
from handlers.printable.duty_sheet import NO_SHEET, write_notice, write_sheet
from models.store.database import Store
from tests.handlers.links.link_duty import LinkDuty
from tests.handlers.printable.test_duty_sheet import DUTY
from tests.handlers.printing_browser import launch_browser

LOOK = """['body', 'header', 'h1'].flatMap(name => {
  const look = getComputedStyle(document.querySelector(name));
  return [look.color, look.backgroundColor, look.fontFamily, look.borderBottom];
})"""


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    """A browser for the tests of this file."""
    with launch_browser(chromium) as browser:
        yield browser


@pytest.fixture
def form(tmp_path: Path) -> Iterator[str]:
    """The page of a link to acknowledge a case."""
    store = Store(f"sqlite:///{tmp_path / 'csp.db'}")
    store.upgrade()
    duty = LinkDuty(store)
    yield duty.pages.show(duty.raised()).html
    store.dispose()


def show(browser: Browser, html: str, scheme: str, width: int = 320) -> Page:
    page = browser.new_page(viewport={"width": width, "height": 700}, color_scheme=scheme)  # type: ignore[arg-type]
    page.set_content(html)
    return page


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_of_a_link_looks_like_the_duty_sheet(browser: Browser, form: str, scheme: str) -> None:
    looks = [show(browser, html, scheme).evaluate(LOOK) for html in (form, write_sheet(DUTY, Words.of("en")))]
    notice = show(browser, write_notice(NO_SHEET), scheme).evaluate(LOOK)

    assert looks[0] == looks[1]
    assert looks[0][:2] == notice[:2]
    assert (looks[0][1] == "rgb(255, 255, 255)") is (scheme == "light")


def test_on_the_smallest_phone_the_form_fits_its_button_is_large_and_focus_is_seen(browser: Browser, form: str) -> None:
    page = show(browser, form, "light")
    field, button = page.get_by_label("Number in the message"), page.get_by_role("button")
    outline = "field => getComputedStyle(field).outlineStyle"

    field.focus()
    at_field = field.evaluate(outline)
    page.keyboard.press("Tab")
    box = button.bounding_box()

    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert box is not None
    assert box["height"] >= 56
    assert (at_field, button.evaluate(outline)) == ("solid", "solid")


def test_the_page_without_a_sheet_says_so_in_each_language_as_such(browser: Browser) -> None:
    page = show(browser, write_notice(NO_SHEET), "light")

    assert page.title() == "值班单 · Duty sheet"
    assert [page.locator(f"p[lang={name}]").inner_text()[:12] for name in ("zh-CN", "en")] == [
        Words.of(language)(NO_SHEET)[:12] for language in ("zh_CN", "en")
    ]
