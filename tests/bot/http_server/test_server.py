"""The HTTP server: health, probes, and how many connections it takes."""

import asyncio
import io
import socket
import time
from contextlib import suppress
from typing import Any

import aiohttp
import pytest

from bot.http_server.server import HEALTH_PATH, HttpServer, Probes
from bot.slack.event_routes import EVENTS_PATH
from tests.bot.signed_requests import BODY, signed, visit, well
from tests.bot.stubs import PATIENCE, Listener, until


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
