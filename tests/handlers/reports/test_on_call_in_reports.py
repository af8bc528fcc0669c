"""How a report tells who was on call: hours in one form, and no percentage of a month that the rota did not cover."""

import re
from datetime import datetime, timedelta

import pytest

from handlers.i18n.words import Words
from handlers.printable.page import render_page
from handlers.reports.figures import ReportReader
from handlers.reports.monthly_page import build_monthly_page
from models.rules.reports.coverage import MonthCoverage, SeatCoverage
from models.rules.reports.monthly import build_report
from models.rules.reports.scorecard import build_scorecard
from tests.models.rules.reports.stories import POLICY, SHANGHAI, Story, judge, period_of

PERIOD = period_of("2026-10")
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
BEGAN = datetime(2026, 10, 31, 23, 35, tzinfo=SHANGHAI)


def page_of(coverage: MonthCoverage, language: str, customer: str = "") -> str:
    """Return the page of a month without cases, of a customer or of the team."""
    report, reader = build_report([], PERIOD, coverage, customer), ReportReader(Words.of(language), POLICY)
    scorecard = None if customer else build_scorecard([], PERIOD)
    return render_page(build_monthly_page(report, reader, scorecard))


@pytest.mark.parametrize(
    ("language", "share", "why"),
    [
        ("en", "0.42 of 0.42 h, counted since 2026-10-31 23:35", "before, there was no rota."),
        ("zh_CN", "0.42 / 0.42 小时，自 2026-10-31 23:35 起统计", "此前没有值班表。"),
    ],
)
def test_a_rota_that_just_began_is_not_called_a_whole_month(language: str, share: str, why: str) -> None:
    page = page_of(MonthCoverage([], 25 * MINUTE, 25 * MINUTE, BEGAN), language, "云杉科技").split("</style>")[1]

    text = re.sub("<[^>]*>", "", page)
    assert share in text
    assert why in text
    assert "100%" not in text


def test_a_missing_minute_is_not_a_hundred_percent() -> None:
    month = MonthCoverage([], total=744 * HOUR, staffed=744 * HOUR - MINUTE)

    assert "743.98 of 744 h (99.9%)" in page_of(month, "en", "Contoso")
    assert "743.98 / 744 小时（99.9%）" in page_of(month, "zh_CN", "Contoso")


def test_the_teams_page_tells_all_of_it_in_hours() -> None:
    seat = SeatCoverage("primary", covered=743.5 * HOUR, uncovered=30 * MINUTE)

    text = page_of(MonthCoverage([seat], 744 * HOUR, 743.5 * HOUR), "en")

    assert "Covered (h)" in text
    assert "(min)" not in text
    assert '<td class="number">743.5</td><td class="number">0</td><td class="number">0.5</td>' in text


def test_cases_of_no_area_of_ours_are_one_line_of_what_it_was_about() -> None:
    stories = [Story("2026-10-05 10:00", answers=answers) for answers in ({}, {"area": "none"}, {"area": "how_to"})]

    causes = build_report(judge(stories, PERIOD), PERIOD, None).causes

    assert [(cause.area, cause.cases) for cause in causes] == [("", 2), ("how_to", 1)]
