"""Makes worlds: a sandbox, a database with the sample customers, the bot as a process, perhaps a second one."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from bot.clock import Clock
from bot.commands.sandbox_samples import CUSTOMERS
from bot.sandbox import Sandbox, SandboxOptions
from models.customers.importer import import_customers
from models.rules.customers.csv_columns import read_sheet
from models.store.database import Store
from tests.end_to_end.world import ROOT, World, settings_of
from tests.slack_driver import SlackDriver


@contextmanager
def world(
    folder: Path, url: str = "", *, http: bool = False, language: str = "both", begins: datetime | None = None,
    more: Mapping[str, str] | None = None,
) -> Iterator[World]:  # fmt: skip
    """A fresh workspace with the bot in it, by Socket Mode or signed HTTP. Its clock shows ``begins``, or the time.

    With ``more`` settings the bot has a web server in Socket Mode too.
    """
    url = url or f"sqlite:///{folder / 'csp.db'}"
    (folder / "env").touch(mode=0o600)
    line = ("--http" if http else "--health", "127.0.0.1:0") if http or more else ()
    options = SandboxOptions(
        manifest=ROOT / "manifest.yml",
        bot_argv=(sys.executable, "-m", "bot", "--env-file", str(folder / "env"), "run", *line),
        bot_env={**settings_of(url, language), **(more or {})},
        bot_log=folder / "bot.log",
    )
    _prepare(url)
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
def another_bot(world: World) -> Iterator[subprocess.Popen[bytes]]:
    """One more bot on the same workspace and database."""
    with (world.folder / "other.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "bot", "--env-file", str(world.folder / "env"), "run"],
            env={**os.environ, **world.environment()}, stdout=log, stderr=log, cwd=ROOT,
        )  # fmt: skip
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(60)


def _prepare(url: str) -> None:
    """The sample customers of the sandbox, so that the typeahead has something to offer."""
    store = Store(url)
    store.upgrade()
    import_customers(store, read_sheet(CUSTOMERS.encode()).lines, Clock().now())
    store.dispose()
