"""What an escalation waits for and since when, in a sentence: the fact first, then the next step, with times.

What to say on 21Vianet's hotline is Chinese, whatever the reader's language.
"""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from handlers.blocks import block_kit
from handlers.blocks.turn_line import by
from handlers.i18n import labels
from handlers.i18n.dates import BEIJING, name_zone
from handlers.i18n.durations import span
from handlers.i18n.words import N_, Words
from models.rules.escalations.deadlines import AwaitedStep, Deadline, acknowledge_by, waiting_since
from models.rules.escalations.escalation import Escalation
from models.rules.escalations.request import Severity
from models.rules.escalations.reviews import find_filing_start
from models.rules.policy.reminders import ReminderTimes

TIMED = frozenset({AwaitedStep.NUMBER, AwaitedStep.FIRST_ANSWER, AwaitedStep.OURS, AwaitedStep.PROMISE})
"""Steps whose sentence may show a time of the day."""


@dataclass(frozen=True)
class VendorContact:
    """How 21Vianet is reached about an escalation now, and what is missing before."""

    numbers: tuple[str, ...] = ()  # of its hotlines
    desk_opens: datetime | None = None  # None while its desk is open
    missing: tuple[str, ...] = ()  # answers that must be given before it can be submitted


NO_CONTACT, UTC_ZONE = VendorContact(), ZoneInfo("UTC")


NO_ACTIVITY = N_("No activity on {name} for {lasts}.")
SENTENCES = {
    AwaitedStep.ACKNOWLEDGEMENT: N_("{name} has been waiting {lasts} for acknowledgement."),
    AwaitedStep.SOLUTION: N_(
        "{name} is not solved after {lasts}. Solve it, or say why 21Vianet is needed and ask a lead."
    ),
    AwaitedStep.SENT_BACK: N_(
        "{who} sent {name} back, and nothing was done for {lasts}. Add what is missing and ask a lead again, solve it, "
        "or withdraw it."
    ),
    AwaitedStep.NUMBER: N_("{name} has no number of 21Vianet after {lasts}. Please submit it and record the number."),
    AwaitedStep.FIRST_ANSWER: N_("21Vianet's first answer to {name} was expected by {at}. Please call {numbers}."),
    AwaitedStep.OURS: N_(
        "It has been our turn on {name} for {lasts}. Please answer now: 21Vianet may lower the severity."
    ),
    AwaitedStep.CUSTOMER: N_("{name} has waited {lasts} for the customer. Please ask them."),
    AwaitedStep.PROMISE: N_("The customer of {name} was promised an update by {at}. Please inform them now."),
    AwaitedStep.INFORMING: N_(
        "{name} is resolved, but its customer is not informed. The last activity was {lasts} ago. Please inform them."
    ),
    AwaitedStep.CLOSING: N_("{name} is resolved, but not closed. The last activity was {lasts} ago. Please close it."),
}
"""What is said once a step is due; :data:`NO_ACTIVITY` for all others."""
EARLY_SENTENCES = {
    AwaitedStep.OURS: N_(
        "It is our turn on {name}. Please answer by {at}: after that, 21Vianet may lower the severity."
    ),
    AwaitedStep.PROMISE: N_("The customer of {name} was promised an update by {at}."),
}
"""What the owner reads before."""
RETURNED = (
    N_(
        "21Vianet returned {name} as inappropriate, and it has been our turn for {lasts}. Please solve it, or answer "
        "21Vianet."
    ),
    N_("21Vianet returned {name} as inappropriate. Please solve it, or answer 21Vianet, by {at}."),
)
LOWEST_SEVERITY = (
    N_("It has been our turn on {name} for {lasts}. Please answer now."),
    N_("It is our turn on {name}. Please answer by {at}."),
)
"""What is said on our turn once the answer is due, and before; 21Vianet can't lower severity C."""
DESK_CLOSED = N_("{name} has no number of 21Vianet after {lasts}. Please submit it now; their desk opens {opens}.")
"""A closed desk changes the words, not the duty."""
ANSWERS_MISSING = N_(
    "{name} has no number of 21Vianet after {lasts}. Before it can be submitted, these answers are missing: {fields}."
)
NO_HOTLINE = N_("21Vianet's first answer to {name} was expected by {at}. Please ask for it.")


