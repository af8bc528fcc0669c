"""The whole program as a process: started, killed, stopped, in front of a local Slack."""

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bot.clock import Clock
from bot.sandbox import Sandbox, SandboxOptions
from bot.sandbox.options import SandboxSettings
from models.escalations.commands import EscalationCommands
from models.oncall.rota_versions import import_rota
from models.outbox.queue import Outbox
from models.rules.rota.toml import reader
from models.store.database import Store
from models.store.oncall_tables import REMINDER
from tests.bot.stubs import PATIENCE, Control, until
from tests.models.samples import raised
from tests.slack_driver import ACK_SECONDS

ROOT = Path(__file__).parents[3]


class Bot:
    """``csp-escalate`` in an environment of its own."""

    def __init__(self, slack: Sandbox, folder: Path) -> None:
        self.slack = slack
        self.log = folder / "bot.log"
        kept = {k: v for k, v in os.environ.items() if not re.match(r"SLACK_|CSP_|DATABASE|LC_|LANG", k)}
        database = {"DATABASE_URL": f"sqlite:///{folder / 'csp.db'}", "LANG": "C.UTF-8"}
        self.environ = {**kept, **slack.env, **database, "PYTHONPATH": str(ROOT)}
        self.folder = folder
        self.children: list[subprocess.Popen[bytes]] = []

    def start(self, *arguments: str, **environ: str) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as log:
            child = subprocess.Popen(
                [sys.executable, "-m", "bot", "run", *arguments],
                cwd=self.folder,
                env=self.environ | environ,
                stdout=log,
                stderr=log,
            )
        self.children.append(child)
        return child

    def say(self, *arguments: str, **environ: str) -> tuple[int, str]:
        """Run a command to its end: exit code and everything it printed."""
        done = subprocess.run(
            [sys.executable, "-m", "bot", *arguments],
            cwd=self.folder,
            env=self.environ | environ,
            capture_output=True,
            timeout=120,
            check=False,
        )
        return done.returncode, (done.stdout + done.stderr).decode()

    def logged(self) -> str:
        return self.log.read_text(encoding="utf-8")


@pytest.fixture
def slack() -> Iterator[Sandbox]:
    """A local Slack with the app's own manifest."""
    settings = SandboxSettings(ack_seconds=ACK_SECONDS, trigger_seconds=ACK_SECONDS)
    with Sandbox(SandboxOptions(manifest=ROOT / "manifest.yml", settings=settings)) as sandbox:
        yield sandbox


@pytest.fixture
def bot(slack: Sandbox, tmp_path: Path) -> Iterator[Bot]:
    """A bot that can be started; what still runs at the end is killed."""
    bot = Bot(slack, tmp_path)
    yield bot
    for child in bot.children:
        child.kill()
        child.wait()
    # A request that fails is still acknowledged, with an apology: only the log tells.
    assert not bot.log.exists() or "Traceback" not in bot.logged()


def reminders(store: Store) -> int:
    return store.read(lambda c: len(c.scalars(select(REMINDER.c.key)).all()))


def connected(control: Control) -> None:
    until(lambda: control.connections() == 1)


def help_is_answered(control: Control) -> bool:
    """Ask for help; return whether the person reads the list of commands, and not an apology."""
    before = len(_private_messages(control))
    if not control.command("help")["ok"]:
        return False
    answer = until(lambda: _private_messages(control)[before:])
    return "/csp-escalate 谁值班" in json.dumps(answer, ensure_ascii=False)


def _private_messages(control: Control) -> list[dict[str, Any]]:
    return [message for message in control.messages() if message.get("ephemeral_to") == "U0LINA"]


def health(port: int) -> tuple[int, dict[str, Any]]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=30) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


def port_in(bot: Bot) -> int:
    found = until(lambda: re.search(r"listening on http://127\.0\.0\.1:(\d+)", bot.logged()))
    return int(found[1])


def test_a_command_is_answered_and_sigterm_ends_it_in_order_in_the_middle_of_the_duty(
    bot: Bot, control: Control
) -> None:
    store = Store(bot.environ["DATABASE_URL"], timeout=10.0)
    store.upgrade()
    import_rota(store, reader.example(), "cli", Clock(bot.slack.clock_file).now())
    began = time.monotonic()
    child = bot.start("--health", "127.0.0.1:0")
    connected(control)
    start = time.monotonic() - began
    assert help_is_answered(control)
    until(lambda: health(port_in(bot))[0] == 200)
    _, facts = health(port_in(bot))
    assert facts["store"]["engine"] == "sqlite"
    until(lambda: control.messages("C0ONCALL"))
    control.post("latency", seconds=1.0)
    made = reminders(store)
    control.post("clock", advance=86400)
    until(lambda: reminders(store) > made)
    store.dispose()
    began = time.monotonic()
    child.send_signal(signal.SIGTERM)
    assert child.wait(PATIENCE) == 0
    # Seconds; a start takes two on a quiet machine. A slow one is slow with its start too.
    assert time.monotonic() - began < max(10, 4 * start)
    assert control.get("surprises")["entries"] == []


