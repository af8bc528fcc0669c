"""What becomes of a message to Slack: how each answer is taken, when to try, look or give up. Pure; sends nothing.

The promise: each accepted move leads to its messages, each visible once, in order. Exactly-once over HTTP does not
exist, so a send with unknown outcome is looked up by its id before it is sent again (docs/reliability.md).
"""

from dataclasses import dataclass, replace
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
    """The kinds of message. ``CARD`` begins an escalation's thread, ``LINE`` continues it, ``REFRESH`` redraws the
    card, ``RECEIPT`` goes to one person, ``TROUBLE`` tells the on-call channel what can't be delivered. ``CALL`` asks
    somebody at once to acknowledge; ``CALL_REFRESH`` says in its place what became of it.

    Of the duty: ``GAP`` and ``HANDOVER`` are cards with redrawings of their own, ``GAPS`` lists far gaps, ``NAG`` is a
    reminder in a thread, the channel or to one person, ``NAG_REFRESH`` says in its place how it ended, ``SHIFT``
    reminds somebody of their shift, ``ON_NOW`` tells who is on, ``TOPIC`` and ``GROUP`` make the on-call channel's
    topic and the user group say the same, ``DIGEST``, ``WEEK``, ``PICTURE`` and ``REHEARSAL`` come at their time of the
    day, the last as a card. ``CHANGED`` tells what somebody changed of the rota; ``OFFER`` is a card in the channel,
    ``OFFERED`` the same to one person, or how it ended.
    """

    CARD = "card"
    REFRESH = "refresh"
    LINE = "line"
    RECEIPT = "receipt"
    CALL = "call"
    CALL_REFRESH = "call_refresh"
    TROUBLE = "trouble"
    GAP = "gap"
    GAP_REFRESH = "gap_refresh"
    GAPS = "gaps"
    REMINDER = "nag"
    REMINDER_REFRESH = "nag_refresh"
    SHIFT = "shift"
    HANDOVER = "handover"
    HANDOVER_REFRESH = "handover_refresh"
    ON_NOW = "on_now"
    TOPIC = "topic"
    GROUP = "group"
    DIGEST = "digest"
    WEEK = "week"
    PICTURE = "picture"
    REHEARSAL = "rehearsal"
    REHEARSAL_REFRESH = "rehearsal_refresh"
    CHANGED = "changed"
    OFFER = "offer"
    OFFER_REFRESH = "offer_refresh"
    OFFERED = "offered"


REDRAWS = {
    MessageKind.REFRESH: MessageKind.CARD,
    MessageKind.CALL_REFRESH: MessageKind.CALL,
    MessageKind.GAP_REFRESH: MessageKind.GAP,
    MessageKind.REMINDER_REFRESH: MessageKind.REMINDER,
    MessageKind.HANDOVER_REFRESH: MessageKind.HANDOVER,
    MessageKind.OFFER_REFRESH: MessageKind.OFFER,
    MessageKind.REHEARSAL_REFRESH: MessageKind.REHEARSAL,
}
"""What redraws which card."""
REPEATABLE = frozenset({*REDRAWS, MessageKind.TOPIC, MessageKind.GROUP})
"""Doing these twice does no harm and leaves nothing to be found, so nobody looks before they are done again."""


UPDATE = "update"
"""The scope of all redrawings: Slack counts changes of messages for the whole workspace."""
_INTERVALS = {UPDATE: 1.5, "call": 0.5}
"""Seconds between two messages of a scope; of all others one."""
AWAITED = frozenset(
    {MessageKind.REFRESH, MessageKind.CALL_REFRESH, MessageKind.HANDOVER_REFRESH, MessageKind.OFFER_REFRESH}
)
"""Redrawings that follow a press: whoever pressed looks at the card."""
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

    DIGEST = "digest"  # a list in the on-call channel, with all else that is far ahead
    CHANNEL = "channel"  # the on-call channel, without a notification for anybody
    PERSON = "person"  # those the subject is about, by direct message
    ON_CALL = "on_call"  # who is responsible in the first seat now
    BACKUP = "backup"
    CANDIDATES = "candidates"  # who could take it
    LEADS = "leads"
    EVERYONE = "everyone"  # the on-call user group and the leads, mentioned in the on-call channel


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


@dataclass(frozen=True)
class Settlement:
    """What to write after an answer. ``pause_until`` holds back the scope; ``trouble`` tells people, ``repost`` begins
    the card anew.
    """

    state: DeliveryState
    due_at: datetime
    looks: int = 0
    tries: int = 0
    plain: bool = False
    doubtful: bool = False
    sweep_at: datetime | None = None
    pause_scope: str | None = None
    pause_until: datetime | None = None
    trouble: bool = False
    repost: bool = False


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


def settle(delivery: Delivery, answer: SlackAnswer, now: datetime) -> Settlement:
    """Decide what an answer means for its row."""
    return _MEANING[answer.verdict](delivery, answer, now)


