"""One request of JSON to a channel: no redirect, no retry, and what its answer or its absence means."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from bot.clock import Clock
from bot.http_client.transport import HttpResponse, NoResponse, RequestNotSent, Transport
from bot.reach.channel import PAUSE, TRY_AGAIN
from models.rules.reach.page import PageAnswer, PageEnd

TIMEOUT = 10.0
"""Seconds for each wait on the network."""
_LONGEST_PAUSE = 600.0
_OK, _TOO_MANY, _REQUEST_TIMEOUT = range(200, 300), 429, 408


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
        """POST an object and return the object that came back."""
        return _read(self.post_raw(url, json.dumps(body, ensure_ascii=False).encode(), {}))

    def post_raw(self, url: str, body: bytes, headers: Mapping[str, str]) -> HttpResponse | PageAnswer:
        """POST bytes of JSON and return the answer of any status, or why there is none."""
        sent = {"Content-Type": "application/json; charset=utf-8", **headers}
        try:
            return self._find_transport(url).post(url, body, sent, TIMEOUT)
        except (RequestNotSent, NoResponse) as error:
            return _explain(error)

    def call(self, method: str, url: str, body: Mapping[str, Any], headers: Mapping[str, str]) -> ChannelReply:
        """Send an object by a method, and return the object that came back with any status, where it has a code."""
        sent = {"Content-Type": "application/json; charset=utf-8", **headers}
        try:
            content = json.dumps(body, ensure_ascii=False).encode()
            response = self._find_transport(url).send(method, url, content, sent, TIMEOUT)
        except (RequestNotSent, NoResponse) as error:
            return ChannelReply(failure=_explain(error))
        content_of = _read_object(response.body)
        return ChannelReply(content_of) if content_of and "code" in content_of else _read(response)

    def get(self, url: str) -> ChannelReply:
        """GET an object."""
        try:
            return _read(self._find_transport(url).get(url, TIMEOUT))
        except (RequestNotSent, NoResponse) as error:
            return ChannelReply(failure=_explain(error))


def read_status(response: HttpResponse) -> PageAnswer | None:
    """Return what a status other than 200 means; None for a good one."""
    if response.status in _OK:
        return None
    code = f"http_{response.status}"
    if response.status == _TOO_MANY:
        return PageAnswer(PageEnd.REFUSED, code, _retry_after(response))
    if response.status < 500 and response.status != _REQUEST_TIMEOUT:  # a redirect is not followed
        return PageAnswer(PageEnd.REFUSED, code)
    return PageAnswer(PageEnd.UNKNOWN, code)


def _read(response: HttpResponse | PageAnswer) -> ChannelReply:
    if isinstance(response, PageAnswer):
        return ChannelReply(failure=response)
    if failure := read_status(response):
        return ChannelReply(failure=failure)
    content = _read_object(response.body)
    return ChannelReply(failure=PageAnswer(PageEnd.UNKNOWN, "not_json")) if content is None else ChannelReply(content)


def _read_object(body: bytes) -> dict[str, Any] | None:
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return content if isinstance(content, dict) else None


def _explain(error: RequestNotSent | NoResponse) -> PageAnswer:
    if isinstance(error, RequestNotSent):
        return PageAnswer(PageEnd.REFUSED, f"not_sent {error}", TRY_AGAIN)
    return PageAnswer(PageEnd.UNKNOWN, f"no_answer {error}")


def _retry_after(response: HttpResponse) -> float:
    headers = {name.lower(): value for name, value in response.headers.items()}
    try:
        return min(_LONGEST_PAUSE, max(1.0, float(headers.get("retry-after", PAUSE))))
    except ValueError:
        return PAUSE
