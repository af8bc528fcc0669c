"""Socket Mode, Slack's side: tickets, up to ten websockets, each envelope to exactly one, refreshes, silence.

It does not look into envelopes; redelivery is decided in ``delivery``.
"""

import asyncio
import json
import time
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web

from bot.sandbox.ids import IdSequence
from bot.sandbox.json_types import Json
from bot.sandbox.watcher_feed import WatcherFeed

MOST_CONNECTIONS = 10
CLOSES_AFTER_REFRESH = 1.0
PING_EVERY = 10.0
LATE_REMEMBERED = 1000


@dataclass
class SocketAck:
    """How the bot answered: the ``payload`` of its ack, the ``ms`` it took, or the ``error`` a person would see."""

    payload: Any = None
    ms: int = 0
    error: str = ""
    no_retry: bool = False  # the bot asked not to be told again

    @property
    def ok(self) -> bool:
        """Whether the bot acknowledged."""
        return not self.error


@dataclass(eq=False)
class SocketConnection:
    """One websocket of the bot."""

    socket: web.WebSocketResponse
    transport: asyncio.Transport | None
    draining: bool = False
    silent: bool = False


@dataclass
class SocketServer:
    """The websockets of the bot."""

    ids: IdSequence
    notices: WatcherFeed
    app_id: str
    connections: list[SocketConnection] = field(default_factory=list)
    _tickets: set[str] = field(default_factory=set)
    _waiting: dict[str, asyncio.Future[Any]] = field(default_factory=dict)
    _late: dict[str, float] = field(default_factory=dict)
    _turn: int = 0

    def ticket(self) -> str:
        """Return the one-time part of a websocket address."""
        ticket = self.ids.next("t")
        self._tickets.add(ticket)
        return ticket

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Hold one websocket until it ends."""
        ticket = request.match_info["ticket"]
        if ticket not in self._tickets:
            return web.json_response({"ok": False, "error": "invalid_ticket"}, status=403)
        self._tickets.remove(ticket)
        socket = web.WebSocketResponse(autoping=False, max_msg_size=8 * 2**20, timeout=0.5)
        await socket.prepare(request)
        connection = SocketConnection(socket, request.transport)
        if len(self.connections) >= MOST_CONNECTIONS:
            await self._say_disconnect(connection, "too_many_websockets")
            await socket.close()
            return socket
        await self._hold(connection)
        return socket

    async def deliver(self, kind: str, payload: Json, wait: float, retry: tuple[int, str] | None = None) -> SocketAck:
        """Send one envelope to one connection and wait up to ``wait`` seconds for its ack."""
        connection = self._next_connection()
        if connection is None:
            return SocketAck(error="dispatch_failed")
        envelope: Json = {"envelope_id": self.ids.next("e"), "type": kind, "payload": payload}
        envelope["accepts_response_payload"] = kind != "events_api"
        if kind == "events_api":
            attempt, reason = retry or (0, "")
            envelope |= {"retry_attempt": attempt, "retry_reason": reason}
        return await self._exchange(connection, envelope, wait)

    async def command(self, do: str, *, leave_old_open: bool = False) -> None:
        """Do to the present connections what Slack or the network might do."""
        for connection in list(self.connections):
            await self._disturb(connection, do, leave_old_open=leave_old_open)

    async def close(self) -> None:
        """Close all connections in order."""
        for connection in list(self.connections):
            await connection.socket.close()

    def abort(self) -> None:
        """End all connections at once."""
        for connection in list(self.connections):
            self._cut(connection)

    async def _exchange(self, connection: SocketConnection, envelope: Json, wait: float) -> SocketAck:
        id_, started = envelope["envelope_id"], time.monotonic()
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting[id_] = future
        try:
            await self._send(connection, envelope)
            payload = await asyncio.wait_for(future, wait)
        except TimeoutError:
            self._late[id_] = started
            if len(self._late) > LATE_REMEMBERED:
                del self._late[next(iter(self._late))]
            return SocketAck(ms=_ms(started), error="operation_timeout")
        except ConnectionError:
            return SocketAck(ms=_ms(started), error="dispatch_failed")
        finally:
            del self._waiting[id_]
        return SocketAck(payload, _ms(started))

    async def _hold(self, connection: SocketConnection) -> None:
        self.connections.append(connection)
        self.notices.changed()
        self.notices.passed("in", "socket", "hello", status="connected", connections=len(self.connections))
        pinging = asyncio.create_task(self._ping(connection))
        try:
            await self._send(connection, self._hello())
            await self._listen(connection)
        except ConnectionError:
            pass  # it went away while we spoke: the end we wait for here anyway
        finally:
            pinging.cancel()
            self.connections.remove(connection)
            self.notices.passed("in", "socket", "closed", status="closed", connections=len(self.connections))
            self.notices.changed()

    async def _listen(self, connection: SocketConnection) -> None:
        async for message in connection.socket:
            if connection.silent:
                continue
            if message.type is WSMsgType.PING:
                await connection.socket.pong(message.data)
            elif message.type is WSMsgType.TEXT:
                self._acked(message.data)

    def _acked(self, text: str) -> None:
        try:
            ack = json.loads(text)
        except ValueError:
            self.notices.surprise("invalid_ack", text[:200])
            return
        id_ = ack.get("envelope_id") if isinstance(ack, dict) else None
        future = self._waiting.get(str(id_))
        if future and not future.done():
            future.set_result(ack.get("payload"))
        elif id_ in self._late:
            late = time.monotonic() - self._late.pop(str(id_))
            self.notices.surprise("late_ack", f"an ack came after {late:.1f} s")
        else:
            self.notices.surprise("invalid_ack", f"nothing is waiting for an ack of {id_}")

    def _next_connection(self) -> SocketConnection | None:
        """Return the connections in turn. One that was asked to leave is used only when there is no other."""
        open_ = [connection for connection in self.connections if not connection.socket.closed]
        chosen = [connection for connection in open_ if not connection.draining] or open_
        self._turn += 1
        return chosen[self._turn % len(chosen)] if chosen else None

    async def _disturb(self, connection: SocketConnection, do: str, *, leave_old_open: bool) -> None:
        if do == "drop":
            self._cut(connection)
        elif do in {"silence", "resume"}:
            connection.silent = do == "silence"
        else:
            reason = {"refresh": "refresh_requested", "too_many": "too_many_websockets"}.get(do, do)
            await self._say_disconnect(connection, reason)
            if do != "warning" and not leave_old_open:
                asyncio.get_running_loop().call_later(CLOSES_AFTER_REFRESH, self._cut, connection)

    async def _say_disconnect(self, connection: SocketConnection, reason: str) -> None:
        connection.draining = True
        self.notices.passed("in", "socket", "disconnect", status=reason)
        await self._send(connection, {"type": "disconnect", "reason": reason, "debug_info": {"host": "sandbox"}})

    async def _send(self, connection: SocketConnection, message: Json) -> None:
        if not connection.silent and not connection.socket.closed:
            await connection.socket.send_str(json.dumps(message, ensure_ascii=False))

    async def _ping(self, connection: SocketConnection) -> None:
        while not connection.socket.closed:
            await asyncio.sleep(PING_EVERY)
            if not connection.silent:
                await connection.socket.ping(b"Ping from the sandbox")

    def _hello(self) -> Json:
        return {
            "type": "hello",
            "num_connections": len(self.connections),
            "connection_info": {"app_id": self.app_id},
            "debug_info": {"host": "sandbox", "build_number": 1, "approximate_connection_time": 18060},
        }

    @staticmethod
    def _cut(connection: SocketConnection) -> None:
        if connection.transport:
            connection.transport.abort()


def _ms(started: float) -> int:
    return round((time.monotonic() - started) * 1000)
