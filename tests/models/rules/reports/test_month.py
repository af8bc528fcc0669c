"""The month that is typed, and where it begins and ends."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from models.rules.errors import Refused
from models.rules.people import Actor
from models.rules.reports.coverage import MonthCoverage, SeatCoverage, sum_coverage
from models.rules.reports.month import ReportMonth, ReportPeriod, read_month, split_month
from models.rules.reports.report_request import ReportFormat, ReportKind, ReportRequest, read_report_request
from models.rules.reports.report_rights import check_reader
from models.rules.rota.ledger_entries import LedgerEntry
from models.rules.rota.on_call import CoverageStatus, Slot
from tests.models.rules.reports.stories import LATER, SHANGHAI, at, period_of

TODAY = date(2026, 11, 28)


@pytest.mark.parametrize(
    ("typed", "month"),
    [
        ("2026-10", ReportMonth(2026, 10)), ("2026年1月", ReportMonth(2026, 1)), (" 2026/9 ", ReportMonth(2026, 9)),
        ("", ReportMonth(2026, 10)), ("2026-11", ReportMonth(2026, 11)),
    ],
)  # fmt: skip
def test_a_month_is_read_as_people_write_it(typed: str, month: ReportMonth) -> None:
    assert read_month(typed, TODAY) == month


@pytest.mark.parametrize(
    ("typed", "split"),
    [
        ("云杉 2026-10", ("云杉", "2026-10")), ("云杉2026年10月", ("云杉", "2026年10月")), ("2026-10", ("", "2026-10")),
        ("Contoso 365 2026-1", ("Contoso 365", "2026-1")), ("Contoso 365", ("Contoso 365", "")), ("", ("", "")),
        ("A12026-10", ("A12026-10", "")),
    ],
)  # fmt: skip
def test_the_month_stands_after_the_customer(typed: str, split: tuple[str, str]) -> None:
    assert split_month(typed) == split


def test_in_january_the_last_whole_month_is_december() -> None:
    assert read_month("", date(2027, 1, 1)) == ReportMonth(2026, 12)


@pytest.mark.parametrize(
    ("typed", "reason"),
    [("2026-13", "not_a_month"), ("October", "not_a_month"), ("1999-01", "not_a_month"), ("2026-12", "month_ahead")],
)
def test_what_is_no_month_or_has_not_begun_is_refused(typed: str, reason: str) -> None:
    with pytest.raises(Refused) as refused:
        read_month(typed, TODAY)

    assert refused.value.refusals[0].reason == reason


def test_a_month_begins_and_ends_at_midnight_of_the_installation() -> None:
    period = period_of("2026-10")

    assert (period.start, period.end) == (at("2026-10-01 00:00"), at("2026-11-01 00:00"))


def test_a_month_with_a_clock_change_has_its_true_length() -> None:
    period = ReportPeriod(ReportMonth(2026, 10), ZoneInfo("Europe/Berlin"), LATER)

    assert (period.end - period.start).total_seconds() == (31 * 24 + 1) * 3600


def test_a_month_that_lasts_ends_now() -> None:
    now = datetime(2026, 10, 10, 4, tzinfo=UTC)
    period = ReportPeriod(ReportMonth(2026, 10), SHANGHAI, now)

    assert (period.end, period.is_over) == (now, False)


def test_a_request_for_a_report_is_read_as_it_was_written() -> None:
    request = ReportRequest(ReportKind.CUSTOMER, "k-1", "2026-10", ReportFormat.XLSX, "en", "T1")

    assert read_report_request(str(request)) == request


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"kind": "team"}', '{"kind": "x", "format": "html"}', "7"])
def test_what_is_no_request_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  # its subclass JSONDecodeError too
        read_report_request(text)


@pytest.mark.parametrize(
    ("kind", "is_lead", "may"),
    [
        (ReportKind.CUSTOMER, False, True), (ReportKind.CUSTOMER, True, True), (ReportKind.TEAM, True, True),
        (ReportKind.VENDOR, True, True), (ReportKind.TEAM, False, False), (ReportKind.VENDOR, False, False),
    ],
)  # fmt: skip
def test_only_leads_read_the_report_of_the_team_and_the_scorecard(kind: ReportKind, is_lead: bool, may: bool) -> None:
    actor = Actor("U1", "T1", is_lead=is_lead)

    if may:
        check_reader(kind, actor)
    else:
        with pytest.raises(Refused, match="report_for_leads"):
            check_reader(kind, actor)


def test_coverage_is_summed_by_seat_and_without_the_time_before_the_rota() -> None:
    def entry(seat: str, begin: int, end: int, status: CoverageStatus, evidence: str = "x") -> LedgerEntry:
        person = "" if status in {CoverageStatus.UNCOVERED, CoverageStatus.ACCEPTED} else "李娜"
        return LedgerEntry(Slot(seat), _hour(begin), _hour(end), status, person, evidence)

    entries = [
        entry("primary", 0, 2, CoverageStatus.UNCOVERED, "no_rota"),
        entry("primary", 2, 10, CoverageStatus.CONFIRMED),
        entry("primary", 10, 12, CoverageStatus.UNCOVERED),
        entry("backup", 2, 11, CoverageStatus.BELOW_REQUIREMENT),
        entry("backup", 11, 12, CoverageStatus.ACCEPTED),
    ]

    assert sum_coverage(entries, "no_rota", _hour(0)) == MonthCoverage(
        [
            SeatCoverage("primary", covered=_hour(8) - _hour(0), uncovered=_hour(2) - _hour(0)),
            SeatCoverage("backup", below=_hour(9) - _hour(0), accepted=_hour(1) - _hour(0)),
        ],
        total=_hour(10) - _hour(0),
        staffed=_hour(9) - _hour(0),
        since=_hour(2),
    )


def test_a_rota_that_was_there_before_the_month_counts_from_its_beginning() -> None:
    entry = LedgerEntry(Slot("primary"), _hour(0), _hour(12), CoverageStatus.CONFIRMED, "李娜", "x")

    coverage = sum_coverage([entry], "no_rota", _hour(0))

    assert coverage is not None
    assert coverage.since is None


def test_without_a_rota_there_is_no_coverage() -> None:
    assert sum_coverage([], "no_rota", _hour(0)) is None


def _hour(hour: int) -> datetime:
    return datetime(2026, 10, 1, hour, tzinfo=UTC)
