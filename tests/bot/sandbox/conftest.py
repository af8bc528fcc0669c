"""A sandbox of its own for each test, a client of its Web API, and a small real Bolt app."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from slack_bolt import Ack, App, Respond
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk import WebClient

from bot.sandbox import Sandbox, SandboxOptions
from bot.sandbox.options import SandboxSettings
from tests.bot.sandbox.http_bot import serving
from tests.slack_driver import ACK_SECONDS, SlackDriver

Json = dict[str, Any]

MANIFEST: Json = {
    "display_information": {"name": "Small bot"},
    "features": {
        "app_home": {
            "home_tab_enabled": True,
            "messages_tab_enabled": True,
            "messages_tab_read_only_enabled": False,
        },
        "bot_user": {"display_name": "Small bot"},
        "slash_commands": [{"command": "/small", "description": "A small command"}],
        "shortcuts": [
            {"name": "New", "type": "global", "callback_id": "new", "description": "New"},
            {"name": "Escalate this", "type": "message", "callback_id": "this", "description": "This"},
        ],
    },
    "oauth_config": {
        "scopes": {
            "bot": [
                *(
                    "app_mentions:read",
                    "bookmarks:read",
                    "bookmarks:write",
                    "channels:history",
                    "channels:read",
                ),
                *(
                    "chat:write",
                    "commands",
                    "files:read",
                    "files:write",
                    "groups:read",
                    "im:history",
                    "im:write",
                ),
                *("reactions:read", "reactions:write", "usergroups:read", "usergroups:write", "users:read"),
            ]
        }
    },
    "settings": {
        "event_subscriptions": {"bot_events": ["app_home_opened", "message.channels", "app_mention"]},
        "interactivity": {"is_enabled": True},
        "socket_mode_enabled": True,
    },
}


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    settings = SandboxSettings(ack_seconds=ACK_SECONDS, trigger_seconds=ACK_SECONDS)
    with Sandbox(SandboxOptions(manifest=MANIFEST, settings=settings)) as running:
        yield running


@pytest.fixture
def still(sandbox: Sandbox) -> None:
    """The workspace's clock stands still unless it is moved: for what is over a second later."""
    now = sandbox.slack.clock.wall()
    sandbox.slack.clock.wall = lambda: now


@pytest.fixture
def slack(sandbox: Sandbox) -> Iterator[SlackDriver]:
    driver = SlackDriver(sandbox.page_url)
    yield driver
    driver.close()


@pytest.fixture
def client(sandbox: Sandbox) -> WebClient:
    return WebClient(sandbox.bot_token, base_url=sandbox.api_url, retry_handlers=[], timeout=30)


@pytest.fixture
def app(client: WebClient, sandbox: Sandbox) -> App:
    """A Bolt app without listeners: tests add theirs."""
    return App(client=client, signing_secret=sandbox.signing_secret, token_verification_enabled=False)


@pytest.fixture
def connected(app: App, slack: SlackDriver) -> Iterator[App]:
    """The app, reached by signed HTTP (quicker to start and stop than Socket Mode)."""
    with serving(app) as url:
        assert slack.post("delivery", mode="http", url=url) == {"ok": True}
        yield app


@pytest.fixture
def socket_mode(app: App, sandbox: Sandbox, slack: SlackDriver) -> Iterator[App]:
    """The app, connected by Socket Mode."""
    handler = SocketModeHandler(app, sandbox.app_token)
    handler.connect()  # type: ignore[no-untyped-call]
    slack.connected()
    yield app
    handler.client.auto_reconnect_enabled = False
    slack.socket("drop")  # or close() would wait out the client's three seconds of reading
    handler.close()  # type: ignore[no-untyped-call]


def keeps(got: list[Json], **answer: Any) -> Callable[..., None]:
    """A listener that keeps what it got, acks, and perhaps answers through the response_url."""

    def listen(ack: Ack, body: Json, respond: Respond) -> None:
        got.append(body)
        ack()
        if answer:
            respond(**answer)

    return listen


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def button(text: str = "Press", action_id: str = "press", **more: Any) -> Json:
    return {"type": "button", "text": plain(text), "action_id": action_id, **more}


def section(text: str = "Hello", **more: Any) -> Json:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}, **more}


def text_input(block_id: str = "title", label: str = "Title", **element: Any) -> Json:
    return {
        "type": "input",
        "block_id": block_id,
        "label": plain(label),
        "element": {"type": "plain_text_input", "action_id": block_id, **element},
    }


def menu(*values: str, kind: str = "static_select", action_id: str = "menu", **more: Any) -> Json:
    options = [{"text": plain(value), "value": value} for value in values]
    return {"type": kind, "action_id": action_id, "options": options, **more}


def modal(*blocks: Json, callback_id: str = "form", **more: Any) -> Json:
    return {
        "type": "modal",
        "callback_id": callback_id,
        "title": plain("Form"),
        "submit": plain("Send"),
        "blocks": list(blocks),
        **more,
    }
