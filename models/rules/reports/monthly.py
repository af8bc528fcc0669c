"""The report of a month: one customer's, or the whole team's. Pure.

A duplicate counts for its own customer. For the team its problem counts once, as the case that it repeats; a number of
its own is still a case of 21Vianet's.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median

from models.rules.escalations.escalation import Turn
from models.rules.escalations.kept_clocks import KeptCount, count_kept
from models.rules.escalations.returned_rates import NO_RESELLER_AREA
from models.rules.reports.case_month import CaseMonth, CaseOutcome, find_service
from models.rules.reports.coverage import MonthCoverage
from models.rules.reports.filings import Filing
from models.rules.reports.month import ReportPeriod


@dataclass(frozen=True)
class CaseCounts:
    """How many cases. The first three add up to the same as ``solved``, ``withdrawn`` and ``open_at_end``."""

    open_at_start: int = 0
    raised: int = 0
    reopened: int = 0
    solved: int = 0
    withdrawn: int = 0
    open_at_end: int = 0
    solved_without_vendor: int = 0  # of those solved
    returned: int = 0
    duplicates: int = 0  # raised in the month; for the team they are in none of the numbers above `returned`


@dataclass(frozen=True)
class Spread:
    """How long something took."""

    count: int = 0
    median: timedelta | None = None
    slowest: timedelta | None = None


@dataclass(frozen=True)
class CauseCount:
    """How many cases of the month have the same service, workload and area."""

    service: str
    workload: str
    area: str  # one of those that the reseller supports itself, or empty
    cases: int
    solved: int


@dataclass(frozen=True)
class ReusedFix:
    """How many cases were solved in the month as an earlier one was."""

    number: int  # of the earlier case
    cases: int
    fix: str  # of the newest of them


@dataclass(frozen=True)
class DayCount:
    """How many cases were raised and solved on a day."""

    day: date
    raised: int
    solved: int


@dataclass(frozen=True)
class ResponseCount:
    """21Vianet's first responses to numbers recorded in the month."""

    filed: int
    kept: KeptCount
    awaited: int
    without_target: int  # 21Vianet's pages name none
    times: Spread
    lowered: int  # 21Vianet gave a lower severity
    another: int  # another number, after a case was reopened

    @property
    def not_due(self) -> int:
        """How many targets were not reached yet, or not before the case was solved."""
        return max(0, self.filed - self.kept.kept - self.kept.missed - self.without_target)


@dataclass(frozen=True)
class MonthlyReport:
    """All that a report says. An empty ``customer`` stands for the team."""

    period: ReportPeriod
    customer: str
    counts: CaseCounts
    severities: Sequence[tuple[str, int]]  # of cases raised, A first
    acknowledged: KeptCount
    acknowledgement: Spread
    recording: Spread
    turns: Sequence[tuple[Turn, timedelta]]
    responses: ResponseCount
    promises: KeptCount
    causes: Sequence[CauseCount]  # most cases first
    reused: Sequence[ReusedFix]  # most used first
    days: Sequence[DayCount]
    coverage: MonthCoverage | None
    cases: Sequence[CaseMonth]  # oldest first

    @property
    def solved(self) -> list[CaseMonth]:
        """The cases that were solved, oldest first."""
        return [case for case in self.cases if case.outcome is CaseOutcome.SOLVED]


def build_report(
    judged: Iterable[CaseMonth], period: ReportPeriod, coverage: MonthCoverage | None, customer: str = ""
) -> MonthlyReport:
    """Return the report of cases as they were judged; without ``customer`` that of the team."""
    all_cases = sorted((case for case in judged if case.is_shown), key=lambda case: case.case.number)
    cases = [case for case in all_cases if customer or not case.case.duplicate_of]
    duplicates = sum(case.is_raised and case.case.duplicate_of is not None for case in all_cases)
    raised = [case for case in cases if case.is_raised]
    severities = Counter(str(case.case.severity) for case in raised)
    return MonthlyReport(
        period=period,
        customer=customer,
        counts=_count(cases, sum(case.is_returned for case in all_cases), duplicates),
        severities=[(severity, severities[severity]) for severity in sorted(severities)],
        acknowledged=count_kept(case.is_acknowledged_in_time for case in raised),
        acknowledgement=find_spread(case.acknowledged_after for case in raised),
        recording=find_spread(case.recorded_after for case in raised),
        turns=[(turn, sum((case.turns[turn] for case in cases), timedelta())) for turn in Turn],
        responses=count_responses(filing for case in all_cases for filing in case.filings),
        promises=count_kept(is_kept for case in cases for is_kept in case.promises),
        causes=_count_causes(cases),
        reused=_count_reused(cases),
        days=_count_days(cases, period),
        coverage=coverage,
        cases=cases,
    )


