"""A terminal: commands are typed as an operator types them, on a fresh database of either kind."""

import json
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.cli import command_line
from models.store.database import Store
from tests.postgres import Databases
from tests.sample_rotas import DAILY_TURNS_WITH_BACKUP

CASE = {
    "id": "desk-1", "customer_name": "云杉", "severity": "A", "title": "Mail is down", "details": "Since 01:40",
    "service": "m365", "answers": {"impact": "Nobody can work"},
}  # fmt: skip
"""A case to raise, as another system writes it."""


@dataclass(frozen=True)
class CommandResult:
    """What a command answered."""

    code: int
    out: str
    err: str


class Terminal:
    """Types commands; everything is set by the environment, as in a deployment."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self._monkeypatch = monkeypatch
        self._capsys = capsys

    def type(self, *words: str, language: str = "en_GB.UTF-8") -> CommandResult:
        """Run one command to its end."""
        self._monkeypatch.setenv("LC_ALL", language)
        self._monkeypatch.setattr(sys, "argv", ["csp-escalate", *words])
        code = 0
        try:
            command_line.main()
        except SystemExit as end:
            code = int(end.code or 0)
        told = self._capsys.readouterr()
        return CommandResult(code, told.out, told.err)


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with an empty record, to be copied."""
    path = tmp_path_factory.mktemp("template") / "csp.db"
    store = Store(f"sqlite:///{path}")
    store.upgrade()
    store.dispose()
    return path


@pytest.fixture
def sqlite_url(tmp_path: Path, migrated_file: Path) -> str:
    """The URL of a fresh SQLite file with an empty record."""
    return f"sqlite:///{shutil.copy(migrated_file, tmp_path / 'csp.db')}"


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest) -> Iterator[str]:
    """The URL of a fresh database, once on each kind."""
    if request.param == "sqlite":
        yield request.getfixturevalue("sqlite_url")
        return
    databases: Databases = request.getfixturevalue("postgresql")
    with databases.migrated() as url:
        yield url


@pytest.fixture
def terminal(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Terminal:
    """A terminal 80 characters wide, in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", url)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("CSP_TIMEZONE", "Asia/Shanghai")
    return Terminal(monkeypatch, capsys)


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    """The store of the terminal's database, up to date."""
    store = Store(url)
    store.upgrade()
    yield store
    store.dispose()


@pytest.fixture
def desk(terminal: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """A terminal with a rota, the settings of Slack, and a case to raise."""
    for name, value in (
        ("SLACK_BOT_TOKEN", "xoxb-test-token"), ("CSP_ESCALATION_CHANNEL", "C0ESCAL"),
        ("CSP_ONCALL_CHANNEL", "C0ONCALL"), ("CSP_TEAM_ID", "T0HOME"), ("CSP_LEADS", "U0CID"),
    ):  # fmt: skip
        monkeypatch.setenv(name, value)
    (tmp_path / "rota.toml").write_text(DAILY_TURNS_WITH_BACKUP, encoding="utf-8")
    (tmp_path / "case.json").write_text(json.dumps(CASE), encoding="utf-8")
    assert terminal.type("rota", "import", "rota.toml").code == 0
    return terminal
