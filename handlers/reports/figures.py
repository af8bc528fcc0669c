"""The figures of a report as labels and values: the page, the workbook and Slack show the same ones."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from babel.dates import format_date

from handlers.blocks.returned_rates import area_name
from handlers.i18n import labels
from handlers.i18n.dates import CHINESE, ENGLISH, locale, numeric_moment
from handlers.i18n.durations import exact_span
from handlers.i18n.words import N_, Words
from models.rules.escalations.escalation import Turn
from models.rules.escalations.kept_clocks import KeptCount
from models.rules.escalations.returned_rates import share_in_percent
from models.rules.policy.vendor import VendorPolicy
from models.rules.reports.case_month import NOT_GIVEN, CaseMonth
from models.rules.reports.coverage import MonthCoverage
from models.rules.reports.month import ReportMonth, ReportPeriod
from models.rules.reports.monthly import CaseCounts, MonthlyReport, ResponseCount, Spread

NOTHING = "–"
RETURNED = N_("Returned by 21Vianet as inappropriate")
HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class SeverityCounts:
    """How many cases of each severity, A first."""

    counts: Sequence[tuple[str, int]]


@dataclass(frozen=True)
class CoveredTime:
    """How much of the time was covered, and from when that is counted; empty from the beginning of the month."""

    part: timedelta
    whole: timedelta
    since: str = ""


FigureValue = int | KeptCount | Spread | timedelta | SeverityCounts | CoveredTime
Figure = tuple[str, FigureValue]
"""A label and a value: the page and Slack write it as text, the workbook as numbers."""


@dataclass(frozen=True)
class ReportReader:
    """Who reads a report: the language, and the names of services."""

    words: Words
    policy: VendorPolicy

    @property
    def language(self) -> str:
        """The language of the report: en or zh_CN."""
        return "zh_CN" if self.words.is_chinese else "en"

    def name_service(self, service: str, workload: str = "") -> str:
        """Return a service and its workload as the reader names them."""
        if service == NOT_GIVEN:
            return self.words("Service not given")
        if not service:
            return self.words("Partner Center")
        known_service = self.policy.service(service)
        name = self.words.pick(known_service.en, known_service.zh)
        if not workload:
            return name
        known_workload = known_service.workload(workload)
        return f"{name} · {self.words.pick(known_workload.name, known_workload.zh)}"


@dataclass(frozen=True)
class FigureGroup:
    """Figures below one heading."""

    heading: str
    figures: Sequence[Figure]


def name_month(month: ReportMonth, words: Words) -> str:
    """Return “October 2026”, “2026年10月”."""
    english = str(format_date(month.first_day, "MMMM y", locale(ENGLISH)))
    return words.pick(english, str(format_date(month.first_day, "y年M月", locale(CHINESE))))


def name_area(area: str, words: Words) -> str:
    """Return the area of a cause; cases of no area, and those without an answer, are one cause."""
    return area_name(area, words) if area else words("Other, or not given")


def write_time(at: datetime | None, period: ReportPeriod) -> str:
    """Return an instant in the zone of the report, to the minute."""
    return numeric_moment(at, period.zone) if at else NOTHING


def write_length(length: timedelta | None, words: Words) -> str:
    """Return how long something took."""
    return NOTHING if length is None else exact_span(length, words)


def write_fix(month: CaseMonth, customer: str, words: Words) -> str:
    """Return how a case was solved; to its customer only what was written for this case, nothing of another's."""
    if customer and month.is_fix_copied:
        return words("A known solution was applied.")
    return month.case.own_fix


def write_kept(count: KeptCount, words: Words) -> str:
    """Return how many were kept, of how many, and the share."""
    decided = count.kept + count.missed
    if not decided:
        return NOTHING
    percent = share_in_percent(count.kept, decided)
    return words("{kept} of {decided} ({percent}%)", kept=count.kept, decided=decided, percent=percent)


def write_spread(spread: Spread, words: Words) -> str:
    """Return the median and the slowest."""
    if not spread.count:
        return NOTHING
    # Spaces that don't break keep a length on one line.
    typical, slowest = (
        write_length(length, words).replace(" ", "\u00a0") for length in (spread.median, spread.slowest)
    )
    if spread.count == 1:
        return typical
    return words("median {median}, slowest {slowest}", median=typical, slowest=slowest)


