"""Connections to Slack are kept; what became of a request stays exactly known."""

import gc
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bot.clock import Clock
from bot.http_client.transport import NoResponse, RequestNotSent, Transport
from tests.bot.stubs import until
from tests.scripted_server import AUTHORITY, ScriptedServer, proxy_to, scripted_server

ROOT = Path(__file__).parents[3]
TIMEOUT = 60.0
FORKING = """
import os, sys
from bot.clock import Clock
from bot.http_client.transport import Transport
transport = Transport(Clock(), sys.argv[1])
def call(): assert transport.post(sys.argv[1], b"x", {}, 60.0).status == 200
call()
child = os.fork()
call()
if child: os.waitpid(child, 0); call()
os._exit(0)
"""


class MovedClock(Clock):
    """A clock that is moved by hand."""

    ahead = 0.0

    def steady(self) -> float:
        return super().steady() + self.ahead


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with scripted_server() as server:
        yield server


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock()


@pytest.fixture
def transport(server: ScriptedServer, clock: MovedClock) -> Iterator[Transport]:
    transport = Transport(clock, url_of(server))
    yield transport
    transport.close()


def url_of(server: ScriptedServer, scheme: str = "http", host: str = "127.0.0.1") -> str:
    return f"{scheme}://{host}:{server.port}/api/chat.postMessage"


def call(transport: Transport, server: ScriptedServer) -> bytes:
    """One call; what came back."""
    return transport.post(url_of(server), b"text=x", {"Content-Type": "text/plain"}, TIMEOUT).body


def test_one_call_after_another_uses_one_connection(transport: Transport, server: ScriptedServer) -> None:
    server.script.extend(["answer", "chunked", "answer"])

    answers = [call(transport, server) for _ in range(5)]

    assert answers == [b'{"ok":true}'] * 5
    assert server.connections == 1


@pytest.mark.parametrize("end", ["close", "reset"])
def test_a_connection_that_ended_meanwhile_is_noticed_before_anything_is_sent(
    transport: Transport, server: ScriptedServer, end: str
) -> None:
    server.script.append(end)
    call(transport, server)
    assert server.ended.wait(TIMEOUT)

    assert call(transport, server) == b'{"ok":true}'

    assert [number for number, _ in server.requests] == [1, 2]


def test_a_kept_connection_that_takes_nothing_is_replaced_at_once(transport: Transport, server: ScriptedServer) -> None:
    call(transport, server)
    (kept,) = transport._connections._idle
    kept._http.sock.shutdown(socket.SHUT_WR)  # the server's end comes in this very moment: not to be seen before
    transport._connections._idle[:] = [Unseen(kept)]  # type: ignore[list-item]

    assert call(transport, server) == b'{"ok":true}'

    assert [number for number, _ in server.requests] == [1, 2]


class Unseen:
    """A kept connection whose end is noticed only by sending."""

    def __init__(self, kept: object) -> None:
        self._kept = kept

    def __getattr__(self, name: str) -> object:
        return getattr(self._kept, name)

    def is_open(self) -> bool:
        return True


@pytest.mark.parametrize("end", ["silent close", "silent reset", "cut"])
@pytest.mark.parametrize("before", [0, 1], ids=["new connection", "kept connection"])
def test_a_request_that_went_out_is_never_sent_again(
    transport: Transport, server: ScriptedServer, end: str, before: int
) -> None:
    for _ in range(before):
        call(transport, server)
    server.script.append(end)

    if end == "cut":  # the caller sees that it is no whole answer
        assert call(transport, server) == b'{"ok":t'
    else:
        with pytest.raises(NoResponse):
            call(transport, server)

    assert len(server.requests) == before + 1
    assert call(transport, server) == b'{"ok":true}'
    assert server.connections == 2


def test_an_unused_connection_is_not_kept_for_long(
    transport: Transport, server: ScriptedServer, clock: MovedClock
) -> None:
    for moved in (0, 29, 31, 29 * 30):
        clock.ahead += moved
        call(transport, server)

    assert [number for number, _ in server.requests] == [1, 1, 2, 3]


def test_a_connection_in_steady_use_is_replaced_after_ten_minutes(
    transport: Transport, server: ScriptedServer, clock: MovedClock
) -> None:
    for _ in range(25):
        clock.ahead += 29
        call(transport, server)

    assert server.connections == 2


