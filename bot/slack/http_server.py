"""Signed HTTP from Slack, the health page, and calendars at secret addresses.

The signature is checked on the raw bytes before a request is read. Whatever is wrong with it ends in 401, without a
trace of the request in the log.
"""

import asyncio
import hashlib
import hmac
import json
import logging
import re
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from email.utils import format_datetime
from functools import partial
from typing import Any

from aiohttp import web
from slack_bolt import BoltRequest, BoltResponse

from bot.calendar_feeds import Feed
from bot.clock import Clock
from bot.config import Secret
from bot.slack.fallback_ack import stand_in
from bot.slack.http_server_limits import HttpConnection, HttpConnections, hide_versions
from bot.slack.link_routes import LinkRoutes
from bot.slack.payload_shape import is_well_formed
from bot.slack.sheet_routes import SheetOf, SheetRoutes
from handlers.links.link_pages import LinkPages
from models.rules.errors import NotSaved

log = logging.getLogger(__name__)

EVENTS_PATH, HEALTH_PATH = "/slack/events", "/healthz"
LIVE_PATH, READY_PATH, METRICS_PATH = "/livez", "/readyz", "/metrics"
_MAX_BODY = 1024 * 1024
_READ_TIME = 5.0
_BACK, _AHEAD = 300.0, 60.0
_REMEMBERED = 600.0
_HEALTH_TIME = 3.0

Health = Callable[[], tuple[bool, Mapping[str, Any]]]
FeedOf = Callable[[str, str], Feed | None]
"""The calendar of a secret, with what the caller knows already."""


@dataclass(frozen=True)
class Probes:
    """What orchestrators and monitoring ask beside the health page."""

    live: Health
    """Whether this process works; a restart helps where it does not."""
    ready: Health
    """Whether it can take work."""
    metrics: Callable[[], bytes]
    metrics_type: str
    """The content type of the metrics."""


def feed_path(secret: str) -> str:
    """Where the calendar of a secret is."""
    return f"/rota/{secret}.ics"


class SignatureCheck:
    """Tells requests of Slack's from all others, and the first arrival of one from its replay."""

    def __init__(self, secret: Secret, clock: Clock) -> None:
        self._secret = secret
        self._clock = clock
        self._seen: dict[str, float] = {}

    def genuine(self, timestamp: str, signature: str, body: bytes) -> bool:
        """Return whether the signature fits the body, is fresh (300 s back, 60 s ahead) and was not seen before."""
        if not re.fullmatch(r"[0-9]{1,11}", timestamp, re.ASCII) or not re.fullmatch(r"v0=[0-9a-f]{64}", signature):
            return False
        age = self._clock.now().timestamp() - int(timestamp)
        if not -_AHEAD <= age <= _BACK:
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


