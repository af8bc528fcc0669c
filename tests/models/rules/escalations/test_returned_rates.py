"""Rates of returned cases, and the threshold from which leads are warned."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from models.rules.escalations.returned_rates import (
    CaseCount,
    ReturnedShare,
    find_level,
    find_window,
    share_in_percent,
    sum_counts,
)
from models.rules.policy.reminders import ReturnedLimits

LIMITS = ReturnedLimits(count=3, count_step=2, percent=5, percent_step=5, least_cases=20)


def test_the_window_begins_at_midnight_of_the_installation() -> None:
    window = find_window(datetime(2026, 11, 28, 17, 0, tzinfo=UTC), ZoneInfo("Asia/Shanghai"))

    assert window.first_day == date(2026, 8, 31)
    assert window.since == datetime(2026, 8, 30, 16, 0, tzinfo=UTC)


def test_counts_are_summed_by_area_most_returned_first() -> None:
    rates = sum_counts(
        [
            CaseCount("customer", "none", "normal", True, 30, 1),
            CaseCount("customer", "billing", "normal", True, 6, 2),
            CaseCount("customer", "billing", "no_access", True, 2, 1),
            CaseCount("customer", "", "", False, 1, 0),
            CaseCount("partner_center", "", "", False, 4, 0),
        ]
    )

    assert (rates.cases, rates.returned, rates.in_reseller_areas, rates.without_checks) == (43, 4, 8, 3)
    assert rates.areas == (ReturnedShare("billing", 8, 3), ReturnedShare("none", 30, 1), ReturnedShare("", 5, 0))


@pytest.mark.parametrize(
    ("returned", "cases", "level"),
    [(2, 10, 0), (3, 10, 1), (4, 10, 1), (5, 10, 2), (1, 20, 1), (1, 19, 0), (2, 20, 2), (2, 41, 1), (2, 45, 0)],
)
def test_the_number_or_the_share_passes_the_threshold(returned: int, cases: int, level: int) -> None:
    assert find_level(returned, cases, LIMITS) == level


def test_a_share_of_nothing_is_nothing_and_halves_are_rounded_up() -> None:
    assert [share_in_percent(0, 0), share_in_percent(1, 200), share_in_percent(1, 3)] == [0, 1, 33]
