"""A message on its way: one row of the outbox while a worker sends it, and the states that it goes through.

The promise: each accepted move leads to its messages, each visible once, in order. Exactly-once over HTTP does not
exist, so a message of unknown outcome is looked for by its id before it is sent again (docs/reliability.md).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from models.rules.outbox.message_kinds import REPEATABLE, MessageKind
from models.rules.outbox.reminder_details import NO_REMINDER, ReminderDetails

LEASE = timedelta(seconds=60)
"""How long a worker may hold a row before others treat its outcome as unknown."""
MAX_CLAIMS = 5
"""A row that was claimed this often without an answer is set aside: sending it probably crashes its worker."""
LOOKS = tuple(timedelta(seconds=s) for s in (5, 20, 60))
"""When to look for a message of unknown outcome before it is sent again."""
CLOCK_TOLERANCE = timedelta(seconds=3)
"""How far a stored time may be ahead of now when both clocks are right: a writer may have waited for the store.

A time of writing further ahead was written by a wrong clock."""
WITHOUT_TEXTS = "without_texts/"
"""How the lane of a reminder's redrawing begins that takes erased texts away: it draws what is still asked again."""


class DeliveryState(StrEnum):
    """The state of a delivery. The first three are unfinished and hold back later rows of their lane."""

    PENDING = "pending"
    SENDING = "sending"
    UNKNOWN = "unknown"
    SENT = "sent"
    SUPERSEDED = "superseded"
    DEAD = "dead"


UNFINISHED = (DeliveryState.PENDING, DeliveryState.SENDING, DeliveryState.UNKNOWN)
UNSETTLED = (*UNFINISHED, DeliveryState.DEAD)
"""The states of what is not in Slack and should be, unless somebody discarded it."""


class MessageStatus(StrEnum):
    """The state of a message, as operators name it."""

    SET_ASIDE = "set-aside"  # given up, and nobody has decided what becomes of it
    UNKNOWN = "unknown"
    SENDING = "sending"
    WAITING = "waiting"
    DISCARDED = "discarded"
    SENT = "sent"
    SUPERSEDED = "superseded"  # nothing was left to say


class QueuePart(StrEnum):
    """The part of the outbox that a worker sends."""

    SLACK = "slack"  # everything that goes to Slack
    CALLS = "calls"  # of that, the calls only
    PAGES = "pages"  # what goes by other ways
    MOVES = "moves"  # what goes to the webhook


@dataclass(frozen=True)
class Delivery:
    """One outbox row, claimed by a worker. ``models.store.tables.OutboxRow`` is the row."""

    position: int
    id: str
    """The uuid in the message's metadata."""
    what: MessageKind
    number: int | None
    seq: int | None
    user: str | None
    channel: str | None
    lane: str
    scope: str
    state: DeliveryState
    owner: str
    generation: int
    """Counts the claims, so that a worker that was paused past its lease changes nothing."""
    tries: int
    looks: int
    plain: bool
    """Whether to send a short text without blocks, because Slack refused the blocks."""
    note: str
    """What only messages of its kind need. Each meaning has one file that writes and reads it.

    A page: ``models.rules.reach.page``. A notice: ``models.rules.outbox.failure_notice``. The user group:
    ``models.outbox.group_updates``. A file: its request, such as ``models.rules.escalations.export_request``.
    The answer to an offer: who declined, by Slack id.
    """
    created_at: datetime
    first_tried_at: datetime | None
    doubtful: bool
    slack_channel: str | None = None
    slack_ts: str | None = None
    slack_thread: str | None = None
    lease_until: datetime | None = None
    subject: str | None = None
    look_from: str | None = None
    """Slack's time before the first try, as one of its timestamps. Looks begin there."""
    redraws: str | None = None
    """The ``id`` of the message that this one redraws, if that is not the card of the subject."""
    in_doubt_since: datetime | None = None
    """When it was last sent with an unknown outcome."""
    paced_from: datetime | None = None
    """From when on its scope was used for it: given back when nothing is posted."""
    ready_at: datetime | None = None  # for a page: since when it is due and its sender is free
    reminder: ReminderDetails = NO_REMINDER

    @property
    def must_look(self) -> bool:
        """Return whether a copy may be visible already, so that it must be looked for before it is sent again."""
        return self.state is DeliveryState.UNKNOWN and self.what not in REPEATABLE and self.looks < len(LOOKS)
