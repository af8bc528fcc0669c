"""What would happen if the rota were changed: shown to a person before anything is saved. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from itertools import pairwise

from models.rules.rota.departures import MemberAbsences, WorkspaceAbsences, has_left
from models.rules.rota.gaps import Gap, resolve_rota
from models.rules.rota.overrides import Override
from models.rules.rota.rota import Rota
from models.rules.rota.shifts import Shift


@dataclass(frozen=True)
class ReassignedTime:
    """In one place somebody else stands from ``start`` to ``end`` (UTC). Empty names are nobody."""

    seat: str
    slot_number: int
    start: datetime
    end: datetime
    before: str
    after: str


@dataclass(frozen=True)
class Impact:
    """The difference a change makes: who moves, which gaps open and which close. Over-long shifts and missing rest are
    gaps too, by their reason.
    """

    reassigned: Sequence[ReassignedTime] = ()
    opened_gaps: Sequence[Gap] = ()
    closed_gaps: Sequence[Gap] = ()

    @property
    def people(self) -> frozenset[str]:
        """The plan's names of everybody whose shifts differ."""
        return frozenset(name for one in self.reassigned for name in (one.before, one.after) if name)


@dataclass(frozen=True)
class RotaState:
    """A plan with the changes in force, and who was known not to be in the workspace, and when."""

    rota: Rota
    overrides: Sequence[Override] = ()
    absences: WorkspaceAbsences = field(default_factory=dict)

    @cached_property
    def member_absences(self) -> MemberAbsences:
        """The same by the plan's names, of those who are in the plan."""
        members = (member for member in self.rota.members.values() if member.slack_id in self.absences)
        return {member.name: self.absences[member.slack_id] for member in members}

    def is_gone(self, user: str, at: datetime) -> bool:
        """Whether somebody (a Slack id) was known not to be in the workspace at an instant."""
        return has_left(self.absences, user, at)


def find_impact(before: RotaState, after: RotaState, start: datetime, end: datetime) -> Impact:
    """What differs between two situations, from ``start`` to ``end`` (UTC)."""
    looks = [resolve_rota(one.rota, one.overrides, start, end, one.absences) for one in (before, after)]
    stood, stands = (_standing(look.shifts()) for look in looks)
    moved = _moved(stood, stands, _same_people(before.rota, after.rota))
    was, will = (look.gaps() for look in looks)
    return Impact(tuple(moved), tuple(_less(will, was)), tuple(_less(was, will)))


Standing = dict[tuple[str, int], list[Shift]]


Same = Callable[[str, str], bool]
"""Whether a name of the plan before is the same person as a name of the plan after."""


def _same_people(before: Rota, after: Rota) -> Same:
    """People are the same by their Slack account, whatever the plans call them; without one by name."""
    was, will = ({member.name: member.slack_id for member in rota.members.values()} for rota in (before, after))

    def same(one: str, other: str) -> bool:
        accounts = was.get(one, ""), will.get(other, "")
        return accounts[0] == accounts[1] if all(accounts) else one == other

    return same


def _moved(was: Standing, will: Standing, same: Same) -> list[ReassignedTime]:
    return [move for place in sorted(was.keys() | will.keys()) for move in _place(place, was, will, same)]


def _standing(shifts: Sequence[Shift]) -> Standing:
    found: Standing = {}
    for shift in shifts:
        if not shift.absent:
            found.setdefault((shift.seat, shift.slot_number), []).append(shift)
    return found


def _place(place: tuple[str, int], was: Standing, will: Standing, same: Same) -> list[ReassignedTime]:
    """The stretches of one place at which somebody else stands, adjoining ones of the same two people joined."""
    before, after = was.get(place, []), will.get(place, [])
    edges = sorted({edge for shift in (*before, *after) for edge in (shift.start, shift.end)})
    found: list[ReassignedTime] = []
    for start, end in pairwise(edges):
        one, other = _who(before, start), _who(after, start)
        if same(one, other):
            continue
        if found and found[-1].end == start and (found[-1].before, found[-1].after) == (one, other):
            start = found.pop().start  # noqa: PLW2901 - the stretch began earlier
        found.append(ReassignedTime(*place, start, end, one, other))
    return found


def _who(shifts: Sequence[Shift], at: datetime) -> str:
    return next((shift.member for shift in shifts if shift.start <= at < shift.end), "")


def _less(these: Sequence[Gap], those: Sequence[Gap]) -> list[Gap]:
    """These gaps less the time at which those say the same of the same seat."""
    kept = []
    for gap in these:
        at = gap.start
        for other in those:
            if (other.seat, other.reason) == (gap.seat, gap.reason) and other.start < gap.end and other.end > at:
                if other.start > at:
                    kept.append(_part(gap, at, other.start))
                at = max(at, other.end)
        if at < gap.end:
            kept.append(_part(gap, at, gap.end))
    return kept


def _part(gap: Gap, start: datetime, end: datetime) -> Gap:
    return Gap(gap.seat, start, end, gap.reason, gap.people, gap.missing)
