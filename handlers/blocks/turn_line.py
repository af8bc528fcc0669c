"""One line of a card: whose turn it is, since when, what is next and until when.

On a shared card each reader sees times in their own zone; in a private answer they are in the zone of the reader.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from handlers.blocks import block_kit, own_zone
from handlers.i18n import dates, labels
from handlers.i18n.words import Words
from models.rules.escalations.clocks import CaseTimeline, count_first_response
from models.rules.escalations.deadlines import AwaitedStep, Deadline, find_deadline_from_history
from models.rules.escalations.desk_hours import DeskHours, IsWorkday
from models.rules.escalations.escalation import ENDED, Escalation, Turn
from models.rules.policy.vendor import Desk, VendorPolicy

DAY = timedelta(days=1)
SAID_ELSEWHERE = frozenset({AwaitedStep.ACKNOWLEDGEMENT, AwaitedStep.FIRST_ANSWER, AwaitedStep.PROMISE})
"""Next steps whose time another row of the card or another part of the line says."""
_DATE = re.compile(r"<!date\^(\d+)\^([^<>|]+)\|[^<>]*>")


def describe(
    escalation: Escalation,
    timeline: CaseTimeline,
    policy: VendorPolicy,
    is_workday: IsWorkday,
    words: Words,
    zone: ZoneInfo | None,
    now: datetime,
) -> str:
    """Return the line, one per language; empty when the escalation has ended.

    Without a ``zone`` the times are dates of Slack's, which :func:`draw` draws.
    """
    if escalation.status in ENDED:
        return ""

    deadline = find_deadline_from_history(escalation, timeline, policy, is_workday)

    def _write(words: Words) -> str:
        parts = [_turn(escalation, timeline, words, zone, now)]
        if escalation.turn is Turn.VENDOR:
            parts += _first_response(timeline, policy, is_workday, words, zone, now)
        parts += _next_step(escalation, deadline, words, zone, now)
        if at := escalation.promised_at:
            parts.append(words("next update to the customer by {at}", at=by(at, zone, words, now)))
        return " · ".join(parts)

    line = words.line_per_language(_write)
    return own_zone.make_numeric(line) if words.is_both else line


def _turn(escalation: Escalation, timeline: CaseTimeline, words: Words, zone: ZoneInfo | None, now: datetime) -> str:
    name = words(labels.TURN[escalation.turn])
    since = timeline.turn_since
    return words("{turn} since {at}", turn=name, at=_moment(since, zone, words, now)) if since else name


def _next_step(
    escalation: Escalation, deadline: Deadline | None, words: Words, zone: ZoneInfo | None, now: datetime
) -> Iterator[str]:
    """Yield what is done next and until when, unless another part of the card says it."""
    if deadline and deadline.step not in SAID_ELSEWHERE:
        yield words(labels.name_awaited(deadline.step, escalation))
        yield describe_due(deadline.due_at, zone, words, now)


def describe_due(due_at: datetime, zone: ZoneInfo | None, words: Words, now: datetime) -> str:
    """Return until when something is due. A shared card never says overdue: it is redrawn only after a move."""
    at = by(due_at, zone, words, now)
    return words("overdue since {at}", at=at) if zone and due_at <= now else words("due {at}", at=at)


def _first_response(
    timeline: CaseTimeline,
    policy: VendorPolicy,
    is_workday: IsWorkday,
    words: Words,
    zone: ZoneInfo | None,
    now: datetime,
) -> Iterator[str]:
    """Yield the severity, the desk's hours and the expected first response."""
    if not timeline.facts.awaits_first_response:
        return
    target = timeline.facts.find_target(policy)
    if target is None:
        yield words("no response time of 21Vianet is known for this")
        return
    yield words("severity {severity}", severity=target.severity)
    yield from _desk(target.desk, is_workday, words, zone, now)
    clock = count_first_response(timeline, policy, is_workday, now)
    if clock.due_at:
        at = by(clock.due_at, zone, words, now)
        is_late = now > clock.due_at
        expected = words("first answer expected by {at}", at=at)
        yield words("first answer was expected by {at}", at=at) if is_late else expected


def _desk(desk: Desk, is_workday: IsWorkday, words: Words, zone: ZoneInfo | None, now: datetime) -> Iterator[str]:
    hours = DeskHours(desk, is_workday)
    if not hours.is_open(now):
        yield words("desk opens {at}", at=_moment(hours.find_opening(now), zone, words, now))


def draw(line: str) -> list[block_kit.Element]:
    """Return the line in rich text, with the dates of Slack's that are in it."""
    parts = _DATE.split(line)
    shown = [block_kit.run(part) for part in parts[:1] if part]
    for stamp, shape, after in zip(parts[1::3], parts[2::3], parts[3::3], strict=True):
        at = datetime.fromtimestamp(int(stamp), UTC)
        date = block_kit.when(at, shape)
        shown += [date, *([block_kit.run(after)] if after else [])]
    return shown


def by(at: datetime, zone: ZoneInfo | None, words: Words, now: datetime) -> str:
    """Return a time by which something is expected. Midnight is the end of the day before: “Mon 30 Nov 24:00”."""
    if zone is None:
        return own_zone.in_sentence(at, words)
    local = at.astimezone(zone)
    if (local.hour, local.minute) == (0, 0):
        return f"{dates.day((local - DAY).date(), words)} 24:00"
    return _moment(at, zone, words, now)


def _moment(at: datetime, zone: ZoneInfo | None, words: Words, now: datetime) -> str:
    """Return “02:10” for today, else “Mon 30 Nov 02:10”."""
    if zone is None:
        return own_zone.in_sentence(at, words)
    is_today = at.astimezone(zone).date() == now.astimezone(zone).date()
    return dates.clock(at, zone) if is_today else dates.moment(at, zone, words)
