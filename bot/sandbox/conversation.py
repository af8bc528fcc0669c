"""One channel or direct message with its messages in the order of time. It knows no rights and no limits."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from bot.sandbox.json_types import Json

# What the page and tests see of a message but the Web API never tells.
PRIVATE_KEYS = frozenset({"pings", "ephemeral_to"})
EPHEMERALS_KEPT = 2000


@dataclass
class Conversation:
    """A channel or direct message: members, topic, bookmarks, messages."""

    id: str
    name: str
    topic: str = ""
    members: set[str] = field(default_factory=set)
    is_private: bool = False
    is_archived: bool = False
    is_ext_shared: bool = False
    dm_with: str | None = None
    messages: dict[str, Json] = field(default_factory=dict)
    roots: list[str] = field(default_factory=list)
    replies: dict[str, list[str]] = field(default_factory=dict)
    topic_by: str = ""
    topic_at: int = 0
    ephemerals: list[Json] = field(default_factory=list)

    @property
    def kind(self) -> str:
        """``channel``, ``group`` (private) or ``im``: it decides which scope may read the conversation."""
        if self.dm_with:
            return "im"
        return "group" if self.is_private else "channel"

    def add(self, message: Json) -> None:
        """Add a message. Its ``ts`` must be later than all others here."""
        ts, thread = message["ts"], message.get("thread_ts")
        self.messages[ts] = message
        if thread is None or thread == ts:
            self.roots.append(ts)
            return
        if message.get("reply_broadcast"):
            self.roots.append(ts)
        self.replies.setdefault(thread, []).append(ts)
        self._count_replies(thread)

    def remove(self, ts: str) -> Json:
        """Delete a message. The parent of a thread leaves a tombstone that keeps the thread."""
        message = self.messages[ts]
        if self.replies.get(ts):
            self.messages[ts] = _tombstone(message)
            return message
        del self.messages[ts]
        if ts in self.roots:
            self.roots.remove(ts)
        thread = message.get("thread_ts")
        if thread and ts in self.replies.get(thread, ()):
            self.replies[thread].remove(ts)
            self._count_replies(thread)
        return message

    def replace(self, ts: str, message: Json) -> None:
        """Replace a message by an edited copy: others may still hold the old one."""
        self.messages[ts] = message

    def whisper(self, message: Json) -> None:
        """Keep an ephemeral message; like Slack, not for ever."""
        self.ephemerals = [*self.ephemerals[1 - EPHEMERALS_KEPT :], message]

    def ephemeral(self, ts: str) -> Json | None:
        """Return an ephemeral message; None when it is gone."""
        return next((ephemeral for ephemeral in self.ephemerals if ephemeral["ts"] == ts), None)

    def forget_ephemeral(self, ts: str) -> None:
        """Remove an ephemeral message."""
        self.ephemerals = [ephemeral for ephemeral in self.ephemerals if ephemeral["ts"] != ts]

    def thread(self, root: str) -> list[Json]:
        """Return a parent and its replies, oldest first."""
        return [self.messages[ts] for ts in [root, *self.replies.get(root, ())] if ts in self.messages]

    def newest_roots(self) -> Iterator[Json]:
        """Return what the channel itself shows, newest first, without tombstones."""
        shown = (self.messages[ts] for ts in reversed(self.roots))
        return (message for message in shown if not message.get("deleted"))

    def everything(self, newest: int | None = None) -> list[Json]:
        """Return messages and ephemeral messages, oldest first; only the last ``newest`` when given."""
        chosen = list(self.messages.values())
        if newest is not None:
            chosen = chosen[max(0, len(chosen) - newest) :]
        if self.ephemerals:
            chosen = sorted([*chosen, *self.ephemerals], key=lambda message: str(message["ts"]))
        return chosen

    def channel_object(self, bot_user: str) -> Json:
        """Return the conversation as ``conversations.info`` describes it."""
        if self.dm_with:
            return {"id": self.id, "is_im": True, "user": self.dm_with, "is_archived": False, "is_open": True}
        return {
            "id": self.id,
            "name": self.name,
            "name_normalized": self.name,
            "is_channel": True,
            "is_group": self.is_private,
            "is_im": False,
            "is_mpim": False,
            "is_private": self.is_private,
            "is_archived": self.is_archived,
            "is_ext_shared": self.is_ext_shared,
            "is_member": bot_user in self.members,
            "topic": {"value": self.topic, "creator": self.topic_by, "last_set": self.topic_at},
            "purpose": {"value": "", "creator": "", "last_set": 0},
        }

    def _count_replies(self, thread: str) -> None:
        parent = self.messages.get(thread)
        if parent is None:
            return
        replies = [self.messages[ts] for ts in self.replies.get(thread, ())]
        counted = {
            "thread_ts": thread,
            "reply_count": len(replies),
            "reply_users": list(dict.fromkeys(str(message["user"]) for message in replies)),
            "latest_reply": replies[-1]["ts"] if replies else None,
        }
        self.replace(thread, {**parent, **counted})


def _tombstone(message: Json) -> Json:
    kept: Json = {
        key: message[key] for key in ("type", "ts", "thread_ts", "reply_count", "latest_reply") if key in message
    }
    return {
        **kept,
        "subtype": "tombstone",
        "user": "USLACKBOT",
        "text": "This message was deleted.",
        "hidden": True,
        "deleted": True,
    }


def to_api_message(message: Json, *, with_metadata: bool) -> Json:
    """Return a message as the Web API sends it: without internal notes, with metadata only when asked for."""
    hidden = PRIVATE_KEYS if with_metadata else PRIVATE_KEYS | {"metadata"}
    return {key: value for key, value in message.items() if key not in hidden}
