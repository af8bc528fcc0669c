"""One signed request to the receiver of the webhook: no redirect, no proxy, no retry, and an end in time.

A proxy would look up the name itself, so the address could not be checked: it is never used.
"""

import re
import socket
import ssl
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from bot.clock import Clock
from bot.config import WebhookSettings, is_loopback
from bot.webhook.addresses import AddressRefused, find_addresses
from bot.webhook.signature import make_headers
from models.rules.webhook import WebhookReply

PATIENCE = 15.0
"""Seconds for one request, from its connection to the head of the answer."""
_MOST_HEAD = 32 * 1024
_STATUS = re.compile(rb"HTTP/1\.[01] (\d{3})(?: |\r|$)")
_RETRY_AFTER = re.compile(rb"\r\nretry-after:[ \t]*(\d{1,6})[ \t]*\r\n", re.IGNORECASE)
_HEAD_END = b"\r\n\r\n"
_TROUBLES: tuple[tuple[type[OSError], str], ...] = (
    (AddressRefused, "address_not_allowed"), (socket.gaierror, "unknown_host"), (TimeoutError, "timeout"),
    (ssl.SSLCertVerificationError, "certificate"), (ssl.SSLError, "tls"),
    (ConnectionRefusedError, "connection_refused"), (OSError, "network"),
)  # fmt: skip


class NotHttp(OSError):
    """What came back is no answer of HTTP."""


@dataclass(frozen=True)
class _Deadline:
    """The instant at which a request must have ended, in monotonic seconds."""

    clock: Clock
    until: float

    def left(self) -> float:
        """Return the seconds that are left. Raises TimeoutError."""
        seconds = self.until - self.clock.monotonic()
        if seconds <= 0:
            raise TimeoutError
        return seconds


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

    def send(self, message_id: str, body: bytes) -> WebhookReply:
        """Send a body once. The same id again is a repeat."""
        secrets = [secret.reveal() for secret in self._settings.secrets]
        signed = make_headers(secrets, message_id, int(self._clock.now().timestamp()), body)
        return self._exchange(_write_request(self._url, signed, body))

    def connect(self) -> WebhookReply:
        """Open a connection, TLS included, and send nothing. The reply has a trouble, or is empty."""
        return self._exchange(b"")

    def _exchange(self, request: bytes) -> WebhookReply:
        deadline = _Deadline(self._clock, self._clock.monotonic() + PATIENCE)
        try:
            with self._open(deadline) as connection:
                if not request:
                    return WebhookReply()
                connection.settimeout(deadline.left())
                connection.sendall(request)
                return _read_reply(connection, deadline)
        except NotHttp:
            return WebhookReply(trouble="not_http")
        except OSError as error:
            return WebhookReply(trouble=next(name for kind, name in _TROUBLES if isinstance(error, kind)))
        except ValueError:  # a host name that can't be encoded
            return WebhookReply(trouble="unknown_host")

    def _open(self, deadline: _Deadline) -> socket.socket:
        port = self._url.port or (443 if self._tls else 80)
        addresses = find_addresses(self.host, port, self._is_own, self._settings.allows_private)
        last: OSError = AddressRefused()
        for family, address in addresses:
            connection = socket.socket(family, socket.SOCK_STREAM)
            try:
                connection.settimeout(deadline.left())
                connection.connect(address)  # the very address that was checked
                return self._tls.wrap_socket(connection, server_hostname=self.host) if self._tls else connection
            except OSError as error:
                last = error
                with suppress(OSError):
                    connection.close()
        raise last


def _write_request(url: SplitResult, headers: dict[str, str], body: bytes) -> bytes:
    target = (url.path or "/") + (f"?{url.query}" if url.query else "")
    lines = {
        "Host": url.netloc, "User-Agent": "csp-escalate", "Content-Type": "application/json",
        "Content-Length": str(len(body)), "Connection": "close", **headers,
    }  # fmt: skip
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return f"POST {target} HTTP/1.1\r\n{head}\r\n".encode() + body


def _read_reply(connection: socket.socket, deadline: _Deadline) -> WebhookReply:
    """Read the head of an answer; its body says nothing. Raises NotHttp or OSError."""
    head = b""
    while True:
        begin, is_whole, rest = head.partition(_HEAD_END)
        if is_whole:
            status = _STATUS.match(begin)
            if status is None:
                raise NotHttp
            if int(status[1]) >= 200:
                wait = _RETRY_AFTER.search(begin + b"\r\n")
                return WebhookReply(int(status[1]), retry_after=float(wait[1]) if wait else None)
            head = rest  # an interim answer
            continue
        connection.settimeout(deadline.left())
        part = connection.recv(4096)
        head += part
        if not part or len(head) > _MOST_HEAD:
            raise NotHttp
