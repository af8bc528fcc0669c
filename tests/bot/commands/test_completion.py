"""A shell completes what is in the database: fast, without a change, and silently where it is away."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from bot import completions
from models.escalations.commands import EscalationCommands
from models.rules.escalations.escalation import Move
from models.rules.people import Person
from models.store.database import Store
from tests.bot.commands.conftest import Terminal
from tests.models.concurrent_writers import opened
from tests.models.samples import NOW, raised, step
from tests.ports import find_free_ports
from tests.sample_rotas import DAILY_TURNS_WITH_BACKUP

ROOT = Path(__file__).parents[3]
TRIES = 8
SOON = 5.0
"""Seconds: many times what completing waits for, on a busy machine."""


@pytest.mark.parametrize("language", ["en_GB.UTF-8", "zh_CN.UTF-8"])
def test_a_shell_completes_cases_members_seats_and_people_from_the_database(
    terminal: Terminal, store: Store, url: str, tmp_path: Path, language: str
) -> None:
    commands = EscalationCommands(store)
    raised(commands)
    commands.move(raised(commands, key="view-2").number, step(Move.WITHDRAW), "click")
    commands.remember((Person(id="U0EVE", team_id="T1", name="Eve Lee", locale="en-US", tz="Asia/Shanghai"), NOW))
    (tmp_path / "rota.toml").write_text(DAILY_TURNS_WITH_BACKUP, encoding="utf-8")
    assert terminal.type("rota", "import", "rota.toml").code == 0
    env = {**os.environ, "DATABASE_URL": url, "LC_ALL": language}

    cases = complete_soon("csp-escalate escalations do CSP", tmp_path, env)
    members = complete_soon("csp-escalate escalations do CSP-1 note --as b", tmp_path, env)
    seats = complete_soon("csp-escalate coverage report --seat b", tmp_path, env)
    people = complete_soon("csp-escalate person list E", tmp_path, env)

    assert cases == ["CSP-1", "CSP-2"]  # open ones first
    assert (members, seats, people) == (["bob"], ["backup"], ["Eve Lee"])


def test_a_shell_completes_silently_and_changes_nothing_where_there_is_no_database(tmp_path: Path) -> None:
    for url in (f"sqlite:///{tmp_path}/none.db", f"postgresql://127.0.0.1:{find_free_ports(1)[0]}/none"):
        assert complete("csp-escalate escalations do C", tmp_path, {**os.environ, "DATABASE_URL": url}) == []
    assert not list(tmp_path.iterdir())


def test_completing_a_case_from_a_database_that_hangs_ends_soon_and_offers_nothing(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"postgresql://127.0.0.1:{server.getsockname()[1]}/x"
        (tmp_path / ".env").write_text(f"DATABASE_URL={url}\n", encoding="utf-8")
        began = time.monotonic()

        offers = completions.find_offers(completions.list_cases, tmp_path / ".env", {})

        assert offers == []
        assert time.monotonic() - began < SOON


def test_what_can_be_completed_comes_from_the_settings_file_that_is_named(tmp_path: Path, sqlite_url: str) -> None:
    (tmp_path / "other.env").write_text(f"DATABASE_URL={sqlite_url}\n", encoding="utf-8")
    with opened(sqlite_url) as store:
        raised(EscalationCommands(store))
    env = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}

    assert complete_soon("csp-escalate --env-file other.env escalations show C", tmp_path, env) == ["CSP-1"]


@pytest.mark.parametrize(
    "title", ["\\$(touch found)", "$(touch found)", "`touch found`", '"; touch found; "', "'; touch found '"]
)
def test_a_title_is_never_a_command_of_the_shell_that_evaluates_what_is_offered(
    tmp_path: Path, sqlite_url: str, title: str
) -> None:
    with opened(sqlite_url) as store:
        raised(EscalationCommands(store), title=title)
    asked = {
        "_CSP_ESCALATE_COMPLETE": "complete_zsh", "_TYPER_COMPLETE_ARGS": "csp-escalate escalations show C",
        "DATABASE_URL": sqlite_url,
    }  # fmt: skip
    offered = next(said for _ in range(TRIES) if "CSP-1" in (said := run_completion(tmp_path, {**os.environ, **asked})))

    # As Typer's script for zsh and zsh's own _arguments do it: both evaluate what they are given.
    script = '_arguments() { a=${1#*((}; eval "words=( ${a%))*} )"; }; eval $(printf %s "$OFFERED")'
    subprocess.run(["bash", "-c", script], cwd=tmp_path, env={**os.environ, "OFFERED": offered}, check=False)

    assert not (tmp_path / "found").exists()


def test_a_name_that_a_shell_would_read_as_more_than_a_word_is_not_offered(tmp_path: Path) -> None:
    names = ["Emma Clarke", "李娜", "Eve; touch found", "$(touch found)", "a\nb", "O'Brien"]

    offers = completions.find_offers(lambda _: map(completions.Offer, names), tmp_path / ".env", {})

    assert [offer.word for offer in offers] == ["Emma Clarke", "李娜"]


def complete(line: str, folder: Path, env: Mapping[str, str]) -> list[str]:
    """Return what bash would offer for the last word of a line."""
    asked = {"_CSP_ESCALATE_COMPLETE": "complete_bash", "COMP_WORDS": line, "COMP_CWORD": str(len(line.split()) - 1)}
    return run_completion(folder, {**env, **asked}).splitlines()


def run_completion(folder: Path, env: Mapping[str, str]) -> str:
    """Run the program as the script of a shell does, and return what it prints."""
    program = "import sys; sys.argv[0] = 'csp-escalate'; from bot.__main__ import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=folder, env={**env, "PYTHONPATH": str(ROOT)}, check=False,
        capture_output=True,
    )  # fmt: skip
    assert done.stderr == b""
    return done.stdout.decode().strip()


def complete_soon(line: str, folder: Path, env: Mapping[str, str]) -> list[str]:
    """Return what bash would offer: a busy machine may take longer than completing waits, then a person types again."""
    return next((offers for _ in range(TRIES) if (offers := complete(line, folder, env))), [])
