"""The report of a month in Slack: private figures, files by direct message, and who may read what."""

import json
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import func, select

from handlers import ids
from models.customers.importer import import_customers
from models.rules.customers.csv_columns import read_sheet
from models.rules.outbox.message_kinds import MessageKind
from models.rules.reports.report_request import ReportFormat, ReportKind, ReportRequest, read_report_request
from models.store.tables import OUTBOX
from tests.handlers.escalation_samples import NOW
from tests.handlers.harness import Stage
from tests.handlers.member import Member

CUSTOMERS = "Company name,Domain\n云杉精密制造,yunshan.cn\n云杉物流 <!channel>,wuliu.cn\n"
MONTH = f"{NOW:%Y-%m}"
FOR_LEADS = "Only leads see this report."


@pytest.fixture
def customers(stage: Stage, emma: Member) -> Stage:
    """Two customers, one of them with a case of this month."""
    import_customers(stage.store, read_sheet(CUSTOMERS.encode()).lines, NOW)
    emma.raise_one(customer_name=("云杉精密制造", "C1-1"))
    return stage


def request_of(kind: ReportKind, **changes: Any) -> ReportRequest:
    """Return a request as a button holds it."""
    customer = "C1-1" if kind is ReportKind.CUSTOMER else ""
    return replace(ReportRequest(kind, customer, MONTH, ReportFormat.HTML, "en", "T0SANDBOX"), **changes)


def asked(stage: Stage) -> int:
    """Return how many files were asked for."""
    count = select(func.count()).select_from(OUTBOX).where(OUTBOX.c.what == MessageKind.REPORT)
    return int(stage.store.read(lambda connection: connection.scalar(count)) or 0)


@pytest.mark.parametrize("typed", [f"report 云杉精密 {MONTH}", f"月报 yunshan.cn {MONTH}", f"月报云杉精密{MONTH}"])
def test_a_customers_report_is_told_privately(customers: Stage, emma: Member, typed: str) -> None:
    heard = emma.command(typed)

    words = heard.words.replace(": \n", ": ")
    assert heard.told[0]["response_type"] == "ephemeral"
    assert "Monthly service report · 云杉精密制造" in words
    assert "Raised in the month: 1" in words
    assert "Open at the end: 1" in words


def test_several_customers_are_offered_with_a_button_each(customers: Stage, emma: Member) -> None:
    heard = emma.command(f"report 云杉 {MONTH}")
    values = [
        block["accessory"]["value"] for block in heard.told[0]["blocks"] if "accessory" in block
    ]  # fmt: skip

    shown = emma.button(ids.REPORT_SHOW, values[-1])

    assert len(values) == 2
    assert "Monthly service report · 云杉" in shown.words


def test_the_report_of_all_customers_and_the_scorecard_are_for_leads(
    customers: Stage, emma: Member, lina: Member
) -> None:
    for typed in (f"report {MONTH}", f"月报 世纪互联 {MONTH}"):
        assert FOR_LEADS in emma.command(typed).words
        assert "云杉" not in emma.command(typed).words
    assert "全部客户" in lina.command(f"report {MONTH}").words
    assert "供应商评分" in lina.command(f"report 21vianet {MONTH}").words


@pytest.mark.parametrize("kind", [ReportKind.TEAM, ReportKind.VENDOR])
def test_a_button_of_a_lead_gives_nobody_else_the_file(customers: Stage, emma: Member, kind: ReportKind) -> None:
    for button in (ids.REPORT_SHOW, f"{ids.REPORT_FILE}0"):
        assert FOR_LEADS in emma.button(button, str(request_of(kind))).text

    assert asked(customers) == 0


def test_a_file_is_asked_for_once_until_it_has_arrived(customers: Stage, emma: Member) -> None:
    first, second = (emma.button(f"{ids.REPORT_FILE}0", str(request_of(ReportKind.CUSTOMER))) for _ in range(2))

    assert "The file (HTML) will arrive in your direct messages." in first.words
    assert first.words == second.words
    assert asked(customers) == 1


def test_a_button_asks_only_in_the_name_of_its_own_workspace(customers: Stage, emma: Member) -> None:
    emma.button(f"{ids.REPORT_FILE}2", str(request_of(ReportKind.CUSTOMER, team_id="T0OTHER")))

    note = customers.store.read(lambda c: c.scalar(select(OUTBOX.c.note).where(OUTBOX.c.what == MessageKind.REPORT)))
    assert read_report_request(str(note)).team_id == emma.team


@pytest.mark.parametrize(
    "value",
    ["", "x", "[]", "{}", json.dumps({"kind": "team"}), str(request_of(ReportKind.CUSTOMER, language="xx")),
     str(request_of(ReportKind.CUSTOMER, customer_id="nobody"))],
)  # fmt: skip
def test_tampered_buttons_show_nothing(customers: Stage, emma: Member, value: str) -> None:
    heard = emma.button(ids.REPORT_SHOW, value)

    assert "Monthly service report" not in heard.words


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("report 2026-13", "“2026-13” is not a month such as 2026-10."),
        ("report nobody", "nobody"),
        ("report 云杉 2099-01", "2099-01 has not begun."),
    ],
)
def test_what_is_not_understood_is_refused_with_the_reason(
    customers: Stage, emma: Member, lina: Member, typed: str, says: str
) -> None:
    assert says in emma.command(typed).words
