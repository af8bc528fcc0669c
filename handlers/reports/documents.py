"""The files of a report: a page to print, or a workbook."""

from dataclasses import dataclass

from handlers.printable.page import render_page
from handlers.reports.figures import ReportReader
from handlers.reports.monthly_page import build_monthly_page, build_scorecard_page
from handlers.reports.workbook import write_monthly_workbook, write_scorecard_workbook
from models.rules.reports.month import ReportMonth
from models.rules.reports.monthly import MonthlyReport
from models.rules.reports.report_request import ReportFormat, ReportKind
from models.rules.reports.scorecard import VendorScorecard


@dataclass(frozen=True)
class ReportFile:
    """A written report."""

    name: str  # of the file
    content: bytes


def write_monthly(
    report: MonthlyReport, reader: ReportReader, form: ReportFormat, scorecard: VendorScorecard | None = None
) -> ReportFile:
    """Return the file of a monthly report; the team's also holds the scorecard of 21Vianet."""
    kind = ReportKind.CUSTOMER if report.customer else ReportKind.TEAM
    if form is ReportFormat.XLSX:
        content = write_monthly_workbook(report, reader, scorecard)
    else:
        content = render_page(build_monthly_page(report, reader, scorecard)).encode()
    return ReportFile(name_file(kind, report.period.month, form, reader.language), content)


def write_scorecard(scorecard: VendorScorecard, reader: ReportReader, form: ReportFormat) -> ReportFile:
    """Return the file of the vendor scorecard."""
    if form is ReportFormat.XLSX:
        content = write_scorecard_workbook(scorecard, reader)
    else:
        content = render_page(build_scorecard_page(scorecard, reader)).encode()
    return ReportFile(name_file(ReportKind.VENDOR, scorecard.period.month, form, reader.language), content)


def name_file(kind: ReportKind, month: ReportMonth, form: ReportFormat, language: str) -> str:
    """Return the name of a file; a customer's name is left out, because it may hold what a file name can't."""
    return f"report-{kind}-{month}-{language}.{form}"
