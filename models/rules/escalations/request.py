"""What is asked of 21Vianet: the two kinds of request, their answers, and which answers the rules require.

Source: the partner-china articles customer-support, report-problems-on-behalf-of-a-customer,
report-problems-with-partner-center and check-service-health; see docs/domain.md. Nothing here knows how a form looks.
"""

import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from pydantic import ConfigDict
from sqlalchemy import JSON, String
from sqlmodel import Field, SQLModel

from models.rules.customers.record_fields import NO, YES
from models.rules.errors import Refusal, Refused
from models.rules.escalations.review_questions import OURS_TO_DO, QUESTIONS, AdminCenter, ProblemMatter
from models.rules.policy.review_rules import SupportArea
from models.rules.times import parse_utc

TITLE_LIMIT = 150  # characters, as all limits here
TEXT_LIMIT = 3000  # Slack's own limit of a plain-text input
ANSWER_LIMIT = 900  # the whole text for 21Vianet must fit into one message of 9,000 characters
LINE_LIMIT = 200
CLOCKS_DIFFER = timedelta(minutes=5)
"""How far the clock of the person who types may be ahead of ours."""
INVISIBLE = "\u115f\u1160\u2800\u3164\uffa0"  # fillers that Unicode counts as letters and symbols


class RequestKind(StrEnum):
    """The two kinds of request. The articles name two paths and call mixing them up an error."""

    CUSTOMER = "customer"
    PARTNER_CENTER = "partner_center"


class Severity(StrEnum):
    """21Vianet's letters. Ours is a request: 21Vianet sets the severity when it opens the case."""

    A = "A"
    B = "B"
    C = "C"


class ProblemScope(StrEnum):
    """How far the problem reaches at the customer."""

    ONE_USER = "one_user"
    SOME_USERS = "some_users"
    WHOLE_TENANT = "whole_tenant"
    SEVERAL_CUSTOMERS = "several_customers"


class IssueCategory(StrEnum):
    """The three kinds of a reseller's own issue (report-problems-with-partner-center)."""

    TECHNICAL = "technical"
    BILLING = "billing"
    CUSTOMER_SUBSCRIPTION = "customer_subscription"


class ServiceHealth(StrEnum):
    """What Service management > service health showed (check-service-health: look there first)."""

    NORMAL = "normal"
    INCIDENT = "incident"
    ADVISORY = "advisory"
    NO_ACCESS = "no_access"


class MissingMeans(StrEnum):
    """The only three grounds for escalating that the article accepts (customer-support)."""

    TRAINING = "training"
    DOCUMENTATION = "documentation"
    TOOLS = "tools"


class Request(SQLModel):
    """One request as it was typed."""

    model_config = ConfigDict(frozen=True)  # type: ignore[assignment]  # SQLModel narrows pydantic's type

    kind: RequestKind = Field(sa_type=String(20))
    customer_id: str | None = None
    customer_name: str = ""
    tenant_id: str = ""
    domain: str = ""
    service: str = ""
    severity: Severity = Field(sa_type=String(1))
    title: str
    details: str
    # the answers of the form that not every request has
    answers: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)


ANSWERS: dict[RequestKind, tuple[str, ...]] = {
    RequestKind.CUSTOMER: (
        "scope", "affected", "workload", "subscription_id", "health", "health_at", "incident_id", "tried", "lacks",
        *QUESTIONS, "agreement", "delegated",
    ),
    RequestKind.PARTNER_CENTER: (
        "category", "page", "correlation_id", "invoice", "charge_period", "order_id", "subscription_id", "tried",
        "several",
    ),
}  # fmt: skip
CHOICES: Mapping[str, Iterable[str]] = {
    "scope": ProblemScope, "category": IssueCategory, "health": ServiceHealth, "area": SupportArea,
    "matter": ProblemMatter, "admin_center": AdminCenter,
    **dict.fromkeys(("incident_over", "several", "sold", "entitled", "available", "delegated"), (YES, NO)),
}  # fmt: skip
"""What may be chosen in a field."""
TEXTS = ("customer_name", "tenant_id", "domain", "service", "title", "details")
SHARED_ANSWERS = ("started", "steps", "impact", "contact", "language", "source")
LONG_ANSWERS = frozenset({"tried", "why", "steps", "impact"})


