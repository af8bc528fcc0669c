"""``escalations list | show | export``: read well at 80 columns, and never leave half a file."""

import csv
import io
import json
import stat
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from rich.cells import cell_len

from bot.commands import escalation_export
from handlers.i18n.reach_labels import WAS_TOLD
from handlers.i18n.words import Words
from models.escalations.commands import EscalationCommands
from models.rules.escalations.escalation import InformedBy, Move
from models.rules.people import Person
from models.rules.reach.channels import Channel
from models.store.database import Store
from models.store.reach_tables import PAGE_TRY
from tests.bot.commands.conftest import Terminal
from tests.models.samples import NOW, WANG, raised, step

LATER = NOW + timedelta(minutes=5)


@pytest.fixture
def commands(store: Store) -> EscalationCommands:
    """A database with one escalation that was acknowledged, and one that was withdrawn."""
    commands = EscalationCommands(store)
    commands.remember((Person(id="U0WANG", team_id=WANG.team_id, name="王伟 Wang Wei"), NOW))
    raised(commands, "view-1", title="无法收发邮件，所有发往公司域名的邮件都被退回，影响全部员工" * 2)
    commands.move(1, step(Move.ACKNOWLEDGE, WANG, LATER), "k1")
    commands.move(1, step(Move.NOTE, WANG, LATER, text="=1+1 [bold]not markup[/bold]\n第二行"), "k2")
    raised(commands, "view-2", title="Second", customer_name="Contoso")
    commands.move(2, step(Move.WITHDRAW, WANG, LATER), "k3")
    return commands


@pytest.mark.parametrize("language", ["en_GB", "zh_CN"])
@pytest.mark.parametrize("channel", Channel)
def test_the_history_says_who_was_told_by_which_way_and_that_the_program_told_them(
    terminal: Terminal, commands: EscalationCommands, store: Store, monkeypatch: pytest.MonkeyPatch,
    channel: Channel, language: str,
) -> None:  # fmt: skip
    monkeypatch.setenv("COLUMNS", "200")
    tried = {
        "delivery": "d", "person": "U0WANG", "subject": "escalation:1", "address": "a", "sender": "s",
        "channel": channel, "tried_at": LATER, "again": False, "outcome": "accepted", "code": "0",
    }  # fmt: skip
    store.write(lambda connection: connection.execute(PAGE_TRY.insert(), [tried]))

    said = terminal.type("escalations", "show", "CSP-1", language=f"{language}.UTF-8").out

    words = Words.of("zh_CN" if language == "zh_CN" else "en")
    (line,) = (line for line in said.splitlines() if words(WAS_TOLD[channel], name="王伟 Wang Wei") in line)
    assert line.split()[2] == "csp-escalate"


def test_the_history_says_how_the_customer_was_informed_and_when_the_next_update_is(
    terminal: Terminal, commands: EscalationCommands
) -> None:
    how = step(Move.TELL, WANG, LATER, through=InformedBy.PHONE, until=LATER + timedelta(hours=1))
    commands.move(1, how, "k4")

    said = terminal.type("escalations", "show", "CSP-1", language="zh_CN.UTF-8")

    assert "电话 · 下次更新 2026-11-22 16:35" in " ".join(said.out.split())


def test_the_list_shows_what_is_open_and_reads_well_at_80_columns(
    terminal: Terminal, commands: EscalationCommands
) -> None:
    said = terminal.type("escalations", "list")
    everything = terminal.type("escalations", "list", "--all", language="zh_CN.UTF-8")

    assert "CSP-1" in said.out
    assert "CSP-2" not in said.out
    assert "Acknowledged" in said.out
    assert "王伟 Wang Wei" in said.out
    assert "CSP-2" in everything.out
    assert "已撤回" in everything.out
    assert max(cell_len(line) for line in (said.out + everything.out).splitlines()) <= 80


