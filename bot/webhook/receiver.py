"""One signed request to the receiver of the webhook: no redirect, no proxy, no retry, and an end in time.

A proxy would look up the name itself, so the address could not be checked: it is never used.
"""

import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, HTTPException, HTTPResponse
from urllib.parse import urlsplit

from bot.clock import Clock
from bot.config import WebhookSettings, is_loopback
from bot.http_client.addresses import AddressRefused, find_addresses
from bot.webhook.signature import make_headers
from models.rules.webhook import WebhookReply

TIMEOUT = 15.0
"""Seconds for one request, from its connection to the head of the answer."""
_USUAL = {"User-Agent": "csp-escalate", "Content-Type": "application/json", "Connection": "close"}
_TROUBLES: tuple[tuple[type[Exception], str], ...] = (
    (AddressRefused, "address_not_allowed"), (socket.gaierror, "unknown_host"), (TimeoutError, "timeout"),
    (ssl.SSLCertVerificationError, "certificate"), (ssl.SSLError, "tls"), (HTTPException, "not_http"),
    (ConnectionRefusedError, "connection_refused"), (OSError, "network"),
    (ValueError, "unknown_host"),  # a host name that can't be encoded
)  # fmt: skip


class WebhookReceiver:
    """The receiver that the settings name. Threads may share it."""

    def __init__(self, settings: WebhookSettings, clock: Clock) -> None:
        self._settings, self._clock = settings, clock
        self._url = urlsplit(settings.url.reveal())
        self._is_own = is_loopback(settings.url.reveal())
        self._tls = ssl.create_default_context() if self._url.scheme == "https" else None

    @property
    def host(self) -> str:
        """Return the host of the receiver, which is no secret; the rest of its address may be one."""
        return self._url.hostname or ""

    @property
    def _port(self) -> int:
        return self._url.port or (443 if self._tls else 80)

    def send(self, message_id: str, body: bytes) -> WebhookReply:
        """Send a body once. The same id again is a repeat."""
        secrets = [secret.reveal() for secret in self._settings.secrets]
        signed = make_headers(secrets, message_id, int(self._clock.now().timestamp()), body)
        return self._exchange(body, {**_USUAL, **signed})

    def connect(self) -> WebhookReply:
        """Open a connection, TLS included, and send nothing. The reply has a trouble, or is empty."""
        return self._exchange()

    def _exchange(self, body: bytes | None = None, headers: Mapping[str, str] | None = None) -> WebhookReply:
        until = self._clock.monotonic() + TIMEOUT
        try:
            with self._open(until) as connection, _ended_after(until - self._clock.monotonic(), connection):
                return WebhookReply() if body is None else self._post(connection, body, headers or {})
        except (OSError, HTTPException, ValueError) as error:
            if self._clock.monotonic() >= until:
                return WebhookReply(trouble="timeout")
            return WebhookReply(trouble=next(name for kind, name in _TROUBLES if isinstance(error, kind)))

    def _post(self, connection: socket.socket, body: bytes, headers: Mapping[str, str]) -> WebhookReply:
        """POST a body and read the head of the answer; its body says nothing."""
        http = HTTPConnection(self.host, self._port)
        http.sock = connection
        target = (self._url.path or "/") + (f"?{self._url.query}" if self._url.query else "")
        http.request("POST", target, body, {"Host": self._url.netloc, **headers})
        response = http.getresponse()
        return WebhookReply(response.status, retry_after=_retry_after(response))

    def _open(self, until: float) -> socket.socket:
        addresses = find_addresses(self.host, self._port, self._is_own, self._settings.allows_private)
        last: OSError = AddressRefused()
        for family, address in addresses:
            connection = socket.socket(family, socket.SOCK_STREAM)
            try:
                connection.settimeout(max(0.1, until - self._clock.monotonic()))
                connection.connect(address)  # the very address that was checked
                return self._tls.wrap_socket(connection, server_hostname=self.host) if self._tls else connection
            except OSError as error:
                last = error
                with suppress(OSError):
                    connection.close()
        raise last


@contextmanager
def _ended_after(seconds: float, connection: socket.socket) -> Iterator[None]:
    """End a connection after so many seconds: a server that drips bytes never runs into its time-out."""

    def end() -> None:
        with suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(seconds, end)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _retry_after(response: HTTPResponse) -> float | None:
    """Return the seconds for which the receiver wants to be left alone; None where it names none."""
    value = (response.getheader("Retry-After") or "").strip()
    return float(value) if value.isascii() and value.isdigit() else None
