"""Calls to Slack over TLS on loopback: on kept connections, and on a new one each as before and as in Slack's SDK."""

import os
import ssl
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from bot.clock import Clock
from bot.http_client.transport import Transport
from tests.bench.measurement import Figure, Workshop, in_turn, middle, p99, ratio_at_most, told
from tests.bench.tls_server import BODY, DISTANCE

ROOT = Path(__file__).parents[2]
AUTHORITY = ROOT / "tests" / "data" / "tls" / "authority.pem"
ROUNDS, CALLS, FAR_CALLS = 10, 100, 10
THREADS, AT_ONCE = 8, 400
MESSAGE = b"channel=C0ESCAL&text=" + 2000 * b"x"
HEADERS = {"Content-Type": "application/x-www-form-urlencoded"}
Call = Callable[[str], None]
Calls = dict[str, Call]


def measure(workshop: Workshop) -> list[Figure]:
    """The two ways take turns. A message and its answer have the size of a usual card."""
    os.environ["SSL_CERT_FILE"] = str(AUTHORITY)
    transport = Transport(Clock(), "https://")
    calls: Calls = {"ours": _kept(transport), "bare": _new_each_time()}
    with _server() as (near, far):
        workshop.say("one call after another")
        seconds, processor = _one_by_one(calls, near)
        workshop.say("from far away")
        distant = {side: [_timed(call, far) for _ in range(FAR_CALLS + 1)][1:] for side, call in calls.items()}
        workshop.say(f"{THREADS} threads")
        rates = {side: _at_once(call, near) for side, call in calls.items()}
        before = len(os.listdir("/proc/self/fd"))
        _at_once(calls["ours"], near)
        more = len(os.listdir("/proc/self/fd")) - before
    transport.close()
    note = "the answer is one packet, so this is the time to its first byte too"
    way = f"{DISTANCE * 1000:.0f} ms each way"
    return [
        ratio_at_most("one call: p50", 0.5, _ms(middle(seconds["ours"])), "ms", _ms(middle(seconds["bare"])), note),
        told("one call: p99", _ms(p99(seconds["ours"])), "ms", _ms(p99(seconds["bare"]))),
        told("one call: processor time of the caller", _ms(processor["ours"]), "ms", _ms(processor["bare"])),
        told(f"one call, {way}: p50", _ms(middle(distant["ours"])), "ms", _ms(middle(distant["bare"]))),
        told(f"calls per second, {THREADS} threads", rates["ours"], "/s", rates["bare"]),
        told(f"descriptors more after {AT_ONCE} other calls", more, "descriptors"),
    ]


def _kept(transport: Transport) -> Call:
    def call(url: str) -> None:
        assert transport.post(url, MESSAGE, HEADERS, 10.0).body == BODY

    return call


def _new_each_time() -> Call:
    """The library that carried every call before, and carries those of Slack's SDK."""
    context = ssl.create_default_context()
    opener = urllib.request.build_opener(urllib.request.HTTPSHandler(context=context))

    def call(url: str) -> None:
        request = urllib.request.Request(url, MESSAGE, HEADERS, method="POST")  # noqa: S310 - loopback
        with opener.open(request, timeout=10.0) as answer:
            assert answer.read() == BODY

    return call


def _one_by_one(calls: Calls, url: str) -> tuple[dict[str, list[float]], dict[str, float]]:
    """The seconds of each call, and the processor time of one."""
    seconds: dict[str, list[float]] = {"ours": [], "bare": []}
    processor = {"ours": 0.0, "bare": 0.0}
    for _, side in in_turn(ROUNDS):
        began = time.process_time()
        seconds[side] += [_timed(calls[side], url) for _ in range(CALLS)]
        processor[side] += (time.process_time() - began) / CALLS / ROUNDS
    return seconds, processor


def _timed(call: Call, url: str) -> float:
    began = time.perf_counter()
    call(url)
    return time.perf_counter() - began


def _at_once(call: Call, url: str) -> float:
    """Calls per second of several threads."""
    began = time.perf_counter()
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(call, [url] * AT_ONCE))
    return AT_ONCE / (time.perf_counter() - began)


def _ms(seconds: float) -> float:
    return seconds * 1000


@contextmanager
def _server() -> Iterator[tuple[str, str]]:
    """The addresses of a server near and far."""
    command = [sys.executable, "-m", "tests.bench.tls_server"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        near, far = (f"https://127.0.0.1:{port}/api/chat.postMessage" for port in process.stdout.readline().split())
        try:
            yield near, far
        finally:
            process.terminate()
