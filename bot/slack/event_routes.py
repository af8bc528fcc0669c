"""Signed HTTP from Slack: the one address at which deliveries arrive where Socket Mode is not used.

The signature is checked on the raw bytes before a request is read. Whatever is wrong with it ends in 401, without a
trace of the request in the log.
"""

import asyncio
import hashlib
import hmac
import json
import logging
import re
from collections.abc import Callable
from concurrent.futures import Executor

from aiohttp import web
from slack_bolt import BoltRequest, BoltResponse

from bot.clock import Clock
from bot.config import Secret
from bot.slack.fallback_ack import make_fallback_ack
from bot.slack.payload_shape import is_well_formed

log = logging.getLogger(__name__)

EVENTS_PATH = "/slack/events"
_READ_TIMEOUT = 5.0
"""Seconds for the body of a request to arrive."""
_MAX_AGE, _MAX_AHEAD = 300.0, 60.0
"""Seconds by which the time of a request may be behind our clock, and ahead of it."""
_REMEMBERED = 600.0
"""Seconds for which a signature is remembered, so that a replay is noticed."""


class SignatureCheck:
    """Tells requests of Slack's from all others, and the first arrival of one from its replay."""

    def __init__(self, secret: Secret, clock: Clock) -> None:
        self._secret = secret
        self._clock = clock
        self._seen: dict[str, float] = {}

    def is_genuine(self, timestamp: str, signature: str, body: bytes) -> bool:
        """Return whether the signature fits the body, is fresh (300 s back, 60 s ahead) and was not seen before."""
        if not re.fullmatch(r"[0-9]{1,11}", timestamp, re.ASCII) or not re.fullmatch(r"v0=[0-9a-f]{64}", signature):
            return False
        age = self._clock.now().timestamp() - int(timestamp)
        if not -_MAX_AHEAD <= age <= _MAX_AGE:
            return False
        expected = hmac.new(self._secret.reveal().encode(), b"v0:%b:%b" % (timestamp.encode(), body), hashlib.sha256)
        return hmac.compare_digest(f"v0={expected.hexdigest()}", signature) and self._is_new(signature)

    def _is_new(self, signature: str) -> bool:
        now = self._clock.monotonic()
        while self._seen and next(iter(self._seen.values())) < now:
            del self._seen[next(iter(self._seen))]
        if signature in self._seen:
            return False
        self._seen[signature] = now + _REMEMBERED
        return True


class EventRoutes:
    """Answers what Slack posts. ``dispatch`` is called in ``pool``; ``apology`` is shown when it fails."""

    def __init__(
        self, dispatch: Callable[[BoltRequest], BoltResponse], signatures: SignatureCheck, apology: str, pool: Executor
    ) -> None:
        self._dispatch, self._signatures, self._apology, self._pool = dispatch, signatures, apology, pool

    def routes(self) -> list[web.RouteDef]:
        """Return the routes."""
        return [web.post(EVENTS_PATH, self.receive)]

    async def receive(self, request: web.Request) -> web.Response:
        """Check the signature of a request, dispatch it, and answer."""
        timestamp = request.headers.get("X-Slack-Request-Timestamp", "")
        signature = request.headers.get("X-Slack-Signature", "")
        async with asyncio.timeout(_READ_TIMEOUT):
            body = await request.read()
        if not self._signatures.is_genuine(timestamp, signature, body):
            log.warning("refused a request whose signature is not Slack's, or not fresh")
            return web.Response(status=401)
        parsed = _parse(body, request)
        if parsed is None or not is_well_formed(parsed.body):
            log.warning("a signed request could not be read")
            return web.Response(status=400)
        response = await asyncio.get_running_loop().run_in_executor(self._pool, self._dispatch, parsed)
        return self._reply(parsed, response)

    def _reply(self, parsed: BoltRequest, response: BoltResponse) -> web.Response:
        if response.status != 200:
            log.warning("no listener answered a delivery (status %s)", response.status)
            payload = make_fallback_ack(parsed.body, self._apology)
            return web.Response(status=500) if payload is None else web.json_response(payload)
        kind = response.headers.get("content-type", ["text/plain"])[0].split(";")[0]
        return web.Response(status=200, text=response.body or "", content_type=kind)


def _parse(body: bytes, request: web.Request) -> BoltRequest | None:
    try:
        return BoltRequest(body=body.decode("utf-8"), query=request.query_string, headers=dict(request.headers))
    except (ValueError, RecursionError, json.JSONDecodeError, TypeError, AttributeError):
        # Signed by Slack and still unreadable. Bolt expects an object and trips over anything else.
        return None
