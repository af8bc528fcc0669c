"""One request of JSON to a channel: no redirect, no retry, and what its answer or its absence means."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from bot.clock import Clock
from bot.http_client.addresses import AddressRefused
from bot.http_client.transport import HttpResponse, NoResponse, RequestNotSent, Transport
from bot.reach.channel import RATE_LIMIT_PAUSE, UNSENT_PAUSE
from models.rules.reach.page import PageAnswer, PageStatus

TIMEOUT = 10.0
"""Seconds for each wait on the network."""
_LONGEST_PAUSE = 600.0
"""Seconds: the longest wait that a service can ask for."""
_CONTENT_TYPE = {"Content-Type": "application/json; charset=utf-8"}


@dataclass(frozen=True)
class ChannelReply:
    """What came back: an object of JSON, or why there is none."""

    content: Mapping[str, Any] = field(default_factory=dict)
    failure: PageAnswer | None = None


FindTransport = Callable[[str], Transport]
"""Returns what calls an address."""


class Transports:
    """Keeps a transport for each scheme; threads may share it."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._transports: dict[str, Transport] = {}

    def find(self, url: str) -> Transport:
        """Return what calls an address."""
        scheme = urlsplit(url).scheme
        if scheme not in self._transports:
            self._transports.setdefault(scheme, Transport(self._clock, url))
        return self._transports[scheme]


class JsonRequests:
    """Sends requests of JSON; threads may share it."""

    def __init__(self, find_transport: FindTransport) -> None:
        self._find_transport = find_transport

    def post(self, url: str, body: Mapping[str, Any]) -> ChannelReply:
        """POST an object and return the object that came back, for services whose errors have status 200."""
        return _read(self.post_bytes(url, _encode(body), {}))

    def get(self, url: str) -> ChannelReply:
        """GET an object, as :meth:`post` does."""
        return _read(self._exchange(lambda transport: transport.get(url, TIMEOUT), url))

    def call(self, method: str, url: str, body: Mapping[str, Any], headers: Mapping[str, str]) -> ChannelReply:
        """Send an object and return the object that came back, for services whose errors have any status and a code."""
        sent, content = {**_CONTENT_TYPE, **headers}, _encode(body)
        response = self._exchange(lambda transport: transport.send(method, url, content, sent, TIMEOUT), url)
        if isinstance(response, HttpResponse) and (reply := _read_object(response.body)) and "code" in reply:
            return ChannelReply(reply)
        return _read(response)

    def post_bytes(self, url: str, body: bytes, headers: Mapping[str, str]) -> HttpResponse | PageAnswer:
        """POST bytes of JSON and return the answer of any status, or why there is none."""
        sent = {**_CONTENT_TYPE, **headers}
        return self._exchange(lambda transport: transport.post(url, body, sent, TIMEOUT), url)

    def _exchange(self, act: Callable[[Transport], HttpResponse], url: str) -> HttpResponse | PageAnswer:
        try:
            return act(self._find_transport(url))
        except RequestNotSent as error:
            is_final = str(error) == AddressRefused.__name__  # the file or the name must be changed
            return PageAnswer(PageStatus.REFUSED, f"not_sent {error}", None if is_final else UNSENT_PAUSE)
        except NoResponse as error:
            return PageAnswer(PageStatus.UNKNOWN, f"no_answer {error}")


def read_status(response: HttpResponse) -> PageAnswer | None:
    """Return what a status means that is no success (2xx); None for a success."""
    if 200 <= response.status < 300:
        return None
    code = f"http_{response.status}"
    if response.status == HTTPStatus.TOO_MANY_REQUESTS:
        return PageAnswer(PageStatus.REFUSED, code, _retry_after(response))
    if response.status < 500 and response.status != HTTPStatus.REQUEST_TIMEOUT:  # a redirect is not followed
        return PageAnswer(PageStatus.REFUSED, code)
    return PageAnswer(PageStatus.UNKNOWN, code)


def _read(response: HttpResponse | PageAnswer) -> ChannelReply:
    if isinstance(response, PageAnswer):
        return ChannelReply(failure=response)
    if failure := read_status(response):
        return ChannelReply(failure=failure)
    content = _read_object(response.body)
    if content is None:
        return ChannelReply(failure=PageAnswer(PageStatus.UNKNOWN, "not_json"))
    return ChannelReply(content)


def _encode(body: Mapping[str, Any]) -> bytes:
    return json.dumps(body, ensure_ascii=False).encode()


def _read_object(body: bytes) -> dict[str, Any] | None:
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return content if isinstance(content, dict) else None


def _retry_after(response: HttpResponse) -> float:
    headers = {name.lower(): value for name, value in response.headers.items()}
    try:
        return min(_LONGEST_PAUSE, max(1.0, float(headers.get("retry-after", RATE_LIMIT_PAUSE))))
    except ValueError:
        return RATE_LIMIT_PAUSE
