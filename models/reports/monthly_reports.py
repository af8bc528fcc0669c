"""Answers the questions of the monthly reports. Reads only."""

from models.customers import customer_rows
from models.escalations.vendor_policies import VendorPolicies
from models.oncall.coverage_ledger import BOT, NO_ROTA, CoverageLedger
from models.oncall.rota_store import RotaStore
from models.reports import month_cases
from models.rules.reports.case_month import CaseMonth, ReportRules, judge_case
from models.rules.reports.coverage import MonthCoverage, sum_coverage
from models.rules.reports.month import ReportPeriod
from models.rules.reports.monthly import MonthlyReport, build_report
from models.rules.reports.scorecard import VendorScorecard, build_scorecard
from models.store.database import Store


class MonthlyReports:
    """The reports of one installation."""

    def __init__(
        self, store: Store, policies: VendorPolicies, rota_store: RotaStore, coverage_ledger: CoverageLedger
    ) -> None:
        self._store, self._policies = store, policies
        self._rota_store, self._coverage_ledger = rota_store, coverage_ledger

    def of_customer(self, customer_id: str, period: ReportPeriod, team_id: str = "") -> MonthlyReport | None:
        """Return the report of a customer, with the cases of a team; None when there is no such customer."""
        customers = self._store.read(lambda connection: customer_rows.find(connection, [customer_id]))
        if not customers:
            return None
        judged = self._judge(period, team_id, customer_id)
        return build_report(judged, period, self._find_coverage(period), customers[0].name)

    def of_team(self, period: ReportPeriod, team_id: str = "") -> tuple[MonthlyReport, VendorScorecard]:
        """Return the report of a team, or of all, with the scorecard of the same cases."""
        judged = self._judge(period, team_id)
        return build_report(judged, period, self._find_coverage(period)), build_scorecard(judged, period)

    def scorecard(self, period: ReportPeriod, team_id: str = "") -> VendorScorecard:
        """Return how 21Vianet responded to the cases of a team, or of all."""
        return build_scorecard(self._judge(period, team_id), period)

    def _judge(self, period: ReportPeriod, team_id: str, customer_id: str = "") -> list[CaseMonth]:
        rules = ReportRules(self._policies.of_version, self._rota_store.workday_test(period.now))
        cases = self._store.read(lambda c: list(month_cases.find_cases(c, period, team_id, customer_id)))
        return [judge_case(case, entries, rules, period) for case, entries in cases]

    def _find_coverage(self, period: ReportPeriod) -> MonthCoverage | None:
        if period.end <= period.start:
            return None
        entries = self._coverage_ledger.report(period.start, period.end, period.now)
        return sum_coverage((entry for entry in entries if entry.slot != BOT), NO_ROTA, period.start)
