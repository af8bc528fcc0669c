"""The monthly report as a page to print.

A customer's report names nobody of ours and holds no notes and no Slack ids. It shows titles, fixes and numbers only.
"""

from collections.abc import Iterator, Sequence

from handlers.chart.month_cases import describe_month, draw_month
from handlers.chart.vendor_bars import draw_responses
from handlers.i18n import labels
from handlers.i18n.dates import short_zone_name
from handlers.i18n.rota_labels import seat_name
from handlers.i18n.words import Words
from handlers.printable.page import PagePart, PageTable, Picture, PrintablePage, SideBySide, TableColumn, Tile, Tiles
from handlers.reports.figures import (
    NOTHING,
    RETURNED,
    FigureGroup,
    ReportReader,
    group_on_call,
    list_groups,
    name_area,
    name_month,
    write_figure,
    write_fix,
    write_hours,
    write_length,
    write_time,
)
from models.rules.escalations.returned_rates import share_in_percent
from models.rules.reports.case_month import CaseMonth, CaseOutcome, find_service
from models.rules.reports.coverage import MonthCoverage
from models.rules.reports.month import ReportPeriod
from models.rules.reports.monthly import MonthlyReport, ResponseCount
from models.rules.reports.scorecard import VendorScorecard

MOST_CASES = 200
"""Cases that a list of the page holds; the workbook holds all."""
MOST_CAUSES = 15


def build_monthly_page(
    report: MonthlyReport, reader: ReportReader, scorecard: VendorScorecard | None = None
) -> PrintablePage:
    """Return the page of a report; the team's also shows the scorecard of 21Vianet."""
    words, groups = reader.words, list_groups(report, reader.words)
    parts: list[PagePart] = [
        Tiles(_list_tiles(report, words)),
        *([Picture(draw_month(report.days, words), describe_month(report.days, words))] if report.cases else []),
        SideBySide(
            [_draw_group(groups[0], words), *([] if scorecard else _draw_coverage(report, words))],
            [_draw_group(group, words) for group in groups[1:]],
        ),
    ]
    if scorecard and scorecard.rows:
        parts += draw_scorecard(scorecard, reader)
    parts += [*(_draw_coverage(report, words) if scorecard else ()), _list_causes(report, reader)]
    if report.cases:
        parts += [*_list_reused(report, words), _list_solved(report, reader), _list_open(report, reader)]
    about = report.customer or words("All customers")
    title = words("Monthly service report")
    lines = head_lines(report.period, words)
    return PrintablePage(reader.language, title, about, lines, parts, list(_list_notes(report, words)))


def build_scorecard_page(scorecard: VendorScorecard, reader: ReportReader) -> PrintablePage:
    """Return the page of the vendor scorecard."""
    words, total = reader.words, scorecard.total
    tiles = [
        Tile(f"{total.filed:,}", words("Submitted to 21Vianet"), words("numbers recorded in the month")),
        _share_tile(total, words),
        Tile(
            write_length(total.times.median, words), words("First response, median"),
            words("slowest {slowest}", slowest=write_length(total.times.slowest, words)),
        ),
        Tile(f"{total.lowered:,}", words("Severity lowered by 21Vianet"), ""),
    ]  # fmt: skip
    returned = (words(RETURNED), scorecard.returned)
    again = (words("Submitted again after reopening"), total.another)
    return PrintablePage(
        reader.language, words("Vendor scorecard: 21Vianet"), "", head_lines(scorecard.period, words),
        [
            Tiles(tiles), *draw_scorecard(scorecard, reader),
            _draw_group(FigureGroup(words("Also in this month"), [again, returned]), words),
        ],
        list(_response_notes(words, for_customer=False)),
    )  # fmt: skip


def head_lines(period: ReportPeriod, words: Words) -> list[str]:
    """Return the lines below a title: the month, its days, and as of when."""
    days = f"{period.month.first_day.isoformat()} – {period.month.last_day.isoformat()}"
    about = f"{name_month(period.month, words)} · {days} · {short_zone_name(period.zone, words)}"
    made = write_time(period.now, period)
    if period.is_over:
        return [about, words("As known on {at}", at=made)]
    return [about, words("The month is not over: counted until {at}", at=made)]


