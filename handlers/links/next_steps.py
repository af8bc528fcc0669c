"""What a page says after a press by link: what is next, by when, and how without Slack.

Of a case it names neither title nor customer: the message that brought the link does not either.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from handlers import ids
from handlers.blocks.shift_buttons import START_WITHIN
from handlers.blocks.turn_line import by
from handlers.context import Services
from handlers.i18n import labels, terminal_commands
from handlers.i18n.dates import short_zone_name
from handlers.i18n.durations import span
from handlers.i18n.words import N_, Words
from models.rules.escalations.deadlines import (
    AwaitedStep,
    Deadline,
    awaits_acknowledgement,
    find_deadline_from_history,
)  # fmt: skip
from models.rules.escalations.escalation import Escalation
from models.rules.escalations.transitions import missing_before_filing
from models.rules.reach.link import LinkAction, WantedLink
from models.rules.reminders.handover import CARD_BEFORE
from models.rules.rota.on_call import Handover
from models.rules.times import SECOND

NEXT = {
    AwaitedStep.NUMBER: (
        N_("Next, by {at}: submit it to 21Vianet and record their number."),
        N_("Overdue for {lasts}, since {at}: submit it to 21Vianet and record their number."),
    ),
    AwaitedStep.SOLUTION: (
        N_("Next, by {at}: solve it, or say why 21Vianet is needed."),
        N_("Overdue for {lasts}, since {at}: solve it, or say why 21Vianet is needed."),
    ),
    AwaitedStep.PROMISE: (
        N_("Next, by {at}: inform the customer, as promised."),
        N_("Overdue for {lasts}, since {at}: inform the customer, as promised."),
    ),
}
"""What is next, each before its time and after it."""
TERMINAL = N_("Go on in Slack. If it does not work, go on at the terminal. Whom to call: the duty sheet.")
TO_READ, TO_ANSWER = N_("To read the case:"), N_("To give what is missing, one after the other:")
TO_NUMBER, THEN_NUMBER, TO_STEP = (
    N_("To record 21Vianet's number:"),
    N_("After that, to record 21Vianet's number:"),
    N_("To record the next step:"),
)
"""What stands above the commands."""
OTHER = N_("The next step is due by {at}."), N_("The next step is overdue for {lasts}, since {at}.")
MOST_CASES = 200
"""Among so many open cases the next one is looked for, the most severe first."""
PRESSES = frozenset({LinkAction.CONFIRM, LinkAction.HAND_OVER, LinkAction.TAKE_OVER})
"""What somebody presses for a change of shift of their own."""


def find_next_press(wanted: WantedLink, services: Services) -> WantedLink | None:
    """Return what the person of a link has to press next: another case, or the same change in the same seat first.

    None where nothing is missing, or where it is not due yet.
    """
    if wanted.action is LinkAction.ACKNOWLEDGE:
        return _find_next_case(wanted, services)
    if wanted.action not in PRESSES:
        return None
    subject = ids.shift_of(wanted.value)
    if subject.start - services.now() > CARD_BEFORE:
        return None
    for handover in sorted(list_handovers(subject, services), key=lambda each: each.slot != subject.slot):
        value = str(ids.ShiftSubject(handover.slot, handover.at, subject.person))
        if handover.outgoing == subject.person and not handover.handed_over:
            return replace(wanted, action=LinkAction.HAND_OVER, value=value)
        if handover.incoming.member == subject.person and not handover.taken_over:
            return replace(wanted, action=LinkAction.TAKE_OVER, value=value)
    return None


def _find_next_case(wanted: WantedLink, services: Services) -> WantedLink | None:
    """Return the link of the next case that waits for acknowledgement and of which its person was called."""
    page = services.queries.open_page(wanted.team_id, MOST_CASES)
    cases = [case for case in page.escalations if awaits_acknowledgement(case) and str(case.number) != wanted.value]
    called = services.pages.find_called_about(wanted.person, [case.number for case in cases])
    case = next((case for case in cases if case.number in called), None)
    return replace(wanted, value=str(case.number), state=case.waiting_state) if case else None


def describe_later(wanted: WantedLink, services: Services, words: Words) -> list[str]:
    """Return how somebody who confirmed their shift early gets the button of its handover."""
    if wanted.action is not LinkAction.CONFIRM:
        return []
    subject = ids.shift_of(wanted.value)
    if not CARD_BEFORE < subject.start - services.now() <= START_WITHIN:
        return []
    incoming = ((each.slot, each.incoming.member) for each in list_handovers(subject, services))
    is_coming = (subject.slot, subject.person) in incoming
    return [words("Before that, a message brings you the button.")] if is_coming else []


def list_handovers(subject: ids.ShiftSubject, services: Services) -> Sequence[Handover]:
    """Return the handovers of all seats at the start of a shift."""
    return services.confirmations.handovers(subject.start, subject.start + SECOND, services.now())


def describe_next(case: Escalation, services: Services, reader: str, words: Words) -> list[str]:
    """Return the lines below “acknowledged”. ``reader`` is a Slack id; times are in their zone, which is named."""
    severity = f"{words('Severity')}{words.colon}{labels.describe_severity(case, words)}"
    lines = [severity]
    deadline = find_deadline(case, services)
    if deadline:
        in_time, late = NEXT.get(deadline.step, OTHER)
        at, lasts = _write_time(deadline.due_at, services, reader, words), services.now() - deadline.due_at
        sentence = late if lasts >= SECOND else in_time
        lines.append(words(sentence, at=at, lasts=span(lasts, words)))
    if missing := missing_before_filing(case):
        lines.append(words("Missing before that: {fields}.", fields=labels.list_fields(missing, words)))
    return [*lines, *_list_commands(case, deadline, services, reader, words)]


def _list_commands(
    case: Escalation, deadline: Deadline | None, services: Services, reader: str, words: Words
) -> Iterator[str]:
    """Yield how to go on at the terminal: each command on a line of its own, in the order in which they work."""
    rota, step = services.rota_store.rota(services.now()), deadline.step if deadline else None
    members = rota.members.values() if rota else ()
    person = next((member.name for member in members if member.slack_id == reader), "")
    yield words(TERMINAL)
    yield from (words(TO_READ), terminal_commands.write_show(case.name, words))
    is_filing = step is AwaitedStep.NUMBER
    answers = terminal_commands.write_answers(case, person, words) if is_filing else []
    if answers:
        yield from (words(TO_ANSWER), *answers)
    if step:
        label = TO_STEP if not is_filing else THEN_NUMBER if answers else TO_NUMBER
        command = terminal_commands.write_move(terminal_commands.OF_STEP[step], case.name, person, words)
        yield from (words(label), command)


def find_deadline(case: Escalation, services: Services) -> Deadline | None:
    """Return the deadline that runs for a case, from what its history says."""
    timeline = services.queries.timelines([case.number])[case.number]
    policy, is_workday = (
        services.policies.of_version(case.policy_version),
        services.rota_store.workday_test(services.now()),
    )
    return find_deadline_from_history(case, timeline, policy, is_workday)


def _write_time(at: datetime, services: Services, reader: str, words: Words) -> str:
    zone = services.zone_for(reader)
    return f"{by(at, zone, words, services.now())}{words.in_brackets(short_zone_name(zone, words))}"