def test_an_empty_record_is_told(terminal: Terminal) -> None:
    assert terminal.type("escalations", "list").out == "No escalations are open.\n"
    assert terminal.type("escalations", "list", "--all").out == "There are no escalations yet.\n"


@pytest.mark.parametrize("name", ["CSP-1", "csp-1", "1", "CSP-001"])
def test_one_escalation_is_shown_with_its_whole_history(
    terminal: Terminal, commands: EscalationCommands, name: str
) -> None:
    said = terminal.type("escalations", "show", name)

    assert said.code == 0
    assert "上海蓝天科技有限公司" in said.out
    assert "2026-11-22 15:35" in said.out  # Shanghai's time
    assert "acknowledged it (Open → Acknowledged)" in said.out
    assert "[bold]not markup[/bold]" in said.out
    _title, turn, *table = said.out.splitlines()
    assert turn.startswith("With us since Sun 22 Nov 15:30 · submit it and record the number · overdue since ")
    assert max(cell_len(line) for line in table) <= 80


def test_programs_read_the_turn_and_the_clocks(terminal: Terminal, commands: EscalationCommands) -> None:
    acknowledged = json.loads(terminal.type("escalations", "show", "CSP-1", "--format", "json").out)
    commands.move(1, step(Move.TURN, WANG, LATER), "k4")
    with_customer = json.loads(terminal.type("escalations", "show", "CSP-1", "--format", "json").out)

    facts = ("turn", "severity_asked", "severity_given", "promised_at")
    assert [acknowledged[name] for name in facts] == ["ours", "B", None, None]
    assert [clock["name"] for clock in acknowledged["clocks"]] == ["ours", "vendor", "customer"]
    ours, vendor, customer = acknowledged["clocks"]
    # A number is missing an hour after the acknowledgement; the customer has a day.
    assert (ours["running"], ours["since"], ours["due_at"]) == (True, "2026-11-22T07:30:00Z", "2026-11-22T08:35:00Z")
    assert [clock["due_at"] for clock in (vendor, customer)] == [None, None]
    ours, _, customer = with_customer["clocks"]
    assert (ours["running"], ours["elapsed_seconds"], ours["due_at"]) == (False, 300, None)
    assert (customer["since"], customer["due_at"]) == ("2026-11-22T07:35:00Z", "2026-11-23T07:35:00Z")


def test_no_chinese_label_is_cut(terminal: Terminal, commands: EscalationCommands) -> None:
    said = terminal.type("escalations", "show", "CSP-1", language="zh_CN.UTF-8")

    assert "…" not in said.out
    assert "无法自行解决，因为缺少" in said.out.replace("\n", "")


def test_a_snooze_and_a_withdrawal_are_shown_with_their_reasons(
    terminal: Terminal, commands: EscalationCommands
) -> None:
    commands.move(1, step(Move.SNOOZE, WANG, LATER, text="21Vianet answers on Monday"), "k4")
    snoozed, withdrawn = terminal.type("escalations", "show", "1"), terminal.type("escalations", "show", "2")

    assert "2026-11-22 18:35 · 21Vianet answers on Monday" in snoozed.out  # three hours later, Shanghai's time
    assert "snoozed it until 2026-11-22 18:35" in snoozed.out
    assert withdrawn.out.count("Solved before it was sent") == 2


@pytest.mark.parametrize("name", ["CSP-9", "CSP-", "nine", "0", "CSP-99999999999"])
def test_an_unknown_escalation_is_an_error(terminal: Terminal, commands: EscalationCommands, name: str) -> None:
    said = terminal.type("escalations", "show", name)

    assert (said.code, said.out) == (2, "")
    assert name in said.err


def test_csv_goes_to_the_terminal(terminal: Terminal, commands: EscalationCommands) -> None:
    said = terminal.type("escalations", "export")

    rows = list(csv.DictReader(io.StringIO(said.out.removeprefix("\ufeff"), newline="")))
    assert [(row["escalation"], row["seq"]) for row in rows] == [
        ("CSP-1", "1"), ("CSP-1", "2"), ("CSP-1", "3"), ("CSP-2", "1"), ("CSP-2", "2"),
    ]  # fmt: skip
    assert rows[2]["reason"] == "'=1+1 [bold]not markup[/bold]\n第二行"
    assert rows[1]["by_name"] == "王伟 Wang Wei"
    assert said.err == ""


