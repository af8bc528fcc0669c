"""What a request is looked at for before it goes to 21Vianet: one pure function from its answers to an outcome.

It is advice. Severity A is never held up by it, and no request longer than a lead has time to look
(``models.rules.escalations.reviews``). The rules behind it are in docs/domain.md.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from models.rules.customers.record_fields import NO, YES, Agreement
from models.rules.escalations.request import Request, RequestKind, ServiceHealth, Severity, is_blank
from models.rules.escalations.review_questions import AdminCenter, ProblemMatter
from models.rules.policy.review_rules import Outcome, PointRule, PointWeight, ReviewPoint, ReviewRules

P = ReviewPoint


@dataclass(frozen=True)
class FoundPoint:
    """One point that a request meets, with what it decides and where that is written."""

    key: ReviewPoint
    rule: PointRule


@dataclass(frozen=True)
class RequestReview:
    """What to do with a request, and the points that say so, the weightiest first."""

    outcome: Outcome
    points: tuple[FoundPoint, ...] = ()

    @property
    def deciding(self) -> tuple[FoundPoint, ...]:
        """The points that are more than a hint."""
        return tuple(point for point in self.points if point.rule.weight is not PointWeight.HINT)


Answers = Mapping[str, Any]


def _has_no_privileges(answers: Answers) -> bool:
    return answers.get("delegated") == NO or answers.get("admin_center") == AdminCenter.NO_PRIVILEGES


def _is_indirect_billing(answers: Answers) -> bool:
    is_billing = answers.get("matter") == ProblemMatter.CHARGES
    return is_billing and answers.get("agreement") == Agreement.INDIRECT_OSPA


_Meets = Callable[[Answers], bool]
_OF_CUSTOMER: dict[ReviewPoint, _Meets] = {
    P.LICENCES: lambda a: a.get("matter") == ProblemMatter.LICENCES,
    P.PASSWORD: lambda a: a.get("matter") == ProblemMatter.PASSWORD,
    P.INDIRECT_BILLING: _is_indirect_billing,
    P.OPEN_INCIDENT: lambda a: a.get("health") == ServiceHealth.INCIDENT and a.get("incident_over") != YES,
    P.NOT_TRIED: lambda a: a.get("admin_center") == AdminCenter.NOT_TRIED,
    P.NETWORK: lambda a: a.get("matter") == ProblemMatter.NETWORK,
    P.THIRD_PARTY: lambda a: a.get("matter") == ProblemMatter.THIRD_PARTY,
    P.CUSTOM_CODE: lambda a: a.get("matter") == ProblemMatter.CUSTOM_CODE,
    P.SOLD_BY_ANOTHER: lambda a: a.get("sold") == NO,
    P.NO_PRIVILEGES: _has_no_privileges,
    P.NO_STEPS: lambda a: bool(a.get("area")) and _is_empty(a, "steps"),
}
"""Points of a customer request."""
_OF_A: dict[ReviewPoint, _Meets] = {
    P.NOBODY_AVAILABLE: lambda a: a.get("available") == NO,
    P.NO_IMPACT: lambda a: _is_empty(a, "impact"),
}
"""Points of severity A. They are hints: severity A is never held up."""
_ORDER = (PointWeight.OURS, PointWeight.REVIEW, PointWeight.HINT)


def review_request(request: Request, rules: ReviewRules) -> RequestReview:
    """Return what to do with a request as far as it is answered, and the points that say so."""
    return review_answers({"kind": request.kind, "severity": request.severity, **request.answers}, rules)


def review_answers(answers: Answers, rules: ReviewRules) -> RequestReview:
    """Return the same for the answers of a form, with its kind and severity among them."""
    met = set(_find_met(answers, rules))
    points = [FoundPoint(key, rules.find_rule(key)) for key in P if key in met]
    points = [point for point in points if point.rule.weight is not PointWeight.OFF]
    weights = {point.rule.weight for point in points}
    decided = Outcome.REVIEW if PointWeight.REVIEW in weights else Outcome.FIT
    if PointWeight.OURS in weights:  # whatever else it lacks, it does not go to 21Vianet
        return RequestReview(Outcome.OURS, tuple(point for point in points if point.rule.weight is PointWeight.OURS))
    return RequestReview(decided, tuple(sorted(points, key=lambda point: _ORDER.index(point.rule.weight))))


def _find_met(answers: Answers, rules: ReviewRules) -> Iterator[ReviewPoint]:
    if answers.get("several") == YES:
        yield P.SEVERAL_PROBLEMS
    is_customer, is_a = answers.get("kind") == RequestKind.CUSTOMER, answers.get("severity") == Severity.A
    if is_customer:
        yield from (point for point, meets in _OF_CUSTOMER.items() if meets(answers))
    if is_customer and answers.get("area") in rules.areas and _is_empty(answers, "why"):
        yield P.NO_REASON
    if is_a:
        yield from (point for point, meets in _OF_A.items() if meets(answers))
    if is_a and is_customer and answers.get("entitled") != YES:
        yield P.NOT_ENTITLED


def _is_empty(answers: Answers, name: str) -> bool:
    return is_blank(str(answers.get(name) or ""))
