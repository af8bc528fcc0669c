"""The sandbox as one object: build the local Slack, serve it from a thread or for ever, and keep its state."""

import asyncio
import os
import shutil
import socket
import tempfile
import threading
import weakref
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from aiohttp import web

from bot.sandbox import snapshot
from bot.sandbox.clock import SandboxClock
from bot.sandbox.control import Control
from bot.sandbox.delivery import EventDelivery
from bot.sandbox.faults import Faults
from bot.sandbox.http_delivery import HttpDelivery
from bot.sandbox.ids import IdSequence
from bot.sandbox.json_types import Json
from bot.sandbox.local_slack import Credentials, LocalSlack
from bot.sandbox.manifest import read_manifest
from bot.sandbox.options import SandboxOptions
from bot.sandbox.pacing import Pacing
from bot.sandbox.phone import Phone
from bot.sandbox.process import BotProcess
from bot.sandbox.server import application
from bot.sandbox.socket_server import SocketServer
from bot.sandbox.triggers import Triggers
from bot.sandbox.views import Views
from bot.sandbox.watcher_feed import WatcherFeed
from bot.sandbox.workspace import fresh_workspace

SCRATCH = "csp-sandbox-"
SAVE_AFTER = 1.0  # seconds: changes within are written together


class Sandbox:
    """A local Slack on loopback. `start()`/`stop()` run it in a thread of its own; `serve_forever()` in this one.

    >>> with Sandbox(SandboxOptions()) as slack:
    ...     client = WebClient(token=slack.bot_token, base_url=slack.api_url)
    """

    def __init__(self, options: SandboxOptions | None = None) -> None:
        self.options = options or SandboxOptions()
        self._forget: Callable[[], object] | None = None
        self.clock_file = self.options.clock_file or self._scratch_folder() / "clock"
        kept = snapshot.read(self.options.state_file) if self.options.state_file else None
        self.slack = _local_slack(self.options, SandboxClock(self.clock_file), kept)
        self.slack.clock.write()
        self.process: BotProcess | None = None
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping: asyncio.Event | None = None
        self._failure: BaseException | None = None

    @property
    def base_url(self) -> str:
        """The address of the server."""
        return self.slack.base_url

    @property
    def api_url(self) -> str:
        """What the bot's SLACK_API_URL is."""
        return f"{self.base_url}/api/"

    @property
    def page_url(self) -> str:
        """What a person opens in a browser; the control API is below it."""
        return f"{self.base_url}/"

    @property
    def bot_token(self) -> str:
        """The bot token."""
        return self.slack.credentials.bot_token

    @property
    def app_token(self) -> str:
        """The app-level token for Socket Mode."""
        return self.slack.credentials.app_token

    @property
    def signing_secret(self) -> str:
        """The secret with which requests are signed."""
        return self.slack.credentials.signing_secret

    @property
    def env(self) -> dict[str, str]:
        """The environment in which the bot talks to this sandbox."""
        return {
            "SLACK_BOT_TOKEN": self.bot_token,
            "SLACK_APP_TOKEN": self.app_token,
            "SLACK_SIGNING_SECRET": self.signing_secret,
            "SLACK_API_URL": self.api_url,
            "CSP_ESCALATION_CHANNEL": "C0ESCAL",
            "CSP_ONCALL_CHANNEL": "C0ONCALL",
            "CSP_ONCALL_USERGROUP": "S0ONCALL",
            "CSP_LEADS": "U0LINA",
            "CSP_TEAM_ID": self.slack.workspace.team_id,
            "CSP_CLOCK_OFFSET_FILE": str(self.clock_file),
        }

    def __enter__(self) -> "Sandbox":
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> "Sandbox":
        """Serve from a background thread. Returns when connections are accepted, and raises when that is impossible."""
        ready = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(ready,), name="sandbox", daemon=True)
        self._thread.start()
        ready.wait()
        if self._failure:
            self._thread.join()
            raise self._failure
        return self

    def stop(self) -> None:
        """End the supervised bot and the server, and save the state."""
        if self._loop and self._stopping and self._thread:
            with suppress(RuntimeError):  # the loop has ended by itself
                self._loop.call_soon_threadsafe(self._stopping.set)
            self._thread.join()

    def ask_to_stop(self) -> None:
        """Make ``serve_forever`` return. To be called in its own thread, for example by a signal handler."""
        if self._stopping:
            self._stopping.set()

    async def serve_forever(self, announce: Callable[[], None]) -> None:
        """Serve until asked to stop. ``announce`` is called once connections are accepted."""
        self._loop, self._stopping = asyncio.get_running_loop(), asyncio.Event()
        runner = await self._listen()
        saving = asyncio.create_task(self._save_changes())
        refreshing = asyncio.create_task(self._refresh())
        try:
            if self.process:
                await self.process.start()
            announce()
            await self._stopping.wait()
        finally:
            if self.process:
                await self.process.terminate()
            saving.cancel()
            refreshing.cancel()
            await self.slack.delivery.close()
            await runner.cleanup()
            self._save()
            if self._forget:
                self._forget()

    def _run(self, ready: threading.Event) -> None:
        try:
            asyncio.run(self.serve_forever(ready.set))
        except BaseException as problem:  # handed to the thread that waits in start()
            self._failure = problem
        finally:
            ready.set()

    async def _listen(self) -> web.AppRunner:
        """Open the port first: the bot's environment has to name it."""
        listener = socket.create_server((self.options.host, self.options.port))
        host, port = listener.getsockname()[:2]
        self.slack.base_url = f"http://{host}:{port}"
        self.process = self._bot_process()
        app = application(self.slack, Control(self.slack, self.process))
        runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=0.1)
        await runner.setup()
        await web.SockSite(runner, listener).start()
        return runner

    def _bot_process(self) -> BotProcess | None:
        options = self.options
        if options.bot_argv is None:
            return None
        env = {**self.env, **options.bot_env}
        return BotProcess(options.bot_argv, env, options.bot_log, self.slack.notices.changed, _echo(options))

    def _scratch_folder(self) -> Path:
        """Make a folder that is removed with this sandbox, even if it never starts.

        Folders of killed ones are removed.
        """
        for leftover in Path(tempfile.gettempdir()).glob(f"{SCRATCH}*"):
            if not _is_alive(leftover.name.removeprefix(SCRATCH).partition("-")[0]):
                shutil.rmtree(leftover, ignore_errors=True)
        folder = tempfile.mkdtemp(prefix=f"{SCRATCH}{os.getpid()}-")
        self._forget = weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        return Path(folder)

    async def _save_changes(self) -> None:
        """Write the state a moment after it changed, outside the event loop."""
        file, saved = self.options.state_file, 0
        while file:
            await self.slack.notices.wait(saved, 60)
            await asyncio.sleep(SAVE_AFTER)
            saved = self.slack.notices.revision
            await asyncio.to_thread(snapshot.write, file, snapshot.as_text(self.slack))

    def _save(self) -> None:
        if self.options.state_file:
            snapshot.write(self.options.state_file, snapshot.as_text(self.slack))

    async def _refresh(self) -> None:
        while self.options.refresh_seconds:
            await asyncio.sleep(self.options.refresh_seconds)
            await self.slack.delivery.socket.command("refresh")


