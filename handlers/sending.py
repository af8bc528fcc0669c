"""What goes out to Slack, as the outbox worker takes it: a message, or how something of Slack's is wanted to be."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from handlers.blocks import kit


class NotYet(Exception):
    """What this message builds on is still under way."""


@dataclass(frozen=True)
class Message:
    """One message for Slack. ``channel`` None means the person in ``user``; ``update_ts`` redraws that message."""

    text: str
    blocks: list[kit.Block]
    channel: str | None
    user: str | None = None
    thread_ts: str | None = None
    update_ts: str | None = None


@dataclass(frozen=True)
class Topic:
    """How a channel's topic is wanted: ``compose`` makes the new one from what it is."""

    channel: str
    compose: Callable[[str], str]


@dataclass(frozen=True)
class Group:
    """Who is wanted in a user group, by Slack ids; never nobody, because Slack refuses that."""

    id: str
    users: Sequence[str] = field(default_factory=tuple)


Sending = Message | Topic | Group
