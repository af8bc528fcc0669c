"""What one page says of several cases that wait for acknowledgement by the same person."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from handlers.i18n.words import N_
from handlers.notifications.context import MessageContext
from handlers.notifications.page_facts import name_due
from models.rules.escalations.deadlines import acknowledge_by
from models.rules.escalations.escalation import Escalation

MOST_NAMED = 3
"""So many cases are named by number; of more, one fewer and how many others there are."""
ALIKE = (
    N_("{names} wait for acknowledgement, severity {severity}."),
    N_("{names} and {n} more wait for acknowledgement, severity {severity}."),
)
MIXED = (
    N_("{names} wait for acknowledgement, at most severity {severity}."),
    N_("{names} and {n} more wait for acknowledgement, at most severity {severity}."),
)
"""The same of different severities: the highest one is said."""


def list_named(cases: Sequence[Escalation]) -> Sequence[Escalation]:
    """Return the cases that are named by number."""
    return cases if len(cases) <= MOST_NAMED else cases[: MOST_NAMED - 1]


def describe_cases(cases: Sequence[Escalation], zone: ZoneInfo, context: MessageContext) -> str:
    """Return the line of fact about several cases, in their order. ``zone`` is that of its times."""
    words = context.reader_words
    severities, named = sorted({str(case.current_severity) for case in cases}), list_named(cases)
    whole, cut = ALIKE if len(severities) == 1 else MIXED
    sentence = whole if len(named) == len(cases) else cut
    names = words.join_items(case.name for case in named)
    fact = words(sentence, names=names, n=len(cases) - len(named), severity=severities[0])
    return words.join_sentences([fact, _describe_earliest(cases, zone, context)])


def _describe_earliest(cases: Sequence[Escalation], zone: ZoneInfo, context: MessageContext) -> str:
    """Return until when the first of them is to be acknowledged."""
    times = context.render_context.policy.reminder_times
    earliest = min(due for case in cases if (due := acknowledge_by(case, times)))
    sentence = N_("The earliest was due by {at}.") if earliest < context.now else N_("The earliest is due by {at}.")
    return context.reader_words(sentence, at=name_due(earliest, zone, context))
