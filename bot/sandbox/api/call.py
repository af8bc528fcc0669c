"""One Web API call: its arguments, read as Slack reads them, and the conversation it means. It knows no method."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bot.sandbox.block_kit import judge_message, with_ids
from bot.sandbox.checks import CheckReport
from bot.sandbox.conversation import Conversation
from bot.sandbox.errors import SlackError, invalid_arguments
from bot.sandbox.json_types import Json
from bot.sandbox.limits import METADATA_BYTES
from bot.sandbox.local_slack import LocalSlack

BARE_MENTION = re.compile(r"(?<!\w)@(?:channel|here|everyone)\b")
METADATA_KEYS = {"event_type", "event_payload"}


@dataclass
class ApiCall:
    """The arguments of one call, and who calls."""

    slack: LocalSlack
    method: str
    args: Json

    def text(self, name: str, default: str = "") -> str:
        """Return an argument as text."""
        value = self.args.get(name, default)
        return default if value is None else str(value)

    def need(self, name: str) -> str:
        """Return a required argument."""
        if not self.text(name):
            raise invalid_arguments(f"missing required field: {name}")
        return self.text(name)

    def flag(self, name: str, *, default: bool = False) -> bool:
        """Return an argument as a boolean."""
        value = self.args.get(name)
        return default if value is None else str(value).lower() in {"true", "1"}

    def number(self, name: str, default: int) -> int:
        """Return an argument as a whole number."""
        try:
            return int(self.args.get(name) or default)
        except (TypeError, ValueError):
            raise SlackError(f"invalid_{name}") from None

    def json(self, name: str, error: str = "invalid_arguments") -> Any:
        """Return a structured argument: JSON in a form field, or the value itself in a JSON body."""
        value = self.args.get(name)
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value)
        except ValueError:
            raise SlackError(error) from None

    def place(self, name: str = "channel") -> Conversation:
        """Return the conversation that is meant. One the bot may not know of does not exist for it."""
        place = self.slack.workspace.place(self.need(name))
        if place is None or (place.is_private and not self.is_inside(place)):
            raise SlackError("channel_not_found")
        return place

    def place_to_speak(self) -> Conversation:
        """Return the conversation that is meant, if the bot may write there."""
        place = self.place()
        if place.is_archived:
            raise SlackError("is_archived")
        if not self.is_inside(place) and "chat:write.public" not in self.slack.scopes():
            raise SlackError("not_in_channel")
        self.must_be_open(place)
        return place

    def is_inside(self, place: Conversation) -> bool:
        """Whether the bot is in a conversation."""
        return self.slack.workspace.bot_user in place.members

    def must_be_open(self, place: Conversation) -> None:
        """Check that a direct message is possible: the manifest's messages tab is on, and the person is active."""
        if not place.dm_with:
            return
        person = self.slack.workspace.people[place.dm_with]
        if person.is_bot:
            raise SlackError("cannot_dm_bot")
        if not self.slack.manifest.messages_tab:
            raise SlackError("messages_tab_disabled")

    def message(self, place: Conversation, error: str = "message_not_found", name: str = "ts") -> Json:
        """Return the message that is meant."""
        message = place.messages.get(self.need(name))
        if message is None or message.get("deleted"):
            raise SlackError(error)
        return message

    def thread(self, place: Conversation) -> str | None:
        """Return the timestamp of the parent. Replies and unknown messages can't be answered."""
        thread = self.text("thread_ts") or None
        parent = place.messages.get(thread) if thread else None
        if thread and (parent is None or parent.get("thread_ts", thread) != thread):
            raise SlackError("cannot_reply_to_message")
        return thread

    def content(self, longest: int, *, parse: str = "none") -> Json:
        """Return text and blocks of a message, checked against every limit.

        ``parse`` is the method's default: only ``chat.update`` turns a bare @channel into a mention unless told not to.
        """
        text, blocks = self.text("text"), self.json("blocks", "invalid_blocks_format")
        report = CheckReport() if blocks is None else judge_message(blocks, self.slack.can_show)
        if not text and not blocks and not self.json("attachments"):
            raise SlackError("no_text")
        if len(text) > longest:
            raise SlackError("msg_too_long")
        report.heard(text)
        if self.text("parse", parse) != "none" or self.flag("link_names"):
            report.pings += BARE_MENTION.findall(text)
        content: Json = {"text": text}
        if blocks is not None:
            content["blocks"] = with_ids(blocks, self.slack.workspace.ids)
        if self.json("attachments"):
            content["attachments"] = self.json("attachments")
        return content | {"pings": report.pings or None}

    def metadata(self) -> Json | None:
        """Return the metadata of the message; ``{}`` clears it. Raises Slack's metadata errors."""
        metadata = self.json("metadata", "invalid_metadata_format")
        if metadata in (None, {}, ""):
            return None if metadata in (None, "") else {}
        if not isinstance(metadata, dict) or set(metadata) != METADATA_KEYS:
            raise SlackError("invalid_metadata_format")
        if not isinstance(metadata["event_payload"], dict) or not isinstance(metadata["event_type"], str):
            raise SlackError("invalid_metadata_schema")
        if len(json.dumps(metadata).encode()) > METADATA_BYTES:
            raise SlackError("metadata_too_large")
        return metadata

    def page_of(self, items: list[Any], default: int = 100, most: int = 1000) -> tuple[list[Any], Json]:
        """Return one page of a list by ``limit`` and ``cursor``, and what the answer says about the next."""
        limit = self.number("limit", default)
        if not 1 <= limit <= most:
            raise SlackError("invalid_limit")
        start = self._cursor()
        rest = start + limit < len(items)
        cursor = f"next:{start + limit}" if rest else ""
        return items[start : start + limit], {"response_metadata": {"next_cursor": cursor}}

    def _cursor(self) -> int:
        match = re.fullmatch(r"(?:next:(\d+))?", self.text("cursor"))
        if match is None:
            raise SlackError("invalid_cursor")
        return int(match.group(1) or 0)


Handler = Callable[[ApiCall], Json]


@dataclass(frozen=True)
class ApiMethod:
    """A Web API method: its code, pace, scopes (one of them is enough), and its documented arguments.

    ``family`` names scopes that depend on the kind of conversation: "history", "read" or "topic".
    """

    run: Handler
    tier: str
    takes: str
    scopes: tuple[str, ...] = ()
    family: str = ""
    app_token: bool = False
