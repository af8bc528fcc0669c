"""``person …`` and ``escalations verify``: what is recorded of a person is listed, exported, and erased on request."""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from models.customers import informing, record_rows
from models.customers.importer import import_customers
from models.customers.informing import SentStatement
from models.escalations.articles import Articles
from models.escalations.commands import EscalationCommands
from models.escalations.queries import EscalationQueries
from models.oncall import rota_versions
from models.remediation.records import RemediationRecords
from models.rules.customers.csv_columns import CsvLine, CustomerDraft
from models.rules.customers.record_fields import Contact, CustomerRecord
from models.rules.escalations.articles import ArticleText
from models.rules.escalations.escalation import Move
from models.rules.people import Person, label_erased
from models.rules.remediation.moves import RemediationStep
from models.rules.remediation.record import RemediationMove
from models.store.database import Store
from tests.bot.commands.conftest import Terminal
from tests.models.samples import EMMA, LI, NOW, TEAM, WANG, raised, step

ROTA = """zone = "Asia/Shanghai"
[[member]]
name = "老王"
slack = "U0WANG"
email = "wang@reseller.example"
role = "admin_agent"
"""
SAID = "王伟 asks to be called at wang@reseller.example"
UNTOUCHED = "Typed texts: 5 whole, 0 erased.\n"


@pytest.fixture
def desk(terminal: Terminal, store: Store) -> Terminal:
    """Wang raised a case and left; Li wrote about Wang. The customer has a contact."""
    commands = EscalationCommands(store)
    names = {WANG: "王伟", LI: "李娜", EMMA: "Emma"}
    commands.remember(*((Person(id=actor.id, team_id=TEAM, name=name), NOW) for actor, name in names.items()))
    raised(commands, answers={"contact": "Zhao Lei 138 0013 8000"})
    commands.move(1, step(Move.NOTE, WANG, text="Rang the hotline"), "note")
    commands.move(1, step(Move.NOTE, LI, text=SAID), "said")
    commands.move(1, step(Move.RECORD, LI), "record")
    raised(commands, "view-2")
    commands.move(2, step(Move.RESOLVE, EMMA, text="Zhao Lei restarted it"), "resolve")
    rota_versions.import_rota(store, ROTA, "cli", NOW)
    store.write(lambda c: record_rows.write(c, {"C1-1": CustomerRecord(contacts=(Contact("Zhao Lei", "138"),))}, 1))
    return terminal


def exported(desk: Terminal, name: str) -> dict[str, Any]:
    result = desk.type("person", "export", name, "--output", "person.json")
    assert result.code == 0, result.err
    written: dict[str, Any] = json.loads(Path("person.json").read_text(encoding="utf-8"))
    return written


def test_people_on_record_are_listed_by_a_part_of_their_name(desk: Terminal) -> None:
    everybody, found = desk.type("person", "list").out, desk.type("person", "list", "zhao", language="zh_CN").out

    assert all(name in everybody for name in ("王伟", "U0LINA", "Emma", "Zhao Lei", "C1-1"))
    assert "客户联系人" in found
    assert "Emma" not in found
    assert desk.type("person", "list", "nobody").out == "Nobody on record has “nobody” in their name.\n"


@pytest.mark.parametrize("name", ["王伟", "老王", "U0WANG", "wang@reseller.example"])
def test_the_export_holds_what_a_person_typed_did_and_where_others_mention_them(desk: Terminal, name: str) -> None:
    written = exported(desk, name)

    assert written["found_by"] == {"slack_ids": ["U0WANG"], "words": ["wang@reseller.example", "王伟", "老王"]}
    assert [(one["case"], one["move"]) for one in written["typed"]] == [
        ("CSP-1", "raise"), ("CSP-1", "note"), ("CSP-2", "raise"),
    ]  # fmt: skip
    assert written["typed"][0]["fields"]["contact"] == "Zhao Lei 138 0013 8000"
    assert [row["name"] for row in written["rows"]["person"]] == ["王伟"]
    assert {row["number"] for row in written["rows"]["escalation"]} == {1, 2}
    said = next(one for one in written["mentions"] if one.get("by") == "U0LINA")
    assert (said["case"], said["text"]) == ("CSP-1", SAID)
    assert any(one.get("table") == "rota_plan" for one in written["mentions"])


