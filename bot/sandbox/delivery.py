"""Deliver what happens in the workspace to the bot, by socket or HTTP.

A person waits three seconds for an interaction, which is delivered once. Nobody waits for an event, which is delivered
up to four times.
"""

import asyncio
from dataclasses import dataclass, field

from bot.sandbox.clock import SandboxClock
from bot.sandbox.http_delivery import Forgery, HttpDelivery
from bot.sandbox.json_types import Json
from bot.sandbox.options import SandboxSettings
from bot.sandbox.socket_server import SocketAck, SocketServer
from bot.sandbox.watcher_feed import WatcherFeed

TRAFFIC_KIND = {"slash_commands": "command", "interactive": "interaction", "events_api": "event"}


@dataclass
class EventDelivery:
    """Deliver interactions and events by the connection that is in use."""

    socket: SocketServer
    notices: WatcherFeed
    clock: SandboxClock
    settings: SandboxSettings
    retry_seconds: tuple[float, ...]
    http: HttpDelivery | None = None
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def ask(self, kind: str, name: str, payload: Json) -> SocketAck:
        """Deliver an interaction once and wait for its ack, at most three seconds."""
        ack = await self._once(kind, payload, None, None)
        self._note(kind, name, payload, ack)
        if not ack.ok:
            self.notices.surprise("not_acked", f"{name}: {ack.error}")
        return ack

    def tell(self, payload: Json) -> None:
        """Deliver an event in the background, and again while the bot does not accept it.

        Nobody hears events while the local Slack is not served, as in a simulation.
        """
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return
        task = loop.create_task(self._until_taken(payload))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def raw(self, kind: str, payload: Json, disguise: Forgery) -> SocketAck:
        """Deliver exactly this payload once: for tests of duplicates, forgeries and strangers."""
        ack = await self._once(kind, payload, None, disguise)
        self._note(kind, f"raw {kind}", payload, ack)
        return ack

    async def close(self) -> None:
        """Cancel the deliveries that still run."""
        for task in list(self._tasks):
            task.cancel()
        await self.socket.close()
        if self.http:
            await self.http.close()

    async def _until_taken(self, payload: Json) -> None:
        name, retry = str(payload["event"]["type"]), (0, "")
        for attempt, pause in enumerate((0.0, *self.retry_seconds)):
            await self.clock.sleep_until(self.clock.now() + pause)
            ack = await self._once("events_api", payload, retry, None)
            self._note("events_api", name, payload, ack, attempt=attempt)
            if ack.ok or ack.no_retry:
                return
            retry = (attempt + 1, "timeout" if ack.error == "operation_timeout" else "http_error")
        self.notices.surprise("not_acked", f"event {name}: given up after {len(self.retry_seconds)} retries")

    async def _once(
        self, kind: str, payload: Json, retry: tuple[int, str] | None, disguise: Forgery | None
    ) -> SocketAck:
        wait = self.settings.ack_seconds
        if self.http:
            return await self.http.deliver(kind, payload, wait, retry, disguise)
        return await self.socket.deliver(kind, payload, wait, retry)

    def _note(self, kind: str, name: str, payload: Json, ack: SocketAck, **more: int) -> None:
        self.notices.passed(
            "in",
            TRAFFIC_KIND.get(kind, kind),
            name,
            status=ack.error or "ok",
            ms=ack.ms,
            request=payload,
            response=ack.payload,
            **more,
        )
