"""``rota example | import | export | check``: files, exit codes and what is said, in the operator's language."""

import csv
import io
import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from handlers.i18n.rota_labels import FAULT, REASON
from models.escalations.commands import EscalationCommands
from models.oncall import rota_versions
from models.rules.people import Person
from models.rules.rota.gaps import GapReason
from models.rules.toml.tables import FaultKind
from models.store.database import Store
from tests.bot.commands.conftest import CommandResult, Terminal

WEEKDAYS = """
zone = "Asia/Shanghai"

[[seat]]
name = "primary"

[[member]]
name = "=李娜"
slack = "U0LINA"
role = "admin_agent"

[[layer]]
name = "weekdays"
seat = "primary"
members = ["=李娜"]
starts = 2026-01-05
turn_hours = 24
days = ["mon", "tue", "wed", "thu", "fri"]
"""
WEEKEND = {
    "start": "2026-11-27T16:00:00Z", "end": "2026-11-29T16:00:00Z", "seat": "primary", "reason": "nobody",
    "who": [], "what": [], "kind": "uncovered",
}  # fmt: skip


@pytest.fixture
def url(sqlite_url: str) -> str:
    """One kind of database is enough here: tests/models/oncall/test_rota_store.py keeps versions on both."""
    return sqlite_url


def imported(terminal: Terminal, written: str = WEEKDAYS, *options: str) -> CommandResult:
    """Import a file of this content."""
    Path("rota.toml").write_text(written, encoding="utf-8")
    return terminal.type("rota", "import", "rota.toml", *options)


def check(terminal: Terminal, *options: str, language: str = "en_GB.UTF-8") -> CommandResult:
    """Check the week that begins on Monday, 23 November 2026."""
    return terminal.type("rota", "check", "--from", "2026-11-23", "--days", "7", *options, language=language)


def test_the_example_is_a_rota_without_gaps(terminal: Terminal) -> None:
    example = terminal.type("rota", "example")

    said = imported(terminal, example.out)

    assert (example.code, said.code, said.err) == (0, 0, "")
    assert said.out == "This is the rota now: 8 members, 4 layers.\nIn the next 28 days: no gaps.\n"
    checks = [
        terminal.type("rota", "check", "--from", "2026-11-22", "--format", form) for form in ("json", "json", "csv")
    ]
    assert [(check.code, check.out) for check in checks[:2]] == [(0, "[]\n")] * 2
    assert checks[2].out == '\ufeff"start","end","seat","reason","who","what","kind"\r\n'


def test_the_example_is_in_the_language_of_the_terminal(terminal: Terminal) -> None:
    example = terminal.type("rota", "example", language="zh_CN.UTF-8")

    said = imported(terminal, example.out)

    assert example.out.startswith("# 一家中国经销商的值班表")
    assert (example.code, said.code, said.err) == (0, 0, "")
    assert said.out == "This is the rota now: 8 members, 4 layers.\nIn the next 28 days: no gaps.\n"


@pytest.mark.parametrize("content", ["", "# nothing yet\n", 'zone = "Asia/Shanghai"\n'])
def test_a_rota_of_nobody_is_said_aloud_with_the_way_back(terminal: Terminal, content: str) -> None:
    said = imported(terminal, content)

    assert said.code == 0
    assert "Nobody is on call in it, so every hour is a gap. Earlier files: csp-escalate rota versions" in said.out


def test_what_was_imported_is_exported_to_the_letter(terminal: Terminal) -> None:
    imported(terminal)

    again = imported(terminal)

    assert again.out == "This is the rota already: 1 member, 1 layer.\n"
    assert terminal.type("rota", "export").out == WEEKDAYS


