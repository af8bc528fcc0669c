"""The HTTP server of the bot: health, metrics, and the routes that :mod:`bot.inbound` adds."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from aiohttp import web

from bot.http_server.connection_limits import HttpConnection, HttpConnections, hide_versions

log = logging.getLogger(__name__)

HEALTH_PATH, LIVE_PATH, READY_PATH, METRICS_PATH = "/healthz", "/livez", "/readyz", "/metrics"
_MAX_BODY = 1024 * 1024
"""The largest body of a request, in bytes."""
_PROBE_TIMEOUT = 3.0
"""Seconds after which a probe is answered with failure."""
_SHUTDOWN_TIMEOUT = 8.0
"""Seconds for what was accepted to be finished at the end."""

Health = Callable[[], tuple[bool, Mapping[str, Any]]]
"""Returns whether all is well, and the facts that are shown as JSON."""


@dataclass(frozen=True)
class Probes:
    """What orchestrators and monitoring ask beside the health page."""

    live: Health
    """Whether this process works; a restart helps where it does not. It must answer at once."""
    ready: Health
    """Whether it can take work."""
    metrics: Callable[[], bytes]
    metrics_type: str
    """The content type of the metrics."""


class HttpServer:
    """The HTTP server. It shows the health page, and whatever is added before it starts."""

    def __init__(self, health: Health, probes: Probes | None = None) -> None:
        self._connections = HttpConnections(HEALTH_PATH, LIVE_PATH, READY_PATH, METRICS_PATH)
        app = web.Application(client_max_size=_MAX_BODY, middlewares=[self._connections.admit, _hide_errors])
        app.on_response_prepare.append(hide_versions)
        app.router.add_get(HEALTH_PATH, partial(_show_health, health))
        if probes:
            app.router.add_get(LIVE_PATH, partial(_show_life, probes.live))
            app.router.add_get(READY_PATH, partial(_show_health, probes.ready))
            app.router.add_get(METRICS_PATH, partial(_show_metrics, probes))
        self._app = app
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=_SHUTDOWN_TIMEOUT)
        self._listening: asyncio.Server | None = None

    def add_routes(self, routes: Iterable[web.RouteDef]) -> None:
        """Answer more addresses; to be called before :meth:`start`."""
        self._app.add_routes(routes)

    async def start(self, host: str, port: int) -> int:
        """Listen, and return the port, which the system chooses for port 0. Raises OSError when it is in use."""
        await self._runner.setup()
        loop, server = asyncio.get_running_loop(), self._runner.server
        assert server is not None  # noqa: S101 - it was set up just now
        self._listening = await loop.create_server(lambda: HttpConnection(server, self._connections, loop), host, port)
        return int(self._listening.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        """Accept no more connections, and finish the requests that were accepted."""
        if self._listening:
            self._listening.close()
        await self._runner.cleanup()

    @property
    def connections(self) -> int:
        """Return how many connections are open."""
        return len(self._connections)


async def _show_health(health: Health, _request: web.Request) -> web.Response:
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(_PROBE_TIMEOUT):
            is_well, facts = await loop.run_in_executor(None, health)
    except TimeoutError:
        is_well, facts = False, {"health": "no answer"}
    return web.json_response(dict(facts), status=200 if is_well else 503)


async def _show_life(live: Health, _request: web.Request) -> web.Response:
    """Answer without a thread: those may all wait for a database that hangs."""
    is_well, facts = live()
    return web.json_response(dict(facts), status=200 if is_well else 503)


async def _show_metrics(probes: Probes, _request: web.Request) -> web.Response:
    async with asyncio.timeout(_PROBE_TIMEOUT):
        page = await asyncio.get_running_loop().run_in_executor(None, probes.metrics)
    return web.Response(body=page, headers={"Content-Type": probes.metrics_type})


@web.middleware
async def _hide_errors(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Answer errors with their status alone: the library's own pages quote requests and tracebacks."""
    try:
        return await handler(request)
    except web.HTTPException as error:
        return web.Response(status=error.status)
    except TimeoutError:
        return web.Response(status=408)
    except Exception:  # the outermost edge: the server's own page would show the traceback's text
        log.exception("a request could not be served")
        return web.Response(status=500)
