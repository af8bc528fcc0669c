"""What people do on the page again and again, and where they look."""

from playwright.sync_api import Locator, Page, expect


def composer(page: Page) -> Locator:
    return page.locator(".place .composer-input")


def say(page: Page, text: str) -> None:
    composer(page).fill(text)
    composer(page).press("Enter")


def form(page: Page) -> Locator:
    return page.get_by_role("dialog", name="Practice form")


def open_form(page: Page) -> Locator:
    say(page, "/practise form")
    expect(form(page)).to_be_visible()
    return form(page)


def card(page: Page, title: str) -> Locator:
    return page.locator(".place .message", has=page.get_by_role("heading", name=title, exact=True))


def said(page: Page, text: str) -> Locator:
    """The message of these words in the place one looks at, once it has arrived."""
    message = page.locator(".place").get_by_role("article").filter(has_text=text)
    expect(message).to_be_visible()
    return message


def open_menu(page: Page, message: Locator) -> None:
    message.hover()
    message.get_by_role("button", name="More actions").click()
    expect(page.get_by_role("menu")).to_be_visible()