def test_a_contact_is_exported_with_the_cases_that_name_them(desk: Terminal) -> None:
    written = exported(desk, "Zhao Lei")

    assert [row["phone"] for row in written["rows"]["customer_contact"]] == ["138"]
    assert {one["case"] for one in written["mentions"] if "case" in one} == {"CSP-1", "CSP-2"}
    assert written["typed"] == []


def test_erasing_shows_first_what_goes_and_what_stays(desk: Terminal, store: Store) -> None:
    shown = desk.type("person", "erase", "王伟", "--why", "left")

    assert shown.code == 0
    assert "To erase: 3 typed texts in CSP-1, CSP-2" in shown.out
    assert "Kept: the name in the rota's versions" in shown.out
    assert "add --yes" in shown.out
    assert desk.type("escalations", "verify").out == UNTOUCHED
    assert EscalationQueries(store).name_of("U0WANG") == "王伟"


def test_an_erased_persons_texts_are_gone_and_the_record_is_still_whole(desk: Terminal) -> None:
    erased = desk.type("person", "erase", "U0WANG", "--why", "left", "--yes", language="zh_CN.UTF-8")
    again = desk.type("person", "erase", "U0WANG", "--why", "left", "--yes")

    assert erased.out.endswith("已删除。\n")
    assert again.out.startswith("There is nothing to erase.\n")
    verified = desk.type("escalations", "verify")
    assert (verified.code, verified.out) == (0, "Typed texts: 2 whole, 3 erased.\n")
    shown = " ".join(desk.type("escalations", "show", "CSP-1").out.split())
    assert re.search(r"Text erased \d{4}-", shown)
    assert "hotline" not in shown
    assert SAID in " ".join(desk.type("escalations", "show", "CSP-1", "--format", "json").out.split())
    assert "138 0013 8000" not in desk.type("escalations", "export").out
    assert exported(desk, "U0WANG")["typed"] == []


def test_a_text_that_names_somebody_is_erased_with_its_case(desk: Terminal, store: Store) -> None:
    erased = desk.type("person", "erase", "zhao lei", "--case", "CSP-2", "--why", "asked", "--yes")

    assert erased.code == 0, erased.err
    assert "To erase: the contact of customer C1-1." in erased.out
    assert "brings it back" in erased.out
    case = EscalationQueries(store).escalation(2)
    assert case
    assert "Zhao" not in f"{case.fix} {case.title}"
    assert store.read(record_rows.find_contacts) == []


def test_the_cases_that_still_mention_an_erased_contact_are_named_and_found_by_the_name_afterwards(
    desk: Terminal,
) -> None:
    shown = desk.type("person", "erase", "Zhao Lei", "--why", "asked")
    desk.type("person", "erase", "Zhao Lei", "--why", "asked", "--yes")

    assert "NOT erased: what others wrote that mentions this person, in CSP-1, CSP-2." in shown.out
    assert "add --case CSP-1 --case CSP-2." in shown.out
    assert {one["case"] for one in exported(desk, "Zhao Lei")["mentions"] if "case" in one} == {"CSP-1", "CSP-2"}
    both = desk.type(
        "person", "erase", "Zhao Lei", "--case", "CSP-1", "--case", "CSP-2", "--why", "asked", "--yes",
        language="zh_CN.UTF-8",
    )  # fmt: skip
    assert "不会删除" not in both.out
    assert "is nobody on record" in desk.type("person", "export", "Zhao Lei", "--output", "p.json").err


def test_open_cases_that_would_lose_their_problem_are_named_before(desk: Terminal) -> None:
    shown = desk.type("person", "erase", "王伟", "--why", "left").out

    assert "⚠️ 2 of these cases are still open: CSP-1, CSP-2." in shown
    assert "nobody can work on them" in shown
    notes = desk.type("person", "erase", "U0LINA", "--why", "left").out
    assert "still open" not in notes  # she wrote notes only


def test_a_profile_that_slack_described_again_is_nothing_to_erase(desk: Terminal, store: Store) -> None:
    desk.type("person", "erase", "U0EMMA", "--why", "left", "--yes")
    EscalationCommands(store).remember((Person(id="U0EMMA", team_id=TEAM, name="Emma"), NOW))

    assert desk.type("person", "erase", "U0EMMA", "--why", "left", "--yes").out.startswith("There is nothing to erase.")


