"""``informed …``: customers are due, informed in bulk, and an auditor reads who was told what."""

import csv
import io
import re
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from models.rules.rota.rota import BEIJING
from tests.bot.commands.conftest import Terminal
from tests.sample_rotas import DAILY_TURNS_WITH_BACKUP

LANGUAGE = """types = "{types}"
hours = "24 x 365"
site = "https://support.example"
email = "help@support.example"
phone = "400 555 0100"
price = "0"
"""
STATEMENT = f"[zh]\n{LANGUAGE.format(types='技术与计费')}[en]\n{LANGUAGE.format(types='technical and billing')}"


@pytest.fixture
def desk(terminal: Terminal, tmp_path: Path) -> Terminal:
    """Three customers, and a statement."""
    (tmp_path / "list.csv").write_text("Customer,Language\nContoso,en\n=Fabrikam,zh\nLitware,\n", encoding="utf-8")
    (tmp_path / "statement.toml").write_text(STATEMENT, encoding="utf-8")
    terminal.type("customers", "import", "list.csv")
    assert terminal.type("informed", "statement", "statement.toml").out == "This is the support statement now.\n"
    return terminal


def told(terminal: Terminal, *words: str) -> str:
    result = terminal.type("informed", *words)
    assert result.code == 0, result.err
    return result.out


def exported(terminal: Terminal, language: str = "en_GB.UTF-8") -> list[dict[str, str]]:
    """The rows of the export."""
    result = terminal.type("informed", "export", language=language)
    return list(csv.DictReader(io.StringIO(result.out.removeprefix("\ufeff"))))


def test_customers_are_due_until_they_are_informed_in_bulk(desk: Terminal) -> None:
    before = told(desk, "list")
    recorded = told(desk, "record", "Contoso", "litware", "--by", "Emma", "--through", "email", "--evidence", "mail-7")
    after = told(desk, "list")

    assert "3 customers must be informed." in before
    assert "never informed" in before
    assert recorded == "2 customers recorded as informed.\n"
    assert "1 customer must be informed." in after
    assert "Contoso" not in after


def test_all_who_are_due_are_informed_at_once_and_due_again_when_the_statement_changes(
    desk: Terminal, tmp_path: Path
) -> None:
    told(desk, "record", "--due", "--by", "Emma", "--through", "wecom")
    informed = told(desk, "list")
    (tmp_path / "statement.toml").write_text(STATEMENT.replace("24 x 365", "24 x 366"), encoding="utf-8")
    told(desk, "statement", "statement.toml")

    assert "0 customers must be informed." in informed
    assert told(desk, "list").count("the statement changed") == 3
    assert "24 x 366" in told(desk, "statement")


def test_an_auditor_reads_who_was_informed_when_how_and_by_whom(desk: Terminal) -> None:
    told(desk, "record", "Contoso", "--by", "Emma", "--through", "email", "--evidence", "mail-7")

    rows = exported(desk)

    contoso = next(row for row in rows if row["customer"] == "Contoso")
    fabrikam = next(row for row in rows if row["customer"] == "'=Fabrikam")
    assert (contoso["statement"], contoso["through"], contoso["by"], contoso["evidence"], contoso["due_because"]) == (
        "1", "by e-mail", "Emma", "mail-7", "",
    )  # fmt: skip
    assert (contoso["through_id"], contoso["by_id"], contoso["due_id"]) == ("email", "Emma", "")
    assert (fabrikam["informed_on"], fabrikam["informed_at"]) == ("", "")
    assert (fabrikam["due_because"], fabrikam["due_id"]) == ("never informed", "new")


def test_the_export_has_the_days_of_the_list_in_the_language_of_the_reader(desk: Terminal) -> None:
    listed = desk.type("informed", "list", language="zh_CN.UTF-8").out
    row = next(row for row in exported(desk, "zh_CN.UTF-8") if row["customer"] == "Contoso")

    assert row["due_because"] in listed
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", row["due_by"])
    assert row["due_by"] in listed


def test_who_informed_has_the_same_name_as_in_slack_and_on_the_rota(desk: Terminal, tmp_path: Path) -> None:
    (tmp_path / "rota.toml").write_text(DAILY_TURNS_WITH_BACKUP, encoding="utf-8")
    assert desk.type("rota", "import", "rota.toml").code == 0
    wrong = desk.type("informed", "record", "Contoso", "--by", "nobody", "--through", "电话")
    told(desk, "record", "Litware", "--by", "BO", "--through", "e-mail")

    rows = {row["customer"]: row for row in exported(desk)}

    assert (rows["Litware"]["by"], rows["Litware"]["by_id"], rows["Litware"]["through_id"]) == ("bob", "U0BOB", "email")
    assert (rows["Contoso"]["by"], rows["Contoso"]["through"]) == ("nobody", "by phone")
    assert "is called “nobody”; recorded as typed" in " ".join(wrong.err.split())


