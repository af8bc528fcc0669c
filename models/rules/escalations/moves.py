"""A move that a person asks for. ``models.rules.escalations.transitions`` says whether it is allowed."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, tzinfo
from typing import Any

from models.rules.escalations.escalation import Escalation, InformedBy, Move, Turn
from models.rules.escalations.request import Severity
from models.rules.escalations.reviews import ReviewPolicy
from models.rules.people import Actor
from models.rules.policy import reminders
from models.rules.policy.reminders import ReminderTimes

TURN_AFTER = {Move.RECORD: Turn.VENDOR, Move.CONTACT: Turn.OURS, Move.RESOLVE: Turn.OURS, Move.REOPEN: Turn.OURS}
"""Moves after which it is always the same side's turn; a turn that a person chose stays after all others."""


BY_LINK, BY_TERMINAL = "link", "terminal"
"""How a move came that was made by the link of a message, or at the terminal, not in Slack."""


@dataclass(frozen=True)
class ReturnFinding:
    """21Vianet's finding that a case was escalated inappropriately; its words are the text of the move."""

    on: date | None  # None when there was none after all
    number: str  # 21Vianet's reference number; empty when it gave none
    today: date  # in the installation's zone, as every day without a time: no finding is later
    zone: tzinfo = UTC  # of the installation


@dataclass(frozen=True)
class MoveRequest:
    """A move that a person asks for."""

    move: Move
    by: Actor
    at: datetime
    text: str = ""  # their reason, note, request number or fix.
    new_owner: str | None = None  # Slack id.
    changes: dict[str, Any] = field(default_factory=dict)  # corrected fields and answers.
    until: datetime | None = None  # end of a snooze, or when the customer hears from us next (UTC).
    turn: Turn | None = None  # whose turn it is.
    severity_given: Severity | None = None  # by 21Vianet, with its number.
    through: InformedBy | None = None  # how the customer was informed.
    finding: ReturnFinding | None = None  # that it was escalated inappropriately.
    link: str = ""  # address of the message that a note keeps.
    discarded: str = ""  # kind of the message that an operator discarded.
    retried: str = ""  # kind of the discarded message that an operator sends after all.
    message: int = 0  # number of that message in the outbox.
    operator: str = ""  # typed name of that operator, who is nobody in Slack.
    original: Escalation | None = None  # the escalation that this one repeats, or its parent; None for no other.
    duplicates: tuple[int, ...] = ()  # numbers of the open escalations that repeat this one, or whose parent it is.
    solution: Escalation | None = None  # the solved escalation whose fix solves this one.
    article: int | None = None  # number of the knowledge article that solves it.
    came_by: str = ""  # how it came, where it was not made in Slack.
    follows: str = ""  # name of the original with which a duplicate moves.
    reminder_times: ReminderTimes = field(default_factory=reminders.load_packaged)  # limit the length of a snooze.
    review: ReviewPolicy | None = None  # by which it is reviewed after a correction; None for none.
    on_call: bool = False  # whether the rota has them on call now.
