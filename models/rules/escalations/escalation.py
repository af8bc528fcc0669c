"""An escalation and the entries of its history. ``models.rules.escalations.transitions`` says what may follow."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, String
from sqlmodel import Field, SQLModel

from models.rules.escalations.request import Request


class Status(StrEnum):
    """The states of an escalation."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    SUBMITTED = "submitted"
    RESOLVED = "resolved"
    CLOSED = "closed"
    REOPENED = "reopened"
    WITHDRAWN = "withdrawn"


class Move(StrEnum):
    """What a person may do to an escalation."""

    RAISE = "raise"  # begins it; never chosen from a card
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
    # comes with a shift: the incoming person accepts its open escalations; never chosen from a card
    TAKE_OVER = "take_over"


ENDED = frozenset({Status.CLOSED, Status.WITHDRAWN})


class Escalation(Request):
    """One escalation as it is now."""

    number: int
    team_id: str
    channel: str
    status: Status = Field(default=Status.OPEN, sa_type=String(20))
    version: int = 1  # sequence number of its last history entry
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
    reopened: int = 0  # how often
    # last handed over or reopened, so that it must be acknowledged again; else None
    waiting_since: datetime | None = None
    # when something was last done or noted; None when nothing was since it was raised
    active_at: datetime | None = None
    snoozed_until: datetime | None = None
    snoozed_by: str | None = None
    snooze_reason: str | None = None
    withdrawn_by: str | None = None
    withdrawn_at: datetime | None = None
    status_reason: str | None = None  # why it was last withdrawn or reopened

    @property
    def name(self) -> str:
        """Its name for people: ``CSP-12``."""
        return f"CSP-{self.number}"


class HistoryEntry(SQLModel):
    """One entry of history: who did what, when, from which status to which, and why. Never changed or removed."""

    number: int
    seq: int
    move: Move = Field(sa_type=String(20))
    by: str
    at: datetime
    status_from: Status | None = Field(default=None, sa_type=String(20))
    status_to: Status = Field(sa_type=String(20))
    text: str = ""  # the person's own words
    changes: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)  # by field ``[before, after]``
