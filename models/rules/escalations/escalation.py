"""One escalation as it stands, and the lines of its history. What may become of it is told by
``models.rules.escalations.transitions``.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, String
from sqlmodel import Field, SQLModel

from models.rules.escalations.request import Request


class Status(StrEnum):
    """Where an escalation stands."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    SUBMITTED = "submitted"
    RESOLVED = "resolved"
    CLOSED = "closed"
    REOPENED = "reopened"
    WITHDRAWN = "withdrawn"


class Move(StrEnum):
    """What a person may do to an escalation. ``RAISE`` begins it; ``TAKE_OVER`` comes with a shift, whose incoming
    person accepts the open cases along with it. Neither is chosen from a card.
    """

    RAISE = "raise"
    ACKNOWLEDGE = "acknowledge"
    HAND_OVER = "hand_over"
    NOTE = "note"
    RECORD = "record"
    TELL = "tell"
    RESOLVE = "resolve"
    CLOSE = "close"
    REOPEN = "reopen"
    WITHDRAW = "withdraw"
    CORRECT = "correct"
    SNOOZE = "snooze"
    WAKE = "wake"
    TAKE_OVER = "take_over"


ENDED = frozenset({Status.CLOSED, Status.WITHDRAWN})


class Escalation(Request):
    """One escalation as it stands now. ``version`` is the sequence number of its last history entry.

    ``waiting_since`` is when it was last handed over or reopened, so that somebody has to acknowledge it anew, and
    ``active_at`` when something was last done or said; both are None when nothing was since it was raised.
    ``status_reason`` is why it was last withdrawn or reopened.
    """

    number: int
    team_id: str
    channel: str
    status: Status = Field(default=Status.OPEN, sa_type=String(20))
    version: int = 1
    raised_by: str
    raised_at: datetime
    changed_at: datetime
    owner: str | None = None
    acknowledged_at: datetime | None = None
    request_number: str | None = None
    told_by: str | None = None
    told_at: datetime | None = None
    fix: str | None = None
    closed_by: str | None = None
    closed_at: datetime | None = None
    reopened: int = 0
    waiting_since: datetime | None = None
    active_at: datetime | None = None
    snoozed_until: datetime | None = None
    snoozed_by: str | None = None
    snooze_reason: str | None = None
    withdrawn_by: str | None = None
    withdrawn_at: datetime | None = None
    status_reason: str | None = None

    @property
    def name(self) -> str:
        """How people call it: ``CSP-12``."""
        return f"CSP-{self.number}"


class HistoryEntry(SQLModel):
    """One line of history: who did what, when, from what to what, and why. Never changed, never removed.

    ``changes`` maps a field to ``[before, after]``; ``text`` is the person's own words.
    """

    number: int
    seq: int
    move: Move = Field(sa_type=String(20))
    by: str
    at: datetime
    status_from: Status | None = Field(default=None, sa_type=String(20))
    status_to: Status = Field(sa_type=String(20))
    text: str = ""
    changes: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