FOURTEEN = "".join(f'[[member]]\nname = "p{n:02}"\nslack = "U0P{n:02}X"\n' for n in range(14))
WEEKDAY_EACH = f"""
zone = "Asia/Shanghai"
{FOURTEEN}
[[layer]]
name = "weekdays"
seat = "primary"
members = {[f"p{n:02}" for n in range(14)]}
starts = 2026-01-05
turn_hours = 24
days = ["mon", "tue", "wed", "thu", "fri"]
"""


def test_members_who_never_get_a_turn_are_named_at_import_and_check(terminal: Terminal) -> None:
    never = "Layer “weekdays”: the turns of p05, p06, p12, p13 never fall into the days and hours it covers"

    said = imported(terminal, WEEKDAY_EACH)
    checked = check(terminal)
    mended = imported(terminal, WEEKDAY_EACH + 'turns = "covered days"\n', "--yes")

    assert (said.code, never in said.out) == (0, True)
    assert never in checked.err
    assert (mended.code, "Layer" in mended.out) == (0, False)


def test_turns_that_run_on_and_layers_of_nobody_are_told_at_import_and_check(terminal: Terminal) -> None:
    two = WEEKDAYS.replace('members = ["=李娜"]', 'members = ["=李娜", "b"]') + '[[member]]\nname = "b"\n'
    nobody = WEEKDAYS.replace('members = ["=李娜"]', "members = []")

    assert "turns also pass on the days it does not cover" in imported(terminal, two).out
    assert "turns also pass on the days it does not cover" in check(terminal).err
    assert "Layer “weekdays” has no members, so nobody is on call by it." in imported(terminal, nobody, "--yes").out
    assert "轮值组“weekdays”没有成员，无人值班。" in check(terminal, language="zh_CN.UTF-8").err


def test_every_version_is_listed_and_printed_to_the_letter(terminal: Terminal) -> None:
    nothing = terminal.type("rota", "versions")
    imported(terminal)
    imported(terminal, WEEKDAYS + "# later\n")
    listed = terminal.type("rota", "versions")

    assert (nothing.code, nothing.out) == (2, "")
    assert re.findall(r"^ *(\d+) +20.* at the terminal", listed.out, re.MULTILINE) == ["2", "1"]
    assert terminal.type("rota", "versions", "1").out == WEEKDAYS
    assert terminal.type("rota", "versions", "2").out == WEEKDAYS + "# later\n"
    assert terminal.type("rota", "versions", "3").code == 2


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("zh_CN.UTF-8", "第 2 行：这不是 TOML：文字缺少结尾的引号。请对照 csp-escalate rota example"),
        ("en_GB.UTF-8", "line 2: this is not TOML: a text has no closing quotation mark. Compare it with"),
    ],
)  # fmt: skip
def test_what_is_no_toml_is_told_in_the_operators_words_and_then_in_the_parsers(
    terminal: Terminal, language: str, said: str
) -> None:
    Path("rota.toml").write_text('# ours\nzone = "Asia/Shanghai\n', encoding="utf-8")
    told = terminal.type("rota", "import", "rota.toml", language=language)

    assert told.code == 2
    assert said in told.err
    assert "Illegal character" in told.err


def test_a_gap_is_told_and_the_exit_code_is_1(terminal: Terminal) -> None:
    imported(terminal)

    said = check(terminal)

    assert said.code == 1
    assert "From 2026-11-23 00:00 to 2026-11-30 00:00 (Asia/Shanghai)" in said.out
    assert "primary: 1 gap, 48 h uncovered" in said.out
    assert "2026-11-28 00:00" in said.out
    assert "uncovered · nobody is" in said.out


def test_a_chinese_operator_reads_chinese(terminal: Terminal) -> None:
    imported(terminal)

    said = check(terminal, language="zh_CN.UTF-8")

    assert "主值班：1 个缺口，未覆盖 48 小时" in said.out
    assert "未安排人员" in said.out


