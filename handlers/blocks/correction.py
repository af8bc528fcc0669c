"""The form that corrects a request: every field, with its current value."""

from collections.abc import Iterator, Mapping
from typing import Any

from handlers import ids
from handlers.blocks import block_kit
from handlers.blocks.customer_record import ANSWERS
from handlers.i18n import labels, review_labels
from handlers.i18n.words import LANGUAGES, N_, Words
from models.rules.escalations.escalation import Escalation, Move
from models.rules.escalations.request import (  # fmt: skip
    ANSWER_LIMIT,
    LINE_LIMIT,
    LONG_ANSWERS,
    TEXT_LIMIT,
    TITLE_LIMIT,
    Request,
    RequestKind,
    find_contradictions,
    required_fields,
)
from models.rules.escalations.transitions import missing_before_filing
from models.rules.policy.vendor import VendorPolicy
from models.rules.times import parse_utc

FIELDS: Mapping[RequestKind, tuple[str, ...]] = {
    RequestKind.CUSTOMER: (
        "severity", "title", "details", "customer_name", "tenant_id", "domain", "service", "workload", "scope",
        "affected", "impact", "health", "incident_id", "incident_over", "tried", "admin_center", "lacks", "area",
        "matter", "why", "several", "sold", "entitled", "available", "started", "steps", "subscription_id", "contact",
        "language",
    ),
    RequestKind.PARTNER_CENTER: (
        "severity", "category", "title", "details", "impact", "page", "correlation_id", "invoice", "charge_period",
        "order_id", "subscription_id", "tried", "several", "started", "steps", "contact", "language",
    ),
}  # fmt: skip
ORDER = tuple(dict.fromkeys(name for names in FIELDS.values() for name in names))
NAMES = frozenset(ORDER)
"""The fields of the form, and no others, are corrected."""
CHOICES: Mapping[str, Mapping[Any, str]] = {
    "severity": labels.SEVERITY, "scope": labels.SCOPE, "category": labels.CATEGORY, "health": labels.HEALTH,
    **review_labels.CHOICES,
    **dict.fromkeys(("incident_over", "several", "sold", "entitled", "available"), ANSWERS),
}  # fmt: skip
CONTRADICTIONS = {
    "a_for_one_user": N_("Severity A, but the scope is one user: 21Vianet grants A when many users can't work."),
    "one_user_but_more": N_("The scope is one user, but the number affected is {affected}."),
    "some_users_but_one": N_("The scope is several, but the number affected is {affected}."),
    "incident_but_not_seen": N_("An incident ID is given, but the service health names no incident."),
}
ASKED_FIRST = N_(
    "Still missing: {fields}. The service request number can be recorded once they are given. You can save a part of"
    " them now."
)
_LIMITS = {"title": TITLE_LIMIT, "details": TEXT_LIMIT, "affected": 9}


def fields(escalation: Escalation, _move: Move, words: Words, policy: VendorPolicy) -> list[block_kit.Block]:
    """Return the fields with their current values, missing answers first; hints are shown above."""
    missing = missing_before_filing(escalation)
    ordered = [*missing, *(name for name in FIELDS[escalation.kind] if name not in missing)]
    made = [_field(name, escalation, words, policy) for name in ordered]
    asked = [words(ASKED_FIRST, fields=labels.list_fields(missing, words))] if missing else []
    said = [f"❓ {text}" for text in asked] + [f"⚠️ {hint}" for hint in hints(escalation, words)]
    return [*(block_kit.aside(block_kit.plain(text)) for text in said), *made]


def hints(request: Request, words: Words) -> Iterator[str]:
    """Yield a hint for each contradiction in a request; none of them is a refusal."""
    for reason in find_contradictions(request):
        yield words(CONTRADICTIONS[reason], affected=request.answers.get("affected"))


def _field(name: str, escalation: Escalation, words: Words, policy: VendorPolicy) -> block_kit.Block:
    element = _element(name, escalation, words, policy)
    may_wait = name not in required_fields(escalation) or name in missing_before_filing(escalation)
    return block_kit.field(name, words(labels.FIELD[name]), element, optional=may_wait)


def _element(name: str, escalation: Escalation, words: Words, policy: VendorPolicy) -> block_kit.Element:
    """Return the field's element, with its current value."""
    action, value = f"{ids.move_form(Move.CORRECT)}.{name}", standing(escalation, name)
    choices = _choices(name, value, words, policy)
    if name == "lacks":
        named = {str(lack): words(called) for lack, called in labels.LACK.items()}
        return block_kit.checkboxes(action, named, initial=value or [])
    if name == "started":
        return block_kit.date_and_time(action, int(parse_utc(value).timestamp()) if value else None)
    if choices:
        return block_kit.select(action, choices, initial=str(value or ""))
    limit = _LIMITS.get(name, ANSWER_LIMIT if name in LONG_ANSWERS else LINE_LIMIT)
    return block_kit.text_input(action, limit, lines=limit > LINE_LIMIT, initial=str(value or ""))


def standing(escalation: Escalation, name: str) -> Any:
    """Return the current value of a field; None when it has none."""
    return getattr(escalation, name) if name in type(escalation).model_fields else escalation.answers.get(name)


def _choices(name: str, value: Any, words: Words, policy: VendorPolicy) -> dict[str, str]:
    if name in CHOICES:
        return {str(key): words(called) for key, called in CHOICES[name].items()}
    if name == "service":
        return {key: words.pick(item.en, item.zh) for key, item in policy.services.items()}
    if name == "language":
        return dict(LANGUAGES)
    if name == "workload":
        workloads = (workload for service in policy.services.values() for workload in service.workloads)
        own = {value: value} if value else {}
        return own | {workload.name: words.pick(workload.name, workload.zh) for workload in workloads}
    return {}
