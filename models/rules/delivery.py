"""What becomes of a message to Slack: how each answer is taken, when to try, look or give up. Pure; sends nothing.

The promise: each accepted move leads to its messages, each visible once, in order. Exactly-once over HTTP does not
exist, so a send with unknown outcome is looked up by its id before it is sent again (docs/reliability.md).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

LEASE = timedelta(seconds=60)
"""How long a worker may hold a row before others treat its outcome as unknown."""
LOOKS = tuple(timedelta(seconds=s) for s in (5, 20, 60))
"""When to look for a message of unknown outcome before it is sent again."""
ANSWERED_LOOKS = 1
"""How many looks are enough when Slack itself answered that it failed: it has finished with the request by then."""
SWEEPS = tuple(timedelta(minutes=m) for m in (2, 15))
"""When to look for a second copy of a message whose outcome was once unknown."""
BREAKER = timedelta(seconds=30)
"""How long everything waits when the whole workspace refuses us (revoked token, missing scope)."""
TARGET_WAIT = timedelta(minutes=5)
"""How long a message waits whose channel refuses it (archived, bot not a member)."""
LONGEST_WAIT = timedelta(minutes=10)
"""No message and no scope ever waits longer at a time, as ``bot.slack.error_codes`` and the times above say: what is
stored as
further ahead was written by a clock that was wrong."""
APART = timedelta(seconds=3)
"""So far apart may be two readings of a right clock, one of which then waited for the store: what was written later
than that was written by a wrong clock."""
MAX_CLAIMS = 5
"""A row claimed this often without any answer kills its worker: it is set aside."""
MAX_BACKOFF = 60.0
"""Seconds. After a long outage every card shows its newest state within two minutes."""
EVERYTHING = "workspace"
"""The scope that pauses all others."""
FILES, OPENING = "files", "open"
"""The scopes of uploads and of opening direct messages: a limit of theirs holds back no post. The message that needs
them waits by its own time."""
LOOKING = "look"
"""The scope of all looks for messages: Slack limits each method on its own, so posting goes on while this one waits."""


NOT_THERE = frozenset({"user_disabled", "user_not_found", "users_not_found", "account_inactive"})
"""Slack's errors for writing to somebody who is not in the workspace, or not any more. The last one is said of our own
token too; then it is no error of the person's place."""


class DeliveryState(StrEnum):
    """Where a delivery stands. The first three are unfinished and hold back later rows of their lane."""

    PENDING = "pending"
    SENDING = "sending"
    UNKNOWN = "unknown"
    SENT = "sent"
    SUPERSEDED = "superseded"
    DEAD = "dead"


UNFINISHED = (DeliveryState.PENDING, DeliveryState.SENDING, DeliveryState.UNKNOWN)


class MessageKind(StrEnum):
    """The kinds of message. The values are stored."""

    CARD = "card"  # An escalation in its channel; begins the thread.
    REFRESH = "refresh"
    LINE = "line"  # An entry of the history, in the thread.
    RECEIPT = "receipt"  # A direct message to the person who raised it.
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
    REHEARSAL = "rehearsal"  # The card of a holiday week.
    REHEARSAL_REFRESH = "rehearsal_refresh"
    CHANGED = "changed"  # What somebody changed of the rota.
    OFFER = "offer"  # The card of a swap offer.
    OFFER_REFRESH = "offer_refresh"
    OFFERED = "offered"  # Tells the person who made an offer that somebody declined.


UPDATE = "update"
"""The scope of all messages that replace another: Slack counts changed messages for the whole workspace."""


@dataclass(frozen=True)
class KindDescription:
    """How the messages of one kind are queued and sent. ``handlers.notifications.render`` says how they look."""

    priority: int
    """Lower goes first: calls, escalations, reminders, what only informs. What a press changed goes before the rest."""
    redraws: MessageKind | None = None
    """The kind of message whose content it replaces."""
    scope: str = ""
    """What its pace counts; empty where it counts the posts to one channel or person."""
    is_repeatable: bool = False
    """Whether sending it twice does no harm and leaves nothing to be found, so nobody looks before it is sent again."""
    is_awaited: bool = False
    """Whether it follows a press, so that somebody is looking at the card."""


def _replaces(kind: MessageKind, priority: int, *, is_awaited: bool = False) -> KindDescription:
    return KindDescription(priority, kind, UPDATE, is_repeatable=True, is_awaited=is_awaited)


