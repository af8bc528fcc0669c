"""A gap: announced when it is found, again as it comes nearer, and every quarter of an hour while it is open."""

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
"""The other steps: it was found, it is open now, it ended."""
WITH_CARD = frozenset({FOUND, "14d"})
"""The steps with which its card is posted: in its thread they only notify people."""
CARD_WITHIN = BEFORE["14d"]
"""So near it gets a card of its own; before, it is a line in a digest, so that a whole year's gaps flood nobody."""
CANDIDATES_WITHIN, LEADS_WITHIN = BEFORE["72h"], BEFORE["4h"]
WHILE_OPEN = timedelta(minutes=15)
EVERYONE_EACH = 4
"""While it is open everybody is called at its start and then at every so-manieth reminder; the leads at each."""


@dataclass(frozen=True)
class GapFacts:
    """What the ladder needs to know of a gap. ``after`` is up to when its steps were made before."""

    number: int
    start: datetime
    end: datetime
    found_at: datetime
    ended_at: datetime | None = None
    after: datetime | None = None


def ladder(gap: GapFacts, now: datetime) -> DueSteps:
    """What is owed of a gap by now. Once it has ended that is said, and nothing follows."""
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


def audience(left: timedelta, n: int | None = None) -> frozenset[Audience]:
    """Who is told so long before its start; ``n`` counts the reminders while it is open."""
    if left > CARD_WITHIN:
        return frozenset({A.DIGEST})
    widening = {A.CHANNEL}
    if left <= CANDIDATES_WITHIN and not (n or 0) % EVERYONE_EACH:
        widening.add(A.CANDIDATES)
    if left <= LEADS_WITHIN:
        widening.add(A.LEADS)
    if left <= timedelta() and not (n or 0) % EVERYONE_EACH:
        widening.add(A.EVERYONE)
    return frozenset(widening)