def count_responses(filings: Iterable[Filing]) -> ResponseCount:
    """Return how 21Vianet responded."""
    counted = list(filings)
    return ResponseCount(
        len(counted),
        count_kept(filing.is_in_time for filing in counted),
        sum(filing.is_awaited for filing in counted),
        sum(not filing.has_target for filing in counted),
        find_spread(filing.responded_after for filing in counted),
        sum(filing.is_lowered for filing in counted),
        sum(filing.is_another for filing in counted),
    )


def find_spread(lengths: Iterable[timedelta | None]) -> Spread:
    """Return the median and the longest; None is left out."""
    counted = sorted(length for length in lengths if length is not None)
    if not counted:
        return Spread()
    return Spread(len(counted), timedelta(seconds=median(length.total_seconds() for length in counted)), counted[-1])


def _count(cases: Sequence[CaseMonth], returned: int, duplicates: int) -> CaseCounts:
    outcomes = Counter(case.outcome for case in cases)
    return CaseCounts(
        open_at_start=sum(case.was_open for case in cases),
        raised=sum(case.is_raised for case in cases),
        reopened=sum(case.is_reopened for case in cases),
        solved=outcomes[CaseOutcome.SOLVED],
        withdrawn=outcomes[CaseOutcome.WITHDRAWN],
        open_at_end=outcomes[CaseOutcome.OPEN],
        solved_without_vendor=sum(case.is_without_vendor for case in cases),
        returned=returned,
        duplicates=duplicates,
    )


def _count_causes(cases: Sequence[CaseMonth]) -> list[CauseCount]:
    """Return services, workloads and areas of the cases that were open in the month."""
    open_cases = [case for case in cases if case.outcome is not None]
    keys = {case.case.number: _find_cause(case) for case in open_cases}
    counts = Counter(keys.values())
    solved = Counter(keys[case.case.number] for case in open_cases if case.outcome is CaseOutcome.SOLVED)
    causes = [CauseCount(*key, count, solved[key]) for key, count in counts.items()]
    return sorted(causes, key=lambda cause: (-cause.cases, cause.service, cause.workload, cause.area))


def _find_cause(case: CaseMonth) -> tuple[str, str, str]:
    answers = case.case.answers
    area = str(answers.get("area") or "")
    return find_service(case.case), str(answers.get("workload") or ""), "" if area in NO_RESELLER_AREA else area


def _count_reused(cases: Sequence[CaseMonth]) -> list[ReusedFix]:
    solved = [case.case for case in cases if case.outcome is CaseOutcome.SOLVED and case.case.solved_from]
    counts = Counter(case.solved_from for case in solved)
    fixes = {case.solved_from: case.own_fix for case in solved}
    return [ReusedFix(number, count, fixes[number]) for number, count in counts.most_common() if number]


def _count_days(cases: Sequence[CaseMonth], period: ReportPeriod) -> list[DayCount]:
    """Return every day of the month, also those without a case."""
    raised = Counter(case.case.raised_at.astimezone(period.zone).date() for case in cases if case.is_raised)
    ends = [case.ended_at for case in cases if case.outcome is CaseOutcome.SOLVED and case.ended_at]
    solved = Counter(at.astimezone(period.zone).date() for at in ends)
    first, last = period.month.first_day, period.month.last_day
    days = (first + timedelta(days=number) for number in range((last - first).days + 1))
    return [DayCount(day, raised[day], solved[day]) for day in days]
