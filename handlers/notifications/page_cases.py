"""What one page says of several cases that wait for acknowledgement by the same person."""

from collections.abc import Sequence

from handlers.i18n.words import N_, Words
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


def describe_cases(cases: Sequence[Escalation], words: Words) -> str:
    """Return the line of fact about several cases, in their order."""
    severities, named = sorted({str(case.current_severity) for case in cases}), list_named(cases)
    whole, cut = ALIKE if len(severities) == 1 else MIXED
    sentence = whole if len(named) == len(cases) else cut
    names = words.join_items(case.name for case in named)
    return words(sentence, names=names, n=len(cases) - len(named), severity=severities[0])
