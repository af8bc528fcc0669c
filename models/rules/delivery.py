"""Messages: their kinds, their pace, and how long to wait before they are sent or looked for again.

The promise: each accepted move leads to its messages, each visible once, in order. Exactly-once over HTTP does not
exist, so a message of unknown outcome is looked for by its id before it is sent again (docs/reliability.md).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import accumulate

LEASE = timedelta(seconds=60)
"""How long a worker may hold a row before others treat its outcome as unknown."""
LOOKS = tuple(timedelta(seconds=s) for s in (5, 20, 60))
"""When to look for a message of unknown outcome before it is sent again."""
LOOKED_FOR = tuple(accumulate(LOOKS))
"""The same, each counted from when the message was sent."""
ANSWERED_LOOKS = 1
"""How many looks are enough when Slack answered that the request failed: then it has finished with the request."""
SWEEPS = tuple(timedelta(minutes=m) for m in (2, 15))
"""When to look for a second copy of a message whose outcome was once unknown."""
WORKSPACE_WAIT = timedelta(seconds=30)
"""How long all messages wait when the whole workspace refuses us (revoked token, missing scope)."""
TARGET_WAIT = timedelta(minutes=5)
"""How long a message waits whose channel refuses it (archived, bot not a member)."""
LONGEST_WAIT = timedelta(minutes=10)
"""The longest single wait of a message or scope, by ``bot.slack.error_codes`` and the times above.

A stored time further ahead was written by a wrong clock."""
CLOCK_TOLERANCE = timedelta(seconds=3)
"""How far a stored time may be ahead of now when both clocks are right: a writer may have waited for the store.

A time of writing further ahead was written by a wrong clock."""
MAX_CLAIMS = 5
"""A row that was claimed this often without an answer is set aside: sending it probably crashes its worker."""
MAX_BACKOFF = 60.0
"""The longest backoff in seconds."""
EVERYTHING = "workspace"
"""The scope that pauses all others."""
PAGES = "pages"
"""The scope that would pause all other ways than Slack. What stops Slack never stops them."""
FILES, OPENING = "files", "open"
"""The scopes of uploads and of opening direct messages. A limit on them holds back no other post."""
LOOKING = "look"
"""The scope of all looks for messages. Slack limits each method separately, so posting goes on while looks wait."""
NOT_THERE = frozenset({"user_disabled", "user_not_found", "users_not_found", "account_inactive"})
"""Slack's errors for a direct message to somebody who is not in the workspace.

``account_inactive`` is also the error for our own token; then it is not sorted as an error of the target."""


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


class MessageKind(StrEnum):
    """The kinds of message. The values are stored."""

    CARD = "card"  # An escalation in its channel; begins the thread.
    REFRESH = "refresh"
    LINE = "line"  # An entry of the history, in the thread.
    LINE_REFRESH = "line_refresh"
    RECEIPT = "receipt"  # A direct message to the person who raised it.
    RECEIPT_REFRESH = "receipt_refresh"
    CALL = "call"  # Asks somebody at once to acknowledge.
    CALL_REFRESH = "call_refresh"
    TROUBLE = "trouble"  # Tells the on-call channel what failed in Slack.
    GAP = "gap"  # The card of a gap.
    GAP_REFRESH = "gap_refresh"
    GAPS = "gaps"  # The list of gaps far ahead.
    REMINDER = "nag"  # A reminder in a thread, in a channel or to one person.
    REMINDER_REFRESH = "nag_refresh"
    SHIFT = "shift"  # A reminder to the person of a shift.
    HANDOVER = "handover"  # The card of a handover.
    HANDOVER_REFRESH = "handover_refresh"
    ON_NOW = "on_now"  # Who is on call now.
    TOPIC = "topic"  # The topic of the on-call channel.
    GROUP = "group"  # The on-call user group.
    DIGEST = "digest"  # The daily list of open escalations.
    WEEK = "week"  # The shifts of somebody's next week.
    PICTURE = "picture"  # The rota of the next four weeks.
    CASE_PICTURE = "case_picture"  # The life of an escalation, in its thread or to one person.
    EXPORT = "export"  # The escalations of a list or a search, as a file.
    REPORT = "report"  # The report of a month, as a file.
    PACKET = "packet"  # What is taken to a remediation meeting, as a file.
    HOLIDAY_REVIEW = "rehearsal"  # The card of a holiday week.
    HOLIDAY_REVIEW_REFRESH = "rehearsal_refresh"
    CHANGED = "changed"  # What somebody changed of the rota.
    OFFER = "offer"  # The card of a swap offer.
    OFFER_REFRESH = "offer_refresh"
    PAGE = "page"  # A message by another way than Slack.
    WEBHOOK = "webhook"  # A move, for the operator's other system.
    OFFERED = "offered"  # Tells the person who made an offer that somebody declined.

    @property
    def label(self) -> str:
        """The kind for logs, metrics and other programs; a few stored values are older words."""
        return self.name.lower()


class QueuePart(StrEnum):
    """The part of the outbox that a worker sends."""

    SLACK = "slack"  # everything that goes to Slack
    CALLS = "calls"  # of that, the calls only
    PAGES = "pages"  # what goes by other ways
    MOVES = "moves"  # what goes to the webhook


WEBHOOK = "webhook"
"""The scope of all moves for the webhook. They wait together while its receiver is away."""
WITHOUT_TEXTS = "without_texts/"
"""How the lane of a reminder's redrawing begins that takes erased texts away: it draws what is still asked again."""
UPDATE = "update"
"""The scope of all messages that replace another: Slack counts changed messages for the whole workspace."""


