"""Find what changes at the same instant in all seats.

A person who is called about several of these changes gets one message.
"""

from collections.abc import Collection, Iterator
from datetime import datetime

from models.oncall.snapshot import OnCallSnapshot
from models.reminders.due import handover_facts, handover_name, shift_facts, shift_name
from models.rules.delivery import Audience, MessageKind
from models.rules.reminders import handover, shift, subjects
from models.rules.reminders.step import ReminderStep
from models.rules.rota.on_call import Slot
from models.rules.times import EARLIEST

A = Audience
LONG_KNOWN = (EARLIEST, EARLIEST)
"""As if somebody had been reminded of it before."""


def is_of_one(subject: str, step: str) -> bool:
    """Whether a reminder is about what changes at an instant, where a seat begins or is handed over."""
    return subject.startswith((subjects.SHIFT, subjects.HANDOVER)) and step not in shift.ABOUT_ITS_END


def instant(subject: str) -> datetime:
    """When the shift or handover of this name is. Raises ValueError."""
    if subject.startswith(subjects.HANDOVER):
        return subjects.handover_of(subject).at
    return subjects.shift_of(subject).start


def names(snapshot: OnCallSnapshot, subject: str) -> list[str]:
    """Everything that changes at the same instant as a subject, handovers first."""
    at = instant(subject)
    handovers = [str(handover_name(handover)) for handover in snapshot.handovers if handover.at == at]
    shifts = [str(shift_name(shift)) for shift in snapshot.shifts if shift.start == at and snapshot.is_planned(shift)]
    return [*handovers, *shifts]


def elsewhere(snapshot: OnCallSnapshot, subject: str) -> list[str]:
    """What changes at the same instant in the other places."""
    place, _ = _incoming(subject)
    return [name for name in names(snapshot, subject) if _incoming(name)[0] != place]


def beside(snapshot: OnCallSnapshot, subject: str, user: str, leads: Collection[str], now: datetime) -> Iterator[str]:
    """What else somebody (a Slack id) is called about at the same instant. Of a handover and the shift that begins with
    it, both theirs, one is enough: they ask for the same press.
    """
    me, own = snapshot.member_of(user), set()
    for name in (subject, *names(snapshot, subject)):
        place, person = _incoming(name)
        if person == me and place in own:
            continue
        if person == me:
            own.add(place)
        if name != subject and _calls(snapshot, name, user, leads, now):
            yield name


def people_of(step: ReminderStep, snapshot: OnCallSnapshot, leads: Collection[str], now: datetime) -> Iterator[str]:
    """Everybody a step calls, by Slack id."""
    if A.PERSON in step.to:
        yield from step.people
    if A.ON_CALL in step.to:
        yield from snapshot.on_call(now)
    if A.BACKUP in step.to:
        yield from snapshot.backup(now)
    if A.LEADS in step.to:
        yield from leads


def _incoming(name: str) -> tuple[Slot, str]:
    """Where a shift or handover is, and the plan's name of whose shift begins."""
    shift_ = subjects.handover_of(name).shift if name.startswith(subjects.HANDOVER) else subjects.shift_of(name)
    return shift_.place, shift_.person


def _calls(snapshot: OnCallSnapshot, name: str, user: str, leads: Collection[str], now: datetime) -> bool:
    """Whether somebody has been called about a shift or a handover by now; in doubt they have: what one message does
    not say, no other does.
    """
    if name.startswith(subjects.HANDOVER):
        about = handover_facts(snapshot, subjects.handover_of(name), LONG_KNOWN)
        steps = handover.ladder(about, now).steps if about and not about.done_at else ()
    else:
        own = shift_facts(snapshot, subjects.shift_of(name), LONG_KNOWN)
        steps = shift.ladder(own, now).steps if own and not own.confirmed_at else ()
    asking = (
        step
        for step in steps
        if step.what in {MessageKind.REMINDER, MessageKind.SHIFT, MessageKind.HANDOVER} and is_of_one(name, step.step)
    )
    return any(user in people_of(step, snapshot, leads, now) for step in asking)
