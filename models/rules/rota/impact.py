"""What would happen if the rota were changed: shown to a person before anything is saved. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from itertools import pairwise

from models.rules.rota.departures import MemberAbsences, WorkspaceAbsences, has_left
from models.rules.rota.gaps import Gap
from models.rules.rota.overrides import Override
from models.rules.rota.resolved_rota import resolve_rota
from models.rules.rota.rota import Rota
from models.rules.rota.shifts import Shift


@dataclass(frozen=True)
class ReassignedTime:
    """A time in which another person is on call in one slot. Empty names are nobody."""

    seat: str
    slot_number: int
    start: datetime  # UTC, like ``end``
    end: datetime
    before: str
    after: str


@dataclass(frozen=True)
class Impact:
    """The difference a change makes. Too long shifts and missing rest are gaps too, by their reason."""

    reassigned: Sequence[ReassignedTime] = ()  # who is replaced by whom, and when
    opened_gaps: Sequence[Gap] = ()
    closed_gaps: Sequence[Gap] = ()

    @property
    def people(self) -> frozenset[str]:
        """The rota's names of everybody whose shifts change."""
        return frozenset(
            name for reassigned in self.reassigned for name in (reassigned.before, reassigned.after) if name
        )


@dataclass(frozen=True)
class RotaState:
    """A rota with the overrides in force, and who was known to be outside the workspace, and when."""

    rota: Rota
    overrides: Sequence[Override] = ()
    absences: WorkspaceAbsences = field(default_factory=dict)  # by Slack id

    @cached_property
    def member_absences(self) -> MemberAbsences:
        """The absences by the rota's names, of its members only."""
        members = (member for member in self.rota.members.values() if member.slack_id in self.absences)
        return {member.name: self.absences[member.slack_id] for member in members}

    def is_gone(self, slack_id: str, at: datetime) -> bool:
        """Return whether a person (a Slack id) was known to be outside the workspace at an instant."""
        return has_left(self.absences, slack_id, at)


def find_impact(before: RotaState, after: RotaState, start: datetime, end: datetime) -> Impact:
    """Return what differs between two states of the rota, from ``start`` to ``end`` (UTC)."""
    resolved = [resolve_rota(state.rota, state.overrides, start, end, state.absences) for state in (before, after)]
    on_call_before, on_call_after = (_group_by_slot(rota.shifts()) for rota in resolved)
    reassigned = _find_reassigned(on_call_before, on_call_after, _build_same_person(before.rota, after.rota))
    gaps_before, gaps_after = (rota.gaps() for rota in resolved)
    return Impact(
        tuple(reassigned), tuple(_subtract(gaps_after, gaps_before)), tuple(_subtract(gaps_before, gaps_after))
    )


ShiftsBySlot = dict[tuple[str, int], list[Shift]]


IsSamePerson = Callable[[str, str], bool]
"""Whether a name of the rota before is the same person as a name of the rota after."""


def _build_same_person(before: Rota, after: Rota) -> IsSamePerson:
    """Return the comparison of people: by Slack account, whatever the rotas call them; without one by name."""
    accounts_before, accounts_after = (
        {member.name: member.slack_id for member in rota.members.values()} for rota in (before, after)
    )

    def same(name: str, other_name: str) -> bool:
        accounts = accounts_before.get(name, ""), accounts_after.get(other_name, "")
        return accounts[0] == accounts[1] if all(accounts) else name == other_name

    return same


def _find_reassigned(before: ShiftsBySlot, after: ShiftsBySlot, same: IsSamePerson) -> list[ReassignedTime]:
    return [
        reassigned
        for slot in sorted(before.keys() | after.keys())
        for reassigned in _find_reassigned_in_slot(slot, before, after, same)
    ]


def _group_by_slot(shifts: Sequence[Shift]) -> ShiftsBySlot:
    groups: ShiftsBySlot = {}
    for shift in shifts:
        if not shift.absent:
            groups.setdefault((shift.seat, shift.slot_number), []).append(shift)
    return groups


def _find_reassigned_in_slot(
    slot: tuple[str, int], shifts_before: ShiftsBySlot, shifts_after: ShiftsBySlot, same: IsSamePerson
) -> list[ReassignedTime]:
    """Return the times of one slot in which another person is on call; adjoining ones of the same two are one."""
    own_before, own_after = shifts_before.get(slot, []), shifts_after.get(slot, [])
    edges = sorted({edge for shift in (*own_before, *own_after) for edge in (shift.start, shift.end)})
    reassigned: list[ReassignedTime] = []
    for start, end in pairwise(edges):
        old_person, new_person = _find_person(own_before, start), _find_person(own_after, start)
        if same(old_person, new_person):
            continue
        if (
            reassigned
            and reassigned[-1].end == start
            and (reassigned[-1].before, reassigned[-1].after) == (old_person, new_person)
        ):
            start = reassigned.pop().start  # noqa: PLW2901 - the time began earlier
        reassigned.append(ReassignedTime(*slot, start, end, old_person, new_person))
    return reassigned


def _find_person(shifts: Sequence[Shift], at: datetime) -> str:
    return next((shift.member for shift in shifts if shift.start <= at < shift.end), "")


def _subtract(these: Sequence[Gap], those: Sequence[Gap]) -> list[Gap]:
    """Return these gaps without the times at which those name the same reason in the same seat."""
    rest = []
    for gap in these:
        start = gap.start
        for other in those:
            if (other.seat, other.reason) == (gap.seat, gap.reason) and other.start < gap.end and other.end > start:
                if other.start > start:
                    rest.append(_cut(gap, start, other.start))
                start = max(start, other.end)
        if start < gap.end:
            rest.append(_cut(gap, start, gap.end))
    return rest


def _cut(gap: Gap, start: datetime, end: datetime) -> Gap:
    return Gap(gap.seat, start, end, gap.reason, gap.people, gap.missing)
