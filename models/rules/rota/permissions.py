"""Which changes of the rota are possible, and who may make them."""

from collections.abc import Collection, Sequence
from datetime import datetime

from models.rules.errors import refuse
from models.rules.people import Actor
from models.rules.rota.impact import Impact, ReassignedTime, RotaState
from models.rules.rota.overrides import Override, OverrideKind


def check_override(change: Override, known: RotaState, now: datetime) -> None:
    """Raises Refused when a change is impossible in a situation, whoever wants it."""
    if change.kind is OverrideKind.CANCEL:
        if change.of not in {one.id for one in known.overrides}:
            raise refuse("no_such_change")
        return
    if change.end <= change.start:
        raise refuse("ends_before_it_begins", "end")
    if change.start < now:
        raise refuse("past_shift", "start")
    if change.member and change.member not in known.rota.members:
        raise refuse("no_such_member", "member", name=change.member)
    if change.seat and change.seat not in {seat.name for seat in known.rota.seats}:
        raise refuse("no_such_seat", "seat", name=change.seat)


def check_may_save(
    known: RotaState, wanted: Sequence[Override], outcome: Impact, by: Actor, unheard: Collection[str]
) -> None:
    """Members may put themselves where that closes a gap or nobody was heard of, and take themselves out; all else is
    a lead's.
    """
    changed = {one.id: one for one in known.overrides}
    for change in wanted:
        concerned = change if change.kind is not OverrideKind.CANCEL else changed.get(change.of or 0, change)
        if concerned.kind is OverrideKind.ACCEPT_GAP and not by.is_lead:
            raise refuse("leads_only")
        check_may_move(known, {concerned.member} - {""}, by)
    replaced = {one.before for one in outcome.reassigned if not _closes(one, outcome)} - {*unheard}
    check_may_move(known, replaced & {*known.rota.members}, by)


def _closes(moved: ReassignedTime, outcome: Impact) -> bool:
    """Whether somebody is replaced only while something is wrong with their standing there, and no longer is."""
    at = moved.start
    for gap in sorted(outcome.closed_gaps, key=lambda gap: gap.start):
        if gap.seat == moved.seat and gap.start <= at < gap.end:
            at = gap.end
    return at >= moved.end


def check_may_move(known: RotaState, people: Collection[str], by: Actor) -> None:
    """Raises Refused unless all these members are ``by``, who is in the plan, or ``by`` is a lead."""
    if by.is_lead:
        return
    for name in people:
        if known.rota.members[name].slack_id != by.id:
            raise refuse("not_your_shift", who=name)
    if not any(member.slack_id == by.id for member in known.rota.members.values()):
        raise refuse("not_on_the_rota")
