"""A shift: its person is reminded ahead as they wish; while nobody said “I have the watch”, others are called."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from models.delivery import What
from models.nags.step import Audience, Owed, Step, every, owed
from models.nags.subjects import ShiftName

A = Audience
BACKUP_BEFORE, LEADS_BEFORE = timedelta(minutes=10), timedelta(minutes=5)
UNCONFIRMED = timedelta(minutes=15)
"""How often it is said from its start on that nobody confirmed it."""
EVERYONE_FROM = 2
"""From this repetition on everybody is called."""


@dataclass(frozen=True)
class ShiftFacts:
    """What the ladder needs to know of a shift. ``minutes`` is how long ahead its person (``user``, a Slack id) wants
    to be reminded; ``since`` is when the shift became theirs; ``handed`` says that from its start on a handover is
    what is waited for, which has a ladder of its own; ``after`` is up to when its steps were made before."""

    name: ShiftName
    end: datetime
    user: str
    minutes: tuple[int, ...]
    since: datetime
    confirmed: bool = False
    handed: bool = False
    after: datetime | None = None

    @cached_property
    def subject(self) -> str:
        """What it is called."""
        return str(self.name)


def ladder(shift: ShiftFacts, now: datetime) -> Owed:
    """What is owed of a shift by now."""
    steps = _ahead(shift) if shift.confirmed else (*_ahead(shift), *_unconfirmed(shift, now))
    return owed((step for step in steps if step.due_at > shift.since), now)


def _ahead(shift: ShiftFacts) -> Iterator[Step]:
    for minutes in sorted(set(shift.minutes), reverse=True):
        due = shift.name.start - timedelta(minutes=minutes)
        yield _step(shift, f"{minutes}min", due, What.SHIFT, A.PERSON)


def _unconfirmed(shift: ShiftFacts, now: datetime) -> Iterator[Step]:
    start = shift.name.start
    yield _step(shift, "backup", start - BACKUP_BEFORE, What.NAG, A.PERSON, A.BACKUP)
    yield _step(shift, "leads", start - LEADS_BEFORE, What.NAG, A.PERSON, A.BACKUP, A.LEADS)
    if shift.handed:
        return
    for n, at in every(start, UNCONFIRMED, shift.end, now, shift.after):
        to = [A.PERSON, A.BACKUP, A.LEADS, A.CHANNEL, *([A.EVERYONE] if n >= EVERYONE_FROM else [])]
        yield _step(shift, f"open{n}", at, What.NAG, *to)


def _step(shift: ShiftFacts, name: str, due_at: datetime, what: What, *to: Audience) -> Step:
    return Step(shift.subject, name, due_at, what, frozenset(to), (shift.user,) if shift.user else ())
