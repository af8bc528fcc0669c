"""Who is called at once when a case begins to wait to be acknowledged. Pure: who is on call is passed in."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from models.rules.escalations.escalation import Escalation, HistoryEntry, Move
from models.rules.policy import reminders
from models.rules.policy.reminders import CallMethod, ReminderTimes

MOVES_THAT_CALL = frozenset({Move.RAISE, Move.HAND_OVER, Move.REOPEN})
"""Moves after which somebody has to acknowledge. A change of shift is none: whoever takes over knows of its cases."""


@dataclass(frozen=True)
class OnCallPeople:
    """Who can be called at an instant, by Slack id: who is ``on_call`` in the first seat, the ``backup``, the
    ``leads``. ``channel`` is the on-call channel; ``left`` are people who left the workspace; ``names`` is what the
    rota calls people.
    """

    on_call: tuple[str, ...] = ()
    backup: tuple[str, ...] = ()
    leads: tuple[str, ...] = ()
    channel: str = ""
    absent: Collection[str] = frozenset()
    names: Mapping[str, str] = field(default_factory=dict)
    reminder_times: ReminderTimes = field(default_factory=reminders.load_packaged)


@dataclass(frozen=True)
class CallTargets:
    """Who is called: ``people`` by direct message, and the ``channel`` of the duty when nobody is on call."""

    people: tuple[str, ...] = ()
    channel: str = ""


NOBODY = OnCallPeople()
NO_CALLS = CallTargets()


def find_call_targets(escalation: Escalation, entry: HistoryEntry, duty: OnCallPeople) -> CallTargets:
    """Whom a move calls at once: the owner, then whoever is on call, but not who made the move. When there is nobody to
    call, the leads and the on-call channel are called.
    """
    waits = entry.move in MOVES_THAT_CALL and not escalation.acknowledged_at
    if not waits or duty.reminder_times.call[escalation.severity] is CallMethod.NOBODY:
        return NO_CALLS
    there = tuple(dict.fromkeys(_there(escalation, duty)))
    if there:
        return CallTargets(tuple(user for user in there if user != entry.by))
    others = dict.fromkeys((*duty.backup, *duty.leads))
    return CallTargets(tuple(user for user in others if user != entry.by), duty.channel)


def _there(escalation: Escalation, duty: OnCallPeople) -> Iterator[str]:
    if escalation.owner and escalation.owner not in duty.absent:
        yield escalation.owner
    yield from duty.on_call
    # Without patience for whoever is on call, the backup is called together with them.
    if duty.on_call and not duty.reminder_times.acknowledge[escalation.severity]:
        yield from duty.backup
