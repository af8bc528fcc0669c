"""A report as a workbook (XLSX): its figures, its cases, its days, and 21Vianet's first responses.

Lengths are whole minutes and shares percents, so that one can compute with them. The columns are a contract; new ones
come at the end.
"""

from collections.abc import Iterable, Iterator, Sequence
from io import BytesIO
from typing import Any

from handlers.blocks.returned_rates import area_name
from handlers.i18n import labels
from handlers.i18n.words import N_, Words
from handlers.reports.figure_rows import COLUMNS, divide, list_monthly_rows, list_scorecard_rows, to_minutes
from handlers.reports.figures import ReportReader, write_fix
from handlers.workbook import LAST_ROW, NARROW, TIME, WIDE, Column, Reader, Sheets, open_book
from models.rules.escalations.escalation import Turn
from models.rules.reports.case_month import CaseMonth, CaseOutcome, find_service
from models.rules.reports.month import ReportPeriod
from models.rules.reports.monthly import MonthlyReport, ResponseCount
from models.rules.reports.scorecard import VendorScorecard

CASES = (
    Column("escalation", N_("No."), NARROW), Column("outcome", N_("At the end of the month")),
    Column("severity", labels.FIELD["severity"], NARROW),
    Column("severity_given", labels.FIELD["severity_given"], NARROW), Column("title", labels.FIELD["title"], WIDE),
    Column("customer_name", labels.FIELD["customer_name"], WIDE), Column("service", labels.FIELD["service"], WIDE),
    Column("area", N_("Area")), Column("request_number", labels.FIELD["request_number"]),
    Column("raised_at", N_("Raised at"), TIME), Column("ended_at", N_("Solved or withdrawn at"), TIME),
    Column("acknowledged_after", N_("Until acknowledged (min)"), NARROW),
    Column("recorded_after", N_("Until submitted to 21Vianet (min)"), NARROW),
    Column("responded_after", N_("First response of 21Vianet (min)"), NARROW),
    Column("response", N_("First response of 21Vianet"), NARROW), Column("ours", N_("With us (min)"), NARROW),
    Column("vendor", N_("With 21Vianet (min)"), NARROW), Column("customer", N_("With the customer (min)"), NARROW),
    Column("fix", labels.FIELD["fix"], WIDE),
)  # fmt: skip
RESPONSES = (
    Column("service", labels.FIELD["service"], WIDE), Column("severity", labels.FIELD["severity"], NARROW),
    Column("filed", N_("Submitted"), NARROW), Column("kept", N_("In time"), NARROW),
    Column("missed", N_("Too late"), NARROW), Column("awaited", N_("First response awaited"), NARROW),
    Column("without_target", N_("Without a target"), NARROW), Column("median", N_("Median (min)"), NARROW),
    Column("slowest", N_("Slowest (min)"), NARROW), Column("lowered", N_("Lowered"), NARROW),
    Column("another", N_("Submitted again after reopening"), NARROW), Column("share", N_("Share in time"), NARROW),
    Column("not_due", N_("Not due yet"), NARROW),
)  # fmt: skip
DAYS = (
    Column("day", N_("Day"), TIME), Column("raised", N_("Raised in the month"), NARROW),
    Column("solved", N_("Solved in the month"), NARROW),
)  # fmt: skip
FIGURES = N_("Figures")
OUTCOMES = {CaseOutcome.OPEN: N_("open"), CaseOutcome.SOLVED: N_("solved"), CaseOutcome.WITHDRAWN: N_("withdrawn")}


def write_monthly_workbook(
    report: MonthlyReport, reader: ReportReader, scorecard: VendorScorecard | None = None
) -> bytes:
    """Return the workbook of a monthly report."""
    target, words = BytesIO(), reader.words
    book, sheet_reader = open_book(target), _sheet_reader(reader, report.period)

    def add_sheet(title: str, columns: Sequence[Column], rows: Iterable[Iterable[Any]]) -> None:
        _add_sheet(Sheets(book, title, columns, sheet_reader, LAST_ROW), rows)

    add_sheet(words(FIGURES), COLUMNS, list_monthly_rows(report, reader))
    add_sheet(words("Cases"), CASES, (_case_values(case, report.customer, reader) for case in report.cases))
    if scorecard is not None:
        add_sheet(words("21Vianet"), RESPONSES, _list_responses(scorecard, reader))
    add_sheet(words(N_("By day")), DAYS, ((day.day, day.raised, day.solved) for day in report.days))
    book.close()
    return target.getvalue()


def write_scorecard_workbook(scorecard: VendorScorecard, reader: ReportReader) -> bytes:
    """Return the workbook of the vendor scorecard."""
    target = BytesIO()
    book, words, sheet_reader = open_book(target), reader.words, _sheet_reader(reader, scorecard.period)
    figures = Sheets(book, words(FIGURES), COLUMNS, sheet_reader, LAST_ROW)
    _add_sheet(figures, list_scorecard_rows(scorecard, words))
    responses = Sheets(book, words("21Vianet"), RESPONSES, sheet_reader, LAST_ROW)
    _add_sheet(responses, _list_responses(scorecard, reader))
    book.close()
    return target.getvalue()


def _sheet_reader(reader: ReportReader, period: ReportPeriod) -> Reader:
    return Reader(reader.words, period.zone, reader.policy, lambda user: user)


def _add_sheet(sheets: Sheets, rows: Iterable[Iterable[Any]]) -> None:
    for row in rows:
        sheets.add(row)
    sheets.finish()


def _list_responses(scorecard: VendorScorecard, reader: ReportReader) -> Iterator[list[Any]]:
    for row in scorecard.rows:
        yield [reader.name_service(row.service), row.severity, *_response_values(row.responses)]
    yield [reader.words("Total"), "", *_response_values(scorecard.total)]


def _response_values(count: ResponseCount) -> Iterable[Any]:
    return (
        count.filed, count.kept.kept, count.kept.missed, count.awaited, count.without_target,
        to_minutes(count.times.median), to_minutes(count.times.slowest), count.lowered, count.another,
        divide(count.kept.kept, count.kept.kept + count.kept.missed), count.not_due,
    )  # fmt: skip


def _case_values(month: CaseMonth, customer: str, reader: ReportReader) -> Iterator[Any]:
    words, case = reader.words, month.case
    last = month.filings[-1] if month.filings else None
    values: dict[str, Any] = {
        "escalation": case.name,
        "outcome": words(OUTCOMES[month.outcome]) if month.outcome else "",
        "service": reader.name_service(find_service(case), str(case.answers.get("workload") or "")),
        "area": area_name(str(case.answers["area"]), words) if case.answers.get("area") else "",
        "ended_at": month.ended_at,
        "fix": write_fix(month, customer, words),
        "acknowledged_after": to_minutes(month.acknowledged_after),
        "recorded_after": to_minutes(month.recorded_after),
        "responded_after": to_minutes(last.responded_after) if last else "",
        "response": _write_verdict(last.is_in_time, words) if last else "",
        "ours": to_minutes(month.turns[Turn.OURS]),
        "vendor": to_minutes(month.turns[Turn.VENDOR]),
        "customer": to_minutes(month.turns[Turn.CUSTOMER]),
    }
    return (values[column.name] if column.name in values else getattr(case, column.name) for column in CASES)


def _write_verdict(is_in_time: bool | None, words: Words) -> str:
    if is_in_time is None:
        return ""
    return words(N_("In time")) if is_in_time else words(N_("Too late"))
