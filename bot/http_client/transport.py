"""HTTP to Slack and other services: one request per call, no retry, no redirect, a bounded answer.

The stock client of the SDK retries a post whose answer was lost, and so posts twice. It also follows a redirect to
another host with the token in its header. Here the outbox decides about retries, and nothing follows redirects.
"""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPException, HTTPResponse
from urllib.parse import SplitResult, urlsplit

from slack_sdk.errors import SlackRequestError

from bot.clock import Clock
from bot.http_client.connections import ConnectionPool, Origin, PooledConnection, SendFailed

_MAX_ANSWER = 16 * 1024 * 1024
_CHUNK = 64 * 1024
_AGENT = {"User-Agent": "csp-escalate"}


class RequestNotSent(SlackRequestError):
    """The request never reached Slack: sending it again cannot double anything."""


class NoResponse(SlackRequestError):
    """The request went out and no usable answer came back: Slack may have done it, or not."""


@dataclass(frozen=True)
class HttpResponse:
    """An HTTP answer of any status, read to its end."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class _Request:
    method: str
    url: SplitResult
    body: bytes | None
    headers: Mapping[str, str]
    timeout: float

    @property
    def target(self) -> str:
        path = self.url.path or "/"
        return f"{path}?{self.url.query}" if self.url.query else path


class Transport:
    """Sends requests. One for the whole process: it holds TLS settings and connections; threads may share it.

    A connection is used again. When its server has closed it meanwhile, and it takes no part of a request, that request
    goes out at once on a new one. After that nothing is repeated.
    """

    def __init__(self, clock: Clock, base_url: str) -> None:
        """Take the one scheme of a Slack's addresses: never plain HTTP from one that has TLS, nor the other way."""
        self._clock = clock
        self._scheme = urlsplit(base_url).scheme
        self._connections = ConnectionPool(clock, ssl.create_default_context() if self._scheme == "https" else None)

    def post(self, url: str, body: bytes, headers: Mapping[str, str], timeout: float) -> HttpResponse:
        """POST and read the answer. ``timeout``: seconds for each wait on the socket; twice that in all.

        Raises :class:`RequestNotSent` or :class:`NoResponse`; an HTTP error status is an ordinary reply.
        """
        return self.send("POST", url, body, headers, timeout)

    def send(self, method: str, url: str, body: bytes, headers: Mapping[str, str], timeout: float) -> HttpResponse:
        """Send a body by any method and read the answer, as :meth:`post` does."""
        return self._exchange(method, url, body, headers, timeout)

    def get(self, url: str, timeout: float) -> HttpResponse:
        """GET and read the answer, as :meth:`post` does."""
        return self._exchange("GET", url, None, {}, timeout)

    def close(self) -> None:
        """Close the connections, and keep none from now on."""
        self._connections.close()

    def _exchange(
        self, method: str, url: str, body: bytes | None, headers: Mapping[str, str], timeout: float
    ) -> HttpResponse:
        until = self._clock.monotonic() + 2 * timeout
        try:
            request = _Request(method, urlsplit(url), body, {**_AGENT, **headers}, timeout)
            origin = Origin.of(request.url)
        except ValueError as error:
            raise NoResponse(_name(error)) from None
        if origin.scheme != self._scheme:
            raise NoResponse("the address has another scheme")
        connection = self._send(request, origin)
        is_finished = False
        try:
            response = connection.response()
            answer, is_finished = self._read(response, until)
        except (OSError, HTTPException, ValueError) as error:
            raise NoResponse(_name(error)) from None
        finally:
            if is_finished:
                self._connections.release(connection)
            else:
                connection.close()
        return answer

    def _send(self, request: _Request, origin: Origin) -> PooledConnection:
        """Send a request and return its connection: a kept one, or a new one if that took nothing of it."""
        if (kept := self._connections.acquire(origin)) and self._is_sent(kept, request):
            return kept
        try:
            new = self._connections.open(origin, request.timeout)
        except (OSError, HTTPException) as error:  # no byte of the request can have gone out
            raise RequestNotSent(_name(error)) from None
        if not self._is_sent(new, request):
            raise RequestNotSent("the connection was closed")
        return new

    @staticmethod
    def _is_sent(connection: PooledConnection, request: _Request) -> bool:
        """Send a request; False when its connection took nothing of it. Raises NoResponse when it took a part."""
        try:
            connection.send(request.method, request.target, request.body, request.headers, request.timeout)
        except SendFailed as failure:
            connection.close()
            if failure.has_begun:
                raise NoResponse(str(failure)) from None
            return False
        except (HTTPException, ValueError) as error:  # an address or header that HTTP does not allow
            connection.close()
            raise NoResponse(_name(error)) from None
        return True

    def _read(self, response: HTTPResponse, until: float) -> tuple[HttpResponse, bool]:
        """Return an answer, and whether its connection can carry another. What an error status says may be cut off."""
        body = b""
        try:
            body = self._read_body(response, until)
        except (OSError, HTTPException, NoResponse):
            if 200 <= response.status < 300:
                raise
            return HttpResponse(response.status, dict(response.headers), b""), False
        is_whole = response.isclosed() if response.chunked else response.length == 0
        response.close()
        return HttpResponse(response.status, dict(response.headers), body), is_whole and not response.will_close

    def _read_body(self, response: HTTPResponse, until: float) -> bytes:
        chunks: list[bytes] = []
        remaining = _MAX_ANSWER
        while chunk := response.read1(_CHUNK):
            chunks.append(chunk)
            remaining -= len(chunk)
            # A server that drips one byte at a time never runs into the socket's own timeout.
            if remaining < 0 or self._clock.monotonic() > until:
                raise NoResponse("the answer does not end")
        return b"".join(chunks)


def _name(error: object) -> str:
    # The kind of trouble only: messages of network errors can quote addresses and answers.
    return type(error).__name__
