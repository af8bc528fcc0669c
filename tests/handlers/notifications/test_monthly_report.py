"""The report of a month as a file: for the person who asked, while they may read it."""

from dataclasses import replace
from io import BytesIO
from zipfile import ZipFile

import pytest

from handlers.notifications.message import BuiltDocument, Message
from models.customers.importer import import_customers
from models.escalations.queries import EscalationQueries
from models.outbox.file_requests import FileRequests
from models.rules.customers.csv_columns import read_sheet
from models.rules.outbox.message_kinds import MessageKind
from models.rules.reports.report_request import ReportFormat, ReportKind, ReportRequest
from models.store.database import Store
from tests.handlers import escalation_samples
from tests.handlers.harness import SETTINGS
from tests.handlers.notifications.test_render import Worker
from tests.handlers.rendering import render, render_context_on
from tests.models.samples import raised

NOW = escalation_samples.NOW
TEAM = ReportRequest(ReportKind.TEAM, "", f"{NOW:%Y-%m}", ReportFormat.HTML, "zh_CN", escalation_samples.WANG.team_id)


@pytest.fixture
def worker(store: Store) -> Worker:
    """A worker with one customer that has a case."""
    import_customers(store, read_sheet("Customer\n云杉 & 科技\n".encode()).lines, NOW)
    worker = Worker(store)
    customer = EscalationQueries(store).customers("云杉")[0]
    raised(worker.commands, at=NOW, customer_id=customer.id, customer_name=customer.name)
    return worker


def customer_request_of(store: Store) -> ReportRequest:
    """Return the request for the customer's report."""
    customer = EscalationQueries(store).customers("云杉")[0]
    return replace(TEAM, kind=ReportKind.CUSTOMER, customer_id=customer.id)


def ask(worker: Worker, user: str, request: ReportRequest) -> Message | None:
    """Return the message that somebody gets for a request."""
    FileRequests(worker.store).ask_report(user, str(request), NOW, "click")
    for delivery in worker.claimed():
        if delivery.what is MessageKind.REPORT:
            message = render(delivery, render_context_on(worker.store, SETTINGS, worker.now))
            assert message is None or isinstance(message, Message)
            return message
    return None


def build(message: Message | None) -> BuiltDocument:
    """Return the file that a message brings."""
    assert message is not None
    assert message.document is not None
    return message.document.build()


def test_a_full_member_gets_the_report_of_a_customer(store: Store, worker: Worker) -> None:
    message = ask(worker, "U0WANG", customer_request_of(store))
    built = build(message)

    assert message is not None
    assert message.document is not None
    assert message.document.name == f"report-customer-{NOW:%Y-%m}-zh_CN.html"
    assert "云杉 &amp; 科技" in built.text
    assert "云杉 &amp; 科技" in built.content.decode()


def test_a_lead_gets_the_workbook_of_the_team_and_the_scorecard(worker: Worker) -> None:
    for kind in (ReportKind.TEAM, ReportKind.VENDOR):
        built = build(ask(worker, "U0LINA", replace(TEAM, kind=kind, format=ReportFormat.XLSX)))

        with ZipFile(BytesIO(built.content)) as book:
            assert "xl/workbook.xml" in book.namelist()


@pytest.mark.parametrize(
    ("user", "request_"),
    [("U0WANG", TEAM), ("U0STRANGER", TEAM), ("U0LINA", replace(TEAM, team_id="T0OTHER"))],
    ids=["no lead any more", "nobody we know", "another workspace"],
)
def test_who_may_not_read_it_any_more_gets_nothing(worker: Worker, user: str, request_: ReportRequest) -> None:
    assert ask(worker, user, request_) is None


def test_a_customer_who_left_the_list_has_no_file(worker: Worker) -> None:
    built = build(ask(worker, "U0LINA", replace(TEAM, kind=ReportKind.CUSTOMER, customer_id="gone")))

    assert built.content == b""
    assert "该客户已不在列表中" in built.text
