"""A pool of HTTP connections: each carries one request at a time, and is used again while its server lets it."""

import os
import select
import socket
import ssl
import threading
import urllib.request
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPResponse, HTTPSConnection
from urllib.parse import SplitResult, unquote, urlsplit

from bot.clock import Clock
from bot.config import is_loopback
from bot.http_client import addresses

_IDLE_SECONDS = 30.0
"""A connection that was not used for so long is closed: many servers and firewalls forget one after a minute."""
_OLDEST_SECONDS = 600.0
"""A connection is replaced after this time, so that a changed address of the server is noticed."""
_MOST_IDLE = 16
"""So many unused connections are kept at most. There are never more than there were calls at the same moment."""


@dataclass(frozen=True)
class Origin:
    """Where connections lead to, and through which proxy."""

    scheme: str
    host: str
    port: int | None
    proxy: str | None

    @classmethod
    def of(cls, url: SplitResult) -> "Origin":
        """Return the origin of an address. Raises ValueError for one without a host or with a wrong port."""
        if not url.hostname:
            raise ValueError("no host")
        return cls(url.scheme, url.hostname, url.port, proxy_for(url.geturl()) if url.scheme == "https" else None)


class SendFailed(Exception):
    """The connection broke before it took the request; ``has_begun`` when it took a part of it."""

    def __init__(self, reason: OSError, *, has_begun: bool) -> None:
        super().__init__(type(reason).__name__)
        self.reason, self.has_begun = reason, has_begun


class PooledConnection:
    """One open connection."""

    def __init__(self, http: HTTPConnection, origin: Origin, now: float) -> None:
        http.auto_open = 0  # a connection that was closed is never opened again behind our back
        self._http = http
        self.origin, self.opened_at, self.used_at = origin, now, now

    def send(self, method: str, target: str, body: bytes | None, headers: Mapping[str, str], timeout: float) -> None:
        """Send a whole request. ``timeout``: seconds for each wait on the socket. Raises SendFailed, ValueError."""
        self._http.sock.settimeout(timeout)
        self._http.putrequest(method, target)
        for name, value in headers.items():
            self._http.putheader(name, value)
        if body is not None:
            self._http.putheader("Content-Length", str(len(body)))
        has_begun = False
        try:
            self._http.endheaders()
            has_begun = True
            if body:
                self._http.send(body)
        except OSError as error:
            raise SendFailed(error, has_begun=has_begun) from None

    def response(self) -> HTTPResponse:
        """Wait for the head of the answer. Raises OSError, HTTPException."""
        return self._http.getresponse()

    def may_be_kept(self, now: float) -> bool:
        """Return whether it was used lately and is not too old."""
        return now - self.used_at < _IDLE_SECONDS and now - self.opened_at < _OLDEST_SECONDS

    def is_open(self) -> bool:
        """Return whether the server has neither closed it nor said anything since its last answer."""
        poll = select.poll()
        poll.register(self._http.sock, select.POLLIN)
        return not poll.poll(0)

    def close(self) -> None:
        """Close it."""
        self._http.close()


class ConnectionPool:
    """The connections that are not in use. Threads may share it; a forked process begins with none."""

    def __init__(self, clock: Clock, tls: ssl.SSLContext | None) -> None:
        self._clock, self._tls = clock, tls
        self._lock = threading.Lock()
        self._idle: list[PooledConnection] = []
        self._process, self._is_closed = os.getpid(), False

    def __del__(self) -> None:
        """Close the connections of a pool that its owner did not close."""
        for unused in self._idle:
            unused.close()

    def acquire(self, origin: Origin) -> PooledConnection | None:
        """Return an open connection that was used last, for the caller alone; None when there is none."""
        with self._lock:
            self._drop_old()
            connection = next((unused for unused in reversed(self._idle) if unused.origin == origin), None)
            if connection is not None:
                self._idle.remove(connection)
        if connection is None or connection.is_open():
            return connection
        connection.close()
        return self.acquire(origin)

    def open(self, origin: Origin, timeout: float) -> PooledConnection:
        """Open another connection. Raises OSError, HTTPException."""
        http = _connection(origin, timeout, self._tls)
        http._create_connection = _connect_checked  # type: ignore[attr-defined]
        try:
            http.connect()
        except BaseException:
            http.close()
            raise
        return PooledConnection(http, origin, self._clock.steady())

    def release(self, connection: PooledConnection) -> None:
        """Keep a connection whose answer was read to its end."""
        connection.used_at = self._clock.steady()
        with self._lock:
            self._idle.append(connection)
            self._drop_old()

    def close(self) -> None:
        """Close all that are not in use; those in use are closed when they are given back."""
        with self._lock:
            self._is_closed = True
            self._drop_old()

    def _drop_old(self) -> None:
        if self._process != os.getpid():  # they belong to the process this one was forked from
            self._process, self._idle = os.getpid(), []
        now = self._clock.steady()
        kept = [unused for unused in self._idle if not self._is_closed and unused.may_be_kept(now)][-_MOST_IDLE:]
        for unused in self._idle:
            if unused not in kept:
                unused.close()
        self._idle = kept


def proxy_for(url: str) -> str | None:
    """Return the web proxy this machine is told to use for an https address; None for a direct connection."""
    host = urlsplit(url).hostname or ""
    if is_loopback(url) or urllib.request.proxy_bypass(host):
        return None
    return urllib.request.getproxies().get("https")


def _connection(origin: Origin, timeout: float, tls: ssl.SSLContext | None) -> HTTPConnection:
    if origin.scheme == "http":
        return HTTPConnection(origin.host, origin.port or 80, timeout=timeout)
    if origin.proxy is None:
        return HTTPSConnection(origin.host, origin.port or 443, timeout=timeout, context=tls)
    proxy = urlsplit(origin.proxy if "://" in origin.proxy else f"http://{origin.proxy}")
    through = HTTPSConnection(proxy.hostname or "", proxy.port or 80, timeout=timeout, context=tls)
    through.set_tunnel(origin.host, origin.port or 443, _proxy_login(proxy))
    return through


def _connect_checked(place: tuple[str, int], timeout: float, _source: object) -> socket.socket:
    return addresses.connect(*place, timeout)


def _proxy_login(proxy: SplitResult) -> dict[str, str]:
    if not proxy.username:
        return {}
    login = f"{unquote(proxy.username)}:{unquote(proxy.password or '')}"
    return {"Proxy-Authorization": f"Basic {b64encode(login.encode()).decode()}"}
