"""A real browser, for what is printed."""

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

from tests.bot.sandbox.page.conftest import PATIENCE_MS, QUIET


@contextmanager
def launch_browser(chromium: str) -> Iterator[Browser]:
    """Launch the browser at this path."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=QUIET, timeout=2 * PATIENCE_MS)
        yield browser
        browser.close()
