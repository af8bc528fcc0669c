"""Access tokens of apps: requested once, and kept until shortly before they expire."""

import threading
from collections.abc import Callable, Collection
from dataclasses import dataclass

from bot.clock import Clock
from bot.reach.channel import RATE_LIMIT_PAUSE, VendorCodes
from bot.reach.json_request import ChannelReply
from models.rules.reach.page import PageAnswer, PageStatus

_RENEWED_BEFORE = 300.0
"""Seconds before it expires that a token is requested again."""
App = tuple[str, str]
"""The id of an app and its secret."""


@dataclass(frozen=True)
class TokenApi:
    """How a vendor names the fields of its answers, and which of its codes say that a token is not valid."""

    token: str
    code: str
    lifetime: str  # in seconds
    invalid: Collection[int]


class AppTokens:
    """The tokens of all apps of one vendor. Threads may share it."""

    def __init__(self, clock: Clock, codes: VendorCodes, api: TokenApi) -> None:
        self._clock, self._codes, self._api = clock, codes, api
        self._tokens: dict[App, tuple[str, float]] = {}
        self._lock = threading.Lock()

    def call(
        self, app: App, request_token: Callable[[], ChannelReply], call: Callable[[str], ChannelReply]
    ) -> ChannelReply:
        """Return the reply to a call with the token of an app.

        ``request_token`` gets a token from the vendor. One that the vendor says is not valid is replaced once.
        """
        reply = self._call_once(app, request_token, call)
        if reply.content.get(self._api.code) not in self._api.invalid:
            return reply
        with self._lock:
            self._tokens.pop(app, None)
        return self._call_once(app, request_token, call)

    def _call_once(
        self, app: App, request_token: Callable[[], ChannelReply], call: Callable[[str], ChannelReply]
    ) -> ChannelReply:
        token = self._find(app, request_token)
        return ChannelReply(failure=token) if isinstance(token, PageAnswer) else call(token)

    def _find(self, app: App, request_token: Callable[[], ChannelReply]) -> str | PageAnswer:
        """Return the token of an app, or why there is none.

        Without a token nothing was sent yet, so an unknown outcome is a refused one.
        """
        now = self._clock.monotonic()
        with self._lock:
            kept = self._tokens.get(app)
        if kept and kept[1] > now:
            return kept[0]
        reply = request_token()
        if reply.failure:
            return PageAnswer(PageStatus.REFUSED, reply.failure.code, reply.failure.retry_after or RATE_LIMIT_PAUSE)
        token, code = reply.content.get(self._api.token), reply.content.get(self._api.code)
        if code != 0 or not isinstance(token, str):
            answer = self._codes.read(code if code else None)
            is_unknown = answer.status is PageStatus.UNKNOWN
            return PageAnswer(PageStatus.REFUSED, answer.code, RATE_LIMIT_PAUSE) if is_unknown else answer
        lifetime = reply.content.get(self._api.lifetime)
        seconds = float(lifetime) if isinstance(lifetime, int) else 0.0
        with self._lock:
            self._tokens[app] = (token, now + seconds - _RENEWED_BEFORE)
        return token
