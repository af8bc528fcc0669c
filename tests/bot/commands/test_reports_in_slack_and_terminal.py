"""One month, asked for in Slack and at the terminal: every figure of the reports and of the scorecard is the same."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html import unescape
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from models.customers.importer import import_customers
from models.escalations.queries import EscalationQueries
from models.oncall.rota_versions import import_rota
from models.rules.customers.csv_columns import read_sheet
from models.rules.escalations.escalation import Move, Turn
from models.rules.escalations.moves import ReturnFinding
from models.rules.escalations.request import Severity
from models.rules.reports.report_request import ReportFormat, ReportKind, ReportRequest
from models.store.database import Store
from tests.bot.commands.conftest import Terminal
from tests.handlers.harness import Stage
from tests.handlers.member import Member
from tests.handlers.notifications.test_monthly_report import ask, build
from tests.handlers.notifications.test_render import Worker
from tests.models.samples import CHANNEL, LI, TEAM, WANG, customer_request, step
from tests.sample_rotas import DAILY_TURNS_WITH_BACKUP
from tests.workbook_cells import ReadBook, Value

MONTH, LANGUAGE = "2026-10", "zh_CN"
HOUR = timedelta(hours=1)
TYPED = {ReportKind.CUSTOMER: "云杉", ReportKind.TEAM: "", ReportKind.VENDOR: "21vianet"}
ROW = re.compile(r'<tr><td class="text">([^<]*)</td><td class="number">((?:[^<]|</?span[^>]*>)*)</td></tr>')
"""A label and a value of the printed page."""
WRITTEN_AT = "生成时间"


@pytest.fixture
def desk(store: Store, terminal: Terminal) -> Terminal:
    """Two customers with five cases of October, and a rota that began on the fifth."""
    import_customers(store, read_sheet("Customer\n云杉科技\nContoso\n".encode()).lines, _at(1))
    import_rota(store, DAILY_TURNS_WITH_BACKUP, "cli", _at(5))
    commands = Stage(store).commands
    customers = EscalationQueries(store).customers("")
    for number in range(5):
        begin, customer = _at(6 + number), customers[number % 2]
        request = customer_request(
            customer_id=customer.id, customer_name=customer.name, service=("azure", "m365")[number % 2],
            severity=Severity("ABCBA"[number]), answers={"area": "how_to", "impact": "Nobody works"},
        )  # fmt: skip
        case = commands.raise_escalation(request, CHANNEL, WANG, begin, f"raise {number}")
        moves: list[tuple[Move, float, dict[str, Any]]] = [
            (Move.RECORD, 0.2 + number, {"text": f"62510{number}", "severity_given": Severity.C}),
            (Move.TELL, 0.4 + number, {"until": begin + 9 * HOUR}), (Move.CONTACT, 2.5 + number, {}),
            (Move.TURN, 6.0 + number, {"turn": Turn.CUSTOMER}), (Move.RESOLVE, 20.0 + number, {}),
            (Move.RETURNED, 30.0, {"finding": ReturnFinding(_at(8 + number).date(), "R-1", _at(9 + number).date())}),
        ]  # fmt: skip
        for move, hours, more in moves[: 6 - number]:
            commands.move(case.number, step(move, LI, begin + hours * HOUR, **more), f"{number} {move}")
    return terminal


def _at(day: int) -> datetime:
    return datetime(2026, 10, day, 2, tzinfo=UTC)


def _slack_pairs(blocks: list[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    """Yield each label of an answer with its value."""
    for block in blocks:
        for line in block.get("elements", []) if block["type"] == "rich_text" else []:
            runs = line["elements"]
            for label, value in pairwise(runs):
                if label.get("style", {}).get("bold") and label["text"].endswith("："):
                    yield label["text"].strip().removesuffix("："), value["text"]


def _sheets(content: bytes) -> dict[str, list[list[Value]]]:
    """Return all values of a workbook, without when it was written."""
    book = ReadBook(content)
    return {str(title): [row for row in book.values(str(title)) if WRITTEN_AT not in row] for title in book.titles}


@pytest.mark.parametrize("kind", list(ReportKind))
def test_slack_and_terminal_tell_the_same_figures(
    desk: Terminal, store: Store, tmp_path: Path, kind: ReportKind
) -> None:
    customer = EscalationQueries(store).customers("云杉")[0]
    named = [customer.name] if kind is ReportKind.CUSTOMER else []
    for form in ReportFormat:
        written = desk.type(
            "report", kind, *named, "--month", MONTH, "--language", LANGUAGE, "--format", form,
            "--output", f"report.{form}",
        )  # fmt: skip
        assert written.code == 0, written.err
    lina = Member(Stage(store), "U0LINA")

    heard = lina.command(f"月报 {TYPED[kind]} {MONTH}")
    request = ReportRequest(kind, customer.id if named else "", MONTH, ReportFormat.XLSX, LANGUAGE, TEAM)
    in_slack = build(ask(Worker(store), "U0LINA", request)).content
    page_in_slack = build(ask(Worker(store), "U0LINA", replace(request, format=ReportFormat.HTML))).content.decode()

    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    printed, told = _read_rows(page), dict(_slack_pairs(heard.told[0]["blocks"]))
    assert len(printed) >= (2 if kind is ReportKind.VENDOR else 20)
    assert printed == {label: told[label] for label in printed}
    assert _read_rows(page_in_slack) == printed
    assert _sheets(in_slack) == _sheets((tmp_path / "report.xlsx").read_bytes())


def _read_rows(page: str) -> dict[str, str]:
    return {unescape(label): unescape(re.sub("<[^>]*>", "", value)) for label, value in ROW.findall(page)}
