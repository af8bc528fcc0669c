"""Signed HTTP, Slack's side: post commands, interactions and events to the bot's address.

Signatures carry the workspace's time for a bot that follows the clock file, and the real time for any other. Both check
that a signature is fresh.
"""

import hashlib
import hmac
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from aiohttp import ClientError, ClientResponse, ClientSession, ClientTimeout

from bot.sandbox.json_types import Json
from bot.sandbox.socket_server import SocketAck

FORM = "application/x-www-form-urlencoded"


@dataclass
class Forgery:
    """How a delivery differs from an honest one, for tests of the signature check."""

    bad_signature: bool = False
    timestamp_offset: int = 0
    headers: Json | None = None


@dataclass
class HttpDelivery:
    """Deliveries to one request URL."""

    url: str
    signing_secret: str
    now: Callable[[], float] = time.time
    _session: ClientSession | None = None

    async def deliver(
        self,
        kind: str,
        payload: Json,
        wait: float,
        retry: tuple[int, str] | None = None,
        disguise: Forgery | None = None,
    ) -> SocketAck:
        """Post one delivery and wait up to ``wait`` seconds for HTTP 200; its body is the payload of the ack."""
        body, content_type = _encoded(kind, payload)
        headers = {"Content-Type": content_type, **_retry_headers(retry), **self._signed(body, disguise)}
        started = time.monotonic()
        try:
            async with self._client().post(
                self.url, data=body, headers=headers, timeout=ClientTimeout(wait), allow_redirects=False
            ) as response:
                return await _ack(response, started)
        except TimeoutError:
            return SocketAck(ms=_ms(started), error="operation_timeout")
        except (ClientError, OSError) as problem:
            return SocketAck(payload=str(problem), ms=_ms(started), error="dispatch_failed")

    async def verify(self) -> SocketAck:
        """Send Slack's own test of a request URL: the bot must return the challenge."""
        challenge = hashlib.sha256(self.signing_secret.encode()).hexdigest()[:24]
        ack = await self.deliver("events_api", {"type": "url_verification", "challenge": challenge, "token": ""}, 3.0)
        given = ack.payload.get("challenge") if isinstance(ack.payload, dict) else ack.payload
        return ack if not ack.ok or given == challenge else SocketAck(error="challenge_failed")

    async def close(self) -> None:
        """Close the connections."""
        if self._session:
            await self._session.close()

    def _client(self) -> ClientSession:
        if self._session is None:
            self._session = ClientSession()
        return self._session

    def _signed(self, body: bytes, disguise: Forgery | None) -> dict[str, str]:
        disguise = disguise or Forgery()
        stamp = str(int(self.now()) + disguise.timestamp_offset)
        secret = "not-the-secret" if disguise.bad_signature else self.signing_secret
        digest = hmac.new(secret.encode(), f"v0:{stamp}:".encode() + body, hashlib.sha256).hexdigest()
        signed = {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={digest}"}
        return signed | {key: str(value) for key, value in (disguise.headers or {}).items()}


def _encoded(kind: str, payload: Json) -> tuple[bytes, str]:
    if kind == "events_api":
        return json.dumps(payload, ensure_ascii=False).encode(), "application/json"
    fields = payload if kind == "slash_commands" else {"payload": json.dumps(payload, ensure_ascii=False)}
    return urlencode(fields).encode(), FORM


def _retry_headers(retry: tuple[int, str] | None) -> dict[str, str]:
    if not retry or not retry[0]:
        return {}
    reason = {"timeout": "http_timeout"}.get(retry[1], retry[1])
    return {"X-Slack-Retry-Num": str(retry[0]), "X-Slack-Retry-Reason": reason}


async def _ack(response: ClientResponse, started: float) -> SocketAck:
    text = await response.text()
    if response.status != 200:
        no_retry = response.headers.get("X-Slack-No-Retry") == "1"
        response_facts = {"status": response.status, "body": text[:200]}
        return SocketAck(response_facts, _ms(started), f"http_{response.status}", no_retry)
    return SocketAck(_payload(text, response.content_type), _ms(started))


def _payload(text: str, content_type: str) -> Any:
    if content_type != "application/json":
        return text or None
    try:
        return json.loads(text) if text else None
    except ValueError:
        return text


def _ms(started: float) -> int:
    return round((time.monotonic() - started) * 1000)
