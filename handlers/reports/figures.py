"""The figures of a report as labels and values: the page, the workbook and Slack show the same ones."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from babel.dates import format_date

from handlers.i18n import labels
from handlers.i18n.dates import CHINESE, ENGLISH, locale
from handlers.i18n.durations import exact_span
from handlers.i18n.words import Words
from models.rules.escalations.escalation import Turn
from models.rules.escalations.kept_clocks import KeptCount
from models.rules.escalations.returned_rates import share_in_percent
from models.rules.policy.vendor import VendorPolicy
from models.rules.reports.month import ReportMonth, ReportPeriod
from models.rules.reports.monthly import CaseCounts, MonthlyReport, ResponseCount, Spread

NOTHING = "–"
Figure = tuple[str, str]
"""A label and a value."""


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


def write_time(at: datetime | None, period: ReportPeriod) -> str:
    """Return an instant in the zone of the report, to the minute."""
    return f"{at.astimezone(period.zone):%Y-%m-%d %H:%M}" if at else NOTHING


def write_length(length: timedelta | None, words: Words) -> str:
    """Return how long something took."""
    return NOTHING if length is None else exact_span(length, words)


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


def list_groups(report: MonthlyReport, words: Words) -> list[FigureGroup]:
    """Return the figures of a report by heading. A customer's report leaves out what concerns only us and 21Vianet."""
    return [
        FigureGroup(words("Cases in numbers"), list(_count_figures(report, words))),
        FigureGroup(words("Our times"), list(_own_figures(report, words))),
        FigureGroup(words("21Vianet's times"), list(response_figures(report.responses, words))),
    ]


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
        numbers[words("Returned by 21Vianet as inappropriate")] = counts.returned
    for label, number in numbers.items():
        yield label, f"{number:,}"
    shares = [f"{severity}\u00a0{number:,}" for severity, number in report.severities]
    yield words("Raised, by severity"), "\u00a0·\u00a0".join(shares) or NOTHING


def _own_figures(report: MonthlyReport, words: Words) -> Iterator[Figure]:
    turns = dict(report.turns)
    yield words("Acknowledged in time"), write_kept(report.acknowledged, words)
    yield words("Until acknowledged"), write_spread(report.acknowledgement, words)
    yield words("Until submitted to 21Vianet"), write_spread(report.recording, words)
    yield words("Promises to customers kept"), write_kept(report.promises, words)
    for turn in (Turn.OURS, Turn.VENDOR, Turn.CUSTOMER):
        yield words(labels.TURN[turn]), write_length(turns[turn], words) if turns[turn] else NOTHING


def response_figures(responses: ResponseCount, words: Words) -> Iterator[Figure]:
    """Yield how 21Vianet responded."""
    yield words("Submitted to 21Vianet"), f"{responses.filed:,}"
    yield words("First response in time"), write_kept(responses.kept, words)
    yield words("First response"), write_spread(responses.times, words)
    yield words("First response awaited"), f"{responses.awaited:,}"
    yield words("Without a target of 21Vianet"), f"{responses.without_target:,}"
    yield words("Severity lowered by 21Vianet"), f"{responses.lowered:,}"
    yield words("Submitted again after reopening"), f"{responses.another:,}"
