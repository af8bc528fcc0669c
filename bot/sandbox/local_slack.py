"""The local Slack as a whole: its state, its parts, and the methods that change what people see.

Every such method changes the state, tells the watchers, and sends the events the app subscribed to.
"""

import re
import secrets
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.clock import SandboxClock
from bot.sandbox.conversation import Conversation, to_api_message
from bot.sandbox.delivery import EventDelivery
from bot.sandbox.faults import Faults
from bot.sandbox.json_types import Json
from bot.sandbox.manifest import Manifest
from bot.sandbox.options import SandboxSettings
from bot.sandbox.pacing import Pacing
from bot.sandbox.phone import Phone
from bot.sandbox.stored_file import StoredFile
from bot.sandbox.triggers import Triggers
from bot.sandbox.views import Views
from bot.sandbox.watcher_feed import WatcherFeed
from bot.sandbox.workspace import Workspace

EVENT_FOR = {"channel": "message.channels", "group": "message.groups", "im": "message.im"}


@dataclass(frozen=True)
class Credentials:
    """The tokens of the bot and the signing secret of Slack. They are made up and work in this sandbox only."""

    bot_token: str
    app_token: str
    signing_secret: str

    @classmethod
    def fresh(cls) -> "Credentials":
        """Return new credentials."""
        return cls(
            f"xoxb-sandbox-{secrets.token_hex(12)}",
            f"xapp-sandbox-{secrets.token_hex(12)}",
            secrets.token_hex(16),
        )


