"""Socket Mode: takes envelopes, has a wide pool serve them, sends the acknowledgements.

The SDK's client is not used for two reasons. At each refresh it stops for up to three seconds, longer than Slack waits
for a command. A receive time-out in the middle of a frame loses bytes. Here the new connection is open before the old
one is closed, and both are read meanwhile. This module does not know what the envelopes mean.
"""

import asyncio
import json
import logging
import random
import ssl
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from slack_bolt import BoltRequest, BoltResponse
from slack_sdk.errors import SlackApiError, SlackClientError
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, WebSocketException
from websockets.protocol import State

from bot.clock import Clock
from bot.http_client.connections import proxy_for
from bot.slack.client import error_of, header_of
from bot.slack.error_codes import read_retry_after
from bot.slack.fallback_ack import make_fallback_ack
from bot.slack.payload_shape import is_well_formed
from handlers.i18n.slack_answers import find_connection_error
from handlers.i18n.words import Words

log = logging.getLogger(__name__)

_HEARTBEAT, _PONG_TIMEOUT = 10.0, 5.0
"""Seconds between pings, and how long a pong may take; a connection that misses one is replaced."""
_CLOSE_TIMEOUT = 2.0
"""Seconds for Slack to answer the closing of a connection."""
_HELLO_TIMEOUT = 10.0
"""Seconds for Slack to say hello on a new connection."""
_OLD_CONNECTION_TIME = 30.0
"""Seconds for which a connection that Slack is about to close is still read."""
_SHORT_LIFE = 5.0
"""A connection that lasted fewer seconds counts as a failure."""
_REFRESHES = 8
"""So many short-lived connections in a row are followed at once when Slack itself asked for a new one."""
_LONGEST_BACKOFF = 30.0  # seconds
_DRAIN_TIMEOUT = 6.0
"""Seconds at the end for accepted envelopes to be answered."""
_MAX_FRAME = 16 * 1024 * 1024  # bytes


@dataclass(eq=False)
class _Connection:
    socket: ClientConnection
    opened_at: float
    hello: asyncio.Event = field(default_factory=asyncio.Event)
    leaving: asyncio.Event = field(default_factory=asyncio.Event)
    refreshed: bool = False

    @property
    def usable(self) -> bool:
        return self.hello.is_set() and self.is_open

    @property
    def is_open(self) -> bool:
        return self.socket.state is State.OPEN