def clean(text: str) -> str:
    """Return typed text as it is stored: composed (NFC), without control characters and outer space.

    Line breaks, tabs, emoji joiners and right-to-left text stay. PostgreSQL refuses NUL in text.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    kept = (char for char in lines if char in "\n\t" or unicodedata.category(char) not in {"Cc", "Cs"})
    return unicodedata.normalize("NFC", "".join(kept)).strip()


def is_blank(text: str) -> bool:
    """Return whether nothing visible is left: spaces, zero-width and direction marks are no answer."""
    return all(unicodedata.category(char)[0] in "ZC" or char in INVISIBLE for char in text)


QUICK = frozenset({"customer_name", "severity", "title"})
"""All that a customer request needs to be raised; the rest may follow until its number is recorded."""


def check_complete(request: Request, at: datetime, may_follow: Collection[str] = ()) -> Request:
    """Return the request with cleaned texts and only the answers of its kind.

    Required fields in ``may_follow`` may be missing.
    Raises :class:`models.rules.errors.Refused` with every reason why it can't be accepted at ``at``.
    """
    wanted = {*ANSWERS[request.kind], *SHARED_ANSWERS}
    answers = {name: _tidy(value) for name, value in request.answers.items() if name in wanted}
    texts = {name: clean(getattr(request, name)) for name in TEXTS}
    tidy = request.model_copy(
        update={**texts, "answers": {k: v for k, v in answers.items() if v not in ("", [], None)}}
    )
    if problems := [
        *(Refusal("missing", name) for name in find_missing(tidy) if name not in may_follow),
        *_find_too_long(tidy),
        *_find_rule_breaks(tidy),
        *_find_future_start(tidy, at),
    ]:
        raise Refused(*problems)
    return tidy


def _tidy(value: object) -> object:
    return clean(value) if isinstance(value, str) else value


def check_quick(request: Request, at: datetime) -> Request:
    """Return a request as :func:`check_complete` does; of a customer request only :data:`QUICK` must be answered.

    Raises :class:`models.rules.errors.Refused`.
    """
    is_short = request.kind is RequestKind.CUSTOMER
    return check_complete(request, at, set(required_fields(request)) - QUICK if is_short else ())


def find_missing(request: Request) -> tuple[str, ...]:
    """Return the required fields without an answer, in the order of the form."""
    return tuple(name for name in required_fields(request) if _is_unanswered(request, name))


def _is_unanswered(request: Request, name: str) -> bool:
    value = getattr(request, name, None) or request.answers.get(name)
    return not value or (isinstance(value, str) and is_blank(value))


def required_fields(request: Request) -> tuple[str, ...]:
    """Return the fields that 21Vianet or the rules require for this request, in the order of the form.

    A customer's request of severity A needs no more than 21Vianet needs to begin: nobody fills in checks at night.
    What only the reseller can do is not for 21Vianet, so nothing has to be lacking for it.
    """
    is_a = request.severity is Severity.A
    shared = ("title", "details", *(("impact",) if is_a else ()))
    if request.kind is RequestKind.PARTNER_CENTER:
        return ("category", *shared)
    if is_a:
        return ("customer_name", "service", *shared, "contact")
    incident = ("incident_id",) if request.answers.get("health") == ServiceHealth.INCIDENT else ()
    means = () if request.answers.get("matter") in OURS_TO_DO else ("tried", "lacks")
    return ("customer_name", "service", "scope", *shared, "health", *incident, *means)


def _find_too_long(request: Request) -> Iterator[Refusal]:
    for name in TEXTS:
        limit = {"title": TITLE_LIMIT, "details": TEXT_LIMIT}.get(name, LINE_LIMIT)
        if len(getattr(request, name)) > limit:
            yield Refusal("too_long", name, {"limit": limit})
    for name, value in request.answers.items():
        limit = ANSWER_LIMIT if name in LONG_ANSWERS else LINE_LIMIT
        if isinstance(value, str) and len(value) > limit:
            yield Refusal("too_long", name, {"limit": limit})


def _find_rule_breaks(request: Request) -> Iterator[Refusal]:
    for name, choice in CHOICES.items():
        if name in request.answers and request.answers[name] not in set(choice):
            yield Refusal("unknown_choice", name)
    if not set(request.answers.get("lacks", ())) <= set(MissingMeans):
        yield Refusal("unknown_choice", "lacks")
    if is_billing(request) and request.severity is Severity.A:
        yield Refusal("billing_is_never_a", "severity")
    affected = request.answers.get("affected")
    if affected is not None and not str(affected).isdecimal():
        yield Refusal("not_a_number", "affected")


def _find_future_start(request: Request, at: datetime) -> Iterator[Refusal]:
    """Refuse a problem that begins after it is reported, and a beginning that is no time."""
    started = request.answers.get("started")
    try:
        if started and parse_utc(started) > at + CLOCKS_DIFFER:
            yield Refusal("in_the_future", "started")
    except ValueError:
        yield Refusal("not_a_time", "started")


def find_contradictions(request: Request) -> Iterator[str]:
    """Return by name what in a request does not fit together: hints, because each answer alone may be right."""
    answers, scope = request.answers, request.answers.get("scope")
    affected = str(answers.get("affected") or "")
    people = int(affected) if affected.isdecimal() else None
    if request.severity is Severity.A and scope == ProblemScope.ONE_USER:
        yield "a_for_one_user"
    if people is not None and people > 1 and scope == ProblemScope.ONE_USER:
        yield "one_user_but_more"
    if people is not None and people <= 1 and scope in {ProblemScope.SOME_USERS, ProblemScope.SEVERAL_CUSTOMERS}:
        yield "some_users_but_one"
    if answers.get("incident_id") and answers.get("health") in {ServiceHealth.NORMAL, ServiceHealth.NO_ACCESS}:
        yield "incident_but_not_seen"


def is_billing(request: Request) -> bool:
    """Return whether it is a billing request, which 21Vianet limits to severity B.

    Source: 21Vianet's Microsoft 365 support page, on billing and subscription requests.
    """
    return request.kind is RequestKind.PARTNER_CENTER and request.answers.get("category") == IssueCategory.BILLING
