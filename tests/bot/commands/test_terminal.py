"""Any terminal will do: each encoding, completion, and tables that programs can read."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from models.escalations.commands import EscalationCommands
from models.store.database import Store
from tests.bot.commands.conftest import Terminal, begun
from tests.models.samples import raised

ROOT = Path(__file__).parents[3]


def typed(folder: Path, *words: str, **environ: str) -> subprocess.CompletedProcess[bytes]:
    """Run the program as another program would."""
    env = {**os.environ, "PYTHONPATH": str(ROOT), **environ}
    return subprocess.run([sys.executable, "-m", "bot", *words], cwd=folder, env=env, check=False, capture_output=True)


@pytest.mark.parametrize("encoding", ["gbk", "latin-1", "ascii"])
def test_help_and_answers_have_no_traceback_in_any_encoding(tmp_path: Path, encoding: str) -> None:
    place = begun(f"sqlite:///{tmp_path / 'csp.db'}")
    chinese = {"PYTHONIOENCODING": encoding, "LC_ALL": "zh_CN.UTF-8", "DATABASE_URL": place}

    helped, told = typed(tmp_path, "--help", **chinese), typed(tmp_path, "outbox", "show", "7", **chinese)

    assert (helped.returncode, helped.stderr) == (0, b"")
    assert told.returncode == 2
    assert b"Traceback" not in told.stderr
    assert b"csp-escalate outbox list" in told.stderr


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


def test_a_refused_port_and_an_unknown_host_are_told_apart(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    def said(address: str) -> str:
        monkeypatch.setenv("DATABASE_URL", f"postgresql://me:secret-canary@{address}/csp")
        result = terminal.type("escalations", "list")
        assert (result.code, "canary" in result.err) == (2, False)
        return result.err

    assert "the connection was refused" in said("127.0.0.1:1")
    assert "is not known" in said("no-such-host.invalid")
