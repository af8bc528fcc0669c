"""The figures of a report in Slack, for the person who asked, with buttons that bring it as a file."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from handlers import ids
from handlers.blocks import block_kit
from handlers.i18n.words import N_, Words
from handlers.reports.figures import (
    RETURNED,
    Figure,
    ReportReader,
    group_on_call,
    list_groups,
    name_month,
    response_figures,
    write_figure,
    write_kept,
    write_length,
)
from models.rules.customers.customer import Customer
from models.rules.reports.month import ReportPeriod
from models.rules.reports.monthly import MonthlyReport, ResponseCount
from models.rules.reports.report_request import ReportFormat, ReportRequest
from models.rules.reports.scorecard import VendorScorecard

MOST_ROWS = 15
"""Services and severities that the answer holds; the file holds all."""
FILES = (
    (ReportFormat.HTML, "zh_CN", N_("Page in Chinese")), (ReportFormat.HTML, "en", N_("Page in English")),
    (ReportFormat.XLSX, "", N_("Workbook")),
)  # fmt: skip


def choose(requests: Sequence[tuple[Customer, ReportRequest]], has_more: bool, words: Words) -> list[block_kit.Block]:
    """Return the customers that may be meant, with a button to show the report of each."""
    rows = [_choice(customer, request, words) for customer, request in requests]
    hint = [block_kit.context(words("There are more. Type more of the name."))] if has_more else []
    return [block_kit.list_title(words("Which customer?")), *rows, *hint]


def report_blocks(report: MonthlyReport, request: ReportRequest, reader: ReportReader) -> list[block_kit.Block]:
    """Return the figures of a report."""
    words = reader.words
    about = report.customer or words("All customers")
    on_call = [group_on_call(report.coverage, report.period, words)] if report.coverage else []
    groups = [
        block_kit.rich(
            block_kit.line(block_kit.run(group.heading, "bold")),
            block_kit.facts(_runs(group.figures, words), words.colon),
        )
        for group in [*list_groups(report, words), *on_call]
    ]
    heading = block_kit.list_title(f"{words('Monthly service report')} · {about}")
    return [heading, _month_line(report.period, words), *groups, *_files(request, words)]


def scorecard_blocks(scorecard: VendorScorecard, request: ReportRequest, reader: ReportReader) -> list[block_kit.Block]:
    """Return the figures of the vendor scorecard."""
    words = reader.words
    rows = [
        (
            f"{reader.name_service(row.service)} · {row.severity}",
            words.join_clauses(_list_responses(row.responses, words)),
        )
        for row in scorecard.rows[:MOST_ROWS]
    ]  # fmt: skip
    heading = block_kit.list_title(words("Vendor scorecard: 21Vianet"))
    figures = [*response_figures(scorecard.total, words), (words(RETURNED), scorecard.returned)]
    totals = block_kit.rich(block_kit.facts(_runs(figures, words), words.colon))
    title = words("First responses in time, and their median")
    by_service = [
        block_kit.rich(block_kit.line(block_kit.run(title, "bold")), block_kit.facts(_texts(rows), words.colon))
    ]
    return [
        heading, _month_line(scorecard.period, words), totals, *(by_service if rows else []), *_files(request, words)
    ]  # fmt: skip


def _list_responses(count: ResponseCount, words: Words) -> Iterator[str]:
    """Yield those in time, their median, and those that are not due yet."""
    if count.kept.kept or count.kept.missed or not count.not_due:
        yield write_kept(count.kept, words)
        yield write_length(count.times.median, words)
    if count.not_due:
        yield words("{n} not due yet", n=f"{count.not_due:,}")


def _choice(customer: Customer, request: ReportRequest, words: Words) -> block_kit.Block:
    lines = [block_kit.clip(customer.name, 150), block_kit.clip(customer.domain or customer.tenant_id, 100)]
    return {
        "type": "section",
        "text": block_kit.plain("\n".join(filter(None, lines))),
        "accessory": block_kit.button(words("Show"), ids.REPORT_SHOW, str(request)),
    }


def _month_line(period: ReportPeriod, words: Words) -> block_kit.Block:
    month = name_month(period.month, words)
    if period.is_over:
        return block_kit.context(month)
    return block_kit.context(words.join_clauses([month, words("not over yet: counted until now")]))


def _runs(figures: Iterable[Figure], words: Words) -> Iterator[tuple[str, list[block_kit.Element]]]:
    return _texts((label, write_figure(value, words)) for label, value in figures)


def _texts(rows: Iterable[tuple[str, str]]) -> Iterator[tuple[str, list[block_kit.Element]]]:
    return ((label, [block_kit.run(text)]) for label, text in rows)


def _files(request: ReportRequest, words: Words) -> list[block_kit.Block]:
    buttons = [
        block_kit.button(
            words(label),
            f"{ids.REPORT_FILE}{number}",
            str(replace(request, format=form, language=language or request.language)),
        )
        for number, (form, language, label) in enumerate(FILES)
    ]
    hint = words("The files arrive in your direct messages. The page can be printed, or saved as PDF.")
    return [block_kit.actions(buttons), block_kit.context(f"{hint} {words('Only you see this.')}")]
