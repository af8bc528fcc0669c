"""Why a reminder came late: Slack took no messages, or the bot did not run. Pure rules; instants are in UTC."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

Time = tuple[datetime, datetime]
WORTH_SAYING = timedelta(minutes=1)
"""What lasted less delayed nothing that a person noticed."""


@dataclass(frozen=True)
class LateReasons:
    """Why a reminder came late; both are empty where nothing is known."""

    slack_since: datetime | None = None
    """Since when Slack took no messages."""
    stops: tuple[Time, ...] = ()
    """When no bot ran."""


def find_reasons(
    due: datetime, made: datetime, sent: datetime, stops: Iterable[Time], untaken: Iterable[Time]
) -> LateReasons:
    """Return why a reminder came late that was due, written into the outbox and sent at these instants.

    ``stops`` are times without a bot. ``untaken`` are the times from the first try of a message until Slack took it.
    What waits in the outbox of a running bot waits for Slack. A stop is a reason only where it came before that.
    """
    stops, waits = list(stops), [(start, end) for start, end in untaken if _overlap((start, end), (made, sent)) > 0]
    stopped = sum(_overlap(stop, (made, sent)) for stop in stops)
    has_waited = (sent - made).total_seconds() - stopped >= WORTH_SAYING.total_seconds()
    slack_since = min((start for start, _ in waits), default=None) if has_waited else None
    until = sent if slack_since is None else min(slack_since, sent)
    reasons = (stop for stop in stops if _overlap(stop, (due, until)) >= WORTH_SAYING.total_seconds())
    return LateReasons(slack_since, tuple(reasons))


def _overlap(first: Time, second: Time) -> float:
    """Return for how many seconds two times overlap."""
    return max(0.0, (min(first[1], second[1]) - max(first[0], second[0])).total_seconds())
