"""The commands that ``doctor --fix-hints`` prints read the same settings as the run that printed them."""

import json
import shlex
from pathlib import Path

import pytest

from tests.bot.commands.conftest import Terminal

SETTINGS = """\
SLACK_BOT_TOKEN=xoxb-1-2-abc
SLACK_APP_TOKEN=xapp-1-2-abc
SLACK_API_URL=http://127.0.0.1:1/api/
CSP_ESCALATION_CHANNEL=C0ESCALATE
CSP_ONCALL_CHANNEL=C0ONCALL
CSP_LEADS=U0BOB
CSP_REACH_FILE={reach}
"""


@pytest.fixture
def url(sqlite_url: str) -> str:
    """The kind of the database makes no difference here."""
    return sqlite_url


@pytest.fixture
def env_file(tmp_path: Path) -> Path:
    """Settings in a file with a space in its name; the reach file that they name has a fault."""
    reach, file = tmp_path / "ways.toml", tmp_path / "my settings"
    reach.write_text('[[person]]\nname = "Li Na"\n[[person.address]]\nchannel = "wecom_bott"\n', encoding="utf-8")
    file.write_text(SETTINGS.format(reach=reach), encoding="utf-8")
    for each in (reach, file):
        each.chmod(0o600)
    return file


def test_a_command_that_corrects_something_carries_the_settings_file(terminal: Terminal, env_file: Path) -> None:
    said = terminal.type("--env-file", env_file.name, "doctor", "--fix-hints")

    hint = next(line.strip() for line in said.out.splitlines() if line.strip().endswith("reach check"))
    assert hint == "csp-escalate --env-file 'my settings' reach check"
    checked = terminal.type(*shlex.split(hint)[1:])
    assert (checked.code, "line 4" in checked.out + checked.err) == (2, True)


def test_programs_read_the_same_command(terminal: Terminal, env_file: Path) -> None:
    findings = json.loads(terminal.type("--env-file", str(env_file), "doctor", "--format", "json").out)

    hints = [finding["hint"] for finding in findings if finding["hint"]]
    assert f"csp-escalate --env-file {shlex.quote(str(env_file))} reach check" in hints
    assert all(" --env-file " in hint for hint in hints)


def test_without_the_option_the_command_is_as_short_as_it_was(
    terminal: Terminal, env_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for line in env_file.read_text(encoding="utf-8").splitlines():
        monkeypatch.setenv(*line.split("=", 1))

    said = terminal.type("doctor", "--fix-hints")

    assert "  csp-escalate reach check\n" in said.out


def test_samples_are_asked_about_at_once_so_that_a_slack_that_is_away_is_told_at_once(
    terminal: Terminal, env_file: Path
) -> None:
    said = terminal.type("--env-file", str(env_file), "doctor", "--blocks")

    assert said.code == 2
    assert "Slack could not be asked" in said.out + said.err