@dataclass(frozen=True)
class KindDescription:
    """How the messages of one kind are queued and sent. ``handlers.notifications.render`` says how they look."""

    priority: int
    """A lower number is sent first: calls, then escalations, reminders, and messages that only inform.

    Redrawings after a press come before other redrawings.
    """
    redraws: MessageKind | None = None
    """The kind of message whose content it replaces."""
    scope: str = ""
    """The scope of its pace; empty for the posts to one channel or person."""
    is_repeatable: bool = False
    """Whether it may be sent twice without harm, so that nothing is looked for before it is sent again."""
    is_awaited: bool = False
    """Whether it follows a press, so that somebody is waiting for it."""


def _replaces(kind: MessageKind, priority: int, *, is_awaited: bool = False) -> KindDescription:
    return KindDescription(priority, kind, UPDATE, is_repeatable=True, is_awaited=is_awaited)


KINDS: Mapping[MessageKind, KindDescription] = {
    MessageKind.CARD: KindDescription(0),
    MessageKind.REFRESH: _replaces(MessageKind.CARD, 0, is_awaited=True),
    MessageKind.LINE: KindDescription(3),
    MessageKind.LINE_REFRESH: _replaces(MessageKind.LINE, 3),
    MessageKind.RECEIPT: KindDescription(0),
    MessageKind.RECEIPT_REFRESH: _replaces(MessageKind.RECEIPT, 2),
    MessageKind.CALL: KindDescription(-1),
    MessageKind.CALL_REFRESH: _replaces(MessageKind.CALL, 1, is_awaited=True),
    MessageKind.TROUBLE: KindDescription(4),
    MessageKind.GAP: KindDescription(1),
    MessageKind.GAP_REFRESH: _replaces(MessageKind.GAP, 2),
    MessageKind.GAPS: KindDescription(5),
    MessageKind.REMINDER: KindDescription(1),
    MessageKind.REMINDER_REFRESH: _replaces(MessageKind.REMINDER, 2),
    MessageKind.SHIFT: KindDescription(1),
    MessageKind.HANDOVER: KindDescription(1),
    MessageKind.HANDOVER_REFRESH: _replaces(MessageKind.HANDOVER, 1, is_awaited=True),
    MessageKind.ON_NOW: KindDescription(1),
    MessageKind.TOPIC: KindDescription(2, scope="topic", is_repeatable=True),
    MessageKind.GROUP: KindDescription(1, scope="group", is_repeatable=True),
    MessageKind.DIGEST: KindDescription(5),
    MessageKind.WEEK: KindDescription(5),
    MessageKind.PICTURE: KindDescription(5),
    MessageKind.CASE_PICTURE: KindDescription(5),
    MessageKind.EXPORT: KindDescription(5, scope="export"),
    MessageKind.PACKET: KindDescription(5, scope="export"),
    MessageKind.REPORT: KindDescription(5, scope="export"),
    MessageKind.HOLIDAY_REVIEW: KindDescription(5),
    MessageKind.HOLIDAY_REVIEW_REFRESH: _replaces(MessageKind.HOLIDAY_REVIEW, 2),
    MessageKind.CHANGED: KindDescription(1),
    MessageKind.OFFER: KindDescription(1),
    MessageKind.OFFER_REFRESH: _replaces(MessageKind.OFFER, 1, is_awaited=True),
    MessageKind.OFFERED: KindDescription(1),
    MessageKind.PAGE: KindDescription(-1, is_repeatable=True),
    MessageKind.WEBHOOK: KindDescription(3, scope=WEBHOOK, is_repeatable=True),
}
"""Every kind of message."""
REDRAWS = {kind: description.redraws for kind, description in KINDS.items() if description.redraws}
"""The kinds that replace the content of another message, with the kind of that message."""
REPEATABLE = frozenset(kind for kind, description in KINDS.items() if description.is_repeatable)
AWAITED = frozenset(kind for kind, description in KINDS.items() if description.is_awaited)
_INTERVALS = {UPDATE: 1.5, "call": 0.5, WEBHOOK: 0.02}
"""Seconds between two messages of a scope; one second for other scopes."""
BURST = 10
"""How many redrawings after a press may be sent at once, ahead of the pace. Other redrawings keep the pace."""


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


def interval(scope: str) -> timedelta:
    """Return the time between two messages of one scope: about one post a second in each channel.

    Slack accepts 50 updates a minute from the whole workspace (tier 3): 40 at this pace, and :data:`BURST` ahead of it.
    Calls may come at twice the pace of other posts, because Slack accepts short bursts (four posts and one more
    each second). Further calls to the same person are joined in the next message.
    """
    return timedelta(seconds=_INTERVALS.get(scope.partition(":")[0], 1.0))


def allowed_lead(scope: str) -> timedelta:
    """Return how far ahead of its pace a scope may be used by messages that somebody waits for."""
    return BURST * interval(scope) if scope == UPDATE else timedelta()
