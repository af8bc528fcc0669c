"""Shifts as long as they are: where a look at a time cut one off, it is followed further. Pure.

What has no end within a year is told as without one, by :data:`models.rules.times.ENDLESS`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from models.rules.rota.impact import RotaState
from models.rules.rota.shifts import Shift, resolve_shifts
from models.rules.times import EARLIEST, ENDLESS

LONG_SHIFT = timedelta(days=7)
"""Of a shift that is shorter nobody asks when it began before the look did."""
STEPS = (timedelta(days=35), timedelta(days=366))
"""How much further is looked, first and then."""


def need_earlier_overrides(shifts: Iterable[Shift], start: datetime) -> bool:
    """Whether the beginning of any has to be looked for before ``start``: then all changes there ever were count."""
    return any(_begins_before(shift, start) for shift in shifts)


def extend_shifts(shifts: Sequence[Shift], known: RotaState, start: datetime, end: datetime) -> list[Shift]:
    """The shifts of a look from ``start`` to ``end``, with their true beginnings and ends."""
    return [_ended(_begun(shift, known, start), known, end) for shift in shifts]


def _begins_before(shift: Shift, start: datetime) -> bool:
    return shift.start == start and shift.end - start > LONG_SHIFT


def _begun(shift: Shift, known: RotaState, start: datetime) -> Shift:
    if not _begins_before(shift, start):
        return shift
    for first in (*(start - step for step in STEPS), EARLIEST):
        before = (one for one in _look(known, shift, first, start) if one.end == start)
        found = next(before, None)
        if found is None:
            return shift
        if found.start > first:
            return shift._replace(start=found.start)
    return shift


def _ended(shift: Shift, known: RotaState, end: datetime) -> Shift:
    if shift.end != end:
        return shift
    for last in (end + step for step in STEPS):
        found = next((one for one in _look(known, shift, end, last) if one.start == end), None)
        if found is None:
            return shift
        if found.end < last:
            return shift._replace(end=found.end)
    return shift._replace(end=ENDLESS)


def _look(known: RotaState, shift: Shift, start: datetime, end: datetime) -> list[Shift]:
    """What is the same shift in another time."""
    seats = tuple(seat for seat in known.rota.seats if seat.name == shift.seat)
    found = resolve_shifts(replace(known.rota, seats=seats), known.overrides, start, end, known.absences)
    return [one for one in found if one._replace(start=shift.start, end=shift.end) == shift]
