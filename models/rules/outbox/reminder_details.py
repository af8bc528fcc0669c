"""What a message of the outbox keeps of the reminder that it brings: which step, and whom it addresses."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Audience(StrEnum):
    """Whom a reminder addresses.

    The audience of a subject widens from step to step and never narrows while it is open.
    """

    DIGEST = "digest"  # The list of gaps far ahead, in the on-call channel.
    CHANNEL = "channel"  # The on-call channel, without a notification for anybody.
    PERSON = "person"  # The people whom the subject concerns, by direct message.
    ON_CALL = "on_call"  # Who is responsible in the first seat now.
    BACKUP = "backup"
    CANDIDATES = "candidates"  # Who could take it.
    LEADS = "leads"
    EVERYONE = "everyone"  # The on-call user group and the leads, mentioned in the on-call channel.


@dataclass(frozen=True)
class ReminderDetails:
    """The reminder of a message. All fields are empty for a message without a reminder."""

    key: str = ""
    """The reminder's key in the table ``reminder``. Never parsed."""
    step: str = ""
    """The name of the step, such as ``open`` or ``ended``, without its count and instant."""
    counted_from: datetime | None = None
    """The instant from which the step is counted, such as a gap's start: UTC, in whole seconds."""
    due_at: datetime | None = None
    """When the reminder was due, UTC."""
    audience: frozenset[Audience] = frozenset()
    """Whom it addresses."""


NO_REMINDER = ReminderDetails()