def test_a_submission_in_hand_at_sigterm_is_finished_and_everything_appears_once(bot: Bot, control: Control) -> None:
    child = bot.start()
    connected(control)
    control.post("latency", seconds=0.5)
    assert control.command("new")["ok"]
    child.send_signal(signal.SIGTERM)
    assert child.wait(PATIENCE) == 0
    assert control.get("toasts")["entries"] == []


def test_slack_being_away_does_not_stop_the_bot_from_starting(bot: Bot, control: Control) -> None:
    control.post("fault", method="*", mode="http_503", times=-1)
    bot.start("--health", "127.0.0.1:0")
    port = port_in(bot)
    status, facts = health(port)
    assert (status, facts["line"]["ok"]) == (503, False)
    control.clear_faults()
    connected(control)
    until(lambda: health(port)[0] == 200)


def test_a_second_bot_on_the_same_file_is_refused(bot: Bot, control: Control) -> None:
    bot.start()
    connected(control)
    code, said = bot.say("run")
    assert code == 2
    assert "A bot is already running" in said
    assert "Traceback" not in said
    assert bot.say("db", "upgrade")[0] == 0


def test_a_killed_bot_leaves_the_file_free_for_the_next(bot: Bot, control: Control) -> None:
    child = bot.start()
    connected(control)
    child.kill()
    child.wait()
    bot.start()
    until(lambda: help_is_answered(control))


def test_signed_http_serves_commands_and_refuses_forgeries(bot: Bot, control: Control) -> None:
    child = bot.start("--http", "127.0.0.1:0")
    port = port_in(bot)
    control.post("delivery", mode="http", url=f"http://127.0.0.1:{port}/slack/events")
    assert help_is_answered(control)
    payload = {"command": "/csp-escalate", "text": "canary-body", "team_id": "T0SANDBOX"}
    (ack,) = control.post("deliver", type="slash_commands", payload=payload, bad_signature=True)["acks"]
    assert not ack["ok"]
    child.send_signal(signal.SIGTERM)
    assert child.wait(PATIENCE) == 0
    assert "canary-body" not in bot.logged()


def test_no_secret_is_ever_logged_or_printed(bot: Bot, control: Control, slack: Sandbox) -> None:
    control.post("fault", method="apps.connections.open", mode="ok_false", error="invalid_auth", times=1)
    deadman = f"{slack.base_url}/canary-deadman"
    child = bot.start("--health", "127.0.0.1:0", CSP_DEADMAN_URL=deadman)
    connected(control)
    control.command("search canary-typed")
    until(lambda: "dead man's switch answered with status 404" in bot.logged())
    control.post("socket", do="drop")
    connected(control)
    said = bot.say("doctor")[1] + json.dumps(health(port_in(bot))[1])
    child.send_signal(signal.SIGTERM)
    child.wait(PATIENCE)
    for secret in (slack.bot_token, slack.app_token, slack.signing_secret, "canary-typed", "canary-deadman"):
        assert secret not in bot.logged() + said


def test_a_misspelt_setting_is_named_by_doctor_and_run(bot: Bot, control: Control) -> None:
    meant = "CSP_LANGAUGE is not a setting. Did you mean “CSP_LANGUAGE”?"
    code, said = bot.say("doctor", CSP_LANGAUGE="en", COLUMNS="200")

    assert code == 1
    assert meant in said
    bot.start(CSP_LANGAUGE="en")
    connected(control)
    assert meant in bot.logged()


def test_wrong_settings_are_told_all_at_once(bot: Bot) -> None:
    code, said = bot.say("run", SLACK_BOT_TOKEN="canary", CSP_TIMEZONE="Mars/Olympus", CSP_ESCALATION_CHANNEL="#x")
    assert code == 2
    for key in ("SLACK_BOT_TOKEN", "CSP_TIMEZONE", "CSP_ESCALATION_CHANNEL"):
        assert key in said
    assert "canary" not in said
    assert "Traceback" not in said


def test_a_bot_that_cannot_start_says_why_in_one_line_of_its_json_log(bot: Bot) -> None:
    code, said = bot.say("run", CSP_LOG="json", SLACK_BOT_TOKEN="canary", CSP_TIMEZONE="Mars/Olympus")

    (line,) = said.splitlines()
    told = json.loads(line)
    assert (code, told["level"]) == (2, "error")
    assert told["message"].startswith("not started: The settings can't be used: ")
    assert {"SLACK_BOT_TOKEN", "CSP_TIMEZONE"} <= set(told["message"].split())
    assert "canary" not in said


