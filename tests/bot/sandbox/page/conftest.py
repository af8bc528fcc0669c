"""A sandbox with the practice bot connected, and a browser looking at its page."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import APIRequestContext, Browser, Page, ViewportSize, sync_playwright
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk import WebClient

from bot.sandbox.options import SandboxOptions, SandboxSettings
from bot.sandbox.sandbox import Sandbox
from tests.bot.sandbox.page.practice_bot import MANIFEST, practice_app
from tests.slack_driver import ACK_SECONDS

QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PATIENCE_MS = 60_000  # a shared machine may be slow; nothing here normally takes a second
PHONE: ViewportSize = {"width": 390, "height": 844}
DESK: ViewportSize = {"width": 1280, "height": 800}

SETTINGS = SandboxSettings(rate_scale=0, ack_seconds=ACK_SECONDS, trigger_seconds=ACK_SECONDS)

OpenPage = Callable[..., Page]


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    """A browser for a file's tests. Not for all: while Playwright runs, no other test of its process can run a loop."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, headless=True, args=QUIET, timeout=2 * PATIENCE_MS
        )
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def slack() -> Iterator[Sandbox]:
    """One local Slack for the tests of a file; each of them writes titles of its own."""
    with Sandbox(SandboxOptions(manifest=MANIFEST, settings=SETTINGS)) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def bot(slack: Sandbox) -> Iterator[None]:
    """The practice bot, connected."""
    app = practice_app(WebClient(token=slack.bot_token, base_url=slack.api_url))
    line = SocketModeHandler(app, slack.app_token, web_client=WebClient(base_url=slack.api_url))
    line.connect()  # type: ignore[no-untyped-call]
    yield
    line.close()  # type: ignore[no-untyped-call]


@pytest.fixture
def open_page(browser: Browser, slack: Sandbox) -> Iterator[OpenPage]:
    """Opens the page as one person; a script error in any of them fails the test."""
    contexts, problems = [], []

    def open_as(user: str, *, at: str = "", phone: bool = False, **more: Any) -> Page:
        context = browser.new_context(viewport=PHONE if phone else DESK, has_touch=phone, **more)
        context.set_default_timeout(PATIENCE_MS)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
        page.goto(f"{slack.page_url}?as={user}{at}")
        page.wait_for_selector("html[data-ready]")
        return page

    yield open_as
    for context in contexts:
        _tidy(context.request, f"{slack.base_url}/control")
        context.close()
    assert not problems


def _tidy(request: APIRequestContext, control: str) -> None:
    """Puts away what a test left: the next one starts without open forms and faults, at the real time."""
    for user, views in request.get(f"{control}/state?only=views").json()["views"].items():
        for view in reversed(views):
            request.post(f"{control}/act", data={"user": user, "do": "close", "view_id": view["id"]})
    request.delete(f"{control}/fault")
    request.post(f"{control}/clock", data={"offset": 0})
