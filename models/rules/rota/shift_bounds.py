"""The true start and end of shifts that a time window cut off. Pure.

A shift that does not end within a year ends at :data:`models.rules.times.ENDLESS`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from models.rules.rota.impact import RotaState
from models.rules.rota.shifts import Shift, resolve_shifts
from models.rules.times import EARLIEST, ENDLESS

LONG_SHIFT = timedelta(days=7)
"""Only of a shift longer than this is the true start looked for."""
STEPS = (timedelta(days=35), timedelta(days=366))
"""How much further is searched, first and then."""


def need_earlier_overrides(shifts: Iterable[Shift], start: datetime) -> bool:
    """Return whether the start of a shift must be searched before ``start``: then all overrides ever made count."""
    return any(_begins_before(shift, start) for shift in shifts)


def extend_shifts(shifts: Sequence[Shift], state: RotaState, start: datetime, end: datetime) -> list[Shift]:
    """Return the shifts of the window from ``start`` to ``end`` with their true starts and ends."""
    return [_extend_end(_extend_start(shift, state, start), state, end) for shift in shifts]


def _begins_before(shift: Shift, start: datetime) -> bool:
    return shift.start == start and shift.end - start > LONG_SHIFT


def _extend_start(shift: Shift, state: RotaState, start: datetime) -> Shift:
    if not _begins_before(shift, start):
        return shift
    for first in (*(start - step for step in STEPS), EARLIEST):
        matches = (other for other in _find_same_shift(state, shift, first, start) if other.end == start)
        earlier = next(matches, None)
        if earlier is None:
            return shift
        if earlier.start > first:
            return shift._replace(start=earlier.start)
    return shift


def _extend_end(shift: Shift, state: RotaState, end: datetime) -> Shift:
    if shift.end != end:
        return shift
    for last in (end + step for step in STEPS):
        later = next((other for other in _find_same_shift(state, shift, end, last) if other.start == end), None)
        if later is None:
            return shift
        if later.end < last:
            return shift._replace(end=later.end)
    return shift._replace(end=ENDLESS)


def _find_same_shift(state: RotaState, shift: Shift, start: datetime, end: datetime) -> list[Shift]:
    """Return the same shift as resolved in another window."""
    seats = tuple(seat for seat in state.rota.seats if seat.name == shift.seat)
    shifts = resolve_shifts(replace(state.rota, seats=seats), state.overrides, start, end, state.absences)
    return [other for other in shifts if other._replace(start=shift.start, end=shift.end) == shift]
