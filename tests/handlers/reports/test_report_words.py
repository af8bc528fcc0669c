"""What reports say of a case in words: its service, how it was solved, and a first response that is not due yet."""

from collections.abc import Sequence
from typing import Any

import pytest

from handlers.i18n.words import Words
from handlers.printable.page import render_page
from handlers.reports.answer import scorecard_blocks
from handlers.reports.figures import ReportReader, response_figures
from handlers.reports.monthly_page import build_monthly_page, build_scorecard_page
from handlers.reports.workbook import write_monthly_workbook, write_scorecard_workbook
from models.rules.escalations.escalation import Move
from models.rules.escalations.kept_clocks import KeptCount
from models.rules.escalations.transitions import raise_escalation
from models.rules.reports.case_month import find_service
from models.rules.reports.month import ReportPeriod
from models.rules.reports.monthly import build_report, count_responses
from models.rules.reports.report_request import ReportFormat, ReportKind, ReportRequest
from models.rules.reports.scorecard import build_scorecard
from tests.models.rules.reports.stories import POLICY, Story, at, judge, period_of, period_until
from tests.models.samples import CHANNEL, WANG, partner_center_request
from tests.workbook_cells import ReadBook

PERIOD = period_of("2026-10")
THEIRS = "Raised the number of licences of Spruce from 50 to 70"
REQUEST = ReportRequest(ReportKind.VENDOR, "", "2026-10", ReportFormat.HTML, "", "T1")


def pages(stories: Sequence[Story], language: str, customer: str = "", period: ReportPeriod = PERIOD) -> list[str]:
    """Return the page and the cells of the workbook of a month's report, as text."""
    judged, reader = judge(stories, period), ReportReader(Words.of(language), POLICY)
    report = build_report(judged, period, None, customer)
    scorecard = None if customer else build_scorecard(judged, period)
    book = ReadBook(write_monthly_workbook(report, reader, scorecard))
    return [
        render_page(build_monthly_page(report, reader, scorecard)),
        str([book.values(str(title)) for title in book.titles]),
    ]


@pytest.mark.parametrize(
    ("language", "stated"), [("en", "A known solution was applied."), ("zh_CN", "已按已知办法解决。")]
)
@pytest.mark.parametrize(
    "more",
    [{"text": f"as CSP-1: {THEIRS}"}, {"text": f"同 KB-1：{THEIRS}"}, {"text": THEIRS, "follows": "CSP-1"}],
    ids=["a case", "an article", "a duplicate"],
)
def test_a_customer_never_reads_the_fix_of_another_case(language: str, stated: str, more: dict[str, Any]) -> None:
    story = Story("2026-10-05 10:00", [(Move.RESOLVE, "2026-10-06 10:00", more)])

    for text in pages([story], language, "柳浪"):
        assert stated in text
        assert THEIRS not in text
    for text in pages([story], language):
        assert THEIRS in text, "a lead reads what fixed it"


def test_a_customer_reads_what_was_written_for_this_case() -> None:
    story = Story("2026-10-05 10:00", [(Move.RESOLVE, "2026-10-06 10:00", {"text": "15 licences were added"})])

    for text in pages([story], "en", "柳浪"):
        assert "15 licences were added" in text
        assert "known solution" not in text


@pytest.mark.parametrize(("language", "stated"), [("en", "Service not given"), ("zh_CN", "服务未填写")])
def test_a_service_that_nobody_stated_is_not_partner_center(language: str, stated: str) -> None:
    stories = [Story("2026-10-05 10:00", service="")]

    for text in (*pages(stories, language), *pages(stories, language, "柳浪")):
        assert stated in text
        assert "Partner Center" not in text
        assert "合作伙伴中心" not in text


def scorecards(stories: Sequence[Story], language: str, period: ReportPeriod = PERIOD) -> list[str]:
    """Return the page, the cells of the workbook, and the answer in Slack of a scorecard, as text."""
    scorecard, reader = build_scorecard(judge(stories, period), period), ReportReader(Words.of(language), POLICY)
    book = ReadBook(write_scorecard_workbook(scorecard, reader))
    return [
        render_page(build_scorecard_page(scorecard, reader)),
        str([book.values(str(title)) for title in book.titles]),
        str(scorecard_blocks(scorecard, REQUEST, reader)),
    ]


@pytest.mark.parametrize(("language", "stated"), [("en", "Partner Center"), ("zh_CN", "合作伙伴中心")])
def test_a_request_about_partner_center_is_named_so(language: str, stated: str) -> None:
    case = raise_escalation(partner_center_request(), 1, CHANNEL, WANG, at("2026-10-05 10:00"))[0]

    assert ReportReader(Words.of(language), POLICY).name_service(find_service(case)) == stated


@pytest.mark.parametrize(("language", "column", "stated"), [
    ("en", "Not due yet", "1 not due yet"), ("zh_CN", "尚未到期", "1 件尚未到期"),
])  # fmt: skip
def test_a_first_response_that_is_not_due_yet_has_its_column(language: str, column: str, stated: str) -> None:
    period = period_until("2026-10", 5)
    story = Story("2026-10-05 10:00", [(Move.RECORD, "2026-10-05 11:00")])

    page, book, slack = scorecards([story], language, period)

    counted = count_responses(filing for case in judge([story], period) for filing in case.filings)
    assert counted.filed == counted.not_due == 1
    assert column in page
    assert book.endswith("None, 1.0]]]"), "the last column"
    assert stated in slack


def test_only_a_customers_report_does_not_speak_of_returns() -> None:
    story = Story("2026-10-05 10:00", [(Move.RECORD, "2026-10-05 11:00")])

    assert "counts as answered" in scorecards([story], "en")[0]
    assert "counts as answered" not in pages([story], "en", "柳浪")[0]


def test_the_figures_of_first_responses_add_up() -> None:
    period = period_until("2026-10", 5)
    stories = [
        Story("2026-10-05 10:00", [(Move.RECORD, "2026-10-05 11:00")]),
        Story("2026-10-05 10:00", [(Move.RECORD, "2026-10-05 11:00")], service="power"),
        Story("2026-10-01 10:00", [(Move.RECORD, "2026-10-01 11:00")], severity="A"),
        Story("2026-10-05 10:00", [(Move.RECORD, "2026-10-05 10:10"), (Move.CONTACT, "2026-10-05 11:00")]),
    ]

    total = build_scorecard(judge(stories, period), period).total
    figures = dict(response_figures(total, Words.of("en")))

    assert figures["Submitted to 21Vianet"] == 4
    assert figures["First response in time"] == KeptCount(1, 1)
    assert (figures["First response not due yet"], figures["Without a target of 21Vianet"]) == (1, 1)
