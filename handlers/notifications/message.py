"""What goes out to Slack, as the outbox worker takes it: a message, or how something of Slack's is wanted to be."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from handlers.blocks import block_kit
from handlers.chart.drawing import Drawing


class NotReady(Exception):
    """What this message builds on is still under way."""


@dataclass(frozen=True)
class ImageAttachment:
    """A picture that a message shows below its blocks. ``name`` is the file's; ``alt`` says what is on it; ``draw``
    decides that, which takes a while; ``lack`` says why it is missing, by Slack's error, empty if it failed here.
    """

    name: str
    alt: str
    draw: Callable[[], Drawing]
    lack: Callable[[str], str]


@dataclass(frozen=True)
class Message:
    """One message for Slack. ``channel`` None means the person in ``user``; ``update_ts`` redraws that message; a
    ``picture`` has to be uploaded before.
    """

    text: str
    blocks: list[block_kit.Block]
    channel: str | None
    user: str | None = None
    thread_ts: str | None = None
    update_ts: str | None = None
    picture: ImageAttachment | None = None

    def showing(self, file: str) -> "Message":
        """The same with its picture, which Slack keeps under this id."""
        assert self.picture is not None  # noqa: S101 - nobody uploads what there is not
        return replace(self, blocks=[*self.blocks, block_kit.picture(file, self.picture.alt)], picture=None)

    def lacking(self, error: str) -> "Message":
        """The same in words alone, and why."""
        assert self.picture is not None  # noqa: S101 - likewise
        why = self.picture.lack(error)
        blocks = [block_kit.section(self.text), block_kit.context(f"⚠️ {why}")]
        return replace(self, text=f"{self.text}\n{why}", blocks=blocks, picture=None)


@dataclass(frozen=True)
class TopicUpdate:
    """How a channel's topic is wanted: ``compose`` makes the new one from what it is."""

    channel: str
    compose: Callable[[str], str]


@dataclass(frozen=True)
class UserGroupUpdate:
    """Who is wanted in a user group, by Slack ids; never nobody, because Slack refuses that."""

    id: str
    users: Sequence[str] = field(default_factory=tuple)


Sending = Message | TopicUpdate | UserGroupUpdate