WAS_DUE = N_("{name} has waited for acknowledgement since {since}. It was due by {at}.")


@dataclass(frozen=True)
class WaitingCase:
    """A case and what it waits for."""

    case: Escalation
    deadline: Deadline
    name: str  # escaped
    lead: str = ""  # the escaped name of the lead who sent it back


def describe(
    waiting: WaitingCase,
    contact: VendorContact,
    zone: ZoneInfo,
    words: Words,
    now: datetime,
    *,
    names_zone: bool = False,
) -> str:
    """Return the sentence for one language. Times are in the zone of the reader, which stands beside each if named."""
    deadline, opens = waiting.deadline, contact.desk_opens

    def time(at: datetime) -> str:
        return name_zone(by(at, zone, words, now), zone, words) if names_zone else by(at, zone, words, now)

    return words(
        _choose(waiting, contact, now),
        name=waiting.name,
        who=waiting.lead,
        lasts=span(now - _find_since(waiting), words),
        at=time(deadline.due_at),
        numbers=words.join_items(contact.numbers),
        fields=labels.list_fields(contact.missing, words),
        opens=time(opens) if opens else "",
    )


def describe_wait(
    case: Escalation, times: ReminderTimes, zone: ZoneInfo, words: Words, now: datetime, *, names_zone: bool
) -> str:
    """Return that a case waits, and until when it is to be acknowledged; after that also since when it waits."""
    named, due = labels.name_with_severity(case, words), acknowledge_by(case, times)
    if due is None:
        return words("{name} waits for acknowledgement.", name=named)
    at, since = by(due, zone, words, now), by(waiting_since(case), zone, words, now)
    at = name_zone(at, zone, words) if names_zone else at
    sentence = WAS_DUE if due < now else N_("{name} waits for acknowledgement by {at}.")
    return words(sentence, name=named, at=at, since=since)


def _find_since(waiting: WaitingCase) -> datetime:
    """Return since when a case waits: for its number since it was acknowledged, however often the turn changed."""
    case, since = waiting.case, waiting.deadline.since
    if waiting.deadline.step is not AwaitedStep.NUMBER or not case.acknowledged_at or find_filing_start(case):
        return since
    return min(since, case.acknowledged_at)


def _choose(waiting: WaitingCase, contact: VendorContact, now: datetime) -> str:
    step, is_early = waiting.deadline.step, now < waiting.deadline.due_at
    if step is AwaitedStep.OURS and (said := _find_special(waiting.case)):
        return said[is_early]
    if is_early and step in EARLY_SENTENCES:
        return EARLY_SENTENCES[step]
    if step is AwaitedStep.NUMBER and contact.missing:
        return ANSWERS_MISSING
    if step is AwaitedStep.NUMBER and contact.desk_opens:
        return DESK_CLOSED
    if step is AwaitedStep.FIRST_ANSWER and not contact.numbers:
        return NO_HOTLINE
    return SENTENCES.get(step, NO_ACTIVITY)


def _find_special(case: Escalation) -> tuple[str, str] | None:
    """Return what is said on our turn, once it is due and before, where no severity can be lowered."""
    if case.returned_on:
        return RETURNED
    return LOWEST_SEVERITY if case.current_severity is Severity.C else None


SCRIPT = N_(
    "Hello, we are a reseller of your cloud services. Our service request {number} of severity {severity} for"
    " {customer} is about: {title}. Its first answer was expected by {at} Beijing time and has not come."
    " Please have an engineer contact us, and tell us when."
)


def hotline_script(case: Escalation, deadline: Deadline, words: Words, now: datetime) -> list[block_kit.Block]:
    """Return what to read out on the hotline; empty when no call is due."""
    if deadline.step is not AwaitedStep.FIRST_ANSWER:
        return []
    chinese = Words.of("zh_CN")
    text = chinese(
        SCRIPT,
        number=case.request_number or "",
        severity=chinese(labels.SEVERITY[case.current_severity]),
        customer=block_kit.clip(case.customer_name or chinese(labels.KIND[case.kind]), 60),
        title=block_kit.clip(case.title, 80),
        at=by(deadline.due_at, ZoneInfo(BEIJING), chinese, now),
    )
    label = block_kit.line(block_kit.run(words("To read out on the phone"), "bold"))
    return [block_kit.rich(label, block_kit.preformatted(text))]
