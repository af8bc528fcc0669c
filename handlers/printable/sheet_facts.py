"""What the duty sheet shows: who is on call now and next, whom to call, gaps and cases."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from models.rules.customers.customer import fold
from models.rules.escalations.deadlines import Deadline
from models.rules.escalations.escalation import Escalation
from models.rules.policy.vendor import VendorPolicy
from models.rules.reach.channels import Channel
from models.rules.rota.gaps import Gap
from models.rules.rota.on_call_entry import OnCallEntry
from models.rules.rota.shifts import Shift

SHIFTS_AHEAD = timedelta(hours=24)
"""So far ahead every shift is listed; in a seat without one, its next."""


@dataclass(frozen=True)
class SheetPerson:
    """Somebody who can be called."""

    name: str
    contact: str = ""
    """How they are reached, as far as the operator lets the sheet say it."""
    channels: Sequence[Channel] = ()
    """By which channels the bot reaches them."""


@dataclass(frozen=True)
class SheetFacts:
    """What a sheet shows. Times are in UTC."""

    now: datetime
    zone: ZoneInfo
    on_call: Sequence[OnCallEntry]
    shifts: Sequence[Shift]
    gaps: Sequence[Gap]
    cases: Sequence[Escalation]
    policy: VendorPolicy
    """21Vianet's rules, for its hotlines."""
    people: Mapping[str, SheetPerson] = field(default_factory=dict)
    """The members of the rota, by the rota's name."""
    leads: Sequence[SheetPerson] = ()
    name_of: Callable[[str], str] = str
    """Return the name of a Slack id."""
    deadlines: Mapping[int, Deadline] = field(default_factory=dict)
    """What open cases wait for, and by when, by their number; nothing for a duplicate that follows its original."""

    def person(self, member: str) -> SheetPerson:
        """Return a member of the rota."""
        return self.people.get(member) or SheetPerson(member)


def join_names(in_rota: str, in_slack: str) -> str:
    """Return what a member is called in the rota, and in Slack where that says more: “李娜 (Li Na)”."""
    rota_name, slack_name = fold(in_rota), fold(in_slack)
    if slack_name in rota_name:
        return in_rota
    return in_slack if rota_name in slack_name else f"{in_rota} ({in_slack})"


def find_people(facts: SheetFacts) -> list[SheetPerson]:
    """Return whom the sheet lists, each once, in its order."""
    members = (
        *(name for entry in facts.on_call for name in (entry.person, entry.awaited)),
        *(shift.member for shift in find_next(facts)),
    )
    now_and_next = [facts.person(name) for name in dict.fromkeys(members) if name]
    return [*now_and_next, *(lead for lead in facts.leads if lead not in now_and_next)]


def find_without_contact(facts: SheetFacts) -> list[str]:
    """Return the names of the people whom the sheet lists without a contact."""
    return [person.name for person in find_people(facts) if not person.contact]


def find_next(facts: SheetFacts) -> list[Shift]:
    """Return the shifts of the next 24 hours, earliest first, and the next one of a seat that has none in them."""
    following, seen = list[Shift](), set[tuple[str, int]]()
    for shift in sorted(_join_shifts(facts.shifts), key=lambda shift: shift.start):
        slot = (shift.seat, shift.slot_number)
        if shift.start > facts.now and (shift.start < facts.now + SHIFTS_AHEAD or slot not in seen):
            seen.add(slot)
            following.append(shift)
    return following


def _join_shifts(shifts: Sequence[Shift]) -> list[Shift]:
    """Return the shifts whose person comes; those of one person that follow each other without a break as one."""
    joined = list[Shift]()
    present = (shift for shift in shifts if not shift.absent)
    for shift in sorted(present, key=lambda shift: (shift.seat, shift.slot_number, shift.start)):
        last = joined[-1] if joined else None
        if last and (*last[:3], last.end) == (*shift[:3], shift.start):
            joined[-1] = last._replace(end=shift.end)
        else:
            joined.append(shift)
    return joined
