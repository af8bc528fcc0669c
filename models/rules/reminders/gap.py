"""A gap: announced when it is found, again as it comes nearer, and every 15 minutes while it lasts.

Its reminders also go to those who could take it. That list is a suggestion; nothing else enforces it.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from models.rules.outbox.message_kinds import MessageKind
from models.rules.outbox.reminder_details import Audience
from models.rules.reminders.step import DueSteps, ReminderStep, every, owed
from models.rules.rota.gaps import Gap, GapReason
from models.rules.rota.overrides import Override, OverrideKind
from models.rules.rota.rota import MAY_OPEN_REQUESTS, Member, Rota, Seat
from models.rules.rota.shifts import Shift

A = Audience
BEFORE = {
    "30d": timedelta(days=30), "14d": timedelta(days=14), "7d": timedelta(days=7), "72h": timedelta(hours=72),
    "24h": timedelta(hours=24), "4h": timedelta(hours=4), "30min": timedelta(minutes=30),
}  # fmt: skip
"""How long before its start a gap is announced again."""
FOUND, OPEN, ENDED = "found", "open", "ended"
"""The other steps: it was found, it has begun, it ended."""
WITH_CARD = frozenset({FOUND, "14d"})
"""The steps that post its card: besides that they only notify people."""
CARD_WITHIN = BEFORE["14d"]
"""How long before its start a gap gets a card of its own.

Until then it is a line in a list, so that the gaps of a whole year do not flood the channel.
"""
CANDIDATES_WITHIN, LEADS_WITHIN = BEFORE["72h"], BEFORE["4h"]
WHILE_OPEN = timedelta(minutes=15)
LONGEST_LOOK = timedelta(hours=12)
"""Of a longer gap, only the first hours count: a person who is free for them can take that part."""
EVERYONE_EACH = 4
"""While it lasts, each 4th reminder goes to everybody, beginning with the first; the leads get each one."""


@dataclass(frozen=True)
class GapFacts:
    """What the steps of a gap depend on."""

    subject: str
    start: datetime
    end: datetime
    found_at: datetime
    ended_at: datetime | None = None
    after: datetime | None = None  # UTC; steps due up to here were made before


def find_steps(gap: GapFacts, now: datetime) -> DueSteps:
    """Return the steps of a gap that are due by now. The last one says that it ended."""
    if gap.ended_at is not None:
        step = ReminderStep(gap.subject, ENDED, gap.ended_at, MessageKind.REMINDER, frozenset({A.CHANNEL}))
        return DueSteps([step])
    return owed([step for step in _steps(gap, now) if gap.after is None or step.due_at > gap.after], now)


def _steps(gap: GapFacts, now: datetime) -> Iterator[ReminderStep]:
    yield _step(gap, FOUND, gap.found_at)
    for name, lead in BEFORE.items():
        if gap.start - lead > gap.found_at:
            yield replace(_step(gap, name, gap.start - lead), counted_from=gap.start)
    for n, at in every(gap.start, WHILE_OPEN, gap.end, now, gap.after):
        if at > gap.found_at:
            yield replace(_step(gap, OPEN, at, n), n=n, counted_from=gap.start)


def _step(gap: GapFacts, name: str, due_at: datetime, n: int | None = None) -> ReminderStep:
    to = audience(gap.start - due_at, n)
    what = MessageKind.GAPS if A.DIGEST in to else MessageKind.REMINDER
    return ReminderStep(gap.subject, name, due_at, what, to)


def audience(before: timedelta, n: int | None = None) -> frozenset[Audience]:
    """Return who is reminded so long ``before`` the start; ``n`` counts the reminders from the start on."""
    if before > CARD_WITHIN:
        return frozenset({A.DIGEST})
    widening = {A.CHANNEL}
    if before <= CANDIDATES_WITHIN and not (n or 0) % EVERYONE_EACH:
        widening.add(A.CANDIDATES)
    if before <= LEADS_WITHIN:
        widening.add(A.LEADS)
    if before <= timedelta() and not (n or 0) % EVERYONE_EACH:
        widening.add(A.EVERYONE)
    return frozenset(widening)


def find_candidates(
    rota: Rota,
    shifts: Iterable[Shift],
    in_force: Iterable[Override],
    gap: Gap,
    absent: Collection[str],
    now: datetime,
) -> list[Member]:
    """Return the members who can take a gap, or the beginning of what remains of it, in the order of the file.

    They may cover the seat, are free then and have rested. ``absent`` are the Slack ids of people who left.
    """
    seat = next((seat for seat in rota.seats if seat.name == gap.seat), None)
    if seat is None:
        return []
    start = max(gap.start, now)
    end = min(gap.end, start + LONGEST_LOOK)
    rest = rota.min_rest or timedelta()
    busy = set(_find_busy(shifts, in_force, start - rest, end + rest))
    members = [
        member for member in rota.members.values() if _is_qualified(member, seat, gap) and member.slack_id not in absent
    ]
    return [member for member in members if member.name not in busy]


def _is_qualified(member: Member, seat: Seat, gap: Gap) -> bool:
    if not member.slack_id:
        return False
    if seat.needs_role and member.role not in MAY_OPEN_REQUESTS:
        return False
    if gap.reason is GapReason.NO_SERVICE:
        return bool(member.services.intersection(gap.missing))
    return gap.reason is not GapReason.NO_LANGUAGE or bool(member.languages.intersection(gap.missing))


def _find_busy(shifts: Iterable[Shift], in_force: Iterable[Override], start: datetime, end: datetime) -> Iterator[str]:
    """Yield the members who are on call, or away, at some time between two instants."""
    for shift in shifts:
        if shift.start < end and start < shift.end:
            yield shift.member
    for change in in_force:
        if change.kind is OverrideKind.TIME_OFF and change.start < end and start < change.end:
            yield change.member
