"""A failure notice: what could not be done in Slack, and why. It is stored as the note of its message."""

from dataclasses import dataclass
from enum import StrEnum

ONCALL, ESCALATIONS = "oncall", "escalations"
"""The two channels by their use. Their ids are looked up when the message is sent."""
_OLDER = "record is_older"
"""The beginning of a note that says that the database is older than what Slack shows."""
_LONGEST = 200
"""The longest note in characters. Only one that names missing escalations may be longer."""


class FailureKind(StrEnum):
    """What failed. The values are the first words of a note."""

    TOPIC = "topic"
    GROUP = "group"
    PICTURE = "picture"
    LEFT_OUT = "left_out"  # Somebody could not be put into the user group.
    PAGE = "page"  # Another way than Slack failed.
    WEBHOOK = "webhook"  # The operator's other system does not take a move.
    EDITED = "edited"  # Somebody changed the user group by hand.
    DISCARDED = "discarded"  # An operator decided that a message is never sent.
    RETRIED = "retried"  # An operator decided that a discarded message is sent after all.
    UNUSED_FILE = "unused_file"  # The bot runs without a file of the settings.
    OLDER_RECORD = "record"
    MESSAGE = "message"  # A message was refused; the note begins with its target.


@dataclass(frozen=True)
class FailureNotice:
    """What failed, where, and why."""

    kind: FailureKind
    target: str = ""
    """What it is about: a channel or a user by Slack id, an escalation, a setting or a kind of message.

    Of an older record: one of the two channels, the ts of a card in the channel of the row, or nothing.
    """
    error: str = ""
    """The error of Slack or of a service, or why somebody was left out; of a decision, the message and who decided."""
    numbers: tuple[str, ...] = ()
    """Escalations missing from an older record."""

    def written(self) -> str:
        """Return it as it is stored."""
        if self.kind is FailureKind.OLDER_RECORD:
            return " ".join(filter(None, (_OLDER, self.target, *self.numbers)))
        first = "" if self.kind is FailureKind.MESSAGE else self.kind
        return " ".join(filter(None, (first, self.target, self.error)))[:_LONGEST]


def read_notice(note: str) -> FailureNotice:
    """Read what :meth:`FailureNotice.written` wrote."""
    if note.startswith(_OLDER):
        target, *numbers = note.removeprefix(_OLDER).split() or [""]
        return FailureNotice(FailureKind.OLDER_RECORD, target, numbers=tuple(numbers))
    first, _, rest = note.partition(" ")
    if first in set(FailureKind) - {FailureKind.OLDER_RECORD, FailureKind.MESSAGE}:
        target, _, error = rest.partition(" ")
        return FailureNotice(FailureKind(first), target, error)
    return FailureNotice(FailureKind.MESSAGE, first, rest)
