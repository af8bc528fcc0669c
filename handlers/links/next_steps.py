"""What a page says after a case was acknowledged by link: what is next, by when, and how without Slack.

It names neither title nor customer: the message that brought the link does not either.
"""

from datetime import datetime

from handlers.blocks.turn_line import by
from handlers.context import Services
from handlers.i18n import labels
from handlers.i18n.dates import short_zone_name
from handlers.i18n.words import N_, Words
from models.rules.escalations.deadlines import AwaitedStep, Deadline, find_deadline_from_history
from models.rules.escalations.escalation import Escalation
from models.rules.escalations.transitions import missing_before_filing

NEXT = {
    AwaitedStep.NUMBER: N_("Next, by {at}: submit it to 21Vianet and record their number."),
    AwaitedStep.SOLUTION: N_("Next, by {at}: solve it, or say why 21Vianet is needed."),
    AwaitedStep.PROMISE: N_("Next, by {at}: inform the customer, as promised."),
}
OTHER = N_("The next step is due by {at}.")


def describe_next(case: Escalation, services: Services, reader: str, words: Words) -> list[str]:
    """Return the lines below “acknowledged”. ``reader`` is a Slack id; times are in their zone, which is named."""
    severity = f"{words('Severity')}{words.colon}{words(labels.SEVERITY[case.current_severity])}"
    lines = [severity]
    if deadline := _find_deadline(case, services):
        lines.append(words(NEXT.get(deadline.step, OTHER), at=_write_time(deadline.due_at, services, reader, words)))
    if missing := missing_before_filing(case):
        lines.append(words("Missing before that: {fields}.", fields=labels.list_fields(missing, words)))
    how = words(
        "Without Slack: at the terminal, csp-escalate escalations do {case} WHAT --as NAME. "
        "Whom to call: the duty sheet.",
        case=case.name,
    )
    return [*lines, how]


def _find_deadline(case: Escalation, services: Services) -> Deadline | None:
    timeline = services.queries.timelines([case.number])[case.number]
    policy, is_workday = (
        services.policies.of_version(case.policy_version),
        services.rota_store.workday_test(services.now()),
    )
    return find_deadline_from_history(case, timeline, policy, is_workday)


def _write_time(at: datetime, services: Services, reader: str, words: Words) -> str:
    zone = services.zone_for(reader)
    return f"{by(at, zone, words, services.now())}{words.in_brackets(short_zone_name(zone, words))}"
