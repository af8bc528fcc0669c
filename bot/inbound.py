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
    from bot.http_server import feed_routes, link_routes, sheet_routes
    from bot.http_server import server as http_server
    from bot.slack import event_routes
else:  # Socket Mode starts a third of a second sooner
    http_server, event_routes = LateModule("bot.http_server.server"), LateModule("bot.slack.event_routes")
    feed_routes, sheet_routes, link_routes = (
        LateModule(f"bot.http_server.{name}") for name in ("feed_routes", "sheet_routes", "link_routes")
    )

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
            self._http = http_server.HttpServer(status, make_probes())
            self._add_routes(self._http, takes_events=http is not None)
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

    def reconnect_now(self) -> None:
        """Connect again at once where the connection is lost, because Slack is back."""
        if self._socket:
            self._socket.reconnect_now()

    async def stop(self, until: float) -> None:
        """Finish what was accepted, until a monotonic time in seconds at most."""
        for task in (self._socket_task, self._http and asyncio.create_task(self._http.stop())):
            if task:
                await asyncio.wait([task], timeout=until - self._clock.monotonic())

    def connection_facts(self) -> Mapping[str, Any]:
        """Return whether Slack can reach the bot, and how many connections Slack counts beside ours."""
        if self._socket is None:
            return {"ok": True}
        return {"ok": self._socket.connected, "other_connections": self._socket.other_connections}

    def http_connections(self) -> int:
        """Return how many connections to our own HTTP server are open."""
        return self._http.connections if self._http else 0

    def _add_routes(self, server: "http_server.HttpServer", *, takes_events: bool) -> None:
        handling, clock = self._handling, self._clock
        server.add_routes(feed_routes.FeedRoutes(handling.feeds, handling.executor).routes())
        if handling.links:
            server.add_routes(sheet_routes.SheetRoutes(handling.sheets, handling.executor, clock).routes())
            server.add_routes(link_routes.LinkRoutes(handling.links(), handling.executor, clock).routes())
        if takes_events:
            assert self._credentials.signing_secret is not None  # noqa: S101 - the settings of HTTP require it
            signatures = event_routes.SignatureCheck(self._credentials.signing_secret, clock)
            events = event_routes.EventRoutes(handling.dispatch, signatures, handling.apology, handling.executor)
            server.add_routes(events.routes())
