"""Any terminal will do: each encoding, completion, and tables that programs can read."""

import ast
import inspect
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest
import typer

from bot.cli import command_line
from models.escalations.articles import Articles
from models.escalations.commands import EscalationCommands
from models.remediation.records import RemediationRecords
from models.rules.escalations.articles import ArticleText
from models.rules.people import Person
from models.rules.remediation.moves import RemediationStep
from models.rules.remediation.record import RemediationMove
from models.store.database import Store
from tests.bot.commands.conftest import Terminal
from tests.models.samples import LI, NOW, TEAM, WANG, raised

ROOT = Path(__file__).parents[3]


def typed(folder: Path, *words: str, **environ: str) -> subprocess.CompletedProcess[bytes]:
    """Run the program as another program would."""
    env = {**os.environ, "PYTHONPATH": str(ROOT), **environ}
    return subprocess.run([sys.executable, "-m", "bot", *words], cwd=folder, env=env, check=False, capture_output=True)


def commands_in(command: Any, *words: str) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Yield every command of the tree with the words that call it."""
    yield words, command
    for name, inner in getattr(command, "commands", {}).items():
        yield from commands_in(inner, *words, name)


TREE = dict(commands_in(typer.main.get_command(command_line.app)))


def calls_in(function: ast.AST) -> set[str]:
    """Return the names that a function or class uses."""
    return {node.id for node in ast.walk(function) if isinstance(node, ast.Name)} | {
        node.attr for node in ast.walk(function) if isinstance(node, ast.Attribute)
    }


def draws_a_table(module: str, function: str) -> bool:
    """Return whether a function of ``bot.commands`` builds a table, itself or by others of its file."""
    tree = ast.parse((ROOT / "bot" / "commands" / f"{module}.py").read_text())
    parts = {node.name: calls_in(node) for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    seen: set[str] = set()
    waiting = {function}
    while waiting:
        name = waiting.pop()
        seen.add(name)
        waiting |= (parts.get(name, set()) & parts.keys()) - seen
    return any("TextTable" in parts.get(name, set()) for name in seen)


def what_it_calls(command: Any) -> list[tuple[str, str]]:
    """Return the module of ``bot.commands`` and the function that a command calls."""
    source = inspect.getsource(inspect.unwrap(command.callback))
    return re.findall(r"on_demand\.(\w+)\.(\w+)\(", source)


def test_every_command_that_prints_a_table_can_print_json_for_programs() -> None:
    with_table, without = [], []
    for words, command in TREE.items():
        if hasattr(command, "commands") or not any(draws_a_table(*call) for call in what_it_calls(command)):
            continue
        with_table.append(words)
        if "json" not in formats_of(command):
            without.append(words)

    assert without == []
    assert len(with_table) >= 15
    assert {("outbox", "list"), ("reach", "show"), ("remediation", "list"), ("policy", "show")} <= {*with_table}


def formats_of(command: Any) -> set[str]:
    """Return the formats in which a command prints."""
    parameters = inspect.signature(inspect.unwrap(command.callback)).parameters.values()
    chosen = [parameter.default for parameter in parameters if isinstance(parameter.default, StrEnum)]
    return {str(choice) for default in chosen for choice in type(default)}


WALK = """
import json, sys
from bot.cli import command_line
for words in json.load(sys.stdin):
    sys.argv = ["csp-escalate", *words]
    try:
        command_line.main()
    except SystemExit:
        pass
    sys.stdout.flush()
