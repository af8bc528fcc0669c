"""``csp-escalate sandbox``: one command, and a stranger has a Slack with the bot in it."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import text

from models.store.database import Store
from tests.bot.commands.conftest import Terminal
from tests.bot.stubs import PATIENCE, Control, until
from tests.ports import find_free_ports

ROOT = Path(__file__).parents[3]


@contextmanager
def trying(folder: Path, *arguments: str) -> Iterator[Control]:
    """The command in a folder of its own, once its bot is connected."""
    output, (port,) = folder / "output.txt", find_free_ports(1)
    kept = {k: v for k, v in os.environ.items() if not re.match(r"SLACK_|CSP_|DATABASE|LC_|LANG", k)}
    with output.open("wb") as out:
        child = subprocess.Popen(
            [sys.executable, "-m", "bot", "sandbox", "--no-open", "--port", str(port), *arguments],
            cwd=folder,
            env=kept | {"PYTHONPATH": str(ROOT), "LANG": "C.UTF-8"},
            stdout=out,
            stderr=out,
        )
    try:
        page = until(lambda: re.search(r"http://127\.0\.0\.1:\d+", output.read_text(encoding="utf-8")))
        control = Control(page[0])
        until(lambda: control.connections() == 1)
        yield control
        child.send_signal(signal.SIGTERM)
        assert child.wait(PATIENCE) == 0
    finally:
        child.kill()
        child.wait()
    assert "Traceback" not in output.read_text(encoding="utf-8")


def customers(folder: Path) -> int:
    store = Store(f"sqlite:///{folder / '.sandbox' / 'bot.db'}")
    count = store.read(lambda connection: connection.scalar(text("SELECT count(*) FROM customer")))
    store.dispose()
    return int(count or 0)


def test_a_folder_that_cannot_be_made_is_told(terminal: Terminal, tmp_path: Path) -> None:
    (tmp_path / ".sandbox").touch()

    told = terminal.type("sandbox", "--no-open", language="zh_CN.UTF-8")
    of_days = terminal.type("sandbox", "--days", "1", "--no-open")

    assert (told.code, of_days.code) == (2, 2)
    assert "有同名文件占据其位置。请在自己的文件夹中启动沙盒。" in told.err
    assert "can't be written: a file with that name is in its place. Start the sandbox in a folder" in of_days.err


def test_the_sandbox_starts_with_customers_keeps_what_happened_and_forgets_when_told(tmp_path: Path) -> None:
    with trying(tmp_path) as control:
        assert control.command("help")["ok"]
        control.post("act", user="U0EMMA", do="post", channel="C0ESCAL", text="still here?")
        assert customers(tmp_path) > 10
    settings = tmp_path / ".sandbox" / "env"
    assert settings.stat().st_mode & 0o077 == 0
    assert "SLACK_BOT_TOKEN=xoxb-" in settings.read_text(encoding="utf-8")
    with trying(tmp_path) as control:
        assert "still here?" in [message["text"] for message in control.messages()]
    with trying(tmp_path, "--fresh") as control:
        assert control.messages() == []
