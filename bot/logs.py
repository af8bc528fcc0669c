"""Logging for operators: one line per event on standard error, with every secret cut out.

Never logs what people typed: request bodies and payloads are not passed to a logger anywhere in this program,
and the libraries that would do so are kept quiet here.
"""

import json
import logging
import re
import sys
import time
from collections.abc import Iterable
from typing import TextIO

from bot.clock import Clock
from handlers.log_context import read_facts
from models.store.availability import RECOVERY, TROUBLE

_HIDDEN = "[hidden]"
_TOKENS = re.compile(r"xox[a-z]?[-.][A-Za-z0-9._%-]+|xapp-[A-Za-z0-9._%-]+")
# Anybody with such an address can post as the bot for half an hour (response_url) or for ever (webhook).
_ADDRESSES = re.compile(
    r"https?://hooks\.slack[^\s'\"<>]*|https?://[^\s'\"<>/]+/(?:response|socket)/[^\s'\"<>]*|wss?://\S+"
)
_PASSWORDS = re.compile(r"(://[^\s:/@]*:)[^\s@]+@")
_SIGNATURES = re.compile(r"v0=[0-9a-f]{16,}")
# Bolt's INFO lines can carry whole bodies (a bad signature), the SDK's DEBUG lines whole answers.
_TALKATIVE = frozenset(
    {"slack_bolt", "slack_sdk", "apscheduler", "aiohttp", "asyncio", "sqlalchemy", "alembic", "urllib3", "websockets"}
)


_OFTEN = ("bot.http_server.", "bot.slack.event_routes", "bot.slack.socket_mode")
"""How the names of loggers begin that anybody on the network can make write."""
_MINUTE = 60.0  # seconds
_TIME = "%Y-%m-%dT%H:%M:%S"


class RedactingFormatter(logging.Formatter):
    """Formats a record, traceback included, and then hides secrets."""

    converter = staticmethod(time.gmtime)

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        super().__init__("%(asctime)sZ %(levelname)s %(name)s: %(message)s", _TIME)
        self._secrets = sorted((s for s in set(secrets) if len(s) >= 6), key=len, reverse=True)

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of a record without secrets."""
        return self.redact(super().format(record))

    def redact(self, text: str) -> str:
        """Return a text without tokens, known secrets, signatures, passwords in addresses and response addresses."""
        for secret in self._secrets:
            text = text.replace(secret, _HIDDEN)
        text = _ADDRESSES.sub(_HIDDEN, _TOKENS.sub(_HIDDEN, text))
        return _SIGNATURES.sub(_HIDDEN, _PASSWORDS.sub(rf"\1{_HIDDEN}@", text))


class JsonFormatter(RedactingFormatter):
    """Formats a record as one line of JSON: when, how severe, from where, what, and what it is about."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of a record without secrets."""
        facts = {
            "at": f"{self.formatTime(record, _TIME)}.{int(record.msecs):03d}Z", "level": record.levelname.lower(),
            "logger": record.name, "message": record.getMessage(), **read_facts(),
        }  # fmt: skip
        if record.exc_info:
            facts["traceback"] = self.formatException(record.exc_info)
        return json.dumps({name: self.redact(str(fact)) for name, fact in facts.items()}, ensure_ascii=False)


class RateLimitFilter:
    """Lets one line a minute of each kind pass, and counts those it leaves out.

    It limits two loggers: anybody who reaches the HTTP port could fill the disk with their lines. It also limits lines
    about an unusable database: every part that needs it writes one.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._kinds: dict[tuple[object, ...], tuple[float, int]] = {}

    def __call__(self, record: logging.LogRecord) -> bool:
        """Return whether a record is written now."""
        is_often = record.name.startswith(_OFTEN) or str(record.msg).startswith((TROUBLE, RECOVERY))
        if not is_often or record.levelno < logging.WARNING:
            return True
        kind = (record.name, record.levelno, record.msg, record.exc_info and record.exc_info[0])
        now = self._clock.monotonic()
        since, left_out = self._kinds.get(kind, (-_MINUTE, 0))
        if now - since < _MINUTE:
            self._kinds[kind] = (since, left_out + 1)
            return False
        self._kinds[kind] = (now, 0)
        if left_out:
            record.msg = f"{record.msg} ({left_out} more of this kind in between)"
        return True


def set_up(
    secrets: Iterable[str] = (),
    stream: TextIO | None = None,
    level: int = logging.INFO,
    clock: Clock | None = None,
    *,
    as_json: bool = False,
) -> None:
    """Send all records of this process to one redacting handler, by default on standard error."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonFormatter(secrets) if as_json else RedactingFormatter(secrets))
    handler.addFilter(worth_a_line)
    handler.addFilter(RateLimitFilter(clock or Clock()))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    # A failing stderr (closed terminal, full disk) must never raise in the code that logs.
    logging.raiseExceptions = False
    logging.captureWarnings(True)


def worth_a_line(record: logging.LogRecord) -> bool:
    """Return whether a record is written. It is decided here because Bolt sets the levels of its loggers itself."""
    if record.name.startswith("aiohttp.server"):  # it quotes what it cannot parse, and anybody can send it
        return record.levelno >= logging.CRITICAL
    if record.name.startswith("apscheduler"):  # that a tick is still at work is said by bot.workers.scheduler, once
        return record.levelno >= logging.ERROR
    return record.levelno >= logging.WARNING or record.name.partition(".")[0] not in _TALKATIVE