KINDS: Mapping[MessageKind, KindDescription] = {
    MessageKind.CARD: KindDescription(0),
    MessageKind.REFRESH: _replaces(MessageKind.CARD, 0, is_awaited=True),
    MessageKind.LINE: KindDescription(3),
    MessageKind.RECEIPT: KindDescription(0),
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
    MessageKind.REHEARSAL: KindDescription(5),
    MessageKind.REHEARSAL_REFRESH: _replaces(MessageKind.REHEARSAL, 2),
    MessageKind.CHANGED: KindDescription(1),
    MessageKind.OFFER: KindDescription(1),
    MessageKind.OFFER_REFRESH: _replaces(MessageKind.OFFER, 1, is_awaited=True),
    MessageKind.OFFERED: KindDescription(1),
}
"""Every kind of message."""
REDRAWS = {kind: description.redraws for kind, description in KINDS.items() if description.redraws}
"""The kinds that replace the content of a message, and of which kind that one is."""
REPEATABLE = frozenset(kind for kind, description in KINDS.items() if description.is_repeatable)
AWAITED = frozenset(kind for kind, description in KINDS.items() if description.is_awaited)
_INTERVALS = {UPDATE: 1.5, "call": 0.5}
"""Seconds between two messages of a scope; of all others one."""
BURST = 10
"""So many of them may go out at once, ahead of the pace. All other redrawings keep the pace, so they never use that
up."""


class SendResult(StrEnum):
    """What an answer of Slack's means for the message."""

    SENT = "sent"
    ABSENT = "absent"  # looked for, not there
    SUPERSEDED = "superseded"  # nothing to send any more
    NOT_YET = "not_yet"  # what it builds on is still under way
    NOT_ACCEPTED = "not_accepted"
    UNKNOWN = "unknown"
    WORKSPACE_BROKEN = "workspace_broken"
    TARGET_BROKEN = "target_broken"
    CONTENT_BROKEN = "content_broken"
    GONE = "gone"  # the card was deleted by somebody


@dataclass(frozen=True)
class SlackAnswer:
    """One outcome of a send or a look. ``retry_after`` in seconds, already clamped; ``ts`` is Slack's message id,
    ``thread`` that of the message whose thread it stands in. ``answered`` says of an unknown outcome that Slack itself
    reported the failure; ``scope`` is what a rate limit is about, where it is not the message's own scope. Of a user
    group, ``members`` are who is in it now, and ``left_out`` who can't be, each with the reason.
    """

    verdict: SendResult
    channel: str | None = None
    ts: str | None = None
    error: str = ""
    retry_after: float | None = None
    thread: str | None = None
    answered: bool = False
    scope: str | None = None
    members: tuple[str, ...] | None = None
    left_out: tuple[tuple[str, str], ...] = ()


class Audience(StrEnum):
    """Whom a reminder addresses. The audience of a subject widens from step to step and never narrows while it is
    open.
    """

    DIGEST = "digest"  # A list in the on-call channel, with all else that is far ahead.
    CHANNEL = "channel"  # The on-call channel, without a notification for anybody.
    PERSON = "person"  # Those the subject is about, by direct message.
    ON_CALL = "on_call"  # Who is responsible in the first seat now.
    BACKUP = "backup"
    CANDIDATES = "candidates"  # Who could take it.
    LEADS = "leads"
    EVERYONE = "everyone"  # The on-call user group and the leads, mentioned in the on-call channel.


@dataclass(frozen=True)
class ReminderDetails:
    """What a message carries of its reminder. All fields are empty for a message that carries none."""

    key: str = ""
    """The reminder's key in the table ``reminder``. Never parsed."""
    step: str = ""
    """The step of the ladder, such as ``open`` or ``ended``; without its count and instant."""
    counted_from: datetime | None = None
    """The instant from which the step is counted, such as a gap's start: UTC, in whole seconds."""
    due_at: datetime | None = None
    """When the reminder was due, UTC."""
    audience: frozenset[Audience] = frozenset()
    """Whom it addresses."""


NO_REMINDER = ReminderDetails()


@dataclass(frozen=True)
class Delivery:
    """One outbox row as a worker holds it."""

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
    """Fences off a worker that was paused past its lease."""
    tries: int
    looks: int
    plain: bool
    """Asks for a short text without blocks."""
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
    """Slack's own time before the first try, as one of its timestamps."""
    redraws: str | None = None
    """The ``id`` of the message that this one redraws, where it is not the card of the subject."""
    reminder: ReminderDetails = NO_REMINDER

    @property
    def must_look(self) -> bool:
        """True when a copy may already be visible. What may be repeated needs no look."""
        return self.state is DeliveryState.UNKNOWN and self.what not in REPEATABLE and self.looks < len(LOOKS)


def interval(scope: str) -> timedelta:
    """How far apart messages of one scope are sent: about one post a second and channel. Slack takes 50 updates a
    minute from the whole workspace (tier 3): 40 of them by this pace, and :data:`BURST` ahead of it. Calls use the
    short bursts that Slack takes (four and one a second more, so seven within three seconds): what comes in between
    goes into the next one.
    """
    return timedelta(seconds=_INTERVALS.get(scope.partition(":")[0], 1.0))


def ahead(scope: str) -> timedelta:
    """How far ahead of its pace a scope may be used by what somebody waits for."""
    return BURST * interval(scope) if scope == UPDATE else timedelta()
