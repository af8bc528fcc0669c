"""Reports from the store, on both databases: they agree with a count of the export, and show nothing of other teams."""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from models.customers.importer import import_customers
from models.escalations.commands import EscalationCommands
from models.escalations.queries import EscalationQueries
from models.escalations.vendor_policies import VendorPolicies
from models.oncall.confirmations import Confirmations
from models.oncall.coverage_ledger import CoverageLedger
from models.oncall.rota_store import RotaStore
from models.reports.monthly_reports import MonthlyReports
from models.rules.customers.csv_columns import read_sheet
from models.rules.errors import Refused
from models.rules.escalations.escalation import Escalation, HistoryEntry, Move
from models.rules.policy import reader
from models.rules.reports.month import ReportMonth, ReportPeriod
from models.rules.reports.monthly import CaseCounts
from models.store.database import Store
from tests.models.samples import CHANNEL, LI, NOW, TEAM, WANG, customer_request, step

SHANGHAI = ZoneInfo("Asia/Shanghai")
DAY = timedelta(days=1)
CUSTOMERS = "Company name\n云杉科技\n蓝天贸易\n"
MONTHS = [ReportMonth(2026, month) for month in (8, 9, 10)]


@pytest.fixture
def reports(store: Store) -> MonthlyReports:
    """The reports of a store with two customers and no cases."""
    import_customers(store, read_sheet(CUSTOMERS.encode()).lines, NOW - 200 * DAY)
    rota_store = RotaStore(store)
    ledger = CoverageLedger(store, rota_store, Confirmations(store, rota_store))
    return MonthlyReports(store, VendorPolicies(store, reader.load_packaged()), rota_store, ledger)


def test_a_month_without_cases_makes_a_report_too(store: Store, reports: MonthlyReports) -> None:
    customer = EscalationQueries(store).customers("云杉")[0]
    period = ReportPeriod(ReportMonth(2026, 10), SHANGHAI, NOW)

    report = reports.of_customer(customer.id, period, TEAM)

    assert report is not None
    assert (report.customer, report.counts, report.coverage) == ("云杉科技", CaseCounts(), None)
    assert reports.scorecard(period, TEAM).rows == []


def test_an_unknown_customer_has_no_report(reports: MonthlyReports) -> None:
    assert reports.of_customer("nobody", ReportPeriod(ReportMonth(2026, 10), SHANGHAI, NOW)) is None


def test_every_number_agrees_with_a_count_of_the_export(store: Store, reports: MonthlyReports) -> None:
    _fill(store, random.Random(11), 40)
    exported = list(EscalationQueries(store).all_with_history())

    for month in MONTHS:
        period = ReportPeriod(month, SHANGHAI, NOW)
        for customer in EscalationQueries(store).customers(""):
            theirs = [case for case in exported if case[0].customer_id == customer.id]
            report = reports.of_customer(customer.id, period, TEAM)
            assert report is not None
            assert _figures(report.counts) == _count(theirs, period)
        assert _figures(reports.of_team(period, TEAM)[0].counts) == _count(exported, period)


def test_another_team_sees_nothing_of_ours(store: Store, reports: MonthlyReports) -> None:
    _fill(store, random.Random(3), 5)
    period = ReportPeriod(ReportMonth(2026, 9), SHANGHAI, NOW)

    assert reports.of_team(period, "T0OTHER")[0].counts == CaseCounts()
    assert reports.of_team(period)[0].counts == reports.of_team(period, TEAM)[0].counts


def _fill(store: Store, chance: random.Random, count: int) -> None:
    """Add cases of July to October, with any moves that are allowed."""
    commands, customers = EscalationCommands(store), EscalationQueries(store).customers("")
    for number in range(count):
        when = NOW - 140 * DAY + chance.random() * 100 * DAY
        customer = chance.choice(customers)
        request = customer_request(customer_id=customer.id, customer_name=customer.name, service="azure")
        case = commands.raise_escalation(request, CHANNEL, WANG, when, f"raise {number}")
        for turn in range(chance.randrange(6)):
            when += chance.random() * 10 * DAY
            move = chance.choice([Move.RECORD, Move.RESOLVE, Move.RESOLVE, Move.REOPEN, Move.WITHDRAW, Move.CLOSE])
            try:
                commands.move(case.number, step(move, LI, when), f"{number} {turn}")
            except Refused:
                continue


def _figures(counts: CaseCounts) -> tuple[int, ...]:
    return (
        counts.open_at_start, counts.raised, counts.reopened, counts.solved, counts.withdrawn, counts.open_at_end,
        counts.solved_without_vendor,
    )  # fmt: skip


def _count(exported: list[tuple[Escalation, list[HistoryEntry]]], period: ReportPeriod) -> tuple[int, ...]:
    """Count the same by what the statuses were, case by case."""
    totals = [0] * 7
    for case, entries in exported:
        before, after = _status_at(entries, period.start), _status_at(entries, period.end)
        was_open = before not in {None, "solved", "withdrawn"}
        is_raised = period.start <= case.raised_at < period.end
        reopened = any(e.move is Move.REOPEN and period.start <= e.at < period.end for e in entries)
        is_reopened = reopened and not was_open and not is_raised
        is_in_month = was_open or is_raised or is_reopened
        has_number = any(e.move is Move.RECORD and e.at < period.end for e in entries)
        counted = (
            was_open, is_raised, is_reopened, is_in_month and after == "solved", is_in_month and after == "withdrawn",
            is_in_month and after == "open", is_in_month and after == "solved" and not has_number,
        )  # fmt: skip
        totals = [total + counts for total, counts in zip(totals, counted, strict=True)]
    return tuple(totals)


def _status_at(entries: list[HistoryEntry], moment: datetime) -> str | None:
    statuses: Iterator[str] = (str(entry.status_to) for entry in reversed(entries) if entry.at < moment)
    status = next(statuses, None)
    return {"resolved": "solved", "closed": "solved", "withdrawn": "withdrawn", None: None}.get(status, "open")
