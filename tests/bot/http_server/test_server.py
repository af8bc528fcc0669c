"""Signed HTTP: believed before it is read; everything else is refused without a trace."""

import asyncio
import hashlib
import hmac
import io
import json
import logging
import socket
import time
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any
from urllib.parse import quote

import aiohttp
import pytest
from slack_bolt import BoltResponse

from bot import logs
from bot.clock import Clock
from bot.config import Secret
from bot.http_server.server import HEALTH_PATH, HttpServer, Probes
from bot.slack.event_routes import EVENTS_PATH, EventRoutes, SignatureCheck
from tests.bot.stubs import PATIENCE, Broken, Listener, until

SECRET = "signing-secret-of-the-tests"
BODY = b"command=%2Fcsp-escalate&text=body-canary&trigger_id=1"
Caller = Callable[[aiohttp.ClientSession, str], Awaitable[Any]]


@pytest.fixture
def output() -> Iterator[io.StringIO]:
    """The log of this process."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    stream = io.StringIO()
    logs.set_up([SECRET], stream)
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.raiseExceptions = True
    logging.captureWarnings(False)


def well() -> tuple[bool, dict[str, Any]]:
    return True, {"ok": True}


def signed(body: bytes, age: float = 0, secret: str = SECRET, version: str = "v0") -> dict[str, str]:
    timestamp = str(int(Clock().now().timestamp() - age))
    digest = hmac.new(secret.encode(), f"{version}:{timestamp}:".encode() + body, hashlib.sha256).hexdigest()
    form = "application/x-www-form-urlencoded"
    return {
        "X-Slack-Request-Timestamp": timestamp,
        "X-Slack-Signature": f"{version}={digest}",
        "Content-Type": form,
    }


def visit(listener: Listener, call: Caller) -> Any:
    """Start a server, let ``call`` talk to it, stop it."""

    async def story() -> Any:
        with ThreadPoolExecutor(4) as pool:
            web = HttpServer(well)
            web.add_routes(EventRoutes(listener, SignatureCheck(Secret(SECRET), Clock()), "sorry", pool).routes())
            port = await web.start("127.0.0.1", 0)
            try:
                async with aiohttp.ClientSession() as session:
                    return await call(session, f"http://127.0.0.1:{port}")
            finally:
                await web.stop()

    return asyncio.run(story())


def post(listener: Listener, body: bytes, headers: dict[str, str]) -> tuple[int, str]:
    async def call(session: aiohttp.ClientSession, url: str) -> tuple[int, str]:
        async with session.post(url + EVENTS_PATH, data=io.BytesIO(body), headers=headers) as response:
            return response.status, await response.text()

    status, text = visit(listener, call)
    return status, text


def test_a_signed_request_reaches_the_listener_and_its_answer_reaches_slack() -> None:
    listener = Listener(
        BoltResponse(status=200, body=json.dumps({"text": "早"}), headers={"content-type": ["application/json"]})
    )
    status, text = post(listener, BODY, signed(BODY))
    assert (status, json.loads(text)) == (200, {"text": "早"})
    assert listener.heard[0]["text"] == "body-canary"


def headers_of(**changes: str) -> dict[str, str]:
    return signed(BODY) | {key.replace("_", "-"): value for key, value in changes.items()}


BAD: dict[str, Callable[[], dict[str, str]]] = {  # made when used: a signature grows old
    "no headers at all": lambda: {},
    "wrong secret": lambda: signed(BODY, secret="another"),
    "wrong version": lambda: signed(BODY, version="v1"),
    "five minutes and more old": lambda: signed(BODY, age=302),
    "two minutes ahead": lambda: signed(BODY, age=-120),
    "timestamp in letters": lambda: headers_of(X_Slack_Request_Timestamp="abc"),
    "timestamp of 400 digits": lambda: headers_of(X_Slack_Request_Timestamp="1" * 400),
    "timestamp in other digits": lambda: headers_of(X_Slack_Request_Timestamp=quote("１２３")),
    "negative timestamp": lambda: headers_of(X_Slack_Request_Timestamp="-5"),
    "empty signature": lambda: headers_of(X_Slack_Signature=""),
    "signature beyond ASCII": lambda: headers_of(X_Slack_Signature="v0=é"),
    "signature cut short": lambda: headers_of(X_Slack_Signature=signed(BODY)["X-Slack-Signature"][:-1]),
    "signature in capitals": lambda: headers_of(X_Slack_Signature=signed(BODY)["X-Slack-Signature"].upper()),
}


@pytest.mark.parametrize("headers", BAD.values(), ids=BAD.keys())
def test_a_bad_signature_is_refused_without_a_trace_of_the_request(
    output: io.StringIO, headers: Callable[[], dict[str, str]]
) -> None:
    listener = Listener()
    status, text = post(listener, BODY, headers())
    assert (status, text) == (401, "")
    assert listener.heard == []
    assert "canary" not in output.getvalue()
    assert "Traceback" not in output.getvalue()
    assert "v0=" not in output.getvalue()


@pytest.mark.parametrize(
    "body", [b"\xff\xfe canary", b"{" * 100_000, b"payload=notjson-canary", b"[1, 2]", b'"canary"', b"null"]
)
def test_unsigned_nonsense_is_never_parsed(output: io.StringIO, body: bytes) -> None:
    assert post(Listener(), body, signed(b"something else")) == (401, "")
    assert "canary" not in output.getvalue()
    assert "Traceback" not in output.getvalue()


@pytest.mark.parametrize(
    "body", [b"\xff\xfe canary", b'{"a":' * 100_000, b"payload=notjson-canary", b"[1, 2]", b'"canary"']
)
def test_signed_nonsense_is_a_bad_request_and_no_crash(output: io.StringIO, body: bytes) -> None:
    headers = signed(body)
    if body[:1] in b'{["':
        headers["Content-Type"] = "application/json"
    status, _ = post(Listener(), body, headers)
    assert status == 400
    assert "canary" not in output.getvalue()
    assert "Traceback" not in output.getvalue()


SOMEBODY = {"user": {"id": "U0LINA"}, "team": {"id": "T0SANDBOX"}}
NOT_WHOLE: list[dict[str, Any]] = [
    {"type": "block_actions", "actions": [], **SOMEBODY},
    {"type": "block_actions", "actions": [None], **SOMEBODY},
    {"type": "block_actions", "actions": {"0": {}}, **SOMEBODY},
    {"type": "block_actions", "actions": [{"action_id": "card.more"}], "user": None},
    {"type": "block_suggestion", **SOMEBODY},
    {"type": "event_callback", "event": None, "team_id": "T0SANDBOX"},
    {"type": "event_callback", "event": {}, "team_id": "T0SANDBOX"},
    {"type": "event_callback", "event": [1], "team_id": "T0SANDBOX"},
    {"type": "view_submission", "view": {}, **SOMEBODY},
    {"type": "view_submission", "view": None, **SOMEBODY},
    {"type": "view_submission", "view": {"id": 1, "callback_id": "form"}, **SOMEBODY},
    {"type": "view_closed", "view": {"id": "V1"}, **SOMEBODY},
    {"type": "shortcut", **SOMEBODY},
    {"type": "message_action", "callback_id": "escalate_message", "message": "x", **SOMEBODY},
]


@pytest.mark.parametrize("body", NOT_WHOLE, ids=json.dumps)
def test_a_signed_body_that_is_not_whole_is_a_bad_request_and_no_crash(
    output: io.StringIO, body: dict[str, Any]
) -> None:
    told = json.dumps(body).encode()
    as_json = body["type"] == "event_callback"
    sent = told if as_json else b"payload=" + quote(told).encode()
    headers = signed(sent) | ({"Content-Type": "application/json"} if as_json else {})
    listener = Listener()

    assert post(listener, sent, headers) == (400, "")
    assert listener.heard == []
    assert "Traceback" not in output.getvalue()


def test_no_answer_tells_the_versions_of_the_server() -> None:
    async def call(session: aiohttp.ClientSession, url: str) -> list[str]:
        host, port = url.removeprefix("http://").split(":")
        told = []
        for path in (HEALTH_PATH, "/nowhere", EVENTS_PATH):
            async with session.get(url + path) as response:
                told.append(response.headers["Server"])
        return [*told, (await asyncio.to_thread(garbage, host, int(port))).decode()]

    health, nowhere, events, broken = visit(Listener(), call)
    assert (health, nowhere, events) == ("csp-escalate",) * 3
    assert "Server: csp-escalate" in broken
    assert "aiohttp" not in broken
    assert "Python" not in broken


def garbage(host: str, port: int) -> bytes:
    """What the server answers to what is no HTTP."""
    with socket.create_connection((host, port), timeout=30) as raw:
        raw.sendall(b"POST /slack/events HTTP/1.1\r\nX-Slack-Signature: \x00canary\r\nbroken\r\n\r\n")
        return raw.recv(4096)


def closed_after(connection: socket.socket, sent: bytes) -> float:
    """Seconds until the server closes a connection over which one more byte comes now and then."""
    began = time.monotonic()
    connection.settimeout(0.2)
    connection.sendall(sent)
    while time.monotonic() - began < 60:
        with suppress(TimeoutError):
            if not connection.recv(4096):
                break
            continue
        with suppress(OSError):
            connection.sendall(b"x")
    return time.monotonic() - began


HEADERS = b"POST /slack/events HTTP/1.1\r\nHost: x\r\nX-Slow: "
A_REQUEST = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.mark.parametrize("before", [b"", A_REQUEST], ids=["first request", "next request"])
def test_headers_that_are_never_finished_end_the_connection(monkeypatch: pytest.MonkeyPatch, before: bytes) -> None:
    monkeypatch.setattr("bot.http_server.connection_limits.HEADER_TIME", 1.0)

    async def call(_session: aiohttp.ClientSession, url: str) -> float:
        host, port = url.removeprefix("http://").split(":")

        def drip() -> float:
            with socket.create_connection((host, int(port))) as raw:
                if before:
                    raw.sendall(before)
                    assert b" 200 " in raw.recv(4096)
                return closed_after(raw, HEADERS)

        return await asyncio.to_thread(drip)

    assert 0.5 < visit(Listener(), call) < 60


def test_a_flood_of_connections_keeps_nobody_from_the_health_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.http_server.connection_limits.MOST", 10)
    monkeypatch.setattr("bot.http_server.connection_limits.HEADER_TIME", PATIENCE)  # nobody is cut for being slow

    async def call(session: aiohttp.ClientSession, url: str) -> tuple[int, int]:
        host, port = url.removeprefix("http://").split(":")
        flood = [await asyncio.open_connection(host, int(port)) for _ in range(40)]
        for _, writer in flood:
            writer.write(HEADERS)
        async with session.get(url + HEALTH_PATH, timeout=aiohttp.ClientTimeout(PATIENCE)) as response:
            status = response.status
        async with asyncio.timeout(PATIENCE):
            while count_closed(flood) < 31:
                await asyncio.sleep(0.01)
        async with session.get(url + HEALTH_PATH) as response:  # by its answer one more would have been seen
            assert response.status == 200
        cut = count_closed(flood)
        for _, writer in flood:
            writer.close()
        return status, cut

    assert visit(Listener(), call) == (200, 31)


def count_closed(connections: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]]) -> int:
    """How many connections the server has closed."""
    return sum(reader.at_eof() or reader.exception() is not None for reader, _ in connections)


def test_while_every_connection_is_being_served_only_the_health_page_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.http_server.connection_limits.MOST", 3)
    listener = Listener(seconds=PATIENCE)

    async def call(session: aiohttp.ClientSession, url: str) -> tuple[int, int, int]:
        async def sent(n: int) -> int:
            body = BODY + str(n).encode()
            async with session.post(url + EVENTS_PATH, data=body, headers=signed(body)) as response:
                return response.status

        slow = [asyncio.create_task(sent(n)) for n in range(3)]
        await asyncio.to_thread(until, lambda: len(listener.heard) == 3)
        refused = await sent(4)
        async with session.get(url + HEALTH_PATH) as response:
            health = response.status
        listener.slow.set()
        served = await asyncio.gather(*slow)
        return refused, health, sum(served)

    assert visit(listener, call) == (503, 200, 600)


def test_a_replay_of_a_good_request_is_refused() -> None:
    async def twice(session: aiohttp.ClientSession, url: str) -> list[int]:
        headers = signed(BODY)
        return [(await session.post(url + EVENTS_PATH, data=BODY, headers=headers)).status for _ in range(2)]

    listener = Listener()
    assert visit(listener, twice) == [200, 401]
    assert len(listener.heard) == 1


def test_a_body_over_one_mebibyte_is_refused() -> None:
    body = b"x" * (1024 * 1024 + 1)
    listener = Listener()
    assert post(listener, body, signed(body))[0] == 413
    assert listener.heard == []


def test_a_submission_nobody_answered_is_not_acknowledged() -> None:
    body = (
        b"payload="
        + quote(
            json.dumps({"type": "view_submission", "view": {"id": "V1", "callback_id": "form"}, **SOMEBODY})
        ).encode()
    )
    assert post(Listener(BoltResponse(status=404, body="")), body, signed(body))[0] == 500


def test_a_command_nobody_answered_says_sorry() -> None:
    status, text = post(Listener(BoltResponse(status=404, body="")), BODY, signed(BODY))
    assert (status, json.loads(text)["text"]) == (200, "sorry")


def test_a_listener_that_breaks_is_logged_and_shows_nothing_to_the_caller(output: io.StringIO) -> None:
    listener = Broken()
    assert post(listener, BODY, signed(BODY)) == (500, "")
    assert "could not be served" in output.getvalue()


def test_the_health_page_tells_well_from_unwell() -> None:
    async def statuses(unwell: bool) -> tuple[int, dict[str, Any]]:
        web = HttpServer(lambda: (not unwell, {"line": "x"}))
        port = await web.start("127.0.0.1", 0)
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"http://127.0.0.1:{port}{HEALTH_PATH}") as got,
        ):
            answer = got.status, await got.json()
        await web.stop()
        return answer

    assert asyncio.run(statuses(unwell=False)) == (200, {"line": "x"})
    assert asyncio.run(statuses(unwell=True)) == (503, {"line": "x"})


def test_probes_and_metrics_are_answered_beside_the_health_page() -> None:
    async def answers() -> dict[str, tuple[int, str]]:
        probes = Probes(lambda: (True, {"ok": True}), lambda: (False, {"ok": False}), lambda: b"csp 1\n", "text/plain")
        web = HttpServer(well, probes)
        port = await web.start("127.0.0.1", 0)
        found = {}
        async with aiohttp.ClientSession() as session:
            for path in ("/livez", "/readyz", "/metrics"):
                async with session.get(f"http://127.0.0.1:{port}{path}") as got:
                    found[path] = got.status, await got.text()
        await web.stop()
        return found

    found = asyncio.run(answers())

    assert found == {"/livez": (200, '{"ok": true}'), "/readyz": (503, '{"ok": false}'), "/metrics": (200, "csp 1\n")}


def test_the_health_page_alone_takes_no_deliveries() -> None:
    async def status() -> int:
        web = HttpServer(well)
        port = await web.start("127.0.0.1", 0)
        async with aiohttp.ClientSession() as session:
            response = await session.post(f"http://127.0.0.1:{port}{EVENTS_PATH}", data=BODY, headers=signed(BODY))
        await web.stop()
        return response.status

    assert asyncio.run(status()) == 404


def test_raw_garbage_on_the_socket_is_no_traceback(output: io.StringIO) -> None:
    async def call(_session: aiohttp.ClientSession, url: str) -> bytes:
        host, port = url.removeprefix("http://").split(":")

        def talk() -> bytes:
            with socket.create_connection((host, int(port)), timeout=30) as raw:
                raw.sendall(b"POST /slack/events HTTP/1.1\r\nX-Slack-Signature: \x00canary\r\nbroken\r\n\r\n")
                return raw.recv(4096)

        return await asyncio.to_thread(talk)

    assert b" 400 " in visit(Listener(), call)
    assert "canary" not in output.getvalue()
    assert "Traceback" not in output.getvalue()
