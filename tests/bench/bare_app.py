"""A bare Bolt app to compare with: the same pools, the same Web API calls, the same rows; nothing else.

It keeps people in a dictionary, opens a modal that was made once, and writes rows without asking anything first.
"""

import json
import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk import WebClient

from handlers.blocks import raise_form
from handlers.blocks.vendor_text import FilingPath
from handlers.i18n.words import Words
from models.rules.policy import reader
from tests.bench.bare_rows import BareStore

WORKERS = 100
PAGES = reader.load_packaged()
WORDS = Words.of("zh_CN")
EMPTY = raise_form.view(raise_form.FormValues({}), WORDS, PAGES)
PARTNER_CENTER = raise_form.view(raise_form.FormValues({"kind": "partner_center"}), WORDS, PAGES)
WAY = FilingPath("Partner Center › Support", "https://partner.example.cn", "400-089-0365")
RECORDED = raise_form.created_view("CSP-1", "标题\n" * 20, WAY, WORDS)


class BareApp:
    """Four listeners."""

    def __init__(self) -> None:
        token, api = os.environ["SLACK_BOT_TOKEN"], os.environ["SLACK_API_URL"]
        self.store = BareStore(os.environ["DATABASE_URL"])
        self.people: dict[str, Any] = {}
        self.turn = threading.Lock()
        self.app = App(
            client=WebClient(token, base_url=api),
            token_verification_enabled=False,
            listener_executor=ThreadPoolExecutor(WORKERS),
        )
        self.app.command("/csp-escalate")(self.command)
        self.app.action("form.kind")(self.changed)
        self.app.view("form")(self.submit)
        self.app.view_closed("form")(self.closed)
        self.app.action("card.acknowledge")(self.acknowledge)

    def command(self, ack: Any, body: Any, client: Any) -> None:
        """Acknowledge, look the person up when unknown, open the form."""
        ack()
        user = body["user_id"]
        if user not in self.people:
            self.people[user] = client.users_info(user=user, include_locale=True)["user"]
        client.views_open(trigger_id=body["trigger_id"], view=EMPTY)

    def changed(self, ack: Any, body: Any, client: Any) -> None:
        """Draw the form for a request of the reseller's own."""
        ack()
        client.views_update(view_id=body["view"]["id"], hash=body["view"]["hash"], view=PARTNER_CENTER)

    def submit(self, ack: Any, body: Any) -> None:
        """Write the rows of a new escalation, then acknowledge."""
        values = body["view"]["state"]["values"]
        typed = {name: element["value"] for name in ("title", "details") for element in values[name].values()}
        with self.turn:  # one writer at a time, as SQLite has it
            self.store.raise_escalation(body["view"]["id"], body["user"]["id"], **typed)
        ack(response_action="update", view=RECORDED)

    def closed(self, ack: Any) -> None:
        """Take note that a form was closed, which Slack tells because the form asks for it."""
        ack()

    def acknowledge(self, ack: Any, body: Any) -> None:
        """Write the rows of a press, then acknowledge."""
        action = body["actions"][0]
        number = int(json.loads(action["value"])["n"])
        with self.turn:
            self.store.acknowledge(f"{number}:{action['action_ts']}", number, body["user"]["id"])
        ack()


def main() -> None:
    """Connect and serve until SIGTERM."""
    handler = SocketModeHandler(BareApp().app, os.environ["SLACK_APP_TOKEN"], concurrency=WORKERS)
    handler.client.message_listeners.append(_hello)
    handler.connect()  # type: ignore[no-untyped-call]
    threading.Event().wait()


def _hello(_client: Any, message: dict[str, Any], _raw: Any) -> None:
    if message.get("type") == "hello":
        sys.stderr.write("connected to Slack\n")
        sys.stderr.flush()


if __name__ == "__main__":
    main()