class HttpServer:
    """The HTTP server. Without ``serve`` it shows the health page only (Socket Mode)."""

    def __init__(
        self,
        health: Health,
        pool: Executor,
        serve: Callable[[BoltRequest], BoltResponse] | None = None,
        signatures: SignatureCheck | None = None,
        sorry: str = "",
        feed_of: FeedOf | None = None,
        probes: Probes | None = None,
    ) -> None:
        self._pool = pool
        self._serve = serve
        self._signatures = signatures
        self._sorry = sorry
        self._feed_of = feed_of
        self._probes = probes
        self._connections = HttpConnections(HEALTH_PATH, LIVE_PATH, READY_PATH, METRICS_PATH)
        app = web.Application(client_max_size=_MAX_BODY, middlewares=[self._connections.admit, _nothing_leaks])
        app.on_response_prepare.append(hide_versions)
        app.router.add_get(HEALTH_PATH, partial(self._show_health, health))
        if probes:
            app.router.add_get(LIVE_PATH, partial(self._show_health, probes.live))
            app.router.add_get(READY_PATH, partial(self._show_health, probes.ready))
            app.router.add_get(METRICS_PATH, self._show_metrics)
        if feed_of:
            app.router.add_get(feed_path(r"{secret:[\w-]{1,100}}"), self._show_feed)
        if serve:
            app.router.add_post(EVENTS_PATH, self._take)
        self._app = app
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=8.0)
        self._listening: asyncio.Server | None = None

    def show_sheets(self, sheet_of: SheetOf, clock: Clock) -> None:
        """Show duty sheets too; to be called before :meth:`start`."""
        self._app.add_routes(SheetRoutes(sheet_of, self._pool, clock).routes())

    def show_links(self, pages: LinkPages, clock: Clock) -> None:
        """Show the pages of links too; to be called before :meth:`start`."""
        self._app.add_routes(LinkRoutes(pages, self._pool, clock).routes())

    async def start(self, host: str, port: int) -> int:
        """Listen; the port that was really taken (for port 0). Raises OSError when the address is in use."""
        await self._runner.setup()
        loop, server = asyncio.get_running_loop(), self._runner.server
        assert server is not None  # noqa: S101 - it was set up just now
        self._listening = await loop.create_server(lambda: HttpConnection(server, self._connections, loop), host, port)
        return int(self._listening.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        """Take no more, finish what was accepted."""
        if self._listening:
            self._listening.close()
        await self._runner.cleanup()

    async def _take(self, request: web.Request) -> web.Response:
        timestamp = request.headers.get("X-Slack-Request-Timestamp", "")
        signature = request.headers.get("X-Slack-Signature", "")
        async with asyncio.timeout(_READ_TIME):
            body = await request.read()
        if not self._signatures or not self._signatures.genuine(timestamp, signature, body):
            log.warning("refused a request whose signature is not Slack's, or not fresh")
            return web.Response(status=401)
        parsed = _parsed(body, request)
        if parsed is None or not is_well_formed(parsed.body):
            log.warning("a signed request could not be read")
            return web.Response(status=400)
        response = await asyncio.get_running_loop().run_in_executor(self._pool, self._served, parsed)
        return self._reply(parsed, response)

    def _served(self, parsed: BoltRequest) -> BoltResponse:
        assert self._serve is not None  # noqa: S101 - the route exists only with it
        return self._serve(parsed)

    def _reply(self, parsed: BoltRequest, response: BoltResponse) -> web.Response:
        if response.status != 200:
            log.warning("nobody answered a delivery (status %s)", response.status)
            payload = stand_in(parsed.body, self._sorry)
            return web.Response(status=500) if payload is None else web.json_response(payload)
        kind = response.headers.get("content-type", ["text/plain"])[0].split(";")[0]
        return web.Response(status=200, text=response.body or "", content_type=kind)

    async def _show_feed(self, request: web.Request) -> web.Response:
        """Answer with a calendar, or 304 when the caller has it already. The address is never logged."""
        assert self._feed_of is not None  # noqa: S101 - the route exists only with it
        secret, etag = request.match_info["secret"], request.headers.get("If-None-Match", "")
        try:
            feed = await asyncio.get_running_loop().run_in_executor(self._pool, self._feed_of, secret, etag)
        except NotSaved:
            log.warning("a calendar could not be read from the database")
            return web.Response(status=503, headers={"Retry-After": "60"})
        if feed is None:
            return web.Response(status=404)
        headers = {
            "ETag": feed.etag, "Last-Modified": format_datetime(feed.changed, usegmt=True),
            "Cache-Control": "private, no-cache", "Referrer-Policy": "no-referrer",
        }  # fmt: skip
        if feed.body is None:
            return web.Response(status=304, headers=headers)
        return web.Response(body=feed.body, content_type="text/calendar", charset="utf-8", headers=headers)

    async def _show_metrics(self, _request: web.Request) -> web.Response:
        assert self._probes is not None  # noqa: S101 - the route exists only with it
        async with asyncio.timeout(_HEALTH_TIME):
            page = await asyncio.get_running_loop().run_in_executor(None, self._probes.metrics)
        return web.Response(body=page, headers={"Content-Type": self._probes.metrics_type})

    @property
    def connections(self) -> int:
        """Return how many connections are open."""
        return len(self._connections)

    async def _show_health(self, health: Health, _request: web.Request) -> web.Response:
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(_HEALTH_TIME):
                well, facts = await loop.run_in_executor(None, health)
        except TimeoutError:
            well, facts = False, {"health": "no answer"}
        return web.json_response(dict(facts), status=200 if well else 503)


@web.middleware
async def _nothing_leaks(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    try:
        return await handler(request)
    except web.HTTPException as error:
        return web.Response(status=error.status)
    except TimeoutError:
        return web.Response(status=408)
    except Exception:  # the outermost edge: the server's own page would show the traceback's text
        log.exception("a request could not be served")
        return web.Response(status=500)


def _parsed(body: bytes, request: web.Request) -> BoltRequest | None:
    try:
        return BoltRequest(body=body.decode("utf-8"), query=request.query_string, headers=dict(request.headers))
    except (ValueError, RecursionError, json.JSONDecodeError, TypeError, AttributeError):
        # Signed by Slack and still unreadable. Bolt expects an object and trips over anything else.
        return None