class SocketMode:
    """Socket Mode for one app.

    ``serve`` answers one request and is called in ``pool``'s threads. ``open_url`` asks Slack for an address
    (``SlackClientError``). ``apology`` is the answer when serving fails.
    """

    def __init__(
        self,
        serve: Callable[[BoltRequest], BoltResponse],
        open_url: Callable[[], str],
        pool: Executor,
        clock: Clock,
        apology: str,
    ) -> None:
        self._serve = serve
        self._open_url = open_url
        self._pool = pool
        self._clock = clock
        self._apology = apology
        self._connections: set[_Connection] = set()
        self._listening: set[asyncio.Task[None]] = set()
        self._in_flight: set[asyncio.Task[None]] = set()
        self._stopping, self._wants_to_reconnect = asyncio.Event(), asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._tls: ssl.SSLContext | None = None
        self._not_before = 0.0
        self._other_connections = 0

    @property
    def connected(self) -> bool:
        """Return whether Slack can reach us: it said hello and answers our pings."""
        return any(connection.usable for connection in self._connections)

    @property
    def other_connections(self) -> int:
        """Return how many other connections of this app Slack counted at its last hello.

        They are other replicas, or a program that nobody stopped.
        """
        return self._other_connections

    async def run(self) -> None:
        """Stay connected until :meth:`stop_taking`; after failures wait ever longer, up to half a minute.

        At the end every accepted envelope is served and acknowledged, which takes at most ``_DRAIN_TIMEOUT``.
        """
        self._loop = asyncio.get_running_loop()
        failures = 0
        while not self._stopping.is_set():
            await self._keep_rate_limit()
            connection = None if self._stopping.is_set() else await self._connect()
            lasted = connection is not None and await self._wait_until_leaving(connection)
            failures = 0 if lasted else failures + 1
            # A refresh is no failure, unless each connection is asked to leave as soon as it is there.
            asked = connection is not None and connection.refreshed and failures <= _REFRESHES
            if failures and not asked:
                await self._pause(failures)
        await self._close_all()

    def stop_taking(self) -> None:
        """Serve no further envelope. What is not acknowledged, Slack gives to another connection or says so."""
        self._stopping.set()

    def reconnect_now(self) -> None:
        """End the wait after failures, because Slack is back; limits of Slack's are kept. May come from any thread."""
        if self._loop and not self.connected:
            with suppress(RuntimeError):  # the loop has ended
                self._loop.call_soon_threadsafe(self._wants_to_reconnect.set)

    async def _connect(self) -> _Connection | None:
        try:
            url = await asyncio.to_thread(self._address)
            socket = await connect(
                url, ping_interval=_HEARTBEAT, ping_timeout=_PONG_TIMEOUT, close_timeout=_CLOSE_TIMEOUT,
                max_size=_MAX_FRAME, compression=None, proxy=proxy_for(url), ssl=self._tls,
            )  # fmt: skip
        except SlackClientError as error:
            log.warning("Slack gave no address for Socket Mode: %s", _explain(error))
            self._not_before = self._clock.monotonic() + _read_wait(error)
            return None
        except (WebSocketException, OSError, TimeoutError, ValueError) as error:
            log.warning("Socket Mode could not connect: %s", type(error).__name__)
            return None
        connection = _Connection(socket, self._clock.monotonic())
        self._connections.add(connection)
        self._start(self._listening, self._listen(connection))
        return await self._wait_for_hello(connection)

    def _address(self) -> str:
        """Return where to connect.

        With the first secure address the machine's certificates are read. That takes a while and would hold up all
        else in the loop.
        """
        url = self._open_url()
        if self._tls is None and url.startswith("wss:"):
            self._tls = ssl.create_default_context()
        return url

    async def _wait_for_hello(self, connection: _Connection) -> _Connection | None:
        try:
            async with asyncio.timeout(_HELLO_TIMEOUT):
                await _wait_for_any(connection.hello, connection.leaving, self._stopping)
        except TimeoutError:
            pass
        if connection.hello.is_set():
            log.info("connected to Slack")
            return connection
        if not self._stopping.is_set():
            log.warning("Slack accepted a connection and sent no hello")
        await connection.socket.close()
        return None

    async def _wait_until_leaving(self, connection: _Connection) -> bool:
        """Wait until another connection is needed; False when this one was of little use."""
        await _wait_for_any(connection.leaving, self._stopping)
        if not connection.refreshed and not self._stopping.is_set():
            log.warning("the connection to Slack was lost")
        return self._clock.monotonic() - connection.opened_at > _SHORT_LIFE

    async def _listen(self, connection: _Connection) -> None:
        try:
            async for message in connection.socket:
                if isinstance(message, str):
                    self._handle(connection, message)
        except ConnectionClosed as error:
            log.info("a connection to Slack was closed: %s", type(error).__name__)
        finally:
            connection.leaving.set()
            self._connections.discard(connection)

    def _handle(self, connection: _Connection, text: str) -> None:
        try:
            message = json.loads(text)
        except (ValueError, RecursionError):
            log.warning("Slack sent a message that is not JSON")
            return
        kind = message.get("type") if isinstance(message, dict) else None
        if kind == "hello":
            connection.hello.set()
            self._count(message.get("num_connections"))
        elif kind == "disconnect":
            self._replace(connection, str(message.get("reason")))
        elif kind and message.get("envelope_id") and not self._stopping.is_set():
            self._start(self._in_flight, self._answer(connection, message))

    def _count(self, counted: object) -> None:
        """Compare how many connections Slack counts with ours: it shares deliveries out among all of them."""
        other_connections = max(0, counted - len(self._connections)) if isinstance(counted, int) else 0
        if other_connections and other_connections != self._other_connections:
            log.warning(
                "Slack counts %d %s of this app beside this process's. Unless other replicas run, another program "
                "takes a share of what people press: stop it, or generate a new app-level token",
                other_connections,
                "connection" if other_connections == 1 else "connections",
            )
        self._other_connections = other_connections

    def _replace(self, connection: _Connection, reason: str) -> None:
        log.info("Slack asks for a new connection: %s", reason)
        connection.refreshed = reason in {"warning", "refresh_requested"}
        if not connection.leaving.is_set():
            connection.leaving.set()
            self._start(self._listening, self._close_later(connection))

    async def _close_later(self, connection: _Connection) -> None:
        await _wait_for_any(self._stopping, timeout=_OLD_CONNECTION_TIME)
        if not self._stopping.is_set():
            await connection.socket.close()

    async def _answer(self, connection: _Connection, envelope: Mapping[str, Any]) -> None:
        loop = asyncio.get_running_loop()
        response = await loop.run_in_executor(self._pool, self._serve_envelope, envelope)
        payload = _payload(response) if response and response.status == 200 else self._make_fallback(envelope, response)
        if payload is None:
            return
        ack: dict[str, Any] = {"envelope_id": envelope["envelope_id"]}
        if payload and envelope.get("accepts_response_payload", True):
            ack["payload"] = payload
        await self._send(connection, json.dumps(ack))

    def _serve_envelope(self, envelope: Mapping[str, Any]) -> BoltResponse | None:
        body = envelope.get("payload")
        retry = envelope.get("retry_attempt")
        # Slack marks first deliveries with a zero here, which looks like a retry to the careless.
        headers: dict[str, str | Sequence[str]] = {"x-slack-retry-num": str(retry)} if retry else {}
        if not isinstance(body, dict) or not is_well_formed(body):
            return None
        try:
            request = BoltRequest(mode="socket_mode", body=body, headers=headers)
            return self._serve(request)
        except Exception:  # the outermost edge of a delivery: Slack gets an answer whatever broke
            log.exception("a delivery could not be handled")
            return None

    def _make_fallback(self, envelope: Mapping[str, Any], response: BoltResponse | None) -> dict[str, Any] | None:
        status = response.status if response else "none"
        log.warning("no listener answered a delivery of type %s (status %s)", envelope.get("type"), status)
        body = envelope.get("payload")
        return make_fallback_ack(body if isinstance(body, dict) else {}, self._apology)

    async def _send(self, connection: _Connection, text: str) -> None:
        # First the way it came, then any other: Slack takes the acknowledgement on each of our connections.
        for way in (connection, *self._connections):
            if way.is_open:
                try:
                    await way.socket.send(text)
                    return
                except (ConnectionClosed, OSError):
                    continue
        log.warning("an acknowledgement could not be sent: no connection is open")

    async def _keep_rate_limit(self) -> None:
        """Wait until a rate limit of Slack's has passed: asking earlier only makes it longer."""
        remaining = self._not_before - self._clock.monotonic()
        if remaining > 0:
            await _wait_for_any(self._stopping, timeout=remaining)

    async def _pause(self, failures: int) -> None:
        # The first try again comes soon: most losses are short.
        wait = min(_LONGEST_BACKOFF, 0.5 * 2 ** min(failures, 8)) * random.uniform(0.5, 1.0)  # noqa: S311 - jitter
        self._wants_to_reconnect.clear()
        await _wait_for_any(self._stopping, self._wants_to_reconnect, timeout=wait)

    async def _close_all(self) -> None:
        if self._in_flight:
            _, late = await asyncio.wait(self._in_flight, timeout=_DRAIN_TIMEOUT)
            if late:
                log.warning("stopped while %d deliveries were still being handled", len(late))
        for connection in list(self._connections):
            await connection.socket.close()
        for task in list(self._listening):
            task.cancel()

    def _start(self, tasks: set[asyncio.Task[None]], work: Any) -> None:
        # asyncio holds its tasks weakly: without our own hold one could vanish in the middle.
        task = asyncio.ensure_future(work)
        tasks.add(task)
        task.add_done_callback(tasks.discard)


