"""Why a reminder came late: Slack took no messages, or the bot did not run. Pure rules; instants are in UTC."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

Time = tuple[datetime, datetime]
WORTH_SAYING = timedelta(minutes=1)
"""What lasted less delayed nothing that a person noticed."""
SOON = timedelta(minutes=2)
"""So much of a delay needs no reason: the bot starts, ticks, and tries again meanwhile."""


@dataclass(frozen=True)
class LateReasons:
    """Why a reminder came late; without any of them nothing is known."""

    slack_since: datetime | None = None
    """Since when Slack took no messages."""
    stops: tuple[Time, ...] = ()
    """When no bot ran."""
    is_partial: bool = False
    """Whether they explain only a part of the delay."""


def find_reasons(
    due: datetime, made: datetime, sent: datetime, stops: Iterable[Time], untaken: Iterable[Time]
) -> LateReasons:
    """Return why a reminder came late that was due, written into the outbox and sent at these instants.

    ``stops`` are times without a bot. ``untaken`` are the times from the try of a message until Slack took any.
    What waits in the outbox of a running bot waits for Slack. A stop is a reason where it came before that, or where
    the message was sent as soon as the bot ran again.
    """
    stops, waits = list(stops), [(start, end) for start, end in untaken if _overlap((start, end), (made, sent)) > 0]
    stopped = sum(_overlap(stop, (made, sent)) for stop in stops)
    has_waited = (sent - made).total_seconds() - stopped >= SOON.total_seconds()
    slack_since = min((start for start, _ in waits), default=None) if has_waited else None
    before = (due, sent if slack_since is None else min(slack_since, sent))
    reasons = [
        stop
        for stop in stops
        if _overlap(stop, before) >= WORTH_SAYING.total_seconds()
        or (sent - stop[1] < SOON and _overlap(stop, (due, sent)) >= WORTH_SAYING.total_seconds())
    ]
    explained = [*reasons, *([(slack_since, sent)] if slack_since else [])]
    is_partial = bool(explained) and _sum_others(explained, (due, sent)) >= SOON.total_seconds()
    return LateReasons(slack_since, tuple(reasons), is_partial)


def _sum_others(times: Iterable[Time], whole: Time) -> float:
    """Return how many seconds of a whole time lie in none of several times."""
    rest, until = 0.0, whole[0]
    for start, end in sorted(times):
        rest += max(0.0, (min(start, whole[1]) - until).total_seconds())
        until = max(until, end)
    return rest + max(0.0, (whole[1] - until).total_seconds())


def _overlap(first: Time, second: Time) -> float:
    """Return for how many seconds two times overlap."""
    return max(0.0, (min(first[1], second[1]) - max(first[0], second[0])).total_seconds())
