"""How often 21Vianet returns cases as inappropriate, over a rolling time, and when that is too often. Pure.

The customer-support article (partner-china, 2016-10-20) names seven areas that the reseller supports itself. It lets
21Vianet ask for a meeting about a remediation plan when cases are escalated inappropriately.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from models.rules.escalations.request import RequestKind, ServiceHealth
from models.rules.policy.reminders import ReturnedLimits
from models.rules.policy.review_rules import SupportArea

WINDOW = timedelta(days=90)
"""How far back cases count."""
NO_RESELLER_AREA = frozenset({"", SupportArea.NONE})
"""Answers to “area” that name none of the seven areas a reseller supports itself."""


@dataclass(frozen=True)
class RateWindow:
    """The time that counts: its first day in the installation's zone, and when that begins (UTC)."""

    first_day: date
    since: datetime


def find_window(now: datetime, zone: ZoneInfo) -> RateWindow:
    """Return the time that counts until ``now``: whole days of a zone."""
    return find_window_until(now.astimezone(zone).date(), zone)


def find_window_until(day: date, zone: ZoneInfo) -> RateWindow:
    """Return the time that begins so long before a day of a zone, and has no end."""
    first_day = day - WINDOW
    return RateWindow(first_day, datetime.combine(first_day, time(), zone).astimezone(UTC))


@dataclass(frozen=True)
class CaseCount:
    """How many cases give the same answers, and how many of them were returned."""

    kind: str
    area: str  # empty when it was not asked for
    health: str  # empty when it was not asked for
    has_tried: bool
    cases: int
    returned: int


@dataclass(frozen=True)
class ReturnedShare:
    """How many cases of an area or a customer were escalated, and how many of them returned."""

    name: str
    cases: int
    returned: int

    @property
    def percent(self) -> int:
        """The share in whole percent."""
        return share_in_percent(self.returned, self.cases)


@dataclass(frozen=True)
class ReturnedRates:
    """What is counted over the window."""

    cases: int = 0
    returned: int = 0
    in_reseller_areas: int = 0  # in one of the areas that the reseller supports itself
    without_checks: int = 0  # customer requests without service health or steps tried
    areas: tuple[ReturnedShare, ...] = ()  # most returned first


def sum_counts(counts: Iterable[CaseCount]) -> ReturnedRates:
    """Return the rates of counted cases."""
    counted = list(counts)
    cases, returned = defaultdict[str, int](int), defaultdict[str, int](int)
    for count in counted:
        cases[count.area] += count.cases
        returned[count.area] += count.returned
    areas = [ReturnedShare(area, cases[area], returned[area]) for area in cases]
    return ReturnedRates(
        sum(cases.values()),
        sum(returned.values()),
        sum(count.cases for count in counted if count.area not in NO_RESELLER_AREA),
        sum(count.cases for count in counted if lacks_checks(count)),
        tuple(sorted(areas, key=lambda share: (-share.returned, -share.cases, share.name))),
    )


def lacks_checks(count: CaseCount) -> bool:
    """Return whether what must come before a customer request is missing: a look at service health, and a try."""
    is_unchecked = count.health in {"", ServiceHealth.NO_ACCESS} or not count.has_tried
    return count.kind == RequestKind.CUSTOMER and is_unchecked


def share_in_percent(part: int, whole: int) -> int:
    """Return a share in whole percent, rounded half up; 0 of nothing."""
    return (200 * part + whole) // (2 * whole) if whole else 0


def find_level(returned: int, cases: int, limits: ReturnedLimits) -> int:
    """Return how far the warning threshold is passed: 0 below it, 1 from it on, and one more for each further step.

    The number of returned cases and their share each have a threshold; the higher level counts. A share of few cases
    says nothing, so it counts from ``limits.least_cases`` on.
    """
    by_count = _count_steps(returned, limits.count, limits.count_step)
    percent = share_in_percent(returned, cases) if cases >= limits.least_cases else 0
    return max(by_count, _count_steps(percent, limits.percent, limits.percent_step))


def _count_steps(value: int, threshold: int, step: int) -> int:
    return 0 if value < threshold else 1 + (value - threshold) // step