def draw_scorecard(scorecard: VendorScorecard, reader: ReportReader) -> list[PagePart]:
    """Return 21Vianet's first responses by service and severity: bars, then the same as a table."""
    words = reader.words
    named = [(reader.name_service(row.service), row.severity, row.responses) for row in scorecard.rows]
    kept, missed = scorecard.total.kept.kept, scorecard.total.kept.missed
    alt = words("First responses: {kept} in time, {missed} too late.", kept=kept, missed=missed)
    rows = [[f"{name}\u00a0·\u00a0{severity}", *_response_cells(count, words)] for name, severity, count in named]
    if len(rows) > 1:
        rows.append([words("Total"), *_response_cells(scorecard.total, words)])
    columns = [
        TableColumn(words("Service and severity"), width="23%"),
        *(
            TableColumn(heading, "number")
            for heading in (
                words("Submitted"), words("In time"), words("Too late"), words("Not due yet"),
                words("Without a target"), words("Median"),
                words("Slowest"), words("Lowered"), words("Again"),
            )
        ),
    ]  # fmt: skip
    heading = words("First responses of 21Vianet by service and severity")
    empty = words("Nothing was submitted to 21Vianet in this month.")
    if not named:
        return [PageTable(heading, columns, rows, empty)]
    table = PageTable("", columns, rows, has_total=len(rows) > 1)
    return [Picture(draw_responses(named, words), alt, heading), table]


def _response_cells(count: ResponseCount, words: Words) -> list[str]:
    numbers = [count.filed, count.kept.kept, count.kept.missed, count.not_due, count.without_target]
    lengths = [write_length(count.times.median, words), write_length(count.times.slowest, words)]
    return [*(f"{number:,}" for number in numbers), *lengths, f"{count.lowered:,}", f"{count.another:,}"]


def _list_tiles(report: MonthlyReport, words: Words) -> list[Tile]:
    counts = report.counts
    opened = words("open before: {n}", n=f"{counts.open_at_start:,}")
    alone = words("without 21Vianet: {n}", n=f"{counts.solved_without_vendor:,}")
    reopened = words("reopened: {n}", n=f"{counts.reopened:,}") if counts.reopened else ""
    return [
        Tile(f"{counts.raised:,}", words("Raised in the month"), opened),
        Tile(f"{counts.solved:,}", words("Solved in the month"), alone),
        Tile(f"{counts.open_at_end:,}", words("Open at the end"), reopened),
        _share_tile(report.responses, words),
    ]


def _share_tile(count: ResponseCount, words: Words) -> Tile:
    decided = count.kept.kept + count.kept.missed
    percent = words("{percent}%", percent=share_in_percent(count.kept.kept, decided)) if decided else NOTHING
    remark = words("{kept} of {decided}", kept=count.kept.kept, decided=decided) if decided else ""
    return Tile(percent, words("First responses of 21Vianet in time"), remark)


def _draw_group(group: FigureGroup, words: Words) -> PageTable:
    rows = [(label, write_figure(value, words)) for label, value in group.figures]
    return PageTable(group.heading, [TableColumn(""), TableColumn("", "number")], rows)


def _draw_coverage(report: MonthlyReport, words: Words) -> Iterator[PageTable]:
    """Yield the coverage: by seat for the team, in one line for a customer."""
    coverage = report.coverage
    if coverage is None:
        return
    staffed = _draw_group(group_on_call(coverage, report.period, words), words)
    if report.customer:
        yield staffed
        return
    headings = (words("Covered (h)"), words("Below the requirement (h)"), words("Uncovered (h)"),
                words("Accepted gap (h)"))  # fmt: skip
    columns = [TableColumn(words("Seat")), *(TableColumn(text, "number") for text in headings)]
    more = words.colon.join(staffed.rows[0])
    yield PageTable(staffed.heading, columns, list(_list_seats(coverage, words)), more=more)


def _list_seats(coverage: MonthCoverage, words: Words) -> Iterator[Sequence[str]]:
    for seat in coverage.seats:
        lengths = (seat.covered, seat.below, seat.uncovered, seat.accepted)
        yield [seat_name(seat.seat, words), *(write_hours(length) for length in lengths)]


def _list_causes(report: MonthlyReport, reader: ReportReader) -> PageTable:
    words = reader.words
    has_areas = any(cause.area for cause in report.causes)
    rows = [
        [
            reader.name_service(cause.service, cause.workload),
            *([name_area(cause.area, words)] if has_areas else []),
            f"{cause.cases:,}", f"{cause.solved:,}",
        ]
        for cause in report.causes[:MOST_CAUSES]
    ]  # fmt: skip
    hidden = len(report.causes) - len(rows)
    columns = [
        TableColumn(words("Service and workload")), *([TableColumn(words("Area"))] if has_areas else []),
        TableColumn(words("Cases"), "number"), TableColumn(words("Of these, solved"), "number"),
    ]  # fmt: skip
    more = words.plural("and {n} more", "and {n} more", hidden) if hidden else ""
    return PageTable(words("What it was about"), columns, rows, words("No cases in this month."), more)


