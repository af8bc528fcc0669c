"""The questions of a review in the request form, at most two more at a time, and the outcome so far."""

from collections.abc import Iterator, Mapping
from typing import Any, Protocol

from handlers import ids
from handlers.blocks import block_kit, review_outcome
from handlers.blocks.customer_record import AGREEMENTS, ANSWERS
from handlers.i18n import labels, review_labels
from handlers.i18n.words import N_, Words
from models.rules.customers.record_fields import Agreement
from models.rules.escalations.request import ANSWER_LIMIT, RequestKind, Severity
from models.rules.escalations.request_review import review_answers
from models.rules.escalations.review_questions import MATTERS, find_questions
from models.rules.policy.vendor import VendorPolicy

HINTS = {
    "area": N_("The first seven are areas in which the reseller supports its customers itself."),
    "why": N_("One sentence. Without it a lead looks at the request first."),
    "several": N_("21Vianet works on one problem per request."),
    "sold": N_("Each partner supports only the subscriptions that it sold."),
    "available": N_("21Vianet works on severity A continuously, and so must we."),
}
NEEDED = frozenset({"area"})
"""Questions that the form wants answered. The rules require none: a form whose redrawing was lost has no such field."""


class Filled(Protocol):
    """The answers of a form so far."""

    @property
    def answers(self) -> Mapping[str, Any]:
        """By the name of the field."""

    @property
    def record_answers(self) -> Mapping[str, str]:
        """What the customer's record answers."""


def fields(filled: Filled, words: Words, policy: VendorPolicy) -> Iterator[block_kit.Block]:
    """Yield the questions that the answers call for, what the record says, and the outcome so far."""
    answers, rules = {**filled.record_answers, **_find_given(filled)}, policy.review
    for name in find_questions(answers, rules, filled.record_answers):
        yield _field(name, answers, words)
    if said := _describe_record(filled.record_answers, words):
        yield block_kit.aside(block_kit.plain(f"📇 {words('From the customer record')}{words.colon}{said}"))
    if _can_be_judged(answers):
        # The impact is typed into a field of its own, which tells nothing until the form is sent.
        typed = {"impact": "–"} if answers.get("severity") == Severity.A else {}
        yield from review_outcome.blocks(review_answers({**typed, **answers}, rules), rules, words)


def _find_given(filled: Filled) -> dict[str, Any]:
    given = {name: value for name, value in filled.answers.items() if value}
    if given.get("matter") not in MATTERS.get(given.get("area", ""), ()):
        given.pop("matter", None)  # it was chosen for another area
    return given


def _can_be_judged(answers: Mapping[str, Any]) -> bool:
    is_urgent = answers.get("severity") == Severity.A and answers.get("service")
    return bool(answers.get("area") or answers.get("several") or is_urgent)


def _field(name: str, answers: Mapping[str, Any], words: Words) -> block_kit.Block:
    action, value = f"{ids.FORM_FIELD}{name}", str(answers.get(name) or "")
    hint = words(HINTS[name]) if name in HINTS else ""
    if name == "why":
        element = block_kit.text_input(action, ANSWER_LIMIT, lines=True, initial=value)
    else:
        choices = {str(key): words(said) for key, said in _choices(name, answers).items()}
        element = block_kit.select(action, choices, initial=value, dispatch=True)
    is_needed = name in NEEDED and answers.get("kind") == RequestKind.CUSTOMER
    return block_kit.field(name, words(labels.FIELD[name]), element, hint=hint, optional=not is_needed)


def _choices(name: str, answers: Mapping[str, Any]) -> Mapping[Any, str]:
    if name == "matter":
        return {matter: review_labels.MATTER[matter] for matter in MATTERS[str(answers["area"])]}
    return review_labels.CHOICES.get(name, ANSWERS)


def _describe_record(record_answers: Mapping[str, str], words: Words) -> str:
    """Return what the customer's record says of agreement, privileges and severity A; empty when it says nothing."""
    agreement = record_answers.get("agreement", "")
    parts = [words(AGREEMENTS[Agreement(agreement)]) if agreement in set(Agreement) else agreement] if agreement else []
    for name in ("delegated", "entitled"):
        if name in record_answers:
            parts.append(f"{words(labels.FIELD[name])}{words.colon}{words(ANSWERS[record_answers[name]])}")
    return " · ".join(parts)
