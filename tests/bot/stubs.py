"""What the tests of ``bot`` use in place of people and of the program's other half."""

import http.client
import json
import threading
import time
from collections.abc import Callable
from typing import Any

from slack_bolt import BoltRequest, BoltResponse

PATIENCE = 120.0
"""Seconds for what takes milliseconds: the machine may be busy with other tests."""

MANIFEST: dict[str, Any] = {
    "display_information": {"name": "CSP Escalate"},
    "features": {
        "bot_user": {"display_name": "CSP Escalate"},
        "app_home": {"home_tab_enabled": True, "messages_tab_enabled": True},
        "slash_commands": [{"command": "/csp-escalate", "description": "Escalate", "usage_hint": "help"}],
    },
    "oauth_config": {
        "scopes": {
            "bot": [
                "commands",
                "chat:write",
                "channels:read",
                "groups:read",
                "channels:history",
                "groups:history",
                "im:history",
                "im:write",
                "users:read",
                "files:read",
                "files:write",
                "usergroups:read",
            ]
        }
    },
    "settings": {
        "socket_mode_enabled": True,
        "interactivity": {"is_enabled": True},
        "event_subscriptions": {"bot_events": ["app_home_opened"]},
    },
}
"""As much of a manifest as these tests need."""


def until(condition: Callable[[], Any], seconds: float = PATIENCE, pause: float = 0.01) -> Any:
    """Wait until something is true and give it back; fail when it does not become so in time."""
    end = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(pause)
    return found


class Control:
    """The sandbox's control API."""

    def __init__(self, base_url: str) -> None:
        self._netloc = base_url.removeprefix("http://")

    def get(self, path: str) -> Any:
        return self._ask("GET", path, None)

    def post(self, path: str, **body: Any) -> Any:
        return self._ask("POST", path, body)

    def clear_faults(self) -> None:
        self._ask("DELETE", "fault", None)

    def _ask(self, verb: str, path: str, body: Any) -> Any:
        connection = http.client.HTTPConnection(self._netloc, timeout=2 * PATIENCE)
        content = None if body is None else json.dumps(body)
        connection.request(verb, f"/control/{path}", content, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        found = json.load(answer)
        connection.close()
        assert answer.status == 200, found
        return found

    def command(self, text: str = "help", user: str = "U0LINA") -> Any:
        return self.post("act", user=user, do="command", channel="C0ESCAL", text=f"/csp-escalate {text}")

    def connections(self) -> int:
        return int(self.get("state?only=delivery")["delivery"]["connections"])

    def messages(self, channel: str = "C0ESCAL") -> list[dict[str, Any]]:
        found = self.get(f"state?only=messages&channel={channel}")["messages"].get(channel, [])
        return [message for message in found if not message.get("deleted")]

    def calls(self, method: str) -> list[dict[str, Any]]:
        entries = self.get("traffic?after=0&limit=2000")["entries"]
        return [entry for entry in entries if entry["name"] == method]


class Listener:
    """Stands where Bolt stands: notes what it hears, answers what it is told to, as slowly as it is told to."""

    def __init__(self, response: BoltResponse | None = None, seconds: float = 0.0) -> None:
        self.heard: list[dict[str, Any]] = []
        self.finished = 0
        self.response = response or BoltResponse(status=200, body="")
        self.slow = threading.Event()
        self.seconds = seconds

    def __call__(self, request: BoltRequest) -> BoltResponse:
        self.heard.append(request.body)
        self.slow.wait(self.seconds)
        self.finished += 1
        return self.response


class Broken(Listener):
    """Falls over whatever it hears."""

    def __call__(self, request: BoltRequest) -> BoltResponse:
        super().__call__(request)
        raise RuntimeError("inner")
