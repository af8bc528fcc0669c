"""``report customer | team | vendor``: the report of a month as a page to print or as a workbook."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from bot.commands.listed_customer import NO_CUSTOMER, find_customer
from bot.commands.rota_input import now_of
from bot.commands.session import CommandError, Session
from bot.commands.whole_file import whole_file
from bot.config import Requirement
from handlers.i18n.errors import REFUSALS
from handlers.i18n.words import LANGUAGES, N_, Words
from handlers.reports.documents import ReportFile, write_monthly, write_scorecard
from handlers.reports.figures import ReportReader
from models.escalations.queries import EscalationQueries
from models.escalations.vendor_policies import VendorPolicies
from models.oncall.confirmations import Confirmations
from models.oncall.coverage_ledger import CoverageLedger
from models.oncall.rota_store import RotaStore
from models.reports.monthly_reports import MonthlyReports
from models.rules.errors import Refused
from models.rules.reports.month import ReportPeriod, read_month
from models.rules.reports.report_request import ReportFormat
from models.store.database import Store

Write = Callable[[MonthlyReports, ReportPeriod, ReportReader, Store], ReportFile]


def customer(session: Session, name: str, month: str, form: ReportFormat, output: Path | None, language: str) -> None:
    """Write the report of one customer."""

    def write(reports: MonthlyReports, period: ReportPeriod, reader: ReportReader, store: Store) -> ReportFile:
        wanted = find_customer(EscalationQueries(store), name, session.words)
        report = reports.of_customer(wanted.id, period)
        if report is None:
            raise CommandError(session.words(NO_CUSTOMER, typed=name), code=2)
        return write_monthly(report, reader, form)

    _run(session, month, form, output, language, write)


def team(session: Session, month: str, form: ReportFormat, output: Path | None, language: str) -> None:
    """Write the report of all customers."""

    def write(reports: MonthlyReports, period: ReportPeriod, reader: ReportReader, _store: Store) -> ReportFile:
        report, scorecard = reports.of_team(period)
        return write_monthly(report, reader, form, scorecard)

    _run(session, month, form, output, language, write)


def vendor(session: Session, month: str, form: ReportFormat, output: Path | None, language: str) -> None:
    """Write the scorecard of 21Vianet."""

    def write(reports: MonthlyReports, period: ReportPeriod, reader: ReportReader, _store: Store) -> ReportFile:
        return write_scorecard(reports.scorecard(period), reader, form)

    _run(session, month, form, output, language, write)


def _run(session: Session, month: str, form: ReportFormat, output: Path | None, language: str, write: Write) -> None:
    """Write a report to a file or to standard output. Raises CommandError for what can't be."""
    config, words = session.config(Requirement.DATABASE), session.words
    if form is ReportFormat.XLSX and output is None:
        raise CommandError(words(N_("A workbook needs a file: --output FILE")), code=2)
    period = _find_period(session, month)
    readers_words = _find_words(language, words)
    with session.store() as store:
        policies, rota_store = VendorPolicies(store, config.pages), RotaStore(store)
        ledger = CoverageLedger(store, rota_store, Confirmations(store, rota_store))
        reports = MonthlyReports(store, policies, rota_store, ledger)
        report = write(reports, period, ReportReader(readers_words, policies.newest), store)
    if output is None:
        _print(report)
        return
    with whole_file(output, words) as target:
        target.write(report.content)
    says = words(N_("The report of {month} was written to {file}."), month=period.month, file=output)
    session.err.print_lines(says)


def _print(report: ReportFile) -> None:
    target: BinaryIO = sys.stdout.buffer
    target.write(report.content)
    target.flush()


def _find_period(session: Session, typed: str) -> ReportPeriod:
    zone, now = session.config(Requirement.DATABASE).timezone, now_of(session)
    try:
        return ReportPeriod(read_month(typed, now.astimezone(zone).date()), zone, now)
    except Refused as refused:
        reasons = [session.words(REFUSALS[refusal.reason], **refusal.values) for refusal in refused.refusals]
        raise CommandError("\n".join(reasons), code=2) from None


def _find_words(language: str, words: Words) -> Words:
    """Return the words of the report. Raises CommandError for a language there is none of."""
    if not language:
        return words
    if language not in LANGUAGES:
        offered = words.join_items(LANGUAGES)
        raise CommandError(
            words(N_("“{typed}” is not a language of reports. Choose {known}"), typed=language, known=offered), code=2
        )
    return Words.of(language)
