"""How a request is looked at before it goes to 21Vianet: the reseller's own areas, and what each point decides.

The values come from the policy file (``[review]`` in ``21vianet.toml``), so an installation can change them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from models.rules.policy.sources import PolicySource


class SupportArea(StrEnum):
    """The areas of support that the article names as the reseller's own, and none of them (customer-support)."""

    ACCOUNT_SETUP = "account_setup"
    BILLING = "billing"
    HOW_TO = "how_to"
    UPDATES = "updates"
    SOFTWARE = "software"
    CLIENT = "client"
    PERFORMANCE = "performance"
    NONE = "none"


class Outcome(StrEnum):
    """What to do with a request."""

    FIT = "fit"  # it may go to 21Vianet
    REVIEW = "review"  # a lead looks at it first
    OURS = "ours"  # only the reseller can do it


class PointWeight(StrEnum):
    """What one point decides."""

    OURS = "ours"
    REVIEW = "review"
    HINT = "hint"  # it is only said
    OFF = "off"  # it is left out


class ReviewPoint(StrEnum):
    """What a request is looked at for, the weightiest first."""

    LICENCES = "licences"
    PASSWORD = "password"  # noqa: S105 - the name of a point
    INDIRECT_BILLING = "indirect_billing"
    OPEN_INCIDENT = "open_incident"
    NO_REASON = "no_reason"
    NOT_TRIED = "not_tried"
    NETWORK = "network"
    THIRD_PARTY = "third_party"
    CUSTOM_CODE = "custom_code"
    SEVERAL_PROBLEMS = "several_problems"
    SOLD_BY_ANOTHER = "sold_by_another"
    NOT_ENTITLED = "not_entitled"
    NOBODY_AVAILABLE = "nobody_available"
    NO_IMPACT = "no_impact"
    NO_PRIVILEGES = "no_privileges"
    NO_STEPS = "no_steps"


@dataclass(frozen=True)
class PointRule:
    """What a point decides, and the page and its section that say so."""

    weight: PointWeight
    section: str  # the heading on the page
    source: PolicySource | None  # None for our own practice
    section_zh: str = ""  # the heading of the Chinese edition, where there is one


@dataclass(frozen=True)
class OwnWork:
    """The clicks by which the reseller does what only it can do."""

    portal: str  # the address at which they begin
    en: tuple[str, ...]
    zh: tuple[str, ...]
    source: PolicySource


@dataclass(frozen=True)
class ReviewRules:
    """The reseller's own areas, and what each point decides."""

    areas: frozenset[str]  # of SupportArea: one of them needs a reason
    source: PolicySource
    points: Mapping[str, PointRule]  # by ReviewPoint
    own_work: Mapping[str, OwnWork]  # by ReviewPoint

    def sources(self) -> list[PolicySource]:
        """Return the source of every fact."""
        of_points = [rule.source for rule in self.points.values() if rule.source]
        return [self.source, *of_points, *(work.source for work in self.own_work.values())]

    def find_rule(self, point: ReviewPoint) -> PointRule:
        """Return what a point decides; one that the file does not name is left out."""
        return self.points.get(point, PointRule(PointWeight.OFF, "", None))
