"""200 commands in the first moment of a process, and 200 presses at once, each committed before its ack.

Ours and the bare app face a Slack that only answers (``light_slack``), so that nearly all of the time is theirs.
"""

import json
import subprocess
import sys
import urllib.request
from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select

from models.escalations.commands import EscalationCommands
from models.rules.escalations.request import IssueCategory, Request, RequestKind, Severity
from models.rules.people import Actor
from models.store.database import Store
from models.store.epoch_cache import StoreEpoch
from models.store.tables import HISTORY
from tests.bench.bare_rows import BareStore
from tests.bench.load_harness import BARE, OURS, ROOT, TEAM, App, Json, clean_environment
from tests.bench.measurement import Figure, Workshop, at_most, closing_all, in_turn, middle, p99, ratio_at_most
from tests.handlers import payloads
from tests.models.samples import NOW

CROWD, PEOPLE, ROUNDS = 200, 3, 4
LATENCY = "0.1"
PROGRAM = {"ours": OURS, "bare": BARE}
ENV = {
    "SLACK_BOT_TOKEN": "xoxb-bench", "SLACK_APP_TOKEN": "xapp-bench", "CSP_ESCALATION_CHANNEL": "C0ESCAL",
    "CSP_ONCALL_CHANNEL": "C0ONCALL", "CSP_TIMEZONE": "Asia/Shanghai",
}  # fmt: skip


class LightSlack:
    """The process that only answers."""

    def __init__(self) -> None:
        self._child = subprocess.Popen(
            [sys.executable, "-m", "tests.bench.light_slack"], cwd=ROOT, stdout=subprocess.PIPE, text=True,
            env=clean_environment({"BENCH_LATENCY": LATENCY}),
        )  # fmt: skip
        assert self._child.stdout
        self._url = f"http://127.0.0.1:{self._child.stdout.readline().strip()}"
        self.env = {**ENV, "SLACK_API_URL": f"{self._url}/api/"}

    def burst(self, kind: str, deliveries: Sequence[Json]) -> tuple[list[float], Json]:
        """Seconds to each ack of what is delivered at the same moment, and all calls so far by method."""
        body = json.dumps([{"type": kind, "payload": delivery} for delivery in deliveries]).encode()
        request = urllib.request.Request(f"{self._url}/burst", body, {"Content-Type": "application/json"})  # noqa: S310 - its own address
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310 - likewise
            told: Json = json.load(answer)
        return told["seconds"], told["calls"]

    def stop(self) -> None:
        """End it."""
        self._child.terminate()
        self._child.wait()


def measure(workshop: Workshop) -> list[Figure]:
    """Fresh processes, in turn: a first burst of commands, then a burst of presses."""
    first: dict[str, list[float]] = {"ours": [], "bare": []}
    pressed: dict[str, list[float]] = {"ours": [], "bare": []}
    slowest, lost = 0.0, 0
    asked: list[int] = []
    for number, side in in_turn(ROUNDS):
        workshop.say(f"a fresh process, round {number + 1} of {ROUNDS}, {side}")
        url = f"sqlite:///{workshop.folder / f'{side}-{number}.db'}"
        _raised(side, url)
        slack = LightSlack()
        app = App(PROGRAM[side], slack, workshop.folder / f"{side}-{number}", DATABASE_URL=url)
        with closing_all(app, slack):
            seconds, _ = slack.burst("slash_commands", [_command(n) for n in range(CROWD)])
            first[side].append(p99(seconds))
            acks, calls = slack.burst("interactive", [_press(n + 1, _epoch(side, url)) for n in range(CROWD)])
            pressed[side].append(p99(acks))
            app.kill()
        if side == "ours":
            slowest = max(slowest, *acks)
            asked.append(calls.get("users.info", 0))
            lost += CROWD - _stored(url)
    return [
        _compared("200 commands in the first moment of a process: ack p99", 1.15, first),
        at_most(f"questions who {PEOPLE} people and the raiser are", PEOPLE + 2, max(asked), "calls"),
        _compared("200 presses at once, each committed first: ack p99", 1.25, pressed),
        at_most("200 presses at once: slowest ack", 3, slowest, "s"),
        Figure("200 presses: acked and lost after kill -9", "0", lost, "rows", lost == 0),
    ]


def _compared(what: str, limit: float, nines: dict[str, list[float]]) -> Figure:
    spread = " / ".join(" ".join(f"{nine:.2f}" for nine in nines[side]) for side in ("ours", "bare"))
    return ratio_at_most(what, limit, middle(nines["ours"]), "s", middle(nines["bare"]), f"rounds: {spread}")


def _raised(side: str, url: str) -> None:
    """As many escalations as are pressed, whose messages were all sent long ago."""
    if side == "bare":
        bare = BareStore(url)
        for n in range(CROWD):
            bare.raise_escalation(f"seed-{n}", "U0LINA", f"账单 {n}", "The page stays blank.")
        bare.engine.dispose()
        return
    store = Store(url)
    store.upgrade()
    commands, by = EscalationCommands(store), Actor("U0LINA", TEAM)
    for n in range(CROWD):
        commands.raise_escalation(_request(n), "C0ESCAL", by, NOW, f"seed-{n}")
    store.dispose()


def _request(n: int) -> Request:
    return Request(
        kind=RequestKind.PARTNER_CENTER, severity=Severity.C, title=f"账单 {n}", details="The page stays blank.",
        answers={"category": IssueCategory.TECHNICAL},
    )  # fmt: skip


def _epoch(side: str, url: str) -> str:
    if side == "bare":
        return ""
    store = Store(url)
    try:
        return f"~{StoreEpoch(store).epoch}~"
    finally:
        store.dispose()


def _user(n: int) -> str:
    return f"U0PERSON{n % PEOPLE}"


def _command(n: int) -> Json:
    return payloads.command(_user(n), "new", f"{n}.trigger", url="http://127.0.0.1/none")


def _press(number: int, mark: str) -> Json:
    value = f'{mark}{{"n": {number}, "v": 1}}'
    acted = payloads.button("card.acknowledge", value)
    return payloads.click(_user(number), f"{number}.press", acted, url="")


def _stored(url: str) -> int:
    store = Store(url)
    query: Any = select(func.count()).where(HISTORY.c.move == "acknowledge")
    try:
        return int(store.read(lambda connection: connection.scalar(query)) or 0)
    finally:
        store.dispose()
