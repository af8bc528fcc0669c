"""HTTP connections: how many may be open, how long one may take over its headers, and that none tells our versions."""

import asyncio
from collections.abc import Awaitable, Callable

from aiohttp import hdrs, web

HEADER_TIME = 10.0
"""Seconds for the headers of a request to be complete, counted from the connection or from the request's first byte."""
MOST = 200
"""So many connections are served. The next one takes the place of the one that has waited longest without a request."""
RESERVE = 20
"""So many more are open only to be told how the bot is, while every other one is being served."""
SERVER = "csp-escalate"
_IDLE_TIME = 75.0
"""Seconds a connection may be kept for a next request: longer than a reverse proxy keeps it."""


class HttpConnection(web.RequestHandler):
    """One connection, among all that are open."""

    def __init__(self, server: web.Server, everyone: "HttpConnections", loop: asyncio.AbstractEventLoop) -> None:
        # aiohttp takes None for "no access log", which its annotation does not say.
        super().__init__(server, loop=loop, access_log=None, keepalive_timeout=_IDLE_TIME)  # type: ignore[arg-type]
        self._everyone, self._event_loop = everyone, loop
        self._timer: asyncio.TimerHandle | None = None
        self._serving = 0

    @property
    def is_served(self) -> bool:
        """Whether a request of its is being answered."""
        return self._serving > 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to wait for headers."""
        super().connection_made(transport)
        self._expect_headers()
        self._everyone.add(self)

    def connection_lost(self, exc: BaseException | None) -> None:
        """Forget the connection."""
        self._everyone.remove(self)
        self._stop_timer()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take bytes, and wait again for headers when no request is being answered."""
        if not self.is_served and self._timer is None:
            self._expect_headers()
        super().data_received(data)

    def begin(self) -> None:
        """Record that the headers of a request are complete."""
        self._serving += 1
        self._stop_timer()

    def end(self) -> None:
        """Record that a request was answered."""
        self._serving -= 1

    def handle_error(
        self, request: web.BaseRequest, status: int = 500, exc: BaseException | None = None, message: str | None = None
    ) -> web.StreamResponse:
        """Answer what could not be read with the status alone: the library's own answer quotes it."""
        super().handle_error(request, status, exc, message)
        answer = web.Response(status=status, headers={hdrs.SERVER: SERVER})
        answer.force_close()
        return answer

    def _expect_headers(self) -> None:
        self._stop_timer()
        self._timer = self._event_loop.call_later(HEADER_TIME, self.force_close)

    def _stop_timer(self) -> None:
        if self._timer:
            self._timer.cancel()
        self._timer = None


class HttpConnections:
    """All open connections of one server, the oldest first. Belongs to one event loop."""

    def __init__(self, *status_paths: str) -> None:
        """Keep the paths that are always answered: those that say how the bot is."""
        self._status_paths = status_paths
        self._open: dict[HttpConnection, None] = {}

    def add(self, new: HttpConnection) -> None:
        """Take a connection in; where there are too many, one that is not being served makes room."""
        self._open[new] = None
        if len(self._open) <= MOST:
            return
        waiting = next(
            (connection for connection in self._open if connection is not new and not connection.is_served), None
        )
        if waiting:
            self._open.pop(waiting)
            waiting.force_close()
        elif len(self._open) > MOST + RESERVE:
            new.force_close()

    def __len__(self) -> int:
        return len(self._open)

    def remove(self, gone: HttpConnection) -> None:
        """Record that a connection was closed."""
        self._open.pop(gone, None)

    @web.middleware
    async def admit(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        """Serve a request whose headers are complete; only the health page while there are too many connections."""
        connection = request.protocol
        assert isinstance(connection, HttpConnection)  # noqa: S101 - the server makes no other
        connection.begin()
        try:
            if len(self._open) > MOST and request.path not in self._status_paths:
                return web.Response(status=503, headers={"Retry-After": "1"})
            return await handler(request)
        finally:
            connection.end()


async def hide_versions(_request: web.Request, response: web.StreamResponse) -> None:
    """Name this program as the server, without its library and versions."""
    response.headers[hdrs.SERVER] = SERVER
