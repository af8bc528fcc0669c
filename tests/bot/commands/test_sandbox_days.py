"""``csp-escalate sandbox --days``: what it says after the days, in words for people, and how long its page stays."""

import os
import pty
import re
import select
import signal
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.commands.sandbox_days import SimulatedDays, claim_folder
from bot.commands.simulation_report import write_report
from bot.simulation.checks.audit_names import name_escalation, name_subject
from bot.simulation.checks.evidence import Violation
from bot.simulation.summary import SimulationSummary
from handlers.i18n.words import Words
from models.rules.reminders.subjects import HandoverName, ShiftName
from models.rules.rota.on_call import Slot
from tests.bot.stubs import PATIENCE, Control, until
from tests.ports import find_free_ports

ROOT = Path(__file__).parents[3]
AT = datetime(2026, 1, 5, 12, 30, tzinfo=UTC)
LIVED = timedelta(days=1.5)
WELL = SimulationSummary(
    messages=40, reminders=12, escalations=1, gaps=2, gaps_closed=1, gaps_open=1, confirmed=3, handed_over=2,
    ledger={"confirmed": 70.0, "uncovered": 2.0}, expected_hours=72.0, events={"leave": 1}, violations=[],
)  # fmt: skip


def test_a_ledger_that_adds_up_is_said_to_be_complete() -> None:
    assert (
        "The coverage record is complete: 72.0 hours, all seats together, each with who was on call."
        in write_report(WELL, LIVED, Words.of("en"))
    )


def test_a_ledger_with_a_hole_is_said_to_be_incomplete() -> None:
    said = write_report(replace(WELL, expected_hours=80.0), LIVED, Words.of("en"))

    assert "The coverage record is incomplete: it shows who was on call in 72.0 of 80.0 hours of the seats." in said


def test_gaps_are_told_by_how_they_ended_and_none_in_a_sentence() -> None:
    some, none = (
        write_report(summary, LIVED, Words.of("en"))
        for summary in (WELL, replace(WELL, gaps=0, gaps_closed=0, gaps_open=0, ledger={"confirmed": 72.0}))
    )

    assert "on call: 2. Somebody took 1 of them. Still ahead, or going on: 1.\nNobody was on call for 2.0 hours" in some
    assert "No gap was found in the rota: enough people are on call at any time.\nSo far no seat was empty" in none


@pytest.mark.parametrize(
    ("language", "line"),
    [
        (
            "en",
            "Slack was off for 6 hours. Meanwhile 9 messages went to 4 people and groups by WeCom, phone and other "
            "ways. Actions by a link in them: 2.",
        ),
        (
            "zh_CN",
            "Slack 关闭了 6 小时。其间通过企业微信、电话等方式向 4 个人或群送出 9 条消息。通过其中的链接操作：2 次。",
        ),
    ],
)
def test_hours_without_slack_are_told_with_who_was_reached(language: str, line: str) -> None:
    outage = replace(WELL, told_elsewhere=9, people_told=4, acted_by_link=2)

    assert line in write_report(outage, LIVED, Words.of(language), slack_off=6).splitlines()
    assert line not in write_report(outage, LIVED, Words.of(language))


@pytest.mark.parametrize(
    ("language", "line"),
    [
        ("en", "2026-01-05 12:30 UTC  an escalation was forgotten: CSP-3 (A): 2026-01-05 12:30 → 14:30"),
        ("zh_CN", "2026-01-05 12:30 UTC  呈报被遗忘：CSP-3 (A): 2026-01-05 12:30 → 14:30"),
    ],
)
def test_a_broken_promise_is_told_in_the_operators_language(language: str, line: str) -> None:
    about = name_escalation(3, "A", AT, AT + timedelta(hours=2))
    broken = replace(WELL, violations=[Violation("an escalation was forgotten", AT, about)])

    assert line in write_report(broken, LIVED, Words.of(language))


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("escalation:3", "CSP-3"),
        ("gap:7", "#7"),
        (str(ShiftName(Slot("primary"), AT, "张敏")), "primary, 张敏, 2026-01-05 12:30"),
        (str(HandoverName(Slot("backup"), AT, "张敏", "刘洋")), "backup, 张敏 → 刘洋, 2026-01-05 12:30"),
        ("rehearsal:national_day/2026", "National Day 2026"),
        ("digest", "digest"),
    ],
)
def test_what_a_message_is_about_is_named_and_not_quoted_from_a_row(name: str, plain: str) -> None:
    assert name_subject(name) == plain


@pytest.mark.parametrize(
    ("what", "command"),
    [
        (SimulatedDays(7), "csp-escalate sandbox --days 7 --seed 1 --begins 2026-01-05T00:00Z"),
        (
            SimulatedDays(1, seed=4, begins=AT, slack_off=6),
            "csp-escalate sandbox --days 1 --seed 4 --begins 2026-01-05T12:30Z --slack-off 6",
        ),
    ],
)
def test_the_command_that_repeats_the_days_names_all_they_follow_from(what: SimulatedDays, command: str) -> None:
    assert what.command == command


def test_a_simulation_beside_another_has_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    mine, claim = claim_folder()
    (mine / "bot.db").touch()

    other, other_claim = claim_folder()
    for held in (claim, other_claim):
        held.release()
    again, again_claim = claim_folder()
    again_claim.release()

    assert [folder.name for folder in (mine, other, again)] == ["simulated", "simulated-2", "simulated"]
    assert not (again / "bot.db").exists()


def test_days_that_begin_at_no_time_are_refused(tmp_path: Path) -> None:
    said = subprocess.run(
        [sys.executable, "-m", "bot", "sandbox", "--days", "1", "--begins", "noon"],
        cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(ROOT), "LC_ALL": "C.UTF-8"}, capture_output=True, text=True,
        check=False,
    )  # fmt: skip

    assert said.returncode == 2
    assert "“noon” is not a time such as 2026-01-05 or 2026-01-05T08:00." in said.stderr


def test_in_a_terminal_the_page_stays_until_ctrl_c(tmp_path: Path) -> None:
    (ours, theirs), (port,) = pty.openpty(), find_free_ports(1)
    kept = {k: v for k, v in os.environ.items() if not re.match(r"SLACK_|CSP_|DATABASE|LC_|LANG|DISPLAY|WAYLAND", k)}
    child = subprocess.Popen(
        [sys.executable, "-m", "bot", "sandbox", "--days", "1", "--speed", "0", "--port", str(port)],
        cwd=tmp_path, env=kept | {"PYTHONPATH": str(ROOT), "LANG": "C.UTF-8", "COLUMNS": "200"},
        stdin=theirs, stdout=theirs, stderr=theirs,
    )  # fmt: skip
    try:
        os.close(theirs)
        page = _said(ours, r"The page stays open: (http://127\.0\.0\.1:\d+)")
        assert Control(page).messages("C0ONCALL")
        child.send_signal(signal.SIGINT)
        _said(ours, r"(Stopped\.)")
        assert child.wait(PATIENCE) in {0, 1}
    finally:
        child.kill()
        child.wait()
        os.close(ours)


def _said(terminal: int, wanted: str) -> str:
    """What a terminal shows once it shows that."""
    shown = ""

    def seen() -> str | None:
        nonlocal shown
        if select.select([terminal], [], [], 0.1)[0]:  # or a program that says no more would be waited for without end
            shown += os.read(terminal, 65536).decode(errors="replace")
        found = re.search(wanted, shown)
        return found[1] if found else None

    return str(until(seen))
