"""An app before a Slack that only answers (``light_slack``), so that nearly all of the time is the app's."""

import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Sequence

from tests.bench.load_harness import BARE, OURS, ROOT, Json, clean_environment
from tests.handlers.payloads import command

LATENCY = "0.1"
"""Seconds that each Web API call takes."""
PATIENCE = 60.0
"""Seconds until every form must be open."""
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

    def type_command(self, people: Sequence[str], name: str) -> list[float]:
        """Let all of these open the form at the same moment; seconds to each ack, once every form is open.

        ``name`` is another one for each burst. Raises RuntimeError when a form is missing after a minute.
        """
        expected = self.count("views.open") + len(people)
        # A bot answers only at its own Slack's addresses.
        where = f"{self._url}/api/response"
        typed = [command(user, "new", f"{number}.{name}", url=where) for number, user in enumerate(people)]
        seconds, _ = self.burst("slash_commands", typed)
        until = time.monotonic() + PATIENCE
        while self.count("views.open") < expected:
            if time.monotonic() > until:
                raise RuntimeError("not all forms were opened")
            time.sleep(0.1)
        return seconds

    def burst(self, kind: str, deliveries: Sequence[Json]) -> tuple[list[float], Json]:
        """Seconds to each ack of what is delivered at the same moment, and all calls so far by method."""
        body = json.dumps([{"type": kind, "payload": delivery} for delivery in deliveries]).encode()
        request = urllib.request.Request(f"{self._url}/burst", body, {"Content-Type": "application/json"})  # noqa: S310 - its own address
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310 - likewise
            told: Json = json.load(answer)
        return told["seconds"], told["calls"]

    def count(self, method: str) -> int:
        """How many calls of a method there were so far."""
        return int(self.burst("", [])[1].get(method, 0))

    def stop(self) -> None:
        """End it."""
        self._child.terminate()
        self._child.wait()