@pytest.mark.parametrize(
    ("by", "through", "said"),
    [
        (" ", "email", "Say who informed them: --by NAME"),
        ("Emma", "pigeon", "“pigeon” is no channel. Possible are: phone, email, wecom, in_person"),
    ],
)
def test_a_refusal_says_which_of_who_and_how_is_wrong(desk: Terminal, by: str, through: str, said: str) -> None:
    wrong = desk.type("informed", "record", "Contoso", "--by", by, "--through", through)

    assert (wrong.code, said in " ".join(wrong.err.split())) == (2, True)


def test_a_name_that_means_nobody_or_several_records_nothing(desk: Terminal) -> None:
    nobody, several, mistyped = (
        desk.type("informed", "record", "Contoso", name, "--by", "Emma", "--through", "email")
        for name in ("nobody", "a", "Litwaer")
    )
    assert (nobody.code, several.code, mistyped.code) == (2, 2, 2)
    assert "See: csp-escalate informed list --all" in nobody.err
    assert "may mean several customers: " in several.err
    assert "Did you mean “Litware”?" in mistyped.err
    assert desk.type("informed", "record", "Contoso", "--by", "Emma", "--through", "pigeon").code == 2

    assert "3 customers must be informed." in told(desk, "list")


def test_a_mistake_stays_on_record_and_the_customer_is_due_again(desk: Terminal) -> None:
    told(desk, "record", "Contoso", "Litware", "--by", "Emma", "--through", "email")
    said = told(desk, "mistake", "Contoso", "--by", "Emma", "--why", "wrong line chosen")

    assert "stays, marked as a mistake, and counts no more." in said
    assert "never informed" in said
    assert "2 customers must be informed." in told(desk, "list")
    rows = list(csv.DictReader(io.StringIO(told(desk, "export").removeprefix("\ufeff"))))
    contoso = next(row for row in rows if row["customer"] == "Contoso")
    assert contoso["through_id"] == "email"
    assert contoso["mistake"].endswith("Emma · wrong line chosen")
    assert next(row for row in rows if row["customer"] == "Litware")["mistake"] == ""
    again = desk.type("informed", "mistake", "Contoso", "--by", "Emma", "--why", "again")
    assert (again.code, "No such record of Contoso" in again.err) == (2, True)


def test_without_a_statement_the_record_warns_and_is_made(terminal: Terminal, tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text("Customer\nContoso\n", encoding="utf-8")
    terminal.type("customers", "import", "list.csv")

    recorded = terminal.type("informed", "record", "Contoso", "--by", "Emma", "--through", "phone")

    assert "⚠️ No support statement counted on that day" in recorded.err
    assert recorded.out == "1 customer recorded as informed.\n"


def test_an_earlier_day_can_be_recorded_and_none_ahead(desk: Terminal) -> None:
    by = ("--by", "Emma", "--through", "phone")
    day = (datetime.now(BEIJING) - timedelta(days=30)).date()
    told(desk, "record", "Contoso", *by, "--on", f"{day.year}/{day.month}/{day.day}")

    row = next(row for row in exported(desk) if row["customer"] == "Contoso")
    assert (row["informed_on"], row["informed_at"]) == (f"{day}", f"{day - timedelta(days=1)}T16:00:00Z")  # in Beijing
    assert desk.type("informed", "record", "Litware", *by, "--on", "2099-01-01").code == 2
    assert "2 customers must be informed." in told(desk, "list")


def test_the_statement_is_ready_to_copy_in_the_customers_language(desk: Terminal) -> None:
    english, chinese, both = (told(desk, "text", name) for name in ("Contoso", "=Fabrikam", "Litware"))

    assert english.startswith("To Contoso: this is how you reach our support.\nSupport: technical and billing\n")
    assert "支持内容：技术与计费" in chinese
    assert "technical and billing" not in chinese
    assert "技术与计费" in both
    assert "technical and billing" in both


def test_a_statement_with_faults_changes_nothing(desk: Terminal, tmp_path: Path) -> None:
    (tmp_path / "bad.toml").write_text("[zh]\n[en]\n", encoding="utf-8")
    (tmp_path / "one.toml").write_text(STATEMENT[STATEMENT.index("[en]") :], encoding="utf-8")

    said = desk.type("informed", "statement", "bad.toml")

    one = desk.type("informed", "statement", "one.toml")

    assert said.code == 2
    assert "bad.toml, line 1" in said.err
    assert (one.code, one.err.count("is missing"), "“[zh]” is missing. Add it." in one.err) == (2, 1, True)
    assert "24 x 365" in told(desk, "statement")