def _sent(delivery: Delivery, _answer: SlackAnswer, now: datetime) -> Settlement:
    sweep = now + SWEEPS[0] if delivery.doubtful else None
    return Settlement(DeliveryState.SENT, now, doubtful=delivery.doubtful, sweep_at=sweep)


def _superseded(delivery: Delivery, answer: SlackAnswer, now: datetime) -> Settlement:
    """Nothing to say any more; what was sent with unknown outcome before may still appear, and then twice."""
    sweep = now + SWEEPS[0] if delivery.doubtful else None
    repost = answer.verdict is SendResult.GONE
    return Settlement(DeliveryState.SUPERSEDED, now, doubtful=delivery.doubtful, sweep_at=sweep, repost=repost)


def _not_yet(delivery: Delivery, _answer: SlackAnswer, now: datetime) -> Settlement:
    return _again(delivery, now + timedelta(seconds=1))


def _absent(delivery: Delivery, _answer: SlackAnswer, now: datetime) -> Settlement:
    """Not visible yet. Look once more a while later; after the last look it may be sent again at once."""
    looks = delivery.looks + 1
    wait = LOOKS[looks] if looks < len(LOOKS) else timedelta()
    return replace(_again(delivery, now + wait), state=DeliveryState.UNKNOWN, looks=looks)


def _again(delivery: Delivery, due_at: datetime) -> Settlement:
    """Later, as before: what was being looked for is still unknown, all else is still to be sent."""
    state = DeliveryState.UNKNOWN if delivery.must_look else DeliveryState.PENDING
    return Settlement(
        state,
        due_at,
        looks=delivery.looks,
        tries=delivery.tries,
        plain=delivery.plain,
        doubtful=delivery.doubtful,
    )


def _refused_for_now(delivery: Delivery, answer: SlackAnswer, now: datetime) -> Settlement:
    """Slack said "not now" and certainly kept nothing: safe to send again, and the whole scope waits."""
    if answer.retry_after is None:
        wait = timedelta(seconds=backoff(delivery.tries))
        return replace(_again(delivery, now + wait), tries=delivery.tries + 1)
    until = now + timedelta(seconds=answer.retry_after)
    return replace(_again(delivery, until), pause_scope=answer.scope or delivery.scope, pause_until=until)


def _doubtful(delivery: Delivery, answer: SlackAnswer, now: datetime) -> Settlement:
    """It may be visible. Look soon, then later and later while Slack does not even answer the look; a card is redrawn
    later and later too. After a failure that Slack reported one look is enough.
    """
    unanswered = delivery.must_look
    later = unanswered or answer.answered or delivery.what in REPEATABLE
    wait = max(LOOKS[0], timedelta(seconds=backoff(delivery.tries))) if later else LOOKS[0]
    state = DeliveryState.PENDING if delivery.what in REPEATABLE else DeliveryState.UNKNOWN
    skipped = len(LOOKS) - ANSWERED_LOOKS if answer.answered else 0
    looks = delivery.looks if unanswered else skipped
    again = _again(delivery, now + wait)
    return replace(again, state=state, looks=looks, tries=delivery.tries + 1, doubtful=True)


def _workspace_broken(delivery: Delivery, _answer: SlackAnswer, now: datetime) -> Settlement:
    until = now + BREAKER
    return replace(_again(delivery, until), pause_scope=EVERYTHING, pause_until=until)


def _target_broken(delivery: Delivery, _answer: SlackAnswer, now: datetime) -> Settlement:
    """The channel refuses us: people are told, and the message waits until somebody lets the bot in again. Nobody
    can let it in to a person who has left.
    """
    if delivery.what is MessageKind.TROUBLE or delivery.user:
        return Settlement(DeliveryState.DEAD, now, trouble=delivery.what is not MessageKind.TROUBLE)
    return replace(_again(delivery, now + TARGET_WAIT), trouble=True)


def _content_broken(delivery: Delivery, _answer: SlackAnswer, now: datetime) -> Settlement:
    """Slack refuses the message itself: once more as short plain text, then set aside and said aloud."""
    if delivery.plain:
        return Settlement(DeliveryState.DEAD, now, trouble=delivery.what is not MessageKind.TROUBLE)
    return replace(_again(delivery, now), plain=True)


_MEANING = {
    SendResult.SENT: _sent,
    SendResult.ABSENT: _absent,
    SendResult.SUPERSEDED: _superseded,
    SendResult.NOT_YET: _not_yet,
    SendResult.NOT_ACCEPTED: _refused_for_now,
    SendResult.UNKNOWN: _doubtful,
    SendResult.WORKSPACE_BROKEN: _workspace_broken,
    SendResult.TARGET_BROKEN: _target_broken,
    SendResult.CONTENT_BROKEN: _content_broken,
    SendResult.GONE: _superseded,
}


def backoff(tries: int) -> float:
    """Seconds to wait after this many failures: doubling, at most a minute. Callers add no jitter: a lane has
    one row in flight, and the pace of its scope spreads the rest.
    """
    return min(MAX_BACKOFF, 2.0 ** min(tries, 6))