async def _wait_for_any(*events: asyncio.Event, timeout: float | None = None) -> None:
    waits = [asyncio.ensure_future(event.wait()) for event in events]
    try:
        await asyncio.wait(waits, timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()


def _explain(error: SlackClientError) -> str:
    """Return why Slack gave no address, and what to do where somebody has to do it."""
    if not isinstance(error, SlackApiError):
        return f"it can't be reached ({error}); the bot tries again"
    code = error_of(error)
    error_words = find_connection_error(code)
    if error_words is None or not error_words.step:
        return f"{code}; the bot tries again"
    words = Words.of("en")
    return f"{code}. {words(error_words.fact)} {words(error_words.step)}"


def _read_wait(error: SlackClientError) -> float:
    """Return the seconds to wait by a rate limit; 0 for another error."""
    if not isinstance(error, SlackApiError) or error.response.status_code != 429:
        return 0.0
    return read_retry_after(header_of(error.response, "retry-after"))


def _payload(response: BoltResponse) -> dict[str, Any]:
    """Return the body of Bolt's answer as the payload of an acknowledgement."""
    if not response.body:
        return {}
    if response.headers.get("content-type", [""])[0].startswith("application/json"):
        payload: dict[str, Any] = json.loads(response.body)
        return payload
    return {"text": response.body}
