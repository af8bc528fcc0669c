"""The sheet “Figures” of a workbook: every figure of a report as a number, lengths in minutes, shares in percent."""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any

from handlers.i18n.dates import short_zone_name
from handlers.i18n.durations import whole_minutes
from handlers.i18n.rota_labels import seat_name
from handlers.i18n.words import N_, Words
from handlers.reports.figures import (
    RETURNED,
    CoveredTime,
    Figure,
    FigureGroup,
    ReportReader,
    SeverityCounts,
    group_on_call,
    list_groups,
    name_area,
    name_month,
    response_figures,
)
from handlers.workbook import MIDDLE, NARROW, WIDE, Column
from models.rules.escalations.kept_clocks import KeptCount
from models.rules.reports.coverage import MonthCoverage
from models.rules.reports.month import ReportPeriod
from models.rules.reports.monthly import MonthlyReport, Spread
from models.rules.reports.scorecard import VendorScorecard

COLUMNS = (
    Column("group", N_("Group"), WIDE), Column("figure", N_("Figure"), WIDE), Column("value", N_("Value"), MIDDLE),
    Column("unit", N_("Unit"), NARROW), Column("of", N_("Of"), NARROW), Column("share", N_("Share"), NARROW),
    Column("slowest", N_("Slowest (min)"), NARROW),
)  # fmt: skip
MINUTES, MEDIAN, SOLVED = N_("min"), N_("min, median"), N_("solved")
Row = list[Any]


def list_monthly_rows(report: MonthlyReport, reader: ReportReader) -> Iterator[Row]:
    """Yield the rows of a monthly report: what its page shows, in the same order."""
    words = reader.words
    about = report.customer or words("All customers")
    yield from _list_head(words("Monthly service report"), about, report.period, words)
    for group in list_groups(report, words):
        yield from _list_rows(group, words)
    if report.coverage:
        yield from _list_rows(group_on_call(report.coverage, report.period, words), words)
        yield from [] if report.customer else _list_seats(report.coverage, words)
    heading = words("What it was about")
    for cause in report.causes:
        name = f"{reader.name_service(cause.service, cause.workload)} · {name_area(cause.area, words)}"
        yield _write_part(heading, name, cause.solved, cause.cases, words(SOLVED))
    heading = words("Solved like an earlier case")
    for reused in () if report.customer else report.reused:
        yield [heading, f"CSP-{reused.number}", reused.cases]


def list_scorecard_rows(scorecard: VendorScorecard, words: Words) -> Iterator[Row]:
    """Yield the rows of the vendor scorecard."""
    title, figures = words("Vendor scorecard: 21Vianet"), response_figures(scorecard.total, words)
    yield from _list_head(title, words("21Vianet"), scorecard.period, words)
    returned: Figure = (words(RETURNED), scorecard.returned)
    yield from _list_rows(FigureGroup(words("21Vianet's times"), [*figures, returned]), words)


def to_minutes(length: timedelta | None) -> int | str:
    """Return whole minutes, rounded as the page and Slack do; nothing where nothing was measured."""
    return "" if length is None else whole_minutes(length)


def divide(part: float, whole: float) -> float | str:
    """Return a share; nothing of nothing."""
    return part / whole if whole else ""


def _list_head(title: str, about: str, period: ReportPeriod, words: Words) -> Iterator[Row]:
    yield [title, about, name_month(period.month, words)]
    instants = {
        words("Counted from"): period.start, words("Counted until"): period.end, words("Written at"): period.now,
    }  # fmt: skip
    yield from ([title, label, at, short_zone_name(period.zone, words)] for label, at in instants.items())


def _list_rows(group: FigureGroup, words: Words) -> Iterator[Row]:
    for label, value in group.figures:
        if isinstance(value, KeptCount):
            yield _write_part(group.heading, label, value.kept, value.kept + value.missed)
        elif isinstance(value, Spread):
            slowest = to_minutes(value.slowest)
            yield [group.heading, label, to_minutes(value.median), words(MEDIAN), "", "", slowest]
        elif isinstance(value, SeverityCounts):
            yield from ([group.heading, f"{label} · {severity}", count] for severity, count in value.counts)
        elif isinstance(value, CoveredTime):
            yield from _list_covered(group.heading, label, value, words)
        elif isinstance(value, timedelta):
            yield [group.heading, label, to_minutes(value), words(MINUTES)]
        else:
            yield [group.heading, label, value]


def _list_covered(heading: str, label: str, covered: CoveredTime, words: Words) -> Iterable[Row]:
    """Return the time, without its share when the rota began within the month."""
    row = [heading, label, to_minutes(covered.part), words(MINUTES), to_minutes(covered.whole)]
    if covered.since:
        return [row, [heading, words("Counted from"), covered.since]]
    return [[*row, divide(covered.part.total_seconds(), covered.whole.total_seconds())]]


def _list_seats(coverage: MonthCoverage, words: Words) -> Iterator[Row]:
    for seat in coverage.seats:
        lengths = {
            words("Covered"): seat.covered, words("Below the requirement"): seat.below,
            words("Uncovered"): seat.uncovered, words("Accepted gap"): seat.accepted,
        }  # fmt: skip
        for label, length in lengths.items():
            whole = to_minutes(seat.total)
            name = f"{seat_name(seat.seat, words)} · {label}"
            yield [words("On call"), name, to_minutes(length), words(MINUTES), whole]


def _write_part(heading: str, label: str, part: int, whole: int, unit: str = "") -> Row:
    return [heading, label, part, unit, whole, divide(part, whole)]