def _is_alive(pid: str) -> bool:
    """Whether a process with this id runs, ours or another."""
    try:
        os.kill(int(pid), 0)
    except PermissionError:
        return True
    except (ProcessLookupError, ValueError, OverflowError):
        return False
    return True


def _echo(options: SandboxOptions) -> Callable[[str], None] | None:
    return (lambda line: print(line, flush=True)) if options.echo else None


def _local_slack(options: SandboxOptions, clock: SandboxClock, kept: Json | None) -> LocalSlack:
    """Build the parts, from a snapshot when there is one."""
    workspace = snapshot.workspace_from(kept) if kept else fresh_workspace(IdSequence())
    credentials = snapshot.credentials_from(kept) if kept else Credentials.fresh()
    manifest = read_manifest(options.manifest)
    settings = replace(options.settings)
    notices = WatcherFeed(clock.now, _echo(options))
    ids = workspace.ids
    line = SocketServer(ids, notices, workspace.app_id)
    http = HttpDelivery(options.http_url, credentials.signing_secret, clock.now) if options.http_url else None
    identity = {
        "team_id": workspace.team_id,
        "app_id": workspace.app_id,
        "bot_id": workspace.bot_id,
        "app_installed_team_id": workspace.team_id,
    }
    slack = LocalSlack(
        workspace,
        Views(ids, identity),
        Triggers(ids, clock.monotonic, lambda: settings.trigger_seconds),
        clock,
        manifest,
        settings,
        credentials,
        Pacing(clock.now),
        Faults(),
        notices,
        EventDelivery(line, notices, clock, settings, options.retry_seconds, http),
        Phone(
            clock.now, notices.changed, lambda user: user in workspace.people and not workspace.people[user].is_deleted
        ),
    )
    if kept:
        snapshot.restore_rest(slack, kept)
    return slack
