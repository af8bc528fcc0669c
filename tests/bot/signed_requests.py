"""Signed requests of Slack, and a real server that takes them."""

import asyncio
import hashlib
import hmac
import io
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import aiohttp

from bot.clock import Clock
from bot.config import Secret
from bot.http_server.server import HttpServer
from bot.slack.event_routes import EVENTS_PATH, EventRoutes, SignatureCheck
from tests.bot.stubs import Listener

SECRET = "signing-secret-of-the-tests"
BODY = b"command=%2Fcsp-escalate&text=body-canary&trigger_id=1"
Caller = Callable[[aiohttp.ClientSession, str], Awaitable[Any]]


def well() -> tuple[bool, dict[str, Any]]:
    return True, {"ok": True}


def signed(body: bytes, age: float = 0, secret: str = SECRET, version: str = "v0") -> dict[str, str]:
    timestamp = str(int(Clock().now().timestamp() - age))
    digest = hmac.new(secret.encode(), f"{version}:{timestamp}:".encode() + body, hashlib.sha256).hexdigest()
    form = "application/x-www-form-urlencoded"
    return {
        "X-Slack-Request-Timestamp": timestamp,
        "X-Slack-Signature": f"{version}={digest}",
        "Content-Type": form,
    }


def visit(listener: Listener, call: Caller) -> Any:
    """Start a server, let ``call`` talk to it, stop it."""

    async def story() -> Any:
        with ThreadPoolExecutor(4) as pool:
            web = HttpServer(well)
            web.add_routes(EventRoutes(listener, SignatureCheck(Secret(SECRET), Clock()), "sorry", pool).routes())
            port = await web.start("127.0.0.1", 0)
            try:
                async with aiohttp.ClientSession() as session:
                    return await call(session, f"http://127.0.0.1:{port}")
            finally:
                await web.stop()

    return asyncio.run(story())


def post(listener: Listener, body: bytes, headers: dict[str, str]) -> tuple[int, str]:
    async def call(session: aiohttp.ClientSession, url: str) -> tuple[int, str]:
        async with session.post(url + EVENTS_PATH, data=io.BytesIO(body), headers=headers) as response:
            return response.status, await response.text()

    status, text = visit(listener, call)
    return status, text
