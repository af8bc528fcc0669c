"""Find what changes at the same instant in all seats.

A person who is called about several of these changes gets one message.
"""

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import TypeGuard

from models.oncall.snapshot import OnCallSnapshot
from models.reminders.shift_facts import find_handover_facts, find_shift_facts, handover_name, shift_name
from models.rules.outbox.message_kinds import MessageKind
from models.rules.outbox.reminder_details import Audience
from models.rules.reminders import handover, shift
from models.rules.reminders.step import ReminderStep
from models.rules.reminders.subjects import HandoverName, ShiftName, SubjectName
from models.rules.rota.on_call import Slot
from models.rules.times import EARLIEST

A = Audience
ChangeName = ShiftName | HandoverName
"""The subjects that change at an instant: a shift begins, or a handover takes place."""
REMINDED_BEFORE = (EARLIEST, EARLIEST)
"""As if somebody had been reminded of it before."""


def is_changeover(name: SubjectName | None, step: str) -> TypeGuard[ChangeName]:
    """Return whether a reminder is about the beginning of a shift or about a handover."""
    return isinstance(name, ChangeName) and step not in shift.ABOUT_ITS_END


def find_simultaneous(snapshot: OnCallSnapshot, name: ChangeName) -> list[ChangeName]:
    """Return everything that changes at the same instant as a subject, handovers first."""
    at = find_instant(name)
    handovers = [handover_name(handover) for handover in snapshot.handovers if handover.at == at]
    shifts = [shift_name(shift) for shift in snapshot.shifts if shift.start == at and snapshot.is_planned(shift)]
    return [*handovers, *shifts]


def find_in_other_slots(snapshot: OnCallSnapshot, name: ChangeName) -> list[ChangeName]:
    """Return what changes at the same instant in the other slots."""
    return [other for other in find_simultaneous(snapshot, name) if other.place != name.place]


def find_others_for(
    snapshot: OnCallSnapshot, name: ChangeName, user: str, leads: Collection[str], now: datetime
) -> Iterator[ChangeName]:
    """Yield what else somebody (a Slack id) is called about at the same instant.

    Of their own handover and the shift that begins with it, only the first is yielded: both ask for the same button.
    """
    member, own_slots = snapshot.member_of(user), set[Slot]()
    for other in (name, *find_simultaneous(snapshot, name)):
        is_own = _find_shift(other).person == member
        if is_own and other.place in own_slots:
            continue
        if is_own:
            own_slots.add(other.place)
        if other != name and _is_called(snapshot, other, user, leads, now):
            yield other


def find_people(step: ReminderStep, snapshot: OnCallSnapshot, leads: Collection[str], now: datetime) -> Iterator[str]:
    """Yield everybody a step calls, by Slack id."""
    if A.PERSON in step.to:
        yield from step.people
    if A.ON_CALL in step.to:
        yield from snapshot.on_call(now)
    if A.BACKUP in step.to:
        yield from snapshot.backup(now)
    if A.LEADS in step.to:
        yield from leads


def find_instant(name: ChangeName) -> datetime:
    return name.at if isinstance(name, HandoverName) else name.start


def _find_shift(name: ChangeName) -> ShiftName:
    """Return the shift that begins."""
    return name.shift if isinstance(name, HandoverName) else name


def _is_called(snapshot: OnCallSnapshot, name: ChangeName, user: str, leads: Collection[str], now: datetime) -> bool:
    """Return whether somebody has been called about a shift or a handover by now.

    In doubt they have: what this message does not show, no other message shows.
    """
    if isinstance(name, HandoverName):
        facts = find_handover_facts(snapshot, name, REMINDED_BEFORE)
        steps = handover.find_steps(facts, now).steps if facts and not facts.done_at else ()
    else:
        own = find_shift_facts(snapshot, name, REMINDED_BEFORE)
        steps = shift.find_steps(own, now).steps if own and not own.confirmed_at else ()
    asking = (
        step
        for step in steps
        if step.what in {MessageKind.REMINDER, MessageKind.SHIFT, MessageKind.HANDOVER}
        and is_changeover(name, step.step)
    )
    return any(user in find_people(step, snapshot, leads, now) for step in asking)
