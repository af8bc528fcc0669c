"""The notes of failure notices: what could not be done in Slack, and why."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection

from models.outbox.messages import enqueue, message
from models.rules.outbox.message_kinds import MessageKind

OLDER = "record is_older"
"""The beginning of a note that says that the database is older than what Slack shows.

Where escalations are missing, a target and their numbers follow. The target is one of the two channels, or the ts of a
card in the channel of the row.
"""
ONCALL, ESCALATIONS = "oncall", "escalations"
"""The two channels by their use. Their ids are looked up when the message is sent."""


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
    MESSAGE = "message"  # the note has no such first word and begins with the target


@dataclass(frozen=True)
class FailureNotice:
    """What failed, where, and why."""

    kind: FailureKind
    note: str  # the whole note, as it is stored
    target: str = ""  # a channel or a user by Slack id; of an older record as in OLDER
    error: str = ""  # Slack's error, or why somebody was left out
    numbers: tuple[str, ...] = ()  # escalations missing from an older record


def read_notice(note: str) -> FailureNotice:
    """Return the failure that the note of a row describes."""
    if note.startswith(OLDER):
        target, *numbers = note.removeprefix(OLDER).split() or [""]
        return FailureNotice(FailureKind.OLDER_RECORD, note, target, numbers=tuple(numbers))
    first, _, rest = note.partition(" ")
    if first in set(FailureKind) - {FailureKind.OLDER_RECORD, FailureKind.MESSAGE}:
        target, _, error = rest.partition(" ")
        return FailureNotice(FailureKind(first), note, target, error)
    return FailureNotice(FailureKind.MESSAGE, note, first, rest)


def report_unused_files(connection: Connection, settings: Iterable[str], now: datetime) -> None:
    """Tell the on-call channel of settings whose files have faults: once an hour, however often a bot starts."""
    notices = [
        message(
            MessageKind.TROUBLE, f"trouble:file:{setting}:{now:%Y%m%d%H}", now, lane="trouble",
            note=f"{FailureKind.UNUSED_FILE} {setting}",
        )
        for setting in settings
    ]  # fmt: skip
    enqueue(connection, notices)
