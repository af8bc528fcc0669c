"""What a sandbox leaves behind when it ends, fails to start, or is killed: neither a bot nor a folder."""

import gc
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bot.sandbox import Sandbox, SandboxOptions
from bot.sandbox.sandbox import SCRATCH
from tests.bot.sandbox.conftest import MANIFEST

ROOT = Path(__file__).parents[3]
PATIENCE = 120.0  # seconds: the machine may be busy
BOT = "import time; print('hello', flush=True); time.sleep(600)"
PROGRAM = f"""
import sys, time
from bot.sandbox import SandboxOptions, Sandbox
manifest = {{"display_information": {{"name": "Small bot"}}}}
with Sandbox(SandboxOptions(manifest=manifest, bot_argv=(sys.executable, "-c", {BOT!r}), echo=True)) as sandbox:
    print("pid", sandbox.process.pid, flush=True)
    time.sleep(600)
"""


def until(holds: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline, f"waited for {what}"
        time.sleep(0.01)


def is_gone(pid: int) -> bool:
    """A process that nobody has buried yet counts as gone."""
    seen = subprocess.run(("ps", "-o", "stat=", "-p", str(pid)), capture_output=True, text=True, check=False).stdout
    return not seen.strip() or seen.startswith("Z")


@pytest.fixture
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A temporary directory of one's own, for this process and those it starts."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    yield tmp_path
    tempfile.tempdir = None


def killed() -> int:
    """Starts a sandbox with a bot, kills it with SIGKILL; the bot's pid."""
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen((sys.executable, "-c", PROGRAM), env=env, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout
        pid, greeted = 0, False
        while not (pid and greeted):
            line = child.stdout.readline()
            assert line, "the sandbox has ended"
            pid = int(line.split()[1]) if line.startswith("pid ") else pid
            greeted = greeted or line == "bot | hello\n"
        child.send_signal(signal.SIGKILL)
        child.stdout.close()
    return pid


def test_a_bot_does_not_outlive_a_killed_sandbox(scratch: Path) -> None:
    pid = killed()

    until(lambda: is_gone(pid), f"the end of the bot {pid}")


def test_what_a_killed_sandbox_left_is_removed_by_the_next(scratch: Path) -> None:
    killed()
    assert list(scratch.glob(f"{SCRATCH}*"))

    with Sandbox(SandboxOptions(manifest=MANIFEST)) as sandbox:
        assert list(scratch.iterdir()) == [sandbox.clock_file.parent]

    assert list(scratch.iterdir()) == []


def test_a_sandbox_beside_a_living_one_leaves_its_folder_alone(scratch: Path) -> None:
    with Sandbox(SandboxOptions(manifest=MANIFEST)) as first, Sandbox(SandboxOptions(manifest=MANIFEST)) as second:
        folders = {first.clock_file.parent, second.clock_file.parent}

        assert set(scratch.iterdir()) == folders


def test_a_sandbox_that_never_started_leaves_nothing(scratch: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Sandbox(SandboxOptions(manifest=scratch / "nowhere.yml"))
    Sandbox(SandboxOptions(manifest=MANIFEST))
    gc.collect()

    assert list(scratch.iterdir()) == []


def test_a_clock_file_somebody_asked_for_stays(scratch: Path) -> None:
    with Sandbox(SandboxOptions(manifest=MANIFEST, clock_file=scratch / "kept" / "clock")):
        pass

    assert (scratch / "kept" / "clock").exists()


def test_a_bot_that_ended_by_itself_leaves_no_watcher(scratch: Path) -> None:
    argv = (sys.executable, "-c", "import os; print(os.getpid())")
    log = scratch / "bot.log"
    with Sandbox(SandboxOptions(manifest=MANIFEST, bot_argv=argv, bot_log=log)) as sandbox:
        process = sandbox.process
        assert process is not None
        until(lambda: process.exit_code == 0, "the bot's end")
        group = log.read_text().strip()
        until(
            lambda: not subprocess.run(("pgrep", "-g", group), capture_output=True, check=False).stdout, "its watcher"
        )


def test_a_bot_that_could_not_start_leaves_its_reason_in_the_workshop_and_the_log(scratch: Path) -> None:
    argv = (sys.executable, "-c", "import sys; print('starting'); sys.exit('CSP_TIMEZONE is not a known time zone.')")
    log = scratch / "bot.log"
    with Sandbox(SandboxOptions(manifest=MANIFEST, bot_argv=argv, bot_log=log)) as sandbox:
        process = sandbox.process
        assert process is not None

        until(lambda: process.reason == "CSP_TIMEZONE is not a known time zone.", "the bot's end")

        assert process.exit_code == 1
        assert "CSP_TIMEZONE" in log.read_text()
