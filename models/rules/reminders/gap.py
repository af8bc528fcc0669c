"""A gap: announced when it is found, again as it comes nearer, and every 15 minutes while it lasts."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from models.rules.delivery import Audience, MessageKind
from models.rules.reminders import subjects
from models.rules.reminders.step import DueSteps, ReminderStep, every, owed

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
EVERYONE_EACH = 4
"""While it lasts, each 4th reminder goes to everybody, beginning with the first; the leads get each one."""


@dataclass(frozen=True)
class GapFacts:
    """What the steps of a gap depend on."""

    number: int
    start: datetime
    end: datetime
    found_at: datetime
    ended_at: datetime | None = None
    after: datetime | None = None  # UTC; steps due up to here were made before


def ladder(gap: GapFacts, now: datetime) -> DueSteps:
    """Return the steps of a gap that are due by now. The last one says that it ended."""
    if gap.ended_at is not None:
        step = ReminderStep(subjects.gap(gap.number), ENDED, gap.ended_at, MessageKind.REMINDER, frozenset({A.CHANNEL}))
        return DueSteps([step])
    return owed((step for step in _steps(gap, now) if gap.after is None or step.due_at > gap.after), now)


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
    return ReminderStep(subjects.gap(gap.number), name, due_at, what, to)


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
