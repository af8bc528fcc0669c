"""``policy``: a file is taken whole or not at all, every version is kept, and the rules are shown with their pages."""

import json
import re
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from models.escalations import policy_versions
from models.escalations.commands import EscalationCommands
from models.rules.escalations.escalation import Move
from models.rules.policy import reader
from models.store.database import Store
from tests.bot.commands.conftest import CommandResult, Terminal
from tests.models.samples import CHANNEL, NOW, WANG, customer_request, step

PACKAGED = reader.packaged_text()
OWN = PACKAGED.replace("400-089-0365", "400-000-0001")
BROKEN = PACKAGED.replace('closes = "18:00"', 'closes = "08:00"').replace('desk = "always"', 'desk = "allways"', 1)


def write(content: str) -> str:
    """Write a policy file and return its name."""
    Path("policy.toml").write_text(content, encoding="utf-8")
    return "policy.toml"


def bring(terminal: Terminal, content: str) -> CommandResult:
    """Import a file of this content."""
    return terminal.type("policy", "import", write(content))


def test_an_imported_file_is_the_newest_version_to_the_letter(terminal: Terminal, store: Store) -> None:
    said = bring(terminal, OWN)

    assert said.code == 0
    assert said.out.startswith("These are the rules now: 5 services, 4 desks, 2 hotlines.\n")
    assert [(version.number, version.by, version.text) for version in policy_versions.versions(store)] == [
        (1, "cli", OWN)
    ]


def test_an_import_that_changes_nothing_says_so_and_makes_no_version(terminal: Terminal, store: Store) -> None:
    packaged, first, again = bring(terminal, PACKAGED), bring(terminal, OWN), bring(terminal, OWN)

    assert [said.out.split(":")[0] for said in (packaged, first, again)] == [
        "These are the rules already", "These are the rules now", "These are the rules already",
    ]  # fmt: skip
    assert len(policy_versions.versions(store)) == 1


def test_the_packaged_rules_can_be_imported_again_after_others(terminal: Terminal, store: Store) -> None:
    bring(terminal, OWN)
    bring(terminal, PACKAGED)

    assert [version.text for version in policy_versions.versions(store)] == [PACKAGED, OWN]


@pytest.mark.parametrize("command", ["import", "check"])
def test_a_file_with_faults_is_refused_whole_with_line_reason_and_hint(
    terminal: Terminal, store: Store, command: str
) -> None:
    bring(terminal, OWN)

    said = terminal.type("policy", command, write(BROKEN))

    line = BROKEN.splitlines().index('closes = "08:00"') + 1
    assert said.code == 2
    assert f"policy.toml, line {line}: a desk closes after it opens" in said.err
    assert "Did you mean “always”?" in said.err
    assert said.err.endswith("Nothing was changed.\n") == (command == "import")
    assert [version.text for version in policy_versions.versions(store)] == [OWN]


def test_the_hint_for_what_is_no_toml_names_the_packaged_policy(terminal: Terminal) -> None:
    said = terminal.type("policy", "check", write("read_on = \n"))
    assert said.code == 2
    assert "Compare it with: csp-escalate policy versions 0" in said.err
    assert "rota" not in said.err


@pytest.mark.parametrize("command", ["import", "check"])
def test_a_page_can_not_have_been_read_on_a_day_ahead(terminal: Terminal, store: Store, command: str) -> None:
    ahead = re.sub(r"read_on = .*", "read_on = 2100-01-01", OWN, count=1)

    said = terminal.type("policy", command, write(ahead))

    assert said.code == 2
    assert "that day is ahead. Write the day on which the page was read." in said.err
    assert "2100-01-01" in said.err
    assert policy_versions.versions(store) == []


def test_a_sound_file_is_checked_without_being_saved(terminal: Terminal, store: Store) -> None:
    said = terminal.type("policy", "check", write(OWN))

    assert (said.code, said.out.splitlines()[0]) == (0, "No faults: 5 services, 4 desks, 2 hotlines.")
    assert policy_versions.versions(store) == []


def test_each_escalation_keeps_the_version_under_which_it_was_raised(terminal: Terminal, store: Store) -> None:
    commands = EscalationCommands(store)
    for number, content in enumerate((PACKAGED, OWN, OWN + "# our own\n"), 1):
        bring(terminal, content)
        commands.raise_escalation(customer_request(), CHANNEL, WANG, NOW, f"k{number}")

    shown = [
        json.loads(terminal.type("escalations", "show", f"CSP-{number}", "--format", "json").out)
        for number in (1, 2, 3)
    ]

    assert [facts["policy_version"] for facts in shown] == [0, 1, 2]