def _list_reused(report: MonthlyReport, words: Words) -> Iterator[PageTable]:
    """Yield which earlier cases showed the way; a customer's report names no cases of others."""
    if report.customer or not report.reused:
        return
    columns = [
        TableColumn(words("Earlier case"), "short"), TableColumn(words("What fixed it"), width="70%"),
        TableColumn(words("Cases"), "number"),
    ]  # fmt: skip
    rows = [[f"CSP-{reused.number}", reused.fix, f"{reused.cases:,}"] for reused in report.reused[:MOST_CAUSES]]
    yield PageTable(words("Solved like an earlier case"), columns, rows)


def _list_solved(report: MonthlyReport, reader: ReportReader) -> PageTable:
    words = reader.words
    columns = [
        TableColumn(words("No."), "short"), TableColumn(words("Problem"), width="34%"),
        TableColumn(words("Solved at"), "short"), TableColumn(words("What fixed it"), width="40%"),
    ]  # fmt: skip
    solved = report.solved
    rows = [
        [case.case.name, _write_problem(case, report, reader), write_time(case.ended_at, report.period)[:16],
         write_fix(case, report.customer, words) or NOTHING]
        for case in solved[:MOST_CASES]
    ]  # fmt: skip
    more = _write_more(len(solved), words)
    return PageTable(words("Solved, and what fixed it"), columns, rows, words("No case was solved."), more)


def _list_open(report: MonthlyReport, reader: ReportReader) -> PageTable:
    words = reader.words
    columns = [
        TableColumn(words("No."), "short"), TableColumn(words("Problem"), width="52%"),
        TableColumn(words("Raised at"), "short"), TableColumn(words("Number of 21Vianet")),
    ]  # fmt: skip
    still_open = [case for case in report.cases if case.outcome is CaseOutcome.OPEN]
    rows = [
        [case.case.name, _write_problem(case, report, reader), write_time(case.case.raised_at, report.period),
         case.case.request_number or NOTHING]
        for case in still_open[:MOST_CASES]
    ]  # fmt: skip
    heading, empty = words("Open at the end"), words("No case was open.")
    return PageTable(heading, columns, rows, empty, _write_more(len(still_open), words))


def _write_problem(case: CaseMonth, report: MonthlyReport, reader: ReportReader) -> str:
    """Return the title, and the customer for the team, with service and severity."""
    escalation = case.case
    about = escalation.title if report.customer else f"{_name_customer(case, reader.words)} · {escalation.title}"
    workload = str(escalation.answers.get("workload") or "")
    service = reader.words.join_items(
        [reader.name_service(find_service(escalation), workload), escalation.current_severity]
    )
    return f"{about}{reader.words.in_brackets(service)}"


def _name_customer(case: CaseMonth, words: Words) -> str:
    return case.case.customer_name or words(labels.KIND[case.case.kind])


def _write_more(count: int, words: Words) -> str:
    hidden = count - MOST_CASES
    return words("{n} more are in the workbook.", n=f"{hidden:,}") if hidden > 0 else ""


def _list_notes(report: MonthlyReport, words: Words) -> Iterator[str]:
    yield words("A case counts as raised in the month it was raised in, and as solved in the month it was solved in.")
    yield words("Open: neither solved nor withdrawn. Open before + raised + reopened = solved + withdrawn + open.")
    yield words("Times with us, 21Vianet and the customer: all cases added up, within the month, while they were open.")
    if report.coverage and report.coverage.since:
        since = write_time(report.coverage.since, report.period)
        yield words("On call is counted since {at}: before, there was no rota.", at=since)
    if not report.customer:
        yield words("A duplicate counts for its customer; here its problem counts once, as the case that it repeats.")
    yield from _response_notes(words, for_customer=bool(report.customer))


def _response_notes(words: Words, *, for_customer: bool) -> Iterator[str]:
    yield words("First responses count in the month in which the number of 21Vianet was recorded.")
    yield words("They are measured in the hours of the desk that keeps the target; without a target around the clock.")
    if not for_customer:  # a customer's report holds no findings
        yield words("A case that 21Vianet returned as inappropriate counts as answered.")
    yield words("Not due yet: the target was not reached by then, or not before the case was solved.")
