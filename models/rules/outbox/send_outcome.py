"""What became of one try to send a message, whichever way it goes."""

from dataclasses import dataclass
from enum import StrEnum

NOT_THERE = frozenset({"user_disabled", "user_not_found", "users_not_found", "account_inactive"})
"""Slack's errors for a direct message to somebody who is not in the workspace.

``account_inactive`` is also the error for our own token; then it is not sorted as an error of the target."""


class SendResult(StrEnum):
    """What became of a message at one try, whichever way it goes."""

    SENT = "sent"
    ABSENT = "absent"  # looked for and not found
    SUPERSEDED = "superseded"  # nothing to send any longer
    NOT_YET = "not_yet"  # a message that it needs is not sent yet, or its hour has not come
    NOT_ACCEPTED = "not_accepted"
    UNKNOWN = "unknown"
    WORKSPACE_BROKEN = "workspace_broken"
    TARGET_BROKEN = "target_broken"
    CONTENT_BROKEN = "content_broken"
    GONE = "gone"  # somebody deleted the card


@dataclass(frozen=True)
class SendOutcome:
    """The outcome of one try to send a message, or of one search for it, whichever way it goes."""

    result: SendResult
    channel: str | None = None
    ts: str | None = None
    """Slack's id of the message."""
    error: str = ""
    """The error code of Slack, of a service or of a receiver, or the name of our own failure."""
    retry_after: float | None = None
    """How long to wait, in seconds, already limited."""
    thread: str | None = None
    """The ``ts`` of the message in whose thread it was posted."""
    answered: bool = False
    """For an unknown outcome: whether Slack itself, or the service, reported the failure."""
    scope: str | None = None
    """The scope of a rate limit, if it is not the message's own."""
    members: tuple[str, ...] | None = None
    """For a user group: who is in it now, by Slack id."""
    pauses_scope: bool = False
    """Whether everything in the scope of the message waits as long as the message."""
    left_out: tuple[tuple[str, str], ...] = ()
    """For a user group: who can't be in it, each with the reason."""
