"""What to do with a message after an answer of Slack's: wait, look for it, send it again, or set it aside. Pure."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import accumulate

from models.rules.outbox.delivery import LOOKS, Delivery, DeliveryState
from models.rules.outbox.message_kinds import REPEATABLE, MessageKind
from models.rules.outbox.pace import EVERYTHING
from models.rules.outbox.send_outcome import SendOutcome, SendResult

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
MAX_BACKOFF = 60.0
"""The longest backoff in seconds."""
UPLOAD_TRIES = 6
"""How often a file is given to Slack while the outcome is unknown: over about a minute."""


@dataclass(frozen=True)
class Settlement:
    """What to write to the row of a message after it was sent or looked for."""

    state: DeliveryState
    due_at: datetime
    looks: int = 0
    tries: int = 0
    plain: bool = False
    doubtful: bool = False
    in_doubt_since: datetime | None = None
    sweep_at: datetime | None = None
    pause_scope: str | None = None
    pause_until: datetime | None = None
    """Until when the scope is held back, UTC."""
    trouble: bool = False
    """Whether people are told."""
    repost: bool = False
    """Whether the card is posted again."""


def settle(delivery: Delivery, outcome: SendOutcome, now: datetime) -> Settlement:
    """Return what the outcome of a try means for the row of its message."""
    return _MEANING[outcome.result](delivery, outcome, now)


def _sent(delivery: Delivery, _outcome: SendOutcome, now: datetime) -> Settlement:
    found_of = delivery.in_doubt_since if delivery.must_look else None  # it was sent then, and found now
    return replace(_end(delivery, DeliveryState.SENT, now), in_doubt_since=found_of)


def _superseded(delivery: Delivery, outcome: SendOutcome, now: datetime) -> Settlement:
    """Close a row with nothing left to say. A card that somebody deleted is posted again."""
    return replace(_end(delivery, DeliveryState.SUPERSEDED, now), repost=outcome.result is SendResult.GONE)


def _set_aside(delivery: Delivery, now: datetime) -> Settlement:
    """Give a message up and report it, unless it is itself a report."""
    trouble = delivery.what is not MessageKind.TROUBLE
    return replace(_end(delivery, DeliveryState.DEAD, now), trouble=trouble)


def _end(delivery: Delivery, state: DeliveryState, now: datetime) -> Settlement:
    """Close a row. One whose outcome was once unknown is searched for later, because a copy may still appear."""
    sweep = now + SWEEPS[0] if delivery.doubtful else None
    return Settlement(state, now, doubtful=delivery.doubtful, sweep_at=sweep)


def _not_yet(delivery: Delivery, outcome: SendOutcome, now: datetime) -> Settlement:
    return _again(delivery, now + timedelta(seconds=outcome.retry_after or 1))


def _absent(delivery: Delivery, _outcome: SendOutcome, now: datetime) -> Settlement:
    """Search again later for what is not visible yet; after the last search it may be sent again at once.

    Long after it was sent one look is enough: it counts for all that were due by now.
    """
    sent_at = delivery.in_doubt_since
    due_by_now = sum(sent_at + after <= now for after in LOOKED_FOR) if sent_at else 0
    looks = max(delivery.looks + 1, due_by_now)
    wait = LOOKS[looks] if looks < len(LOOKS) else timedelta()
    if wait and sent_at and sent_at <= now:
        wait = min(wait, sent_at + LOOKED_FOR[looks] - now)
    return replace(_again(delivery, now + wait), state=DeliveryState.UNKNOWN, looks=looks)


def _again(delivery: Delivery, due_at: datetime) -> Settlement:
    """Try later with an unchanged row: what was searched for is still unknown, all else is still to be sent."""
    state = DeliveryState.UNKNOWN if delivery.must_look else DeliveryState.PENDING
    return Settlement(
        state,
        due_at,
        looks=delivery.looks,
        tries=delivery.tries,
        plain=delivery.plain,
        doubtful=delivery.doubtful,
        in_doubt_since=delivery.in_doubt_since,
    )


def _refused_for_now(delivery: Delivery, outcome: SendOutcome, now: datetime) -> Settlement:
    """Send again later what was not accepted. After a rate limit the whole scope waits."""
    if outcome.retry_after is None:
        wait = timedelta(seconds=backoff(delivery.tries))
        return _pause_too(replace(_again(delivery, now + wait), tries=delivery.tries + 1), delivery, outcome)
    until = now + timedelta(seconds=outcome.retry_after)
    return replace(_again(delivery, until), pause_scope=outcome.scope or delivery.scope, pause_until=until)


def _doubtful(delivery: Delivery, outcome: SendOutcome, now: datetime) -> Settlement:
    """Search soon for what may be visible, then less and less often while Slack does not answer the search.

    What may be repeated is sent again, less and less often too. One look is enough after a failure Slack reported.
    """
    unanswered = delivery.must_look
    later = unanswered or outcome.answered or delivery.what in REPEATABLE
    wait = max(LOOKS[0], timedelta(seconds=backoff(delivery.tries))) if later else LOOKS[0]
    if delivery.what is MessageKind.PAGE:  # few tries, so a line that is bad for half a minute must not use them all
        wait = LOOKS[0] * 2**delivery.tries
    state = DeliveryState.PENDING if delivery.what in REPEATABLE else DeliveryState.UNKNOWN
    skipped = len(LOOKS) - ANSWERED_LOOKS if outcome.answered else 0
    looks = delivery.looks if unanswered else skipped
    again = _again(delivery, now + wait)
    sent_at = delivery.in_doubt_since if unanswered else now
    return replace(again, state=state, looks=looks, tries=delivery.tries + 1, doubtful=True, in_doubt_since=sent_at)


def _workspace_broken(delivery: Delivery, _outcome: SendOutcome, now: datetime) -> Settlement:
    until = now + WORKSPACE_WAIT
    return replace(_again(delivery, until), pause_scope=EVERYTHING, pause_until=until)


def _target_broken(delivery: Delivery, outcome: SendOutcome, now: datetime) -> Settlement:
    """Tell people that a channel refuses the bot. The message waits until somebody invites the bot again.

    A message to a person who has left is set aside.
    """
    if delivery.what is MessageKind.TROUBLE or delivery.user:
        return _set_aside(delivery, now)
    return _pause_too(replace(_again(delivery, now + TARGET_WAIT), trouble=True), delivery, outcome)


def _pause_too(settlement: Settlement, delivery: Delivery, outcome: SendOutcome) -> Settlement:
    """Let the scope of a message wait as long as the message, where its outcome says so."""
    if not outcome.pauses_scope:
        return settlement
    return replace(settlement, pause_scope=delivery.scope, pause_until=settlement.due_at)


def _content_broken(delivery: Delivery, _outcome: SendOutcome, now: datetime) -> Settlement:
    """Send what Slack refuses once more as short plain text; then set it aside and tell people."""
    if delivery.plain:
        return _set_aside(delivery, now)
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
    """Return the seconds to wait after this many failures: doubling, at most :data:`MAX_BACKOFF`.

    No jitter is added: a lane sends one row at a time, and the pace of its scope spreads the rest.
    """
    return min(MAX_BACKOFF, 2.0 ** min(tries, 6))


def retry_upload(outcome: SendOutcome, tries: int) -> SendOutcome | None:
    """Return the outcome with which a failed upload waits for its next try; None when its message goes without it.

    Nobody has seen the file yet, so one of unknown outcome may be uploaded again. ``tries`` are its message's.
    """
    if outcome.result in (SendResult.NOT_YET, SendResult.NOT_ACCEPTED):
        return outcome
    if outcome.result is SendResult.UNKNOWN and tries < UPLOAD_TRIES:
        return replace(outcome, result=SendResult.NOT_ACCEPTED)
    return None
