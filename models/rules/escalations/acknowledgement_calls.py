"""Who is called at once when an escalation begins to wait for acknowledgement. Pure: who is on call is passed in."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from models.rules.escalations.escalation import Escalation, HistoryEntry, Move
from models.rules.policy import reminders
from models.rules.policy.reminders import CallMethod, ReminderTimes
from models.rules.reach.reach_plan import NOBODY_REACHED, ReachPlan

MOVES_THAT_CALL = frozenset({Move.RAISE, Move.HAND_OVER, Move.REOPEN})
"""Moves after which somebody has to acknowledge. A take-over is none: the person who takes over knows of its cases."""


@dataclass(frozen=True)
class OnCallPeople:
    """Who can be called at an instant, by Slack id."""

    on_call: tuple[str, ...] = ()  # in the first seat
    backup: tuple[str, ...] = ()
    leads: tuple[str, ...] = ()
    channel: str = ""  # the on-call channel
    absent: Collection[str] = frozenset()  # people who left the workspace
    names: Mapping[str, str] = field(default_factory=dict)  # the rota's names by Slack id
    reach: ReachPlan = NOBODY_REACHED  # other ways to them than Slack
    reminder_times: ReminderTimes = field(default_factory=reminders.load_packaged)


@dataclass(frozen=True)
class CallTargets:
    """Who is called."""

    people: tuple[str, ...] = ()  # by direct message
    channel: str = ""  # the on-call channel, when nobody is on call


NOBODY = OnCallPeople()
NO_CALLS = CallTargets()


def find_call_targets(escalation: Escalation, entry: HistoryEntry, on_call_people: OnCallPeople) -> CallTargets:
    """Return who a move calls at once: the owner and who is on call, but not who made the move.

    When there is nobody to call, the backup, the leads and the on-call channel are called.
    """
    # Its original calls them, or its parent did.
    is_followed = entry.move in {Move.RAISE, Move.REOPEN} and escalation.follows_original
    waits = entry.move in MOVES_THAT_CALL and not escalation.acknowledged_at and not is_followed
    if not waits or on_call_people.reminder_times.call[escalation.severity] is CallMethod.NOBODY:
        return NO_CALLS
    people = tuple(dict.fromkeys(_find_people_on_call(escalation, on_call_people)))
    if people:
        return CallTargets(tuple(person for person in people if person != entry.by))
    others = dict.fromkeys((*on_call_people.backup, *on_call_people.leads))
    return CallTargets(tuple(person for person in others if person != entry.by), on_call_people.channel)


def _find_people_on_call(escalation: Escalation, on_call_people: OnCallPeople) -> Iterator[str]:
    if escalation.owner and escalation.owner not in on_call_people.absent:
        yield escalation.owner
    yield from on_call_people.on_call
    # When on-call people get no time to acknowledge, the backup is called together with them.
    if on_call_people.on_call and not on_call_people.reminder_times.acknowledge[escalation.severity]:
        yield from on_call_people.backup