"""
ENCODINGS: dict[str, dict[str, str]] = {
    "gbk": {"PYTHONIOENCODING": "gbk", "LC_ALL": "zh_CN.GBK"},
    "latin-1": {"PYTHONIOENCODING": "latin-1", "LC_ALL": "zh_CN.ISO-8859-1"},
    "C": {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"},
}
REAL = (
    "escalations list", "escalations show CSP-1", "escalations show CSP-9", "escalations verify", "outbox list",
    "outbox show 1", "outbox show 999", "events", "articles list", "remediation list", "informed list", "person list",
    "reach show", "reach check", "rota check", "rota example", "rota versions", "policy show", "policy versions",
    "coverage who", "db prune --dry-run", "db upgrade", "report customer x", "webhook secret", "webhook test",
    "doctor", "run", "no-such-command", "outbox list --state nonsense", "rota import nowhere.toml",
    "customers import nowhere.csv", "escalations raise --from nowhere.json --as ann", "manifest",
)  # fmt: skip


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_no_command_ends_in_a_traceback_in_any_encoding(tmp_path: Path, sqlite_url: str, encoding: str) -> None:
    store = Store(sqlite_url)
    raised(EscalationCommands(store), title="邮件中断 – é")
    store.dispose()
    typed_words = [[*words, "--help"] for words in TREE] + [line.split() for line in REAL]
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("CSP_", "SLACK_"))}
    told = subprocess.run(
        [sys.executable, "-c", WALK], cwd=tmp_path, check=False, capture_output=True,
        input=json.dumps(typed_words).encode(),
        env={
            **environ, **ENCODINGS[encoding],
            "CSP_LANGUAGE": "zh_CN", "DATABASE_URL": sqlite_url, "PYTHONPATH": str(ROOT),
        },
    )  # fmt: skip

    assert b"Traceback" not in told.stderr
    assert told.returncode == 0
    assert told.stdout.count(b"--help") >= len(TREE)


@pytest.mark.parametrize("encoding", ["gbk", "latin-1", "ascii"])
def test_help_and_answers_have_no_traceback_in_any_encoding(tmp_path: Path, sqlite_url: str, encoding: str) -> None:
    chinese = {"PYTHONIOENCODING": encoding, "LC_ALL": "zh_CN.UTF-8", "DATABASE_URL": sqlite_url}

    helped, told = typed(tmp_path, "--help", **chinese), typed(tmp_path, "outbox", "show", "7", **chinese)

    assert (helped.returncode, helped.stderr) == (0, b"")
    assert told.returncode == 2
    assert b"Traceback" not in told.stderr
    assert b"csp-escalate outbox list" in told.stderr


@pytest.mark.parametrize("words", [("rota", "example"), ("--help",), ("--version",)])
def test_a_full_disk_is_told_in_one_sentence(tmp_path: Path, words: tuple[str, ...]) -> None:
    with Path("/dev/full").open("wb") as full:
        env = {**os.environ, "PYTHONPATH": str(ROOT), "LC_ALL": "en_GB.UTF-8"}
        program = [sys.executable, "-m", "bot", *words]
        done = subprocess.run(program, cwd=tmp_path, env=env, check=False, stdout=full, stderr=subprocess.PIPE)

    assert (done.returncode, done.stderr.decode()) == (2, "The output can't be written: the disk is full.\n")


def test_a_shell_completes_commands_and_states(tmp_path: Path) -> None:
    def completed(line: str, word: int) -> set[str]:
        asked = {"_CSP_ESCALATE_COMPLETE": "complete_bash", "COMP_WORDS": line, "COMP_CWORD": str(word)}
        program = "import sys; sys.argv[0] = 'csp-escalate'; from bot.__main__ import main; main()"
        env = {**os.environ, "PYTHONPATH": str(ROOT), **asked}
        done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, env=env, check=False, capture_output=True)
        return {*done.stdout.decode().split()}

    assert completed("csp-escalate out", 1) == {"outbox"}
    assert {"set-aside", "sent"} <= completed("csp-escalate outbox list --state s", 4)


def test_lists_can_be_read_by_programs(terminal: Terminal, store: Store) -> None:
    raised(EscalationCommands(store), title="=1+1")

    (case,) = json.loads(terminal.type("escalations", "list", "--format", "json").out)
    (packaged,) = json.loads(terminal.type("policy", "versions", "--format", "json").out)
    waiting = json.loads(terminal.type("outbox", "list", "--format", "json").out)
    informed = json.loads(terminal.type("informed", "list", "--format", "json").out)

    assert (case["name"], case["title"], case["turn"], case["owner"]) == ("CSP-1", "=1+1", "ours", None)
    assert packaged == {"version": 0, "since": None, "by": None}
    assert {message["state"] for message in waiting} == {"waiting"}
    assert informed == []


def test_records_of_people_articles_plans_and_pages_can_be_read_by_programs(terminal: Terminal, store: Store) -> None:
    commands = EscalationCommands(store)
    commands.remember((Person(id="U0WEI", team_id=TEAM, name="王伟"), NOW))
    text = ArticleText("邮件退回", "exchange", "550 5.7.1", "Check the connector")
    Articles(store).write(text, WANG, NOW, "article")
    asked = {"requested_on": date(2026, 11, 20), "request": "More logs"}
    plan_opened = RemediationStep(RemediationMove.OPEN, LI, NOW, NOW.date(), values=asked)
    opened = RemediationRecords(store).carry_out(plan_opened, "plan")

    def listed(*words: str) -> Any:
        return json.loads(terminal.type(*words, "--format", "json").out)

    (article,), (plan,) = listed("articles", "list"), listed("remediation", "list")
    assert (article["article"], article["title"], article["uses"]) == ("KB-1", "邮件退回", 0)
    assert (plan["name"], plan["open"], plan["requested_on"], plan["actions"]) == ("R-1", True, "2026-11-20", [])
    assert listed("remediation", "show", opened.name) == plan
    assert listed("person", "list", "王") == [{"name": "王伟", "kind": "member", "id": "U0WEI"}]
    pruned = listed("db", "prune", "--dry-run")
    assert pruned == {"days": 90, "deleted": False, "messages": {}, "keys": 0, "tries": 0, "links": 0}


def test_a_folder_or_no_file_in_place_of_the_sqlite_file_is_named(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def said(place: Path) -> str:
        monkeypatch.setenv("DATABASE_URL", f"sqlite:///{place}")
        result = terminal.type("escalations", "list")
        assert result.code == 2
        return " ".join(result.err.split())

    assert "is a folder. Name a file in DATABASE_URL." in said(tmp_path)
    assert "There is no record at" in said(tmp_path / "nowhere" / "csp.db")


def test_a_refused_port_and_an_unknown_host_are_told_apart(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    def said(address: str) -> str:
        monkeypatch.setenv("DATABASE_URL", f"postgresql://me:secret-canary@{address}/csp")
        result = terminal.type("escalations", "list")
        assert (result.code, "canary" in result.err) == (2, False)
        return result.err

    assert "the connection was refused" in said("127.0.0.1:1")
    assert "is not known" in said("no-such-host.invalid")
