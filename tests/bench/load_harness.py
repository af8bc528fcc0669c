"""The stage: a local Slack and an app, each in a process of its own, and a crowd that acts at the same moment.

Ours and the bare app are started in the same way. Nothing here judges what is measured.
"""

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import aiohttp
import psutil

from tests.slack_driver import SlackDriver

ROOT = Path(__file__).parents[2]
OURS = ("-m", "bot", "run")
BARE = ("-m", "tests.bench.bare_app")
CONNECTED = "connected to Slack"
LAST_VARIABLE = "CSP_CLOCK_OFFSET_FILE"
TEAM = "T0SANDBOX"
CHANNEL = "C0ESCAL"
Json = dict[str, Any]


class Workspace(Protocol):
    """A Slack that an app can be started for."""

    env: dict[str, str]


class LocalSlack:
    """A sandbox in a process of its own, so that it and the app each have a core."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._log = (folder / "sandbox.log").open("w+", encoding="utf-8")
        self._child = subprocess.Popen(
            [sys.executable, "-m", "bot.sandbox"], cwd=ROOT, env=clean_environment({}), stdout=self._log
        )
        self.env = self._announced()
        self.page_url = self.env["SLACK_API_URL"].removesuffix("api/")
        self.driver = SlackDriver(self.page_url)
        self.driver.settings(rate_scale=0)

    def stop(self) -> None:
        self.driver.close()
        _end(self._child)
        self._log.close()

    def settle(self, latency: float) -> None:
        """Seconds each Web API call takes from now on."""
        self.driver.settings(latency=latency)

    def crowd(self, size: int, first: int = 0) -> list[str]:
        """So many people nobody has seen before, in the escalation channel; their ids."""
        ids = [f"U0CROWD{number:05d}" for number in range(first, first + size)]
        wanted = [{"id": id_, "name": f"Person {id_[-5:]}", "channels": [CHANNEL]} for id_ in ids]
        asyncio.run(_all_posted(self.page_url, "person", wanted, at_once=20))
        return ids

    def together(self, acts: Sequence[Json], at_once: int = 0) -> list[Json]:
        """Carry the acts out at the same moment (or so many at a time); the answers, in order."""
        return asyncio.run(_all_posted(self.page_url, "act", acts, at_once))

    def _announced(self) -> dict[str, str]:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline and self._child.poll() is None:
            text = Path(self._log.name).read_text(encoding="utf-8")
            if f"{LAST_VARIABLE}=" in text and text.endswith("\n"):
                return dict(line.split("=", 1) for line in text.splitlines() if "=" in line and line[0].isupper())
            time.sleep(0.02)
        raise RuntimeError(f"the sandbox did not start: {self._log.name}")


class App:
    """Ours or the bare app, connected by Socket Mode. ``seconds`` is how long that took from the process's start."""

    def __init__(self, program: Sequence[str], slack: Workspace, folder: Path, **env: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._heard = threading.Event()
        self.log = folder / "app.log"
        started = time.monotonic()
        self._child = subprocess.Popen(
            [sys.executable, *program],
            cwd=folder if program is OURS else ROOT,  # a .env in the repository is somebody's, not ours
            env=clean_environment({**slack.env, "CSP_LANGUAGE": "both", **env}),
            stderr=subprocess.PIPE,
            text=True,
        )
        self._started, self.seconds = started, 0.0
        threading.Thread(target=self._listen, daemon=True).start()
        if not self._heard.wait(30):
            raise RuntimeError(f"the app did not connect: {self.log.read_text(encoding='utf-8')[-2000:]}")

    def stop(self) -> None:
        """SIGTERM, and wait."""
        _end(self._child)

    def kill(self) -> None:
        """SIGKILL: nothing that was not on disk survives."""
        self._child.kill()
        self._child.wait()

    def resident(self) -> float:
        """Resident memory in MB."""
        return float(psutil.Process(self._child.pid).memory_info().rss) / 1e6

    def processor_seconds(self) -> float:
        """Processor time since its start, in seconds."""
        used = psutil.Process(self._child.pid).cpu_times()
        return float(used.user + used.system)

    def _listen(self) -> None:
        assert self._child.stderr is not None
        with self.log.open("a", encoding="utf-8") as log:
            for line in self._child.stderr:
                if CONNECTED in line and not self._heard.is_set():
                    self.seconds = time.monotonic() - self._started
                    self._heard.set()
                log.write(line)
                log.flush()


def ours(slack: LocalSlack, folder: Path, url: str = "") -> App:
    """Our bot, on a database of its own unless one is named."""
    return App(OURS, slack, folder, DATABASE_URL=url or f"sqlite:///{folder / 'csp.db'}")


def bare(slack: LocalSlack, folder: Path, url: str = "") -> App:
    """The bare app."""
    return App(BARE, slack, folder, DATABASE_URL=url or f"sqlite:///{folder / 'bare.db'}")


MAKE = {"ours": ours, "bare": bare}


def command(user: str, text: str = "") -> Json:
    """The act of typing our command."""
    return {"user": user, "do": "command", "channel": CHANNEL, "text": f"/csp-escalate {text}".strip()}


def raise_one(slack: LocalSlack, user: str, title: str) -> None:
    """Raise a Partner Center request as this person, by hand, and close the confirmation."""
    person = slack.driver.as_user(user)
    person.command("/csp-escalate new")
    person.wait_for_modal(lambda view: has(view, "kind"))
    person.fill({"kind": "partner_center"})
    person.wait_for_modal(lambda view: has(view, "title"))
    person.fill({"category": "technical", "severity": "C", "title": title, "details": "The page stays blank."})
    answer = person.submit()
    if not answer["ok"]:
        raise RuntimeError(f"not submitted: {answer}")
    person.close()


def has(view: Json, block_id: str) -> bool:
    """True when a view shows that block."""
    return any(block["block_id"] == block_id for block in view["blocks"])


def times(answers: Sequence[Json]) -> list[float]:
    """Seconds to each ack, as the local Slack measured them; what was not acked counts as ten seconds."""
    return [answer["ms"] / 1000 if answer.get("ok") else 10.0 for answer in answers]


def clean_environment(changes: Mapping[str, str]) -> dict[str, str]:
    """This process's environment without settings of the bot and without proxies; Python keeps what it compiled, as it
    does on most machines."""
    ours = ("SLACK_", "CSP_", "DATABASE_URL", "PYTHONDONTWRITEBYTECODE")
    kept = {k: v for k, v in os.environ.items() if not k.startswith(ours) and not k.lower().endswith("_proxy")}
    return kept | dict(changes)


async def _all_posted(page_url: str, name: str, bodies: Sequence[Json], at_once: int) -> list[Json]:
    limit = at_once or len(bodies)
    connector = aiohttp.TCPConnector(limit=limit)
    async with aiohttp.ClientSession(page_url, connector=connector) as session:
        # Opening hundreds of connections is not what is measured: they are there before the first act.
        await asyncio.gather(*(_open(session) for _ in range(limit)))
        return list(await asyncio.gather(*(_posted(session, name, body) for body in bodies)))


async def _open(session: aiohttp.ClientSession) -> None:
    async with session.get("control/wait", params={"after": str(10**9), "timeout": "0.5"}) as answer:
        await answer.read()


async def _posted(session: aiohttp.ClientSession, name: str, body: Json) -> Json:
    began = time.time()
    async with session.post(f"control/{name}", json=body) as answer:
        told: Json = await answer.json()
        return {**told, "began": began}


def _end(child: "subprocess.Popen[Any]") -> None:
    if child.poll() is None:
        child.send_signal(signal.SIGTERM)
        try:
            child.wait(15)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
