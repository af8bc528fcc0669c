"""What is asked of a request so that it can be looked at: only what an answer calls for, at most two more at a time.

Answers are those of the form, by the name of their field. Sources: customer-support, check-service-health, multipartner
and the support pages of 21Vianet; see docs/domain.md.
"""

import re
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any

from models.rules.customers.customer import fold
from models.rules.customers.record_fields import NO, YES, CustomerRecord
from models.rules.policy.review_rules import ReviewRules, SupportArea
from models.rules.policy.vendor import CloudService

MOST_AT_ONCE = 2
"""How many more questions stand in the form at a time."""


class ProblemMatter(StrEnum):
    """What a problem in one of the reseller's own areas may really be about."""

    LICENCES = "licences"
    PASSWORD = "password"  # noqa: S105 - the name of a matter
    CHARGES = "charges"
    NETWORK = "network"
    THIRD_PARTY = "third_party"
    CUSTOM_CODE = "custom_code"
    NONE = "none"


class AdminCenter(StrEnum):
    """What was done in the customer's admin center before (report-problems-on-behalf-of-a-customer)."""

    TRIED = "tried"
    COACHED = "coached"  # the customer was guided
    BOTH = "both"
    NO_PRIVILEGES = "no_privileges"  # not tried, because delegated administration privileges are missing
    NOT_TRIED = "not_tried"


M, A = ProblemMatter, SupportArea
MATTERS: Mapping[str, tuple[ProblemMatter, ...]] = {
    A.ACCOUNT_SETUP: (M.LICENCES, M.PASSWORD, M.NONE),
    A.BILLING: (M.CHARGES, M.LICENCES, M.NONE),
    A.HOW_TO: (M.LICENCES, M.PASSWORD, M.NONE),
    A.UPDATES: (M.THIRD_PARTY, M.CUSTOM_CODE, M.NONE),
    A.SOFTWARE: (M.THIRD_PARTY, M.CUSTOM_CODE, M.NONE),
    A.CLIENT: (M.NETWORK, M.THIRD_PARTY, M.PASSWORD, M.NONE),
    A.PERFORMANCE: (M.NETWORK, M.CUSTOM_CODE, M.THIRD_PARTY, M.NONE),
}
"""What a problem in an area may be about; nothing is asked of an area without an entry."""
OURS_TO_DO = frozenset({M.LICENCES, M.PASSWORD})

Answers = Mapping[str, Any]
_ALSO = re.compile(r"(另外|此外|还有一个|第二个问题|\balso\b.*\bproblem|\bsecond (?:problem|issue)\b)", re.IGNORECASE)


def may_be_several(title: str, details: str) -> bool:
    """Return whether a text reads as if it named several problems, so that it is asked."""
    return bool(_ALSO.search(f"{title}\n{details}"))


def _asks_matter(answers: Answers, _rules: ReviewRules) -> bool:
    return answers.get("area") in MATTERS


def _asks_why(answers: Answers, rules: ReviewRules) -> bool:
    return answers.get("area") in rules.areas and answers.get("matter") not in OURS_TO_DO


def _asks_admin_center(answers: Answers, _rules: ReviewRules) -> bool:
    return bool(answers.get("area")) and answers.get("matter") not in OURS_TO_DO | {M.CHARGES}


def _asks_sold(answers: Answers, _rules: ReviewRules) -> bool:
    return bool(answers.get("area"))


def _asks_several(answers: Answers, _rules: ReviewRules) -> bool:
    return may_be_several(str(answers.get("title") or ""), str(answers.get("details") or ""))


_Asks = Callable[[Answers, ReviewRules], bool]
OF_CUSTOMER: tuple[tuple[str, _Asks], ...] = (
    ("area", lambda answers, _: bool(answers.get("service"))),
    ("matter", _asks_matter),
    ("why", _asks_why),
    ("incident_over", lambda answers, _: answers.get("health") == "incident"),
    ("several", _asks_several),
    ("admin_center", _asks_admin_center),
    ("sold", _asks_sold),
)
"""What is asked of a customer request, the weightiest question first, and whether the answers call for it."""
OF_SEVERITY_A: tuple[tuple[str, _Asks], ...] = (
    ("entitled", lambda answers, _: bool(answers.get("service"))),
    ("available", lambda answers, _: bool(answers.get("service"))),
)
"""The same of severity A: nothing of it is needed to raise it."""
OF_PARTNER_CENTER: tuple[tuple[str, _Asks], ...] = (("several", _asks_several),)
QUESTIONS = tuple(dict.fromkeys(name for name, _ in (*OF_CUSTOMER, *OF_SEVERITY_A, *OF_PARTNER_CENTER)))


def find_questions(answers: Answers, rules: ReviewRules, record_answers: Answers) -> tuple[str, ...]:
    """Return the fields to show: those that are answered and called for, and at most two more.

    What the customer's record answers (``record_answers``) is not asked.
    """
    called_for = [
        name for name, asks in _list_questions(answers) if name not in record_answers and asks(answers, rules)
    ]
    open_ones = [name for name in called_for if not answers.get(name)][:MOST_AT_ONCE]
    return tuple(name for name in called_for if answers.get(name) or name in open_ones)


def _list_questions(answers: Answers) -> tuple[tuple[str, _Asks], ...]:
    if answers.get("kind") == "partner_center":
        return OF_PARTNER_CENTER
    return OF_SEVERITY_A if answers.get("severity") == "A" else OF_CUSTOMER


def read_record(record: CustomerRecord, service: CloudService) -> dict[str, str]:
    """Return the answers that a customer's record gives; nothing where it says nothing."""
    is_sold = YES if any(_names(service, sold) for sold in record.services) else ""
    said = {
        "agreement": record.agreement,
        "delegated": record.delegated if record.delegated in {YES, NO} else "",
        "entitled": record.entitled_to_a if record.entitled_to_a in {YES, NO} else "",
        "sold": is_sold,
    }
    return {name: value for name, value in said.items() if value}


def _names(service: CloudService, written: str) -> bool:
    """Return whether a list that names a service or one of its workloads means this service."""
    wanted = fold(written)
    names = [*service.en.split("/"), *service.zh.split("/"), service.key, *service.workload_names]
    folded = [fold(name) for name in names]
    return any(name and (name in wanted or wanted in name) for name in folded if wanted)
