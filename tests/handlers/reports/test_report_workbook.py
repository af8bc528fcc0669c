"""The workbook of a report: every figure of its page is there as a number that one can compute with."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from handlers.i18n.words import Words
from handlers.reports import figure_rows, workbook
from handlers.reports.figures import ReportReader, list_groups, write_length
from models.rules.escalations.escalation import Move
from models.rules.reports.coverage import MonthCoverage, SeatCoverage
from models.rules.reports.monthly import MonthlyReport, build_report
from models.rules.reports.scorecard import VendorScorecard, build_scorecard
from tests.models.rules.reports.stories import POLICY, SHANGHAI, Story, judge, period_of
from tests.workbook_cells import Cell, ReadBook

PERIOD = period_of("2026-10")
HOUR = timedelta(hours=1)
COVERAGE = MonthCoverage(
    [SeatCoverage("primary", covered=743 * HOUR, uncovered=HOUR)], total=744 * HOUR, staffed=743 * HOUR
)
LATE = replace(COVERAGE, since=datetime(2026, 10, 5, 9, tzinfo=SHANGHAI))
ENGLISH = ReportReader(Words.of("en"), POLICY)


def reports(coverage: MonthCoverage | None = COVERAGE) -> tuple[MonthlyReport, VendorScorecard]:
    """Return the report and the scorecard of a month with three cases, one of them returned."""
    judged = judge(
        [
            Story(
                "2026-10-05 10:00",
                [
                    (Move.RECORD, "2026-10-05 10:30"), (Move.CONTACT, "2026-10-05 11:00"),
                    (Move.RESOLVE, "2026-10-05 21:00"), (Move.RETURNED, "2026-10-06 09:00", {"on": "2026-10-06"}),
                ],
                answers={"area": "how_to"},
            ),
            Story("2026-10-06 10:00", [(Move.ACKNOWLEDGE, "2026-10-06 10:02")], severity="A"),
            Story("2026-10-07 10:00", answers={"area": "none"}),
        ],
        PERIOD,
    )  # fmt: skip
    return build_report(judged, PERIOD, coverage), build_scorecard(judged, PERIOD)


def figures(coverage: MonthCoverage | None = COVERAGE) -> dict[str, list[Cell]]:
    """Return the rows of the sheet “Figures” by their label."""
    book = ReadBook(workbook.write_monthly_workbook(*(reports(coverage)[:1]), ENGLISH))
    return {str(row[1].value): row for row in book.cells("Figures")}


def test_the_columns_stay_as_they_are() -> None:
    assert [column.name for column in figure_rows.COLUMNS] == [
        "group", "figure", "value", "unit", "of", "share", "slowest",
    ]  # fmt: skip
    assert [column.name for column in workbook.RESPONSES] == [
        "service", "severity", "filed", "kept", "missed", "awaited", "without_target", "median", "slowest", "lowered",
        "another", "share", "not_due",
    ]  # fmt: skip


def test_every_figure_of_the_page_is_a_number() -> None:
    rows = figures()

    labels = {label for group in list_groups(reports()[0], ENGLISH.words) for label, _ in group.figures}
    assert labels - {"Raised, by severity"} <= set(rows)
    for label in labels & set(rows):
        assert not isinstance(rows[label][2].value, str), label
    assert [rows[f"Raised, by severity · {severity}"][2].value for severity in "AB"] == [1, 2]


def test_shares_are_percents_and_lengths_whole_minutes() -> None:
    rows = figures()

    acknowledged, with_us = rows["Acknowledged in time"], rows["Until submitted to 21Vianet"]
    assert [cell.value for cell in acknowledged[2:6]] == [1, None, 3, pytest.approx(1 / 3)]
    assert acknowledged[5].form == "0.0%"
    assert [cell.value for cell in with_us[2:]] == [30, "min, median", None, None, 30]


def test_who_was_on_call_and_what_it_was_about_are_among_the_figures() -> None:
    rows = figures()

    assert [cell.value for cell in rows["At least one person on call"]] == [
        "On call", "At least one person on call", 44_580, "min", 44_640, pytest.approx(743 / 744),
    ]  # fmt: skip
    assert [cell.value for cell in rows["primary · Uncovered"][2:5]] == [60, "min", 44_640]
    about = [row for row in rows.values() if row[0].value == "What it was about"]
    assert [[cell.value for cell in row[2:5]] for row in about] == [[0, "solved", 2], [1, "solved", 1]]
    assert "Other, or not given" in str(about[0][1].value)


def test_a_rota_that_began_within_the_month_has_no_percentage() -> None:
    rows = figures(LATE)

    assert [cell.value for cell in rows["At least one person on call"][2:]] == [44_580, "min", 44_640]
    assert rows["Counted from"][2].value == "2026-10-05 09:00"


@pytest.mark.parametrize("seconds", [29, 30, 59, 60, 90, 3599, 172_799, 900_001])
def test_the_workbook_rounds_minutes_as_the_page_and_slack_do(seconds: int) -> None:
    length = timedelta(seconds=seconds)

    minutes = figure_rows.to_minutes(length)

    assert write_length(length, ENGLISH.words) == write_length(timedelta(minutes=int(minutes)), ENGLISH.words)
    assert minutes == seconds // 60


def test_each_day_has_its_row() -> None:
    days = ReadBook(workbook.write_monthly_workbook(reports()[0], ENGLISH)).cells("By day")

    assert len(days) == 31
    assert [cell.value for cell in days[4]] == [46_300, 1, 1]
    assert days[4][0].form == "yyyy-mm-dd"


def test_the_scorecard_names_its_month_and_what_was_returned() -> None:
    book = ReadBook(workbook.write_scorecard_workbook(reports()[1], ENGLISH))

    rows = book.values("Figures")
    assert book.titles == ["Figures", "21Vianet"]
    assert rows[0] == ["Vendor scorecard: 21Vianet", "21Vianet", "October 2026"]
    assert ["21Vianet's times", "Returned by 21Vianet as inappropriate", 1] in rows
    total = book.cells("21Vianet")[-1]
    assert [cell.value for cell in total[:5]] == ["Total", None, 1, 1, 0]
    assert (total[-2].value, total[-2].form) == (1, "0.0%")
    assert total[-1].value == 0


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_a_report_without_cases_is_a_workbook_too(language: str) -> None:
    report = build_report([], PERIOD, None, "云杉科技")

    book = ReadBook(workbook.write_monthly_workbook(report, ReportReader(Words.of(language), POLICY)))

    assert len(book.titles) == 3
    assert book.values(str(book.titles[1])) == []