def write_hours(length: timedelta) -> str:
    """Return hours, to the hundredth: half a minute can still be seen."""
    return f"{length / HOUR:,.2f}".rstrip("0").rstrip(".")


def write_covered(covered: CoveredTime, words: Words) -> str:
    """Return hours of hours. The share is rounded down: a missing minute is not 100%.

    It is left out when the rota began within the month, because it would be read as that of the whole month.
    """
    part, whole = write_hours(covered.part), write_hours(covered.whole)
    if covered.since:
        return words("{part} of {whole} h, counted since {at}", part=part, whole=whole, at=covered.since)
    percent = int(1000 * covered.part / covered.whole) / 10 if covered.whole else 0.0
    return words("{part} of {whole} h ({percent}%)", part=part, whole=whole, percent=f"{percent:g}")


def write_figure(value: FigureValue, words: Words) -> str:
    """Return a value as people read it."""
    if isinstance(value, KeptCount):
        return write_kept(value, words)
    if isinstance(value, Spread):
        return write_spread(value, words)
    if isinstance(value, timedelta):
        return write_length(value, words) if value else NOTHING
    if isinstance(value, SeverityCounts):
        shares = [f"{severity}\u00a0{number:,}" for severity, number in value.counts]
        return "\u00a0·\u00a0".join(shares) or NOTHING
    return write_covered(value, words) if isinstance(value, CoveredTime) else f"{value:,}"


def list_groups(report: MonthlyReport, words: Words) -> list[FigureGroup]:
    """Return the figures of a report by heading. A customer's report leaves out what concerns only us and 21Vianet."""
    return [
        FigureGroup(words("Cases in numbers"), list(_count_figures(report, words))),
        FigureGroup(words("Our times"), list(_own_figures(report, words))),
        FigureGroup(words("21Vianet's times"), list(response_figures(report.responses, words))),
    ]


def group_on_call(coverage: MonthCoverage, period: ReportPeriod, words: Words) -> FigureGroup:
    """Return how much of the month at least one person was on call."""
    since = write_time(coverage.since, period) if coverage.since else ""
    staffed = CoveredTime(coverage.staffed, coverage.total, since)
    return FigureGroup(words("On call"), [(words("At least one person on call"), staffed)])


def _count_figures(report: MonthlyReport, words: Words) -> Iterator[Figure]:
    counts: CaseCounts = report.counts
    numbers = {
        words("Open when the month began"): counts.open_at_start,
        words("Raised in the month"): counts.raised,
        words("Reopened in the month"): counts.reopened,
        words("Solved in the month"): counts.solved,
        words("Solved without 21Vianet"): counts.solved_without_vendor,
        words("Withdrawn in the month"): counts.withdrawn,
        words("Open at the end"): counts.open_at_end,
    }
    if not report.customer:
        numbers[words("Duplicates raised, not counted above")] = counts.duplicates
        numbers[words(RETURNED)] = counts.returned
    yield from numbers.items()
    yield words("Raised, by severity"), SeverityCounts(report.severities)


def _own_figures(report: MonthlyReport, words: Words) -> Iterator[Figure]:
    turns = dict(report.turns)
    yield words("Acknowledged in time"), report.acknowledged
    yield words("Until acknowledged"), report.acknowledgement
    yield words("Until submitted to 21Vianet"), report.recording
    yield words("Promises to customers kept"), report.promises
    for turn in (Turn.OURS, Turn.VENDOR, Turn.CUSTOMER):
        yield words(labels.TURN[turn]), turns[turn]


def response_figures(responses: ResponseCount, words: Words) -> Iterator[Figure]:
    """Yield how 21Vianet responded."""
    yield words("Submitted to 21Vianet"), responses.filed
    yield words("First response in time"), responses.kept
    yield words("First response"), responses.times
    yield words("First response not due yet"), responses.not_due
    yield words("Without a target of 21Vianet"), responses.without_target
    yield words("Severity lowered by 21Vianet"), responses.lowered
    yield words("Submitted again after reopening"), responses.another
