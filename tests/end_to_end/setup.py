"""Makes worlds: a sandbox, a database with the sample customers, the bot as a process, perhaps a second one."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from bot.clock import Clock
from bot.commands.sandbox_samples import CUSTOMERS
from bot.sandbox import Sandbox, SandboxOptions
from bot.sandbox.options import SandboxSettings
from bot.sandbox.reach_file import write_reach_file
from models.customers.importer import import_customers
from models.rules.customers.csv_columns import read_sheet
from models.store.database import Store
from tests.end_to_end.world import PATIENCE, ROOT, World, settings_of
from tests.ports import find_free_ports
from tests.slack_driver import ACK_SECONDS, SlackDriver

PEOPLE = ("U0LINA", "U0WANG", "U0EMMA")
AFTERNOON = datetime(2026, 11, 25, 6, 10, tzinfo=UTC)
"""A Wednesday, 14:10 in China. A story with a rota begins then, so that it goes the same way at any hour and date."""


@contextmanager
def world(
    folder: Path, url: str = "", *, http: bool = False, language: str = "both", begins: datetime | None = None,
    more: Mapping[str, str] | None = None, with_phones: bool = False,
) -> Iterator[World]:  # fmt: skip
    """A fresh workspace with the bot in it, by Socket Mode or signed HTTP. Its clock shows ``begins``, or the time.

    With ``more`` settings the bot has a web server in Socket Mode too. ``with_phones``: everybody is reached by other
    ways than Slack, and acts by link.
    """
    url = url or f"sqlite:///{folder / 'csp.db'}"
    (folder / "env").touch(mode=0o600)
    port, web = find_free_ports(2) if with_phones else (0, 0)
    if with_phones:
        _give_phones(folder, port, web)
    line = ("--http" if http else "--health", f"127.0.0.1:{web}") if http or more or with_phones else ()
    options = SandboxOptions(
        port=port,
        manifest=ROOT / "manifest.yml",
        bot_argv=(sys.executable, "-m", "bot", "--env-file", str(folder / "env"), "run", *line),
        bot_env={**settings_of(url, language), **(more or {})},
        bot_log=folder / "bot.log",
        settings=SandboxSettings(ack_seconds=ACK_SECONDS, trigger_seconds=ACK_SECONDS),
    )
    _prepare(url, begins or Clock().now())
    sandbox = Sandbox(options)
    if begins:
        sandbox.slack.clock.move(begins.timestamp() - time.time())
    with sandbox:
        made = World(sandbox, SlackDriver(sandbox.page_url), folder, url, language, http, more or {})
        try:
            made.ready()
            yield made
        finally:
            made.close()


@contextmanager
def another_bot(world: World, web: int = 0) -> Iterator[subprocess.Popen[bytes]]:
    """One more bot on the same workspace and database; with a web server at the port ``web`` if it is given."""
    line = ("--health", f"127.0.0.1:{web}") if web else ()
    with (world.folder / "other.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "bot", "--env-file", str(world.folder / "env"), "run", *line],
            env={**os.environ, **world.environment()}, stdout=log, stderr=log, cwd=ROOT,
        )  # fmt: skip
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(PATIENCE)


def _give_phones(folder: Path, port: int, web: int) -> None:
    """Write a reach file of the sandbox's people, and name it and the bot's own address in the settings."""
    reach = folder / "reach.toml"
    reach.touch(mode=0o600)
    reach.write_text(write_reach_file(f"http://127.0.0.1:{port}", PEOPLE), encoding="utf-8")
    settings = f"CSP_REACH_FILE={reach}\nCSP_PUBLIC_URL=http://127.0.0.1:{web}\n"
    (folder / "env").write_text(settings, encoding="utf-8")


def _prepare(url: str, now: datetime) -> None:
    """The sample customers of the sandbox, so that the typeahead has something to offer."""
    store = Store(url)
    store.upgrade()
    import_customers(store, read_sheet(CUSTOMERS.encode()).lines, now)
    store.dispose()