def test_programs_get_json_and_spreadsheets_csv(terminal: Terminal, store: Store) -> None:
    imported(terminal)
    EscalationCommands(store).remember(
        (Person(id="U0LINA", team_id="T0", name="x", is_deleted=True), datetime(2026, 11, 22, tzinfo=UTC))
    )

    as_json, as_csv = check(terminal, "--format", "json"), check(terminal, "--format", "csv")

    assert (as_json.code, as_csv.code) == (1, 1)
    left, weekend = json.loads(as_json.out)
    assert weekend == WEEKEND
    assert (left["reason"], left["who"]) == ("left_workspace", ["=李娜"])
    rows = list(csv.DictReader(io.StringIO(as_csv.out.removeprefix("\ufeff"))))
    assert rows[0]["who"] == "'=李娜"
    assert [row["reason"] for row in rows] == ["left_workspace", "nobody"]


def test_a_minute_with_two_reasons_is_counted_once(terminal: Terminal) -> None:
    imported(terminal, WEEKDAYS.replace('role = "admin_agent"', "").replace("zone", "longest_hours = 119\nzone", 1))

    said = check(terminal)

    assert "primary: 3 gaps, 48 h uncovered, 120 h below the requirement" in said.out


def test_one_seat_can_be_looked_at_alone(terminal: Terminal) -> None:
    imported(terminal, WEEKDAYS + '[[seat]]\nname = "backup"\n')

    assert {gap["seat"] for gap in json.loads(check(terminal, "--format", "json").out)} == {"primary", "backup"}
    assert json.loads(check(terminal, "--format", "json", "--seat", "primary").out) == [WEEKEND]


def test_without_a_date_the_check_begins_now(terminal: Terminal) -> None:
    imported(terminal, "")

    gaps = json.loads(terminal.type("rota", "check", "--days", "1", "--format", "json", "--seat", "primary").out)

    start, end = (datetime.fromisoformat(gaps[0][key]) for key in ("start", "end"))
    assert len(gaps) == 1
    assert abs((start - datetime.now(UTC)).total_seconds()) < 600
    assert (end - start).days == 1


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--seat", "primery"], "Did you mean “primary”?"),
        (["--from", "tomorrow"], "“tomorrow” is not a date"),
        (["--from", "1492-08-03"], "is not a date"),
        (["--days", "0"], "--days"),
        (["--format", "xml"], "xml"),
    ],
)
def test_wrong_options_are_told(terminal: Terminal, options: list[str], says: str) -> None:
    imported(terminal)

    said = terminal.type("rota", "check", *options)

    assert (said.code, said.out) == (2, "")
    assert says in said.err


@pytest.mark.parametrize("command", ["check", "export"])
def test_without_a_rota_the_way_to_one_is_told(terminal: Terminal, command: str) -> None:
    said = terminal.type("rota", command)

    assert said.code == 2
    assert "csp-escalate rota example" in said.err


def test_a_file_with_faults_is_refused_whole_with_lines_and_hints(terminal: Terminal, store: Store) -> None:
    imported(terminal)

    said = imported(terminal, WEEKDAYS.replace("Shanghai", "Shangai").replace('members = ["', 'members = ["x'))

    assert (said.code, said.out) == (2, "")
    assert "rota.toml, line 2: there is no time zone “Asia/Shangai”" in said.err
    assert "Did you mean “Asia/Shanghai”?" in said.err
    assert "rota.toml, line 15: there is no member “x=李娜”" in said.err
    assert said.err.endswith("Nothing was changed.\n")
    assert rota_versions.text_at(store, datetime.now(UTC)) == WEEKDAYS


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"{}", None])
def test_what_is_no_rota_file_is_refused(terminal: Terminal, content: bytes | None) -> None:
    if content is not None:
        Path("other.toml").write_bytes(content)

    said = terminal.type("rota", "import", "other.toml")

    assert (said.code, said.out) == (2, "")
    assert "other.toml" in said.err


def test_every_reason_and_every_fault_has_its_words() -> None:
    assert set(REASON) == set(GapReason)
    assert set(FAULT) == set(FaultKind)
