"""Printed reports in a real browser, in both languages: nothing is loaded or cut, each fits A4."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ViewportSize

from handlers.i18n.words import Words
from handlers.printable.page import render_page
from handlers.reports.figures import ReportReader
from handlers.reports.monthly_page import build_monthly_page, build_scorecard_page
from models.rules.escalations.escalation import Move
from models.rules.reports.coverage import MonthCoverage, SeatCoverage
from models.rules.reports.monthly import build_report
from models.rules.reports.scorecard import build_scorecard
from tests.handlers.printing_browser import launch_browser
from tests.models.rules.reports.stories import POLICY, SHANGHAI, Story, judge, period_of

PERIOD = period_of("2026-10")
HOUR = timedelta(hours=1)
COVERAGE = MonthCoverage(
    [SeatCoverage("primary", covered=700.5 * HOUR, uncovered=0.2 * HOUR)], 700.7 * HOUR, 700.5 * HOUR,
    since=datetime(2026, 10, 2, 19, 18, tzinfo=SHANGHAI),
)  # fmt: skip
A4: ViewportSize = {"width": 794, "height": 1123}
PHONE: ViewportSize = {"width": 390, "height": 844}
WIDE = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
CUT = "[...document.querySelectorAll('td, th, .tile *')].filter(e => e.scrollWidth > e.clientWidth + 1).length"


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    """A browser for the tests of this file."""
    with launch_browser(chromium) as browser:
        yield browser


def stories(count: int) -> Sequence[Story]:
    """Return cases of a month, with long and short texts of both languages."""
    fixes = (
        "在管理中心重新分配许可证后恢复。",
        "Restarted the gateway and re-registered the connector. " * 3,
        "x" * 90,
    )
    return [
        Story(
            f"2026-10-{1 + number % 31:02} 10:00",
            [
                (Move.RECORD, f"2026-10-{1 + number % 31:02} 10:30", {"text": f"6251122000{number}"}),
                (Move.CONTACT, f"2026-10-{1 + number % 31:02} {11 + number % 9}:00"),
                (Move.RESOLVE, f"2026-10-{1 + number % 31:02} 21:00", {"text": fixes[number % 3]}),
            ][: 3 if number % 5 else 1],
            service=("azure", "m365", "power", "d365")[number % 4],
            severity="ABC"[number % 3],
            answers={"workload": "Virtual Machines", "area": "how_to"} if number % 2 else {},
        )
        for number in range(count)
    ]


@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_reports_of_any_size_are_printed_whole_and_load_nothing(
    browser: Browser, tmp_path: Path, language: str
) -> None:
    reader = ReportReader(Words.of(language), POLICY)
    page = browser.new_page(viewport=A4)
    heard: list[str] = []
    page.on("request", lambda request: heard.append(request.url))
    page.on("console", lambda message: heard.append(message.text))

    for count in (0, 3, 60):
        judged = judge(stories(count), PERIOD)
        report, scorecard = build_report(judged, PERIOD, COVERAGE), build_scorecard(judged, PERIOD)
        customer = build_report(judged, PERIOD, COVERAGE, "云杉科技（上海）有限公司")
        pages = (
            build_monthly_page(report, reader, scorecard), build_monthly_page(customer, reader),
            build_scorecard_page(scorecard, reader),
        )  # fmt: skip
        for number, printed in enumerate(pages):
            file = tmp_path / f"{count}-{number}.html"
            file.write_text(render_page(printed), encoding="utf-8")
            page.goto(file.as_uri())

            assert page.evaluate(WIDE) is False
            assert page.evaluate(CUT) == 0
            page.set_viewport_size(PHONE)
            assert page.evaluate(WIDE) is False, "a phone scrolls down, not sideways"
            page.set_viewport_size(A4)
            assert page.locator("svg").count() >= (1 if count else 0)
    page.goto((tmp_path / "60-0.html").as_uri())
    assert page.pdf(prefer_css_page_size=True).startswith(b"%PDF")
    page.close()

    assert {url for url in heard if not url.startswith("file:")} == set()


def test_a_customers_report_holds_nothing_of_ours() -> None:
    steps = [
        (Move.NOTE, "2026-10-05 10:10", {"text": "INTERNAL NOTE"}), (Move.RECORD, "2026-10-05 10:30"),
        (Move.RESOLVE, "2026-10-06 10:00"),
    ]  # fmt: skip
    judged = judge([Story("2026-10-05 10:00", steps, duplicate_of=77)], PERIOD)

    for language in ("en", "zh_CN"):
        reader = ReportReader(Words.of(language), POLICY)
        text = render_page(build_monthly_page(build_report(judged, PERIOD, None, "云杉科技"), reader))

        assert "Mail flow restored" in text
        for hidden in ("INTERNAL", "U0", "T0", "C0", "CSP-77", "李娜", "王伟", "Duplicates", "不当", "重复"):
            assert hidden not in text
