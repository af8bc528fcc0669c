"""The vendor scorecard: 21Vianet's first responses of a month by service and severity. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from models.rules.reports.case_month import CaseMonth
from models.rules.reports.filings import Filing
from models.rules.reports.month import ReportPeriod
from models.rules.reports.monthly import ResponseCount, count_responses


@dataclass(frozen=True)
class ScorecardRow:
    """One service and severity."""

    service: str
    severity: str
    responses: ResponseCount


@dataclass(frozen=True)
class VendorScorecard:
    """All numbers of 21Vianet that were recorded in a month."""

    period: ReportPeriod
    rows: Sequence[ScorecardRow]  # by service, the most severe first
    total: ResponseCount
    returned: int  # cases that 21Vianet found inappropriate


def build_scorecard(judged: Iterable[CaseMonth], period: ReportPeriod) -> VendorScorecard:
    """Return the scorecard of cases as they were judged. A duplicate has no number of its own while it follows."""
    cases = list(judged)
    filings = sorted((filing for case in cases for filing in case.filings), key=_key)
    rows = [ScorecardRow(*key, count_responses(group)) for key, group in groupby(filings, key=_key)]
    return VendorScorecard(period, rows, count_responses(filings), sum(case.is_returned for case in cases))


def _key(filing: Filing) -> tuple[str, str]:
    return filing.service, filing.severity
