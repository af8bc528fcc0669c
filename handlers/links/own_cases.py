"""What a page says of open cases to who has just come on call: those of their own, and those that wait for us.

A line has number, severity, turn, owner and the next step, as on the duty sheet. No customer is named: the message that
brought the link names none either.
"""

from collections.abc import Iterator

from handlers import ids
from handlers.blocks import case_row
from handlers.blocks.shift_buttons import START_WITHIN
from handlers.context import Services
from handlers.i18n import labels
from handlers.i18n.erased_words import in_words
from handlers.i18n.words import N_, Words
from handlers.links.next_steps import find_deadline, list_handovers
from models.rules.escalations.escalation import Escalation, Turn
from models.rules.reach.link import LinkAction, WantedLink

LISTED = 12
"""So many cases are named; the others are counted."""


def describe_cases(wanted: WantedLink, services: Services, words: Words) -> list[str]:
    """Return the lines for a press by which its person comes on call now or within an hour; nothing for any other."""
    if not _comes_on_call(wanted, services):
        return []
    own_ids = {wanted.person, *_find_relieved(wanted, services)}
    cases = [case for case in services.queries.all_escalations() if case.owner in own_ids or case.turn is Turn.OURS]
    if not cases:
        return [words("No open case is yours or waits for us.")]
    cases.sort(key=lambda case: (case.owner not in own_ids, case.current_severity, case.number))
    heading = words.plural(
        "{n} open case is yours or waits for us:", "{n} open cases are yours or wait for us:", len(cases)
    )
    more = len(cases) - LISTED
    return [
        heading,
        *(_describe(case, own_ids, services, wanted.person, words) for case in cases[:LISTED]),
        *([words.plural("and {n} more", "and {n} more", more)] if more > 0 else []),
    ]


def _comes_on_call(wanted: WantedLink, services: Services) -> bool:
    if wanted.action is LinkAction.TAKE_GAP:
        gap = services.gap_register.find(ids.gap_of(wanted.value).number)
        return gap is not None and gap.start - services.now() <= START_WITHIN
    if wanted.action is LinkAction.CONFIRM:
        return ids.shift_of(wanted.value).start - services.now() <= START_WITHIN
    return wanted.action in {LinkAction.TAKE_OVER, LinkAction.STEP_IN}


def _find_relieved(wanted: WantedLink, services: Services) -> Iterator[str]:
    """Yield who was on call before (a Slack id), where a handover is done: their cases are passed on with it."""
    if wanted.action is LinkAction.TAKE_GAP:
        return
    subject, now, rota = ids.shift_of(wanted.value), services.now(), services.rota_store.rota(services.now())
    for handover in list_handovers(subject, services):
        is_done = handover.done_at is not None and handover.done_at <= now
        member = rota.members.get(handover.outgoing) if rota else None
        if is_done and member and (handover.slot, handover.incoming.member) == (subject.slot, subject.person):
            yield member.slack_id


def _describe(case: Escalation, own_ids: set[str], services: Services, reader: str, words: Words) -> str:
    owner = words(N_("no owner"))
    if case.owner:
        owner = words("yours") if case.owner in own_ids else in_words(services.queries.name_of(case.owner), words)
    deadline, zone = find_deadline(case, services), services.zone_for(reader)
    step = case_row.next_step(case, deadline, zone, words, services.now())
    facts = [case.name, words(labels.SEVERITY[case.current_severity]), words(labels.TURN[case.turn]), owner, step]
    return " · ".join(filter(None, facts))
