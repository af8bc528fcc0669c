"""The story by which an installed program is tried, from an empty folder: what it needs must come with it.

    python -m tests.smoke_story PROGRAM …    for example: python -m tests.smoke_story .venv/bin/csp-escalate

It runs the sandbox with another slash command and raises a case there. From the command line it goes on with what other
packages do: the rota and its picture, calendars, workbooks, reports, doctor, PostgreSQL.
"""

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from tests import postgres
from tests.bot.stubs import until
from tests.slack_driver import Actor, Json, SlackDriver

COMMAND = "/csp-escalate-b"
SETTINGS = re.compile(r"SLACK_|CSP_|DATABASE|LC_|LANG|PYTHON")
ENV = (".sandbox", "env")
ICS = """BEGIN:VCALENDAR
BEGIN:VEVENT
UID:1
DTSTAMP:20260101T000000Z
DTSTART:20270104T010000Z
DTEND:20270104T090000Z
RRULE:FREQ=DAILY;COUNT=3
SUMMARY:Emma Clarke
END:VEVENT
END:VCALENDAR
"""


@dataclass(frozen=True)
class InstalledProgram:
    """A program, started in a folder of its own with no settings but these."""

    argv: Sequence[str]
    folder: Path
    environ: dict[str, str] = field(default_factory=dict)

    def run(self, *words: str, given: str | None = None) -> str:
        """What a command prints; it must end well."""
        done = subprocess.run(
            [*self.argv, *words],
            cwd=self.folder,
            env=self.env,
            input=given,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{words}: {done.returncode}\n{done.stdout}{done.stderr}"
        return done.stdout

    def in_sandbox(self, *words: str) -> str:
        """What a command prints about the sandbox's data."""
        return self.run("--env-file", str(Path(*ENV)), *words)

    @property
    def env(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not SETTINGS.match(name)}
        return {**kept, "LANG": "C.UTF-8", **self.environ}

    @contextmanager
    def sandbox(self, port: int = 8740) -> Iterator[SlackDriver]:
        """The sandbox with the bot connected; it must end well."""
        output = self.folder / "output.txt"
        with output.open("wb") as out:
            command = [*self.argv, "sandbox", "--no-open", "--port", str(port)]
            env = {**self.env, "CSP_COMMAND": COMMAND}
            process = subprocess.Popen(command, cwd=self.folder, env=env, stdout=out, stderr=out)
        try:
            page = until(lambda: process.poll() is not None or re.search(r"http://[\d.:]+", output.read_text("utf-8")))
            assert page is not True, output.read_text("utf-8")
            slack = SlackDriver(page[0])
            try:
                slack.connected()
                yield slack
            finally:
                slack.close()
            process.send_signal(signal.SIGTERM)
            assert process.wait(60) == 0
        finally:
            process.kill()
            process.wait()


def raise_case(slack: SlackDriver) -> Json:
    """Raise a case as 王伟 by the command of this installation; return its card."""
    wang = slack.as_user("U0WANG")
    assert wang.command(f"{COMMAND} quick Mail is down")["ok"]
    wang.wait_for_modal(lambda modal: "customer_name" in str(modal["blocks"]))
    wang.choose("customer_name", "晨曦")
    wang.fill({"severity": "B"})
    wang.submit()
    (card,) = slack.wait_for(lambda: slack.messages("C0ESCAL"), what="the card")
    assert "CSP-1 " in card["text"]
    return card


def ask_for_help(slack: SlackDriver) -> str:
    """What 李娜 reads after she typed what the bot does not know."""
    lina = slack.as_user("U0LINA")
    lina.command(f"{COMMAND} nonsense")
    return str(slack.wait_for(lambda: slack.ephemerals(user=lina.id), what="an answer"))


def _draw_rota(program: InstalledProgram, slack: SlackDriver, emma: Actor) -> None:
    (program.folder / "rota.toml").write_text(program.run("rota", "example"), "utf-8")
    (program.folder / "shifts.ics").write_text(ICS, "utf-8")
    program.in_sandbox("rota", "import", "rota.toml", "--yes")
    emma.command(f"{COMMAND} rota picture")
    slack.wait_for(lambda: "slack_file" in str(slack.dms(emma.id)), what="the picture of the rota")
    program.in_sandbox("rota", "import", "shifts.ics", "--seat", "primary", "--yes")
    assert "BEGIN:VEVENT" in program.in_sandbox("rota", "export", "--format", "ics")
    assert json.loads(program.in_sandbox("rota", "calendar", "--format", "json"))


def main(argv: Sequence[str]) -> None:
    """Live through the story with a program, and print what was done."""
    with tempfile.TemporaryDirectory() as folder:
        program = InstalledProgram(argv, Path(folder))
        print(program.run("--version").strip())
        assert f"command: {COMMAND}" in program.run("manifest", "--command", COMMAND)
        with program.sandbox() as slack:
            raise_case(slack)
            assert f"{COMMAND} help" in ask_for_help(slack)
            print(program.in_sandbox("doctor"))
            _draw_rota(program, slack, slack.as_user("U0EMMA"))
            program.in_sandbox("escalations", "export", "--format", "xlsx", "--output", "cases.xlsx")
            program.in_sandbox("report", "team", "--format", "html", "--output", "team.html")
            program.in_sandbox("customers", "import", "--check", _customers(program.folder))
        assert "CSP-1" in program.in_sandbox("escalations", "list")
        _use_postgresql(program)
    print("The smoke story is fine.")


def _use_postgresql(program: InstalledProgram) -> None:
    with postgres.server() as url:
        there = replace(program, environ={**program.environ, "DATABASE_URL": url})
        there.run("db", "upgrade")
        there.run("customers", "import", _customers(program.folder))


def _customers(folder: Path) -> str:
    (folder / "customers.csv").write_text("Company name\n云杉\n", "utf-8")
    return "customers.csv"


if __name__ == "__main__":
    main(sys.argv[1:])