def test_a_bot_with_a_broken_reach_file_runs_and_says_so_in_the_log_the_channel_and_by_doctor(
    bot: Bot, control: Control
) -> None:
    (bot.folder / "reach.toml").write_text('[[person]]\nname = "bob"\nchanel = "x"\n', encoding="utf-8")

    bot.start(CSP_REACH_FILE="reach.toml")
    connected(control)
    until(lambda: "CSP_REACH_FILE" in json.dumps(control.messages("C0ONCALL")))
    code, said = bot.say("doctor", CSP_REACH_FILE="reach.toml", CSP_TIMEZONE="Mars/Olympus", COLUMNS="300")

    assert "ERROR bot.lifecycle: CSP_REACH_FILE (reach.toml), line 3:" in bot.logged()
    assert code == 1
    for told in ("CSP_REACH_FILE (reach.toml), line 3:", "CSP_TIMEZONE is not a known time zone", "Socket Mode"):
        assert told in said


def test_an_operator_in_china_reads_chinese(bot: Bot) -> None:
    code, said = bot.say("run", SLACK_BOT_TOKEN="canary", LANG="zh_CN.UTF-8")
    assert code == 2
    assert re.search(r"[\u4e00-\u9fff]", said)


def test_an_address_that_is_taken_is_said_plainly(bot: Bot, slack: Sandbox) -> None:
    place = slack.base_url.removeprefix("http://")
    code, said = bot.say("run", "--health", place)
    assert code == 1
    assert "in use already. Name another address with --health." in said
    assert f"ss -ltnp 'sport = :{place.rpartition(':')[2]}'" in said
    assert "Traceback" not in said
    assert "serves" not in said
    assert not (bot.folder / "csp.db").exists()


def test_a_taken_address_ends_a_start_before_anything_is_sent_also_on_a_database_that_is_there(
    bot: Bot, slack: Sandbox
) -> None:
    store = Store(f"sqlite:///{bot.folder / 'csp.db'}")
    store.upgrade()
    store.dispose()

    code, said = bot.say("run", "--health", slack.base_url.removeprefix("http://"))

    assert code == 1
    assert "in use already. Name another address with --health." in said
    assert "bot.workers" not in said
    assert "bot.slack" not in said
    assert bot.say("run", "--health", "nonsense")[0] == 2


def test_the_doctor_finds_a_healthy_workspace_healthy_and_a_broken_one_broken(bot: Bot, control: Control) -> None:
    code, said = bot.say("doctor")
    assert code == 0, said
    control.post("settings", scopes=["commands", "chat:write"])
    code, said = bot.say("doctor", CSP_LEADS="U0TOM", DATABASE_URL="sqlite:////nowhere/csp.db")
    assert code == 1
    assert "users:read" in said
    assert "Traceback" not in said


def test_the_doctor_names_the_app_as_it_is_called_in_slack(bot: Bot, control: Control) -> None:
    control.post("person", id="U0BOT", real_name="CSP Nord")
    control.post("channel", id="C0ESCAL", members=[])

    code, said = bot.say("doctor", COLUMNS="300")

    assert code == 1
    assert "/invite @CSP Nord" in said

    said = bot.say("doctor", CSP_LEADS="U0NONE", CSP_ONCALL_USERGROUP="S0NONE", COLUMNS="400")[1]
    assert "from their profile in Slack into CSP_LEADS" in said
    assert "from the user group in Slack into CSP_ONCALL_USERGROUP" in said


def test_a_backup_is_whole_and_never_overwrites(bot: Bot) -> None:
    assert bot.say("db", "upgrade")[0] == 0
    assert bot.say("db", "backup", "copy.db")[0] == 0
    assert (bot.folder / "copy.db").stat().st_size > 0
    assert bot.say("db", "backup", "copy.db")[0] == 2


@pytest.mark.parametrize("accepted", [True, False], ids=["after Slack took it", "before Slack took it"])
def test_a_bot_killed_while_it_posts_loses_nothing_and_says_nothing_twice(
    bot: Bot, control: Control, accepted: bool
) -> None:
    control.post("fault", method="chat.postMessage", channel="C0ESCAL", mode="hang", seconds=8, accepted=accepted)
    child = bot.start()
    connected(control)
    store = Store(bot.environ["DATABASE_URL"], timeout=10.0)
    raised(EscalationCommands(store), at=Clock(bot.slack.clock_file).now())
    outbox = Outbox(store)
    until(lambda: outbox.counts().get("sending") and control.messages("D0WANG"))
    until(lambda: len(control.messages()) == int(accepted))
    child.kill()
    child.wait()
    control.clear_faults()
    bot.start()
    connected(control)

    def quiet() -> bool:
        if "sending" not in outbox.counts():
            control.post("clock", advance=30)
        return outbox.next_due() is None

    until(quiet, pause=0.5)
    store.dispose()
    card, line = control.messages()
    assert line["thread_ts"] == card["ts"]
    assert len(control.messages("D0WANG")) == 1
