"""``report …``: the files of a month, and what can't be written."""

from pathlib import Path
from zipfile import ZipFile

import pytest

from models.escalations.commands import EscalationCommands
from models.escalations.queries import EscalationQueries
from models.rules.escalations.escalation import Move
from models.store.database import Store
from tests.bot.commands.conftest import Terminal
from tests.models.samples import LI, NOW, raised, step


@pytest.fixture
def desk(terminal: Terminal, store: Store, tmp_path: Path) -> Terminal:
    """Two customers; one has a case of November that is solved."""
    (tmp_path / "list.csv").write_text("Customer\n云杉科技\nContoso\n", encoding="utf-8")
    terminal.type("customers", "import", "list.csv")
    customer = EscalationQueries(store).customers("云杉")[0]
    commands = EscalationCommands(store)
    case = raised(commands, service="azure", customer_id=customer.id, customer_name=customer.name, title="=1+1")
    commands.move(case.number, step(Move.RESOLVE, LI, NOW, text="<b>重启网关</b>"), "solved")
    return terminal


def test_the_report_of_a_customer_is_written_in_the_language_that_is_asked_for(desk: Terminal, tmp_path: Path) -> None:
    result = desk.type(
        "report", "customer", "云杉", "--month", "2026-11", "--language", "zh_CN", "--output", "report.html"
    )

    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert (result.code, result.err) == (0, "The report of 2026-11 was written to report.html.\n")
    assert '<html lang="zh-CN">' in page
    assert "服务月报" in page
    assert "云杉科技" in page
    assert "&lt;b&gt;重启网关" in page


def test_a_customer_without_cases_has_a_report_too(desk: Terminal, tmp_path: Path) -> None:
    result = desk.type("report", "customer", "Contoso", "--month", "2026-11", "--output", "report.html")

    assert result.code == 0
    assert "No cases in this month." in (tmp_path / "report.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("kind", [("customer", "云杉"), ("team",), ("vendor",)], ids=lambda words: words[0])
def test_a_workbook_holds_no_formula(desk: Terminal, tmp_path: Path, kind: tuple[str, ...]) -> None:
    result = desk.type("report", *kind, "--month", "2026-11", "--format", "xlsx", "--output", "report.xlsx")

    with ZipFile(tmp_path / "report.xlsx") as book:
        sheets = [book.read(name).decode() for name in book.namelist() if name.startswith("xl/worksheets/sheet")]
    assert result.code == 0
    assert sheets
    assert all("<f>" not in sheet for sheet in sheets)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (
            ("customer", "Nobody"),
            "“Nobody” is the name of no customer. See: csp-escalate informed list --all",
        ),
        (("team", "--month", "2026-13"), "“2026-13” is not a month such as 2026-10."),
        (("team", "--month", "2099-01"), "2099-01 has not begun. Choose an earlier month."),
        (("vendor", "--format", "xlsx"), "A workbook needs a file: --output FILE"),
        (("vendor", "--language", "fr"), "“fr” is not a language of reports. Choose zh_CN, en"),
    ],
)
def test_what_cannot_be_written_says_why(desk: Terminal, words: tuple[str, ...], says: str) -> None:
    result = desk.type("report", *words)

    assert (result.code, result.err.strip()) == (2, says)
