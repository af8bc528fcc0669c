"""The monthly report of a customer and of the team, over 150,000 escalations and 50,000 customers: processor time.

One customer has every tenth case. The team's period is four months long, so that it holds 10,000 cases.
"""

import gc
import random
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, select, update

from bot.services import Repositories, reminder_settings
from handlers.i18n.words import Words
from handlers.reports.documents import write_monthly
from handlers.reports.figures import ReportReader
from handlers.settings import Settings
from models.customers.importer import import_customers
from models.rules.customers.csv_columns import read_sheet
from models.rules.policy import reader
from models.rules.reports.month import ReportMonth, ReportPeriod, find_month
from models.rules.reports.monthly import MonthlyReport
from models.rules.reports.report_request import ReportFormat
from models.store.database import Store
from models.store.tables import CUSTOMER, ESCALATION
from tests.bench import archive, customers, databases
from tests.bench.measurement import Figure, Workshop
from tests.bench.processor_time import Spent, Stopwatch, judge_spent

ASKED = 100
SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = archive.BEGAN + timedelta(minutes=17 * archive.ESCALATIONS)
LIMIT, TEAM_LIMIT = 300, 5_000
CHUNK = 2_000
"""Rows that are written at once: a write may take only seconds."""
LONG = 4
"""Months of the team's period."""


class LongPeriod(ReportPeriod):
    """Several months, counted as one."""

    @cached_property
    def end(self) -> datetime:
        """The end of the last month."""
        month = self.month
        for _ in range(LONG):
            month = month.following
        return ReportPeriod(month, self.zone, self.now).start


def measure(workshop: Workshop) -> list[Figure]:
    """On both databases."""
    figures = _measured(workshop, "SQLite", databases.sqlite(workshop.folder, "reports"))
    with databases.postgresql() as server, server.migrated() as url:
        figures += _measured(workshop, "PostgreSQL", url)
    return figures


def _measured(workshop: Workshop, kind: str, url: str) -> list[Figure]:
    workshop.say(f"{kind}: writing 150,000 escalations of 50,000 customers")
    archive.build(url)
    store = Store(url, timeout=10)
    ids = _give_customers(store)
    databases.vacuum(url)
    settings = Settings("C0", "C0", SHANGHAI)
    reports = Repositories(store, reminder_settings(settings, reader.load_packaged())).monthly_reports
    chance, written = random.Random(3), ReportReader(Words.of("zh_CN"), reader.load_packaged())
    months = [_month(chance) for _ in range(ASKED)]

    def of_customer(name: str, month: ReportMonth) -> MonthlyReport:
        report = reports.of_customer(name, ReportPeriod(month, SHANGHAI, NOW), archive.TEAM)
        assert report is not None
        return report

    def page_of_largest(month: ReportMonth) -> object:
        return write_monthly(of_customer(ids[0], month), written, ReportFormat.HTML)

    workshop.say(f"{kind}: reports")
    last = find_month(NOW.date())
    for _ in range(LONG):
        last = last.previous
    period = LongPeriod(last, SHANGHAI, NOW)
    found = len(reports.of_team(period, archive.TEAM)[0].cases)
    return [
        _timed(f"report of a customer ({kind})", LIMIT, Stopwatch(store),
               lambda month: of_customer(chance.choice(ids[1:]), month), months),
        _timed(f"report of the largest customer with its page ({kind})", LIMIT, Stopwatch(store), page_of_largest,
               months),
        _timed(f"report of the team over {found:,} cases ({kind})", TEAM_LIMIT, Stopwatch(store),
               lambda _: reports.of_team(period, archive.TEAM), months[:3]),
    ]  # fmt: skip


def _give_customers(store: Store) -> list[str]:
    """Import the customers and give each case one; the first has every tenth case."""
    import_customers(store, read_sheet(customers.export()).lines, archive.BEGAN)
    ids = [str(found) for found in store.read(lambda c: list(c.scalars(select(CUSTOMER.c.id))))]
    change = update(ESCALATION).where(ESCALATION.c.number == bindparam("wanted"))
    owners = [
        {"wanted": number, "customer_id": ids[0 if number % 10 == 0 else number % len(ids)]}
        for number in range(1, archive.ESCALATIONS + 1)
    ]
    for begin in range(0, len(owners), CHUNK):
        chunk = owners[begin : begin + CHUNK]
        store.write(lambda c: c.execute(change.values(customer_id=bindparam("customer_id")), chunk))  # noqa: B023
    return ids


def _month(chance: random.Random) -> ReportMonth:
    return find_month((archive.BEGAN + timedelta(days=chance.randint(40, 1700))).date())


def _timed(
    name: str, limit: float, watch: Stopwatch, ask: Callable[[ReportMonth], object], months: list[ReportMonth]
) -> Figure:
    spent: list[tuple[Spent, str]] = []
    gc.collect()
    for month in months:
        began = watch.read()
        ask(month)
        spent.append((watch.read() - began, str(month)))
    return judge_spent(name, limit, spent)
