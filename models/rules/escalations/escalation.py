"""An escalation and the entries of its history. ``models.rules.escalations.transitions`` says what may follow."""

import re
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, String
from sqlmodel import Field, SQLModel

from models.rules.escalations.request import Request, Severity


class Status(StrEnum):
    """The states of an escalation."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    SUBMITTED = "submitted"
    RESOLVED = "resolved"
    CLOSED = "closed"
    REOPENED = "reopened"
    WITHDRAWN = "withdrawn"


class Turn(StrEnum):
    """Who has to act next. Kept beside the status: a submitted case may wait for us or for the customer."""

    OURS = "ours"
    VENDOR = "vendor"  # 21Vianet
    CUSTOMER = "customer"


class InformedBy(StrEnum):
    """How a customer was informed."""

    PHONE = "phone"
    EMAIL = "email"
    WECOM = "wecom"
    IN_PERSON = "in_person"


class ReviewState(StrEnum):
    """How far a lead looked at a case before it goes to 21Vianet; a case that is fit has none."""

    OURS = "ours"  # ours to solve; with a reason a lead looks at it
    PENDING = "pending"
    APPROVED = "approved"
    SENT_BACK = "sent_back"
    RELEASED = "released"  # nobody looked in time


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
    CLOSE_UNINFORMED = "close_uninformed"  # without informing the customer of the resolution
    REOPEN = "reopen"
    WITHDRAW = "withdraw"
    CORRECT = "correct"
    SNOOZE = "snooze"
    WAKE = "wake"
    TURN = "turn"
    CONTACT = "contact"  # 21Vianet gave its first response.
    TELL_DETAILS = "tell_details"  # How the customer was informed, and when they hear from us next.
    DUPLICATE = "duplicate"  # It repeats another case, or does not after all.
    PARENT = "parent"  # It is worked on under the parent case of a listed incident, or on its own again.
    RETURNED = "returned"  # 21Vianet found that it was escalated inappropriately, or did not after all.
    ASK_LEAD = "ask_lead"  # A lead should look at it, although it is ours to solve or was sent back.
    APPROVE = "approve"
    SEND_BACK = "send_back"
    RELEASE = "release"  # No lead looked in time; never chosen from a card.
    # Comes with a shift: the incoming person accepts its open escalations; never chosen from a card
    TAKE_OVER = "take_over"
    DISCARD = "discard_message"  # An operator decided that a message about it is never sent; never chosen from a card.
    RETRY = "retry_message"  # An operator decided that a discarded message is sent after all; never chosen from a card.


class ParentBond(StrEnum):
    """How a case depends on its parent, the case of an incident that 21Vianet lists."""

    FOLLOWS = "follows"  # It is worked on in the parent.
    ACKNOWLEDGE = "acknowledge"  # Somebody must acknowledge it first, then it follows.
    OVER = "over"  # The parent was resolved or withdrawn, or it came back by itself: it goes on alone.


ENDED = frozenset({Status.CLOSED, Status.WITHDRAWN})
_NAMED_SOLUTION = re.compile(r"^(?:\w* ?(?:CSP|KB)-\d+\s*[:：]\s*)+")


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
    policy_version: int = 0  # of 21Vianet's rules by which it is judged; 0 is the packaged file
    severity_given: Severity | None = Field(default=None, sa_type=String(1))  # by 21Vianet, when it opened the case
    turn: Turn = Field(default=Turn.OURS, sa_type=String(10))
    first_contact_at: datetime | None = None  # when 21Vianet first responded
    promised_at: datetime | None = None  # when we said the customer would hear from us again
    told_by: str | None = None
    told_at: datetime | None = None
    told_through: InformedBy | None = Field(default=None, sa_type=String(10))
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
    duplicate_of: int | None = None  # number of the escalation that it repeats.
    parent: int | None = None  # number of the parent case, of the incident that it is a part of.
    parent_bond: ParentBond | None = Field(default=None, sa_type=String(12))
    returned_on: date | None = None  # day on which 21Vianet found it inappropriate.
    returned_number: str | None = None  # 21Vianet's reference number of that finding.
    returned_words: str | None = None  # what 21Vianet said.
    solved_from: int | None = None  # number of the escalation whose fix solved it.
    solved_by_article: int | None = None  # number of the knowledge article that solved it.
    review: ReviewState | None = Field(default=None, sa_type=String(10))
    review_until: datetime | None = None  # when it may go without a lead.
    reviewed_by: str | None = None
    reviewed_at: datetime | None = None

    @property
    def waiting_state(self) -> str:
        """The state of its waiting for acknowledgement: another one since each handover and reopening."""
        return (self.waiting_since or self.raised_at).isoformat()

    @property
    def follows_original(self) -> bool:
        """Whether it is worked on in the escalation that it repeats, or in its parent.

        Then only its customer is its own concern. The original or parent of such a case is open and not resolved: a
        mark ends with its original.
        """
        is_acknowledged = self.parent_bond is ParentBond.ACKNOWLEDGE and self.acknowledged_at is not None
        is_in_parent = self.parent is not None and (self.parent_bond is ParentBond.FOLLOWS or is_acknowledged)
        return (self.duplicate_of is not None or is_in_parent) and self.status not in {Status.RESOLVED, *ENDED}

    @property
    def is_filed_elsewhere(self) -> bool:
        """Whether another case has 21Vianet's number for it: it follows, or will once somebody acknowledged it."""
        is_joining = self.parent is not None and self.parent_bond is ParentBond.ACKNOWLEDGE
        return self.follows_original or (is_joining and self.status not in {Status.RESOLVED, *ENDED})

    @property
    def is_with_vendor(self) -> bool:
        """Whether 21Vianet knows of it: by a number of its own, or by that of another case."""
        return bool(self.request_number) or self.is_filed_elsewhere

    @property
    def incident_id(self) -> str:
        """The incident in 21Vianet's list that explains it, such as MO123456; empty for none."""
        return str(self.answers.get("incident_id") or "")

    @property
    def is_escalated(self) -> bool:
        """Whether it went to 21Vianet: a number was recorded."""
        return self.request_number is not None

    @property
    def is_solved_by_us(self) -> bool:
        """Whether it was solved without 21Vianet: a success, and no withdrawal.

        What followed another case, or was an incident of 21Vianet's, may have been solved by 21Vianet.
        """
        is_solved = self.status in {Status.RESOLVED, Status.CLOSED}
        return is_solved and not (self.is_escalated or self.duplicate_of or self.parent or self.incident_id)

    @property
    def has_named_fix(self) -> bool:
        """Whether its resolution is that of another case or of an article, which it names."""
        return _NAMED_SOLUTION.match(self.fix or "") is not None

    @property
    def own_fix(self) -> str:
        """How it was solved, without naming the case or article of ours after which it was done; empty when open."""
        return _NAMED_SOLUTION.sub("", self.fix or "")

    @property
    def current_severity(self) -> Severity:
        """The severity 21Vianet works by: the one it gave, else the one we asked for."""
        return self.severity_given or self.severity

    @property
    def name(self) -> str:
        """Its name for people: ``CSP-12``."""
        return f"CSP-{self.number}"


class HistoryFacts(SQLModel):
    """What history keeps of one entry. Never changed or removed."""

    number: int
    seq: int
    move: Move = Field(sa_type=String(20))
    by: str
    at: datetime
    status_from: Status | None = Field(default=None, sa_type=String(20))
    status_to: Status = Field(sa_type=String(20))
    text: str = ""  # the person's own words
    changes: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)  # by field ``[before, after]``


class HistoryEntry(HistoryFacts):
    """One entry of history: who did what, when, from which status to which, and why.

    Its words are kept apart (:mod:`models.rules.escalations.typed_text`), and may have been erased.
    """

    erased_at: datetime | None = None  # when its words were erased
