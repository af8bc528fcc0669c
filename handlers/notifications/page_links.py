"""Which link a page brings: what its person can do about it with one press."""

import html
from collections.abc import Iterable

from handlers import ids
from handlers.blocks.gap_card import slot_name
from handlers.i18n.words import Words
from handlers.notifications import handovers, shifts
from handlers.notifications.context import MessageContext
from models.rules.escalations.deadlines import awaits_acknowledgement
from models.rules.reach.link import LinkAction, WantedLink
from models.rules.reminders.subjects import EscalationName, GapName, HandoverName, ShiftName
from models.rules.times import ENDLESS


def find_wanted_of_all(subjects: Iterable[str], context: MessageContext) -> WantedLink | None:
    """Return the one link of a page about some subjects: of what its person has to do themselves, before all others."""
    links = [wanted for subject in subjects if (wanted := find_wanted(context.about(subject)))]
    own = (wanted for wanted in links if wanted.action is not LinkAction.STEP_IN)
    return next(own, links[0] if links else None)


def name_shift(wanted: WantedLink, words: Words) -> str:
    """Return the seat of the shift of a link and its person, as beside others on the same page."""
    subject = ids.shift_of(wanted.value)
    return html.unescape(f"{slot_name(subject.slot, words)} · {subject.person}")


def find_wanted(context: MessageContext) -> WantedLink | None:
    """Return the link of a page; None where nothing can be done with one press, or its person was never met."""
    name, reader = context.subject_name, context.reader
    if reader is None:
        return None
    if isinstance(name, EscalationName):
        return _of_case(name, context)
    if isinstance(name, GapName):
        gap = context.render_context.gap_register.find(name.number)
        if gap is None or gap.end >= ENDLESS:  # a gap without an end is taken in parts, by a form
            return None
        value = str(ids.GapSubject(gap.number, gap.version))
        return WantedLink(context.user, reader.team_id, LinkAction.TAKE_GAP, value)
    action_and_person = _of_changeover(name, context)
    if action_and_person is None or not isinstance(name, ShiftName | HandoverName):
        return None
    action, person = action_and_person
    at = name.start if isinstance(name, ShiftName) else name.at
    return WantedLink(context.user, reader.team_id, action, str(ids.ShiftSubject(name.place, at, person)))


def _of_case(name: EscalationName, context: MessageContext) -> WantedLink | None:
    case = context.render_context.queries.escalation(name.number)
    if case is None or not awaits_acknowledgement(case):
        return None
    return WantedLink(context.user, case.team_id, LinkAction.ACKNOWLEDGE, str(case.number), case.waiting_state)


def _of_changeover(name: object, context: MessageContext) -> tuple[LinkAction, str] | None:
    """Return what a person can do about a shift or a handover, and by whose name in the rota."""
    member = context.snapshot.member_of(context.user)
    if isinstance(name, ShiftName):
        if member == name.person:
            is_due = shifts.find_take_over(context) is not None
            return LinkAction.TAKE_OVER if is_due else LinkAction.CONFIRM, name.person
        return (LinkAction.STEP_IN, name.person) if member and context.now >= name.start else None
    if isinstance(name, HandoverName):
        if member not in handovers.list_missing(context):
            return None
        if member == name.outgoing:
            return LinkAction.HAND_OVER, name.outgoing
        return (LinkAction.TAKE_OVER, name.incoming) if member == name.incoming else None
    return None
