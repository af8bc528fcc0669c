"""Who is called at once when a case begins to wait to be acknowledged. Pure: who is on call is passed in."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from models.rules.escalations.escalation import Entry, Escalation, Move
from models.rules.policy import reminders
from models.rules.policy.reminders import AtOnce, Nagging

BEGIN_TO_WAIT = frozenset({Move.RAISE, Move.HAND_OVER, Move.REOPEN})
"""Moves after which somebody has to acknowledge. A change of shift is none: whoever takes over knows of its cases."""


@dataclass(frozen=True)
class OnDuty:
    """Who can be called at an instant, by Slack id: who is ``on_call`` in the first seat, the ``backup``, the
    ``leads``. ``channel`` is the on-call channel; ``left`` are people who left the workspace; ``names`` is what the
    rota calls people."""

    on_call: tuple[str, ...] = ()
    backup: tuple[str, ...] = ()
    leads: tuple[str, ...] = ()
    channel: str = ""
    left: Collection[str] = frozenset()
    names: Mapping[str, str] = field(default_factory=dict)
    nagging: Nagging = field(default_factory=reminders.packaged)


@dataclass(frozen=True)
class Calls:
    """Who is called: ``people`` by direct message, and the ``channel`` of the duty when nobody is on call."""

    people: tuple[str, ...] = ()
    channel: str = ""


NOBODY = OnDuty()
NONE = Calls()


def calls(escalation: Escalation, entry: Entry, duty: OnDuty) -> Calls:
    """Whom a move calls at once: the owner, then whoever is on call, but not who made the move. When there is nobody to
    call, the leads and the on-call channel are called."""
    waits = entry.move in BEGIN_TO_WAIT and not escalation.acknowledged_at
    if not waits or duty.nagging.call[escalation.severity] is AtOnce.NOBODY:
        return NONE
    there = tuple(dict.fromkeys(_there(escalation, duty)))
    if there:
        return Calls(tuple(user for user in there if user != entry.by))
    others = dict.fromkeys((*duty.backup, *duty.leads))
    return Calls(tuple(user for user in others if user != entry.by), duty.channel)


def _there(escalation: Escalation, duty: OnDuty) -> Iterator[str]:
    if escalation.owner and escalation.owner not in duty.left:
        yield escalation.owner
    yield from duty.on_call
    # Without patience for whoever is on call, the backup is called together with them.
    if duty.on_call and not duty.nagging.acknowledge[escalation.severity]:
        yield from duty.backup