def test_threads_have_a_connection_each_and_descriptors_stay_the_same(
    transport: Transport, server: ScriptedServer
) -> None:
    gc.collect()  # what earlier tests left open is closed now, and not in between
    before = descriptors()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: call(transport, server), range(200)))

    assert len(server.requests) == 200
    assert server.connections <= 4
    assert descriptors() <= before + 2 * 4  # both ends are in this process
    transport.close()
    until(lambda: descriptors() <= before)
    assert call(transport, server) == b'{"ok":true}'
    until(lambda: descriptors() <= before)


def descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))


def test_a_forked_process_has_connections_of_its_own(server: ScriptedServer) -> None:
    subprocess.run([sys.executable, "-c", FORKING, url_of(server)], cwd=ROOT, check=True, timeout=300)

    assert len(server.requests) == 4
    assert server.connections == 2


def test_nothing_is_sent_when_nobody_listens_or_the_certificate_is_wrong(server: ScriptedServer) -> None:
    with scripted_server(tls=True) as stranger, pytest.raises(RequestNotSent, match="CertVerification"):
        Transport(Clock(), "https://").post(url_of(stranger, "https"), b"x", {}, TIMEOUT)
    with pytest.raises(RequestNotSent, match="Refused"):
        Transport(Clock(), "http://").post("http://127.0.0.1:9/", b"x", {}, TIMEOUT)

    assert stranger.requests == []


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1/", "ftp://127.0.0.1/", "https:///api", "https://h:x/", "file:///etc/passwd"]
)
def test_another_scheme_or_no_address_is_never_called(url: str) -> None:
    with pytest.raises(NoResponse):
        Transport(Clock(), "https://slack.com/api/").post(url, b"x", {}, TIMEOUT)


@pytest.fixture
def own_authority(monkeypatch: pytest.MonkeyPatch) -> None:
    """An operator's own certificate authority."""
    monkeypatch.setenv("SSL_CERT_FILE", str(AUTHORITY))


@pytest.mark.usefixtures("own_authority")
def test_with_tls_and_an_authority_of_ones_own_the_connection_is_kept_too() -> None:
    with scripted_server(tls=True) as server:
        transport = Transport(Clock(), "https://")
        server.script.extend(["answer", "answer", "close", "answer"])
        for _ in range(3):
            assert transport.post(url_of(server, "https"), b"x", {}, TIMEOUT).status == 200
        assert server.ended.wait(TIMEOUT)
        assert transport.post(url_of(server, "https"), b"x", {}, TIMEOUT).status == 200
        transport.close()

        assert [number for number, _ in server.requests] == [1, 1, 1, 2]


@pytest.mark.usefixtures("own_authority")
def test_a_proxy_is_used_with_its_login_and_its_connection_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    with scripted_server(tls=True) as server, proxy_to(server.port) as proxy:
        monkeypatch.setenv("https_proxy", f"http://duty:p%40ss@127.0.0.1:{proxy.port}")
        transport = Transport(Clock(), "https://")
        for _ in range(3):
            assert transport.post(url_of(server, "https", "slack.test"), b"x", {}, TIMEOUT).status == 200
        transport.close()

        (asked,) = proxy.heads
    assert asked.startswith(f"CONNECT slack.test:{server.port} ")
    assert "Proxy-Authorization: Basic ZHV0eTpwQHNz" in asked
    assert "Proxy-Authorization" not in "".join(server.heads)


@pytest.mark.usefixtures("own_authority")
def test_a_proxy_that_refuses_means_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    with scripted_server(tls=True) as server, proxy_to(server.port) as proxy:
        proxy.refuses = True
        monkeypatch.setenv("https_proxy", f"127.0.0.1:{proxy.port}")

        with pytest.raises(RequestNotSent):
            Transport(Clock(), "https://").post(url_of(server, "https", "slack.test"), b"x", {}, TIMEOUT)

    assert server.requests == []


@pytest.mark.usefixtures("own_authority")
def test_what_no_proxy_names_is_called_directly(monkeypatch: pytest.MonkeyPatch) -> None:
    with scripted_server(tls=True) as server, proxy_to(server.port) as proxy:
        monkeypatch.setenv("https_proxy", f"http://127.0.0.1:{proxy.port}")
        monkeypatch.setenv("no_proxy", "slack.test")

        with pytest.raises(RequestNotSent):  # nobody knows the name
            Transport(Clock(), "https://").post(url_of(server, "https", "slack.test"), b"x", {}, TIMEOUT)

        assert proxy.heads == []
