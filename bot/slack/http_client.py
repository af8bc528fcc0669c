"""HTTP to Slack: one POST per call, no retry, no redirect, a bounded answer. Knows nothing of what is sent.

The stock client of the SDK retries a post whose answer was lost, and so posts twice. It also follows a redirect to
another host with the token in its header. Here the outbox decides about retries, and nothing follows redirects.
"""

import errno
import socket
import ssl
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.client import HTTPException, HTTPResponse
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit

from slack_sdk.errors import SlackRequestError

from bot.clock import Clock
from bot.config import is_loopback

_MAX_ANSWER = 16 * 1024 * 1024
_CHUNK = 64 * 1024
_UNSENT = {errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ECONNREFUSED, errno.EADDRNOTAVAIL, errno.ENETDOWN}


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


class Transport:
    """Posts bodies, and asks. One for the whole process: it holds the TLS settings, no state; threads may share it."""

    def __init__(self, clock: Clock, base_url: str) -> None:
        self._clock = clock
        self._opener = _opener(base_url)

    def post(self, url: str, body: bytes, headers: Mapping[str, str], timeout: float) -> HttpResponse:
        """POST and read the answer. ``timeout``: seconds for each wait on the socket; twice that in all.

        Raises :class:`RequestNotSent` or :class:`NoResponse`; an HTTP error status is an ordinary reply.
        """
        return self._exchanged(lambda: _request(url, body, headers), timeout)

    def get(self, url: str, timeout: float) -> HttpResponse:
        """GET and read the answer, as :meth:`post` does."""
        return self._exchanged(lambda: _request(url, None, {}), timeout)

    def _exchanged(self, made: Callable[[], urllib.request.Request], timeout: float) -> HttpResponse:
        until = self._clock.monotonic() + 2 * timeout
        try:
            request = made()
            with self._opener.open(request, timeout=timeout) as response:
                return HttpResponse(response.status, dict(response.headers), self._read(response, until))
        except HTTPError as error:
            with error:
                return HttpResponse(error.code, dict(error.headers), self._read_or_nothing(error, until))
        except URLError as error:
            raise (RequestNotSent if _is_unsent(error.reason) else NoResponse)(_name(error.reason)) from None
        except (OSError, HTTPException, ValueError) as error:
            raise NoResponse(_name(error)) from None

    def _read(self, response: HTTPResponse | HTTPError, until: float) -> bytes:
        chunks: list[bytes] = []
        remaining = _MAX_ANSWER
        while chunk := _next_chunk(response):
            chunks.append(chunk)
            remaining -= len(chunk)
            # A server that drips one byte at a time never runs into the socket's own timeout.
            if remaining < 0 or self._clock.monotonic() > until:
                raise NoResponse("the answer does not end")
        return b"".join(chunks)

    def _read_or_nothing(self, error: HTTPError, until: float) -> bytes:
        try:
            return self._read(error, until)
        except (OSError, HTTPException, NoResponse):
            return b""


def _request(url: str, body: bytes | None, headers: Mapping[str, str]) -> urllib.request.Request:
    # The opener below knows http and https only.
    return urllib.request.Request(url, data=body, headers=dict(headers), method="GET" if body is None else "POST")  # noqa: S310


def proxy_for(url: str) -> str | None:
    """Return the web proxy this machine is told to use for an https address; None for a direct connection."""
    host = urlsplit(url).hostname or ""
    if is_loopback(url) or urllib.request.proxy_bypass(host):
        return None
    return urllib.request.getproxies().get("https")


def _opener(base_url: str) -> urllib.request.OpenerDirector:
    # Put together by hand: the ready-made one also follows redirects and reads file:// and ftp:// addresses.
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler({} if is_loopback(base_url) else None),
        _handler(base_url),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.HTTPErrorProcessor(),
        urllib.request.UnknownHandler(),
    ):
        opener.add_handler(handler)
    return opener


def _handler(base_url: str) -> urllib.request.BaseHandler:
    """For the one scheme of a Slack's addresses: never plain HTTP from a Slack that has TLS, nor the other way."""
    if urlsplit(base_url).scheme == "http":
        return urllib.request.HTTPHandler()
    return urllib.request.HTTPSHandler(context=ssl.create_default_context())


def _next_chunk(response: HTTPResponse | HTTPError) -> bytes:
    source = response.fp if isinstance(response, HTTPError) else response
    read1 = getattr(source, "read1", source.read)
    chunk: bytes = read1(_CHUNK)
    return chunk


def _is_unsent(reason: object) -> bool:
    if isinstance(reason, socket.gaierror | ssl.SSLCertVerificationError):
        return True
    return isinstance(reason, OSError) and reason.errno in _UNSENT


def _name(error: object) -> str:
    # The kind of trouble only: messages of network errors can quote addresses and answers.
    return type(error).__name__
