"""How requests reach the bot: Socket Mode or signed HTTP, and the HTTP server for /healthz and calendars."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from slack_bolt import BoltRequest, BoltResponse

from bot.calendar_feeds import CalendarFeeds
from bot.clock import Clock
from bot.config import SlackCredentials
from bot.late_module import LateModule
from bot.slack.bolt_app import SlackAccess
from bot.slack.socket_mode import SocketMode
from handlers.links.link_pages import LinkPages

if TYPE_CHECKING:
    from bot.slack import http_server
else:
    http_server = LateModule("bot.slack.http_server")  # Socket Mode starts a third of a second sooner

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class ListenAddress:
    """Where to listen."""

    host: str
    port: int


@dataclass(frozen=True)
class RequestHandling:
    """What answers the requests."""

    dispatch: Callable[[BoltRequest], BoltResponse]
    executor: Executor
    apology: str  # shown to a person when dispatching fails
    feeds: CalendarFeeds
    sheets: Callable[[str], str | None] = lambda _secret: None
    links: Callable[[], LinkPages] | None = None
    """Make the pages of links, once a server is there to show them."""


class Inbound:
    """The open connections."""

    def __init__(
        self, credentials: SlackCredentials, slack: SlackAccess, handling: RequestHandling, clock: Clock
    ) -> None:
        self._credentials, self._slack, self._handling, self._clock = credentials, slack, handling, clock
        self._socket: SocketMode | None = None
        self._socket_task: asyncio.Task[None] | None = None
        self._http: http_server.HttpServer | None = None

    async def start(
        self,
        http: ListenAddress | None,
        health: ListenAddress | None,
        status: "http_server.Health",
        make_probes: Callable[[], "http_server.Probes"],
    ) -> None:
        """Take requests by HTTP where an address is given, by Socket Mode otherwise. Raises OSError."""
        if address := http or health:
            self._http = self._make_http_server(status, make_probes(), takes_requests=http is not None)
            if self._handling.links:
                self._http.show_sheets(self._handling.sheets, self._clock)
                self._http.show_links(self._handling.links(), self._clock)
            port = await self._http.start(address.host, address.port)
            log.info("listening on http://%s:%d", address.host, port)
        if http is None:
            handling, open_url = self._handling, self._slack.open_socket_url
            self._socket = SocketMode(handling.dispatch, open_url, handling.executor, self._clock, handling.apology)
            self._socket_task = asyncio.create_task(self._socket.run())

    def stop_taking(self) -> None:
        """Take no new request by Socket Mode."""
        if self._socket:
            self._socket.stop_taking()

    def hurry(self) -> None:
        """Connect again at once where the connection is lost, because Slack is back."""
        if self._socket:
            self._socket.hurry()

    async def stop(self, until: float) -> None:
        """Finish what was accepted, until a monotonic time in seconds at most."""
        for task in (self._socket_task, self._http and asyncio.create_task(self._http.stop())):
            if task:
                await asyncio.wait([task], timeout=until - self._clock.monotonic())

    def connection_facts(self) -> Mapping[str, Any]:
        """Return whether Slack can reach the bot, and how many connections Slack counts beside ours."""
        if self._socket is None:
            return {"ok": True}
        return {"ok": self._socket.connected, "other_connections": self._socket.others}

    def http_connections(self) -> int:
        """Return how many connections to our own HTTP server are open."""
        return self._http.connections if self._http else 0

    def _make_http_server(
        self, status: "http_server.Health", probes: "http_server.Probes", takes_requests: bool
    ) -> "http_server.HttpServer":
        handling = self._handling
        if not takes_requests:
            return http_server.HttpServer(status, handling.executor, feed_of=handling.feeds, probes=probes)
        assert self._credentials.signing_secret is not None  # noqa: S101 - the settings of HTTP require it
        signatures = http_server.SignatureCheck(self._credentials.signing_secret, self._clock)
        return http_server.HttpServer(
            status,
            handling.executor,
            handling.dispatch,
            signatures,
            handling.apology,
            handling.feeds,
            probes,
        )
