"""What must be answered before a form is recorded in one press: as solved, or as attached to an incident."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from models.rules.escalations.request import RequestKind

NEEDED_TO_SOLVE: Mapping[str, Sequence[str]] = {
    RequestKind.CUSTOMER: ("customer_name", "severity", "title"),
    RequestKind.PARTNER_CENTER: ("category", "severity", "title", "details"),
}
"""What must be answered before a request can be recorded as solved, by kind, in the order of the form."""
NEEDED_TO_ATTACH: Mapping[str, Sequence[str]] = {
    RequestKind.CUSTOMER: ("customer_name", "service", "severity", "title"),
}
"""What must be answered before a request can be attached to the case of an incident."""


class FormAnswers(Protocol):
    """The answers of a form so far."""

    @property
    def answers(self) -> Mapping[str, Any]:
        """By the name of the field."""

    @property
    def customer(self) -> tuple[str, str] | None:
        """Text and value of the chosen customer."""


def list_missing(filled: FormAnswers, needed: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """Return which of the fields that are needed for this kind of request have no answer, in the order of the form."""
    answers = {**filled.answers, "customer_name": filled.customer}
    return tuple(name for name in needed.get(answers.get("kind") or "", ("kind",)) if not answers.get(name))
