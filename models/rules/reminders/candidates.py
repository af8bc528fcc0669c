"""Find who could take a gap: people who may cover the seat, are free then and have rested.

The answer is a suggestion. Nothing else in the program enforces it.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from models.rules.rota.gaps import Gap, GapReason
from models.rules.rota.impact import RotaState
from models.rules.rota.overrides import OverrideKind, select_in_force
from models.rules.rota.rota import Member, Seat
from models.rules.rota.shifts import Shift

LONGEST_LOOK = timedelta(hours=12)
"""Of a longer gap, only the first hours count: a person who is free for them can take that part."""


def candidates(state: RotaState, shifts: Iterable[Shift], gap: Gap, now: datetime) -> list[Member]:
    """Return the members who can take a gap, or the beginning of what remains of it, in the order of the file."""
    seat = next((seat for seat in state.rota.seats if seat.name == gap.seat), None)
    if seat is None:
        return []
    start = max(gap.start, now)
    end = min(gap.end, start + LONGEST_LOOK)
    rest = state.rota.min_rest or timedelta()
    busy = set(_find_busy(state, shifts, start - rest, end + rest))
    members = [
        member
        for member in state.rota.members.values()
        if _is_qualified(member, seat, gap) and not state.is_gone(member.slack_id, now)
    ]
    return [member for member in members if member.name not in busy]


def _is_qualified(member: Member, seat: Seat, gap: Gap) -> bool:
    if not member.slack_id:
        return False
    if seat.needs_role and not (member.role and member.role.may_open_requests):
        return False
    if gap.reason is GapReason.NO_SERVICE:
        return bool(member.services.intersection(gap.missing))
    return gap.reason is not GapReason.NO_LANGUAGE or bool(member.languages.intersection(gap.missing))


def _find_busy(state: RotaState, shifts: Iterable[Shift], start: datetime, end: datetime) -> Iterator[str]:
    """Yield the members who are on call, or away, at some time between two instants."""
    for shift in shifts:
        if shift.start < end and start < shift.end:
            yield shift.member
    for change in select_in_force(state.overrides):
        if change.kind is OverrideKind.TIME_OFF and change.start < end and start < change.end:
            yield change.member