@dataclass
class LocalSlack:
    """The local Slack."""

    workspace: Workspace
    surfaces: Views
    triggers: Triggers
    clock: SandboxClock
    manifest: Manifest
    settings: SandboxSettings
    credentials: Credentials
    pacing: Pacing
    faults: Faults
    notices: WatcherFeed
    delivery: EventDelivery
    phone: Phone
    base_url: str = ""
    uploads: dict[str, StoredFile] = field(default_factory=dict)
    responses: dict[str, Json] = field(default_factory=dict)

    def scopes(self) -> frozenset[str]:
        """Return the granted scopes: the manifest's bot scopes, unless a test took some away."""
        granted = self.settings.scopes
        return self.manifest.scopes if granted is None else frozenset(granted)

    def as_bot(self) -> Json:
        """Return the author fields of a message by the app."""
        workspace = self.workspace
        return {
            "user": workspace.bot_user,
            "bot_id": workspace.bot_id,
            "app_id": workspace.app_id,
            "team": workspace.team_id,
        }

    def can_show(self, file: Json) -> bool:
        """Whether a block may show the picture a ``slack_file`` names: the app has it, and Slack is done with it."""
        named = str(file.get("id") or "") or "".join(re.findall(r"/files/(F\w+)", str(file.get("url"))))
        stored = self.workspace.files.get(named)
        if stored is None or not stored.is_picture or self.clock.now() < stored.ready_at:
            return False
        return self.workspace.can_be_seen(stored, self.workspace.bot_user)

    def say(self, place: Conversation, content: Json) -> Json:
        """Post a message into a conversation for all its members."""
        message = {"type": "message", "ts": self.workspace.next_ts(self.clock.now()), **content}
        place.add(message)
        self.notices.changed()
        self._message_event(place, to_api_message(message, with_metadata=False))
        if f"<@{self.workspace.bot_user}" in message["text"] and not message.get("bot_id"):
            self.emit("app_mention", {**_message_facts(message), "channel": place.id}, place)
        return message

    def whisper(self, place: Conversation, user: str, content: Json) -> Json:
        """Show a message to one person only; it is in no history."""
        ts = self.workspace.next_ts(self.clock.now())
        message = {"type": "message", "ts": ts, "ephemeral_to": user, **content}
        place.whisper(message)
        self.notices.changed()
        return message

    def edit(self, place: Conversation, ts: str, changes: Json, editor: str) -> Json:
        """Change a message in place. A value of None removes the key."""
        old = place.messages[ts]
        merged = {
            **old,
            **changes,
            "edited": {"user": editor, "ts": self.workspace.next_ts(self.clock.now())},
        }
        message = {key: value for key, value in merged.items() if value is not None}
        place.replace(ts, message)
        self.notices.changed()
        event = {
            "subtype": "message_changed",
            "hidden": True,
            "message": to_api_message(message, with_metadata=False),
            "previous_message": to_api_message(old, with_metadata=False),
            "ts": message["edited"]["ts"],
        }
        self._message_event(place, event)
        return message

    def erase(self, place: Conversation, ts: str) -> None:
        """Delete a message for everybody."""
        old = place.remove(ts)
        self.notices.changed()
        event = {
            "subtype": "message_deleted",
            "hidden": True,
            "deleted_ts": ts,
            "previous_message": to_api_message(old, with_metadata=False),
            "ts": self.workspace.next_ts(self.clock.now()),
        }
        self._message_event(place, event)

    def react(self, place: Conversation, ts: str, name: str, user: str, *, remove: bool = False) -> bool:
        """Add or remove a reaction, and return whether anything changed."""
        message = place.messages[ts]
        reactions = {reaction["name"]: list(reaction["users"]) for reaction in message.get("reactions", [])}
        users = reactions.setdefault(name, [])
        if (user in users) is not remove:
            return False
        if remove:
            users.remove(user)
        else:
            users.append(user)
        shown = [{"name": key, "users": who, "count": len(who)} for key, who in reactions.items() if who]
        place.replace(ts, {**message, "reactions": shown})
        self.notices.changed()
        item = {"type": "message", "channel": place.id, "ts": ts}
        kind = "reaction_removed" if remove else "reaction_added"
        self.emit(kind, {"user": user, "reaction": name, "item": item, "item_user": message["user"]}, place)
        return True

    def emit(self, kind: str, event: Json, place: Conversation | None = None, subscribed_as: str = "") -> None:
        """Send an event, if the manifest subscribes to it and the bot is where it happened."""
        if (subscribed_as or kind) not in self.manifest.events:
            return
        if place is not None and self.workspace.bot_user not in place.members:
            return
        self.delivery.tell(self.wrapped({"type": kind, **event}, place))

    def wrapped(self, event: Json, place: Conversation | None = None) -> Json:
        """Return the outer form of an event. Its id stays the same at every redelivery."""
        workspace, now = self.workspace, self.clock.now()
        return {
            "token": "sandbox",
            "team_id": workspace.team_id,
            "api_app_id": workspace.app_id,
            "event": {"event_ts": workspace.next_ts(now), **event},
            "type": "event_callback",
            "event_id": workspace.ids.next("Ev"),
            "event_time": int(now),
            "authorizations": [
                {
                    "enterprise_id": None,
                    "team_id": workspace.team_id,
                    "user_id": workspace.bot_user,
                    "is_bot": True,
                    "is_enterprise_install": False,
                }
            ],
            "is_ext_shared_channel": bool(place and place.is_ext_shared),
            "event_context": "sandbox",
        }

    def permalink(self, place: Conversation, ts: str) -> str:
        """Return an address a browser can open: the page shows the message."""
        thread = place.messages[ts].get("thread_ts")
        link = f"{self.base_url}/archives/{place.id}/p{ts.replace('.', '')}"
        return f"{link}?thread_ts={thread}&cid={place.id}" if thread and thread != ts else link

    def _message_event(self, place: Conversation, message: Json) -> None:
        event: dict[str, Any] = {
            "channel": place.id,
            "channel_type": place.kind,
            "event_ts": message["ts"],
            **message,
        }
        self.emit("message", event, place, subscribed_as=EVENT_FOR[place.kind])


def _message_facts(message: Json) -> Json:
    return {key: message[key] for key in ("user", "text", "ts", "thread_ts", "team") if key in message}
