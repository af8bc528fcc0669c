"""Which overrides of the rota are possible, and who may make them."""

from collections.abc import Collection, Sequence
from datetime import datetime

from models.rules.errors import refuse
from models.rules.people import Actor
from models.rules.rota.impact import Impact, ReassignedTime, RotaState
from models.rules.rota.overrides import Override, OverrideKind


def check_override(override: Override, state: RotaState, now: datetime) -> None:
    """Check that an override is possible in a state of the rota, regardless of who wants it. Raises Refused."""
    if override.kind is OverrideKind.CANCEL:
        if override.of not in {existing.id for existing in state.overrides}:
            raise refuse("no_such_change")
        return
    if override.end <= override.start:
        raise refuse("ends_before_it_begins", "end")
    if override.start < now:
        raise refuse("past_shift", "start")
    if override.member and override.member not in state.rota.members:
        raise refuse("no_such_member", "member", name=override.member)
    if override.seat and override.seat not in {seat.name for seat in state.rota.seats}:
        raise refuse("no_such_seat", "seat", name=override.seat)


def check_may_save(
    state: RotaState, overrides: Sequence[Override], impact: Impact, by: Actor, unconfirmed: Collection[str]
) -> None:
    """Check that ``by`` may save these overrides with this impact. Raises Refused.

    Members may put themselves on call where that closes a gap, or in place of ``unconfirmed`` people. They may take
    themselves out. Everything else needs a lead.
    """
    by_id = {existing.id: existing for existing in state.overrides}
    for override in overrides:
        subject = override if override.kind is not OverrideKind.CANCEL else by_id.get(override.of or 0, override)
        if subject.kind is OverrideKind.ACCEPT_GAP and not by.is_lead:
            raise refuse("leads_only")
        check_may_move(state, {subject.member} - {""}, by)
    replaced = {reassigned.before for reassigned in impact.reassigned if not _closes_gaps(reassigned, impact)}
    check_may_move(state, (replaced - {*unconfirmed}) & {*state.rota.members}, by)


def _closes_gaps(reassigned: ReassignedTime, impact: Impact) -> bool:
    """Return whether a person is replaced only during gaps that the change closes."""
    at = reassigned.start
    for gap in sorted(impact.closed_gaps, key=lambda gap: gap.start):
        if gap.seat == reassigned.seat and gap.start <= at < gap.end:
            at = gap.end
    return at >= reassigned.end


def check_may_move(state: RotaState, people: Collection[str], by: Actor) -> None:
    """Check that all these members are ``by``, who is in the rota, or that ``by`` is a lead. Raises Refused."""
    if by.is_lead:
        return
    for name in people:
        if state.rota.members[name].slack_id != by.id:
            raise refuse("not_your_shift", who=name)
    if not any(member.slack_id == by.id for member in state.rota.members.values()):
        raise refuse("not_on_the_rota")