def test_json_goes_to_a_file_that_only_its_owner_reads(
    terminal: Terminal, commands: EscalationCommands, tmp_path: Path
) -> None:
    said = terminal.type("escalations", "export", "--format", "json", "--output", "all.json")

    found = json.loads((tmp_path / "all.json").read_text(encoding="utf-8"))
    assert [(one["escalation"], len(one["history"])) for one in found] == [("CSP-1", 3), ("CSP-2", 2)]
    assert (said.out, "all.json: 2" in said.err) == ("", True)
    assert stat.S_IMODE((tmp_path / "all.json").stat().st_mode) == 0o600


def test_an_export_that_dies_leaves_the_old_file_as_it_was(
    terminal: Terminal, commands: EscalationCommands, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "all.csv").write_text("old", encoding="utf-8")

    def dies(*_: object) -> Iterator[str]:
        yield "half"
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(escalation_export, "csv_lines", dies)
    said = terminal.type("escalations", "export", "--output", "all.csv")

    assert said.code == 2
    assert "the disk is full" in said.err
    assert (tmp_path / "all.csv").read_text(encoding="utf-8") == "old"
    assert not list(tmp_path.glob(".all*"))


@pytest.mark.parametrize("output", ["/dev/null", ".", "nowhere/all.csv"])
def test_an_export_replaces_files_only(terminal: Terminal, commands: EscalationCommands, output: str) -> None:
    assert terminal.type("escalations", "export", "--output", output).code == 2
    assert Path("/dev/null").is_char_device()


def test_a_filter_selects_what_is_exported(terminal: Terminal, commands: EscalationCommands) -> None:
    said = terminal.type("escalations", "export", "--filter", "state:acknowledged owner:wang")
    chinese = terminal.type("escalations", "export", "--format", "json", "--filter", "状态：已撤回")

    rows = list(csv.DictReader(io.StringIO(said.out.removeprefix("\ufeff"), newline="")))
    assert [row["escalation"] for row in rows] == ["CSP-1", "CSP-1", "CSP-1"]
    assert [found["escalation"] for found in json.loads(chinese.out)] == ["CSP-2"]
    assert terminal.type("escalations", "export", "--format", "json", "--filter", "zebra").out == "[]\n"


@pytest.mark.parametrize(
    ("filters", "says"),
    [
        ("stat:open", "Did you mean “state:”? Filters are: state:, turn:"),
        ("owner:me", "What can: nobody, 王伟 Wang Wei"),
        ("severity:D", "What can: A, B, C."),
    ],
)  # fmt: skip
def test_a_wrong_filter_writes_nothing(
    terminal: Terminal, commands: EscalationCommands, filters: str, says: str, tmp_path: Path
) -> None:
    said = terminal.type("escalations", "export", "--filter", filters, "--output", "all.csv")

    assert (said.code, said.out, says in said.err.replace("\n", " ")) == (2, "", True)
    assert not (tmp_path / "all.csv").exists()


def test_a_workbook_goes_to_a_file_only(terminal: Terminal, commands: EscalationCommands, tmp_path: Path) -> None:
    refused = terminal.type("escalations", "export", "--format", "xlsx")
    said = terminal.type(
        "escalations", "export", "--format", "xlsx", "--filter", "state:active", "--output", "a.xlsx",
        language="zh_CN.UTF-8",
    )  # fmt: skip

    assert (refused.code, "--output FILE" in refused.err) == (2, True)
    assert (said.code, "a.xlsx" in said.err) == (0, True)
    assert (tmp_path / "a.xlsx").read_bytes().startswith(b"PK")