def test_an_article_that_was_written_from_an_erased_case_is_named(desk: Terminal, store: Store) -> None:
    kept = ArticleText("Mail flow", "m365", "", "Renew the connector", "")
    Articles(store).write(kept, EMMA, NOW, "key", case=1)

    assert [row["steps"] for row in exported(desk, "Emma")["rows"]["article_version"]] == ["Renew the connector"]
    assert "Kept: KB-1, written from these cases." in desk.type("person", "erase", "U0WANG", "--why", "left").out


def test_a_plan_and_the_evidence_lose_the_person_and_say_what_stays(desk: Terminal, store: Store) -> None:
    opening = {"requested_on": NOW.date(), "requested_by": "刘工", "ours": "王伟", "plan": "Train"}
    step_ = RemediationStep(RemediationMove.OPEN, replace(LI, is_lead=True), NOW, NOW.date(), values=opening)
    RemediationRecords(store).carry_out(step_, "open")
    informing.record_sent(store, [SentStatement("C1-1", 0, NOW, "email", "王伟", "mail-7.msg")])

    erased = desk.type("person", "erase", "王伟", "--why", "left", "--yes")
    other = desk.type("person", "erase", "刘工", "--case", "R-1", "--why", "asked", "--yes", language="zh_CN.UTF-8")

    assert "To erase: 1 texts and attendees in remediation plans R-1." in erased.out
    assert "To erase: who informed a customer or the evidence, in 1 record." in erased.out
    assert "the rota file is yours" in erased.out
    assert "修正计划 R-1 中的 2 段文本" in other.out
    shown = " ".join(desk.type("remediation", "show", "R-1", language="zh_CN.UTF-8").out.split())
    assert "（已删除）" in shown
    assert not {"erased", "王伟", "刘工", "Train"} & set(shown.split())
    assert desk.type("escalations", "verify").code == 0
    assert "There is no remediation plan “R-9”" in desk.type("person", "erase", "--case", "R-9", "--why", "x").err


def test_a_person_who_is_a_customer_is_found_and_it_is_told_how_to_rename_it(desk: Terminal, store: Store) -> None:
    import_customers(store, [CsvLine(2, CustomerDraft("张三"))], NOW)

    result = desk.type("person", "export", "张三", "--output", "person.json")

    assert result.code == 0
    assert "This is also the name of a customer: C1-1." in result.err
    assert "import a list with the same tenant ID or domain" in result.err
    assert [row["id"] for row in exported(desk, "张三")["rows"]["customer"]] == ["C1-1"]


def test_an_erased_person_has_one_label_in_the_readers_language(desk: Terminal) -> None:
    desk.type("person", "erase", "王伟", "--why", "left", "--yes")

    english, chinese = (
        desk.type("escalations", "show", "CSP-1", language=language).out for language in ("en", "zh_CN")
    )

    mark = label_erased("U0WANG")[-4:]
    assert all(part in english for part in ("erased person", mark))
    assert all(part in chinese for part in ("已删除人员", mark))
    assert "已删除" not in english
    assert "erased" not in chinese


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("nobody", "--why", "x"), "is nobody on record"),
        (("王伟", "--why", " "), "Say whom or which case, and why."),
        (("--why", "x"), "Say whom or which case, and why."),
        (("--case", "CSP-99", "--why", "x"), "There is no CSP-99."),
        (("--case", "mail", "--why", "x"), "is not the name of an escalation"),
    ],
)
def test_a_person_or_case_that_is_not_there_is_told(desk: Terminal, words: tuple[str, ...], says: str) -> None:
    refused = desk.type("person", "erase", *words)

    assert refused.code == 2
    assert says in refused.err


def test_one_name_of_two_people_is_not_guessed(desk: Terminal, store: Store) -> None:
    EscalationCommands(store).remember((Person(id="U0OTHER", team_id=TEAM, name="王伟"), NOW))

    refused = desk.type("person", "erase", "王伟", "--why", "left", "--yes")

    assert refused.code == 2
    assert "U0OTHER, U0WANG" in refused.err


def test_a_text_that_somebody_changed_in_the_database_is_found(desk: Terminal, store: Store) -> None:
    guard = "TRIGGER typed_text_only_erased" + (" ON typed_text" if not store.is_sqlite else "")
    with store.engine.begin() as connection:
        connection.execute(text(f"DROP {guard}"))
        connection.execute(text("UPDATE typed_text SET body = '{\"text\":\"never\"}' WHERE body LIKE '%hotline%'"))

    verified = desk.type("escalations", "verify")

    assert verified.code == 1
    assert "1 texts changed, 0 missing" in verified.err
