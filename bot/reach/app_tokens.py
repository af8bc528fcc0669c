"""Access tokens of apps: asked for once, and kept until shortly before their end."""

import threading
from collections.abc import Callable
from dataclasses import dataclass

from bot.clock import Clock
from bot.reach.channel import PAUSE, CodeBook
from bot.reach.json_request import ChannelReply
from models.rules.reach.page import PageAnswer, PageEnd

_SECONDS_BEFORE_END = 300.0
"""So long before its end a token is asked for again."""
App = tuple[str, str]
"""The id of an app and its secret."""


@dataclass(frozen=True)
class TokenFields:
    """What a vendor calls the parts of its answer; the lifetime is in seconds."""

    token: str
    code: str
    lifetime: str


class AppTokens:
    """The tokens of all apps of one vendor. Threads may share it."""

    def __init__(self, clock: Clock, codes: CodeBook, fields: TokenFields) -> None:
        self._clock, self._codes, self._fields = clock, codes, fields
        self._tokens: dict[App, tuple[str, float]] = {}
        self._lock = threading.Lock()

    def find(self, app: App, ask: Callable[[], ChannelReply]) -> str | PageAnswer:
        """Return the token of an app; ``ask`` requests another one from the vendor.

        Without a token nothing was sent yet, so an unknown outcome is a refused one.
        """
        now = self._clock.monotonic()
        with self._lock:
            kept = self._tokens.get(app)
        if kept and kept[1] > now:
            return kept[0]
        reply = ask()
        if reply.failure:
            return PageAnswer(PageEnd.REFUSED, reply.failure.code, reply.failure.retry_after or PAUSE)
        token, code = reply.content.get(self._fields.token), reply.content.get(self._fields.code)
        if code != 0 or not isinstance(token, str):
            answer = self._codes.answer(code if code else None)
            is_unknown = answer.end is PageEnd.UNKNOWN
            return PageAnswer(PageEnd.REFUSED, answer.code, PAUSE) if is_unknown else answer
        lifetime = reply.content.get(self._fields.lifetime)
        seconds = float(lifetime) if isinstance(lifetime, int) else 0.0
        with self._lock:
            self._tokens[app] = (token, now + seconds - _SECONDS_BEFORE_END)
        return token

    def forget(self, app: App) -> None:
        """Ask for a new token next time: the vendor knows the kept one no more."""
        with self._lock:
            self._tokens.pop(app, None)
