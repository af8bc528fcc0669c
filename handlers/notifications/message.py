"""What the outbox worker sends to Slack: a message, the topic of a channel, or the members of a user group."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from handlers.blocks import block_kit
from handlers.chart.drawing import Drawing


class NotReady(Exception):
    """The message that this one builds on is still being sent."""


@dataclass(frozen=True)
class ImageAttachment:
    """A picture that a message shows below its blocks."""

    name: str
    """The name of the file."""
    alt: str
    """What is on it, for people who can't see it."""
    draw: Callable[[], Drawing]
    """Return its content. This takes a while."""
    explain_missing: Callable[[str], str]
    """Return why it is missing, for an error of Slack's; the error is empty when it failed here."""


@dataclass(frozen=True)
class BuiltDocument:
    """A written file, and the text above it; a text alone when there is no file to send."""

    text: str
    content: bytes = b""


@dataclass(frozen=True)
class DocumentAttachment:
    """A file that a message brings."""

    name: str
    build: Callable[[], BuiltDocument]
    """Write it. This takes seconds. Raises NotSaved."""
    explain_missing: Callable[[str], str]
    """Return why it is missing, for an error of Slack's; the error is empty when it failed here."""


@dataclass(frozen=True)
class Message:
    """One message for Slack."""

    text: str
    blocks: list[block_kit.Block]
    channel: str | None  # None for a direct message to the user
    user: str | None = None
    thread_ts: str | None = None
    update_ts: str | None = None  # the message that gets this content
    picture: ImageAttachment | None = None  # to be uploaded before
    document: DocumentAttachment | None = None  # to be written before
    file: str = ""  # what Slack calls the file that is shared with the message

    def with_words(self, text: str) -> "Message":
        """Return the message with this text, and no document to write."""
        return replace(self, text=text, blocks=[block_kit.section(text)], document=None)

    def with_picture(self, file: str) -> "Message":
        """Return the message with its picture, which Slack stores under this id."""
        assert self.picture is not None  # noqa: S101 - called only for a message with a picture
        return replace(self, blocks=[*self.blocks, block_kit.picture(file, self.picture.alt)], picture=None)

    def without_picture(self, error: str) -> "Message":
        """Return the message in words alone, with the reason."""
        assert self.picture is not None  # noqa: S101 - as above
        why = self.picture.explain_missing(error)
        blocks = [block_kit.section(self.text), block_kit.context(f"⚠️ {why}")]
        return replace(self, text=f"{self.text}\n{why}", blocks=blocks, picture=None)


@dataclass(frozen=True)
class TopicUpdate:
    """The topic a channel should have."""

    channel: str
    compose: Callable[[str], str]  # returns the new topic from the current one


@dataclass(frozen=True)
class UserGroupUpdate:
    """The members a user group should have."""

    id: str
    users: Sequence[str] = field(default_factory=tuple)  # Slack ids; never empty, because Slack refuses that


Sending = Message | TopicUpdate | UserGroupUpdate
