"""Another system acts at the terminal: it reads what was done as JSON, and repeats a step without doing it twice."""

import json
from pathlib import Path
from typing import Any

import pytest

from models.escalations.queries import EscalationQueries
from models.store.database import Store
from tests.bot.commands.conftest import CASE, Terminal

AS_BOB = ("--as", "bob", "--format", "json")


@pytest.fixture
def url(sqlite_url: str) -> str:
    """One kind of database is enough here."""
    return sqlite_url


@pytest.fixture
def desk(desk: Terminal, tmp_path: Path) -> Terminal:
    """The desk, with a customer on the list and a case that was raised."""
    (tmp_path / "customers.csv").write_text("Company name,Domain\n云杉物流有限公司,wuliu.cn\n", encoding="utf-8")
    assert desk.type("customers", "import", "customers.csv").code == 0
    assert desk.type("escalations", "raise", "--from", "case.json", "--as", "bob").code == 0
    return desk


def show(desk: Terminal) -> dict[str, Any]:
    """Return the case as ``escalations show`` prints it, without how long its clocks ran."""
    return without_time(json.loads(desk.type("escalations", "show", "CSP-1", "--format", "json").out))


def without_time(case: dict[str, Any]) -> dict[str, Any]:
    return {**case, "clocks": [{**clock, "elapsed_seconds": 0} for clock in case["clocks"]]}


def test_a_raised_case_comes_back_as_show_prints_it_with_warnings_and_whether_it_was_there_before(
    desk: Terminal, tmp_path: Path
) -> None:
    (tmp_path / "case.json").write_text(json.dumps({**CASE, "id": "desk-2", "title": "Again"}), encoding="utf-8")

    first = json.loads(desk.type("escalations", "raise", "--from", "case.json", *AS_BOB).out)
    again = json.loads(desk.type("escalations", "raise", "--from", "case.json", *AS_BOB).out)

    assert (first["move"], first["repeated"], first["case"]["escalation"]) == ("raise", False, "CSP-2")
    assert first["warnings"] == ["The customer on the list is meant: 云杉物流有限公司"]
    assert first["says"][0] == "CSP-2: Open · A · 云杉物流有限公司 · Again"
    assert (again["repeated"], again["case"]["escalation"], len(again["case"]["history"])) == (True, "CSP-2", 1)
    assert again["says"] == ["Already raised as CSP-2, nothing new was raised. It is now: Open"]


def test_a_move_comes_back_with_the_case_as_show_prints_it(desk: Terminal) -> None:
    done = desk.type("escalations", "do", "CSP-1", "acknowledge", *AS_BOB)

    act = json.loads(done.out)
    assert (done.code, act["move"], act["repeated"], act["warnings"]) == (0, "acknowledge", False, [])
    assert act["says"][1].startswith("✓ bob: acknowledged")
    assert without_time(act["case"]) == show(desk)
    assert act["case"]["history"][-1]["move"] == "acknowledge"


def test_a_step_with_the_same_id_is_done_once_and_the_second_answer_says_so(desk: Terminal, store: Store) -> None:
    note = ("escalations", "do", "CSP-1", "note", "Called the customer", "--id", "note-7")

    first, again = (json.loads(desk.type(*note, *AS_BOB).out) for _ in range(2))
    said = desk.type(*note, "--as", "bob").out
    other = json.loads(desk.type(*note[:-1], "note-8", *AS_BOB).out)

    assert [each["repeated"] for each in (first, again, other)] == [False, True, False]
    assert again["says"] == ["Already done under this id, nothing was done again. CSP-1 is now: Open"]
    assert said == f"{again['says'][0]}\n"
    assert [entry.text for entry in EscalationQueries(store).history(1)[1:]] == ["Called the customer"] * 2


def test_a_refused_step_can_be_repeated_with_its_id_once_its_reason_is_gone(desk: Terminal) -> None:
    close = ("escalations", "do", "CSP-1", "reopen", "Again", "--id", "reopen-1", *AS_BOB)

    refused = desk.type(*close)
    desk.type("escalations", "do", "CSP-1", "resolve", "Restarted", "--as", "bob")
    done = desk.type(*close)

    assert (refused.code, done.code, json.loads(done.out)["repeated"]) == (2, 0, False)


def test_an_id_of_another_case_does_nothing_and_is_an_error(desk: Terminal, tmp_path: Path, store: Store) -> None:
    (tmp_path / "case.json").write_text(json.dumps({**CASE, "id": "desk-2"}), encoding="utf-8")
    desk.type("escalations", "raise", "--from", "case.json", "--as", "bob")
    desk.type("escalations", "do", "CSP-1", "note", "One", "--id", "n", "--as", "bob")

    wrong = desk.type("escalations", "do", "CSP-2", "note", "Two", "--id", "n", *AS_BOB)

    (error,) = json.loads(wrong.out)["errors"]
    assert (wrong.code, error["reason"]) == (2, "input")
    assert error["says"].startswith("The id “n” was used for CSP-1 before. Nothing was done")
    assert len(EscalationQueries(store).history(2)) == 1


@pytest.mark.parametrize(
    ("typed", "reason", "says"),
    [
        (("do", "CSP-1", "close"), "resolve_first", "Resolve it first"),
        (("do", "CSP-9", "note", "x"), "no_such_escalation", "There is no CSP-9."),
        (("do", "x", "note", "x"), "input", "is not the name of an escalation"),
        (("do", "CSP-1", "fly"), "input", "is not one of"),
        (("raise", "--from", "wrong.json"), "input", "There is no field “titel”. Did you mean title?"),
    ],
)
def test_what_is_refused_is_an_error_for_programs_beside_the_sentence(
    desk: Terminal, tmp_path: Path, typed: tuple[str, ...], reason: str, says: str
) -> None:
    (tmp_path / "wrong.json").write_text(json.dumps({"titel": "Mail is down", "severity": "A"}), encoding="utf-8")

    refused = desk.type("escalations", *typed, *AS_BOB)

    errors = json.loads(refused.out)["errors"]
    assert refused.code == 2
    assert errors[0]["reason"] == reason
    assert says in errors[0]["says"]
    assert errors[0]["says"].split("\n")[0] in " ".join(refused.err.split())


def test_a_hint_belongs_to_its_error(desk: Terminal) -> None:
    refused = desk.type("escalations", "do", "CSP-1", "note", "x", "--as", "bbo", "--format", "json")

    (error,) = json.loads(refused.out)["errors"]
    assert error["says"].startswith("There is no member “bbo” in the rota. Its members: ")
    assert error["says"].endswith(" Did you mean “bob”?")


def test_wrong_settings_are_an_error_for_programs(desk: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CSP_ESCALATION_CHANNEL")

    refused = desk.type("escalations", "do", "CSP-1", "acknowledge", *AS_BOB)

    errors = json.loads(refused.out)["errors"]
    assert {error["reason"] for error in errors} == {"settings"}
    assert any("CSP_ESCALATION_CHANNEL" in error["says"] for error in errors)