def test_the_clock_of_an_escalation_counts_by_the_version_under_which_it_was_raised(
    terminal: Terminal, store: Store
) -> None:
    commands = EscalationCommands(store)
    slower = PACKAGED.replace('severity = "B"\nworkdays = 1', 'severity = "B"\nworkdays = 2', 1)
    due = []
    for number in (1, 2):
        commands.raise_escalation(customer_request(service="m365"), CHANNEL, WANG, NOW, f"k{number}")
        commands.move(number, step(Move.RECORD, text="6251234567"), f"r{number}")
        bring(terminal, slower)

    for number in (1, 2):
        shown = json.loads(terminal.type("escalations", "show", f"CSP-{number}", "--format", "json").out)
        due.append(next(clock["due_at"] for clock in shown["clocks"] if clock["name"] == "vendor"))

    first, second = map(datetime.fromisoformat, due)
    assert second - first == timedelta(days=1)


def test_versions_are_listed_newest_first_and_printed_to_the_letter(terminal: Terminal) -> None:
    bring(terminal, OWN)
    bring(terminal, OWN + "# our own\n")

    listed = terminal.type("policy", "versions").out
    first, packaged = (terminal.type("policy", "versions", number).out for number in ("1", "0"))
    unknown = terminal.type("policy", "versions", "7")

    assert [line.split()[0] for line in listed.splitlines() if line.strip()[:1].isdigit()] == ["2", "1", "0"]
    assert (first, packaged) == (OWN, PACKAGED)
    assert (unknown.code, unknown.err.split(".")[0]) == (2, "There is no version 7")


def test_rules_are_shown_with_the_day_they_were_read(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "160")
    bring(terminal, OWN)

    shown = terminal.type("policy", "show").out
    chinese = terminal.type("policy", "show", language="zh_CN.UTF-8").out

    assert "21Vianet's rules, version 1, since 20" in shown
    for row in (
        ("400-000-0001", "all", "2026-11-22"),
        ("Azure · Development", "B", "4 hours", "workdays 09:00-24:00", "2026-11-22"),
        ("https://portal.azure.cn", "2026-11-22"),
        ("Customer request", "Dashboard › Support requests", "2026-11-22"),
        ("Billing requests", "workdays 09:00-18:00", "2026-11-28"),
    ):
        assert any(all(cell in line for cell in row) for line in shown.splitlines()), row
    assert "https://www.21vbluecloud.com/dynamics365/ce_support" in shown
    assert "热线" in chinese


@pytest.mark.parametrize("language", ["en_GB.UTF-8", "zh_CN.UTF-8"])
def test_no_key_of_the_file_stands_where_words_should(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    monkeypatch.setenv("COLUMNS", "160")
    policy = reader.load_packaged()
    named = {*policy.paths, *policy.review.points, *policy.review.own_work}
    keys = {*policy.desks, *policy.services, *(key for key in named if "_" in key)} - {"daily"}  # an English word

    shown = terminal.type("policy", "show", language=language).out

    words = set(re.findall(r"[\w-]+", re.sub(r"https://\S+", "", shown))) - {"daily"}  # the desk is open daily
    assert words & keys == set()


def test_a_desk_names_what_it_responds_to(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "160")

    shown, chinese = (terminal.type("policy", "show", language=name).out for name in ("en_GB.UTF-8", "zh_CN.UTF-8"))

    assert "desk workdays 09:00-24:00  Azure · Development: B, C" in shown
    assert "工作日 09:00-24:00 受理  Azure · 开发：B、C" in chinese
    assert not re.search(r"[0-9] (?:小时|天|个)", shown)
    assert not re.search(r"[0-9] (?:hours?|days?|workdays?|min)\b", chinese)


def test_programs_get_each_fact_with_source_and_day(terminal: Terminal) -> None:
    packaged = json.loads(terminal.type("policy", "show", "--format", "json").out)
    bring(terminal, OWN)
    own = json.loads(terminal.type("policy", "show", "--format", "json").out)

    assert (packaged["version"], own["version"], own["by"]) == (0, 1, "cli")
    assert own["hotlines"][0] == {
        "number": "400-000-0001", "services": [], "source": "https://www.21vbluecloud.com/dynamics365/ce_support",
        "read_on": "2026-11-22",
    }  # fmt: skip
    facts = [*own["desks"], *own["hotlines"], *own["paths"], own["billing"]]
    facts += [target for service in own["services"] for target in service["first_responses"]]
    assert all(fact["source"].startswith("https://") and fact["read_on"] for fact in facts)
