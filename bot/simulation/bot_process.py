"""Run the bot in one process with its Slack, on a clock that is moved.

It is the program that ``bot.app`` wires, without its threads: the caller says when it ticks and sends.
"""

import json
import struct
import zlib
from collections.abc import Callable, Mapping
from concurrent.futures import Executor, Future
from datetime import datetime
from functools import cached_property
from typing import Any, ParamSpec, TypeVar

from slack_bolt import BoltRequest
from sqlalchemy import bindparam, event, exists, select

from bot.app import Program
from bot.config import Config
from bot.reach.channel import ChannelDriver
from bot.reach.drivers import make_drivers
from bot.simulation.clock import SimulatedClock
from bot.simulation.crash_points import CrashPoints
from bot.simulation.outbound import Outbound
from handlers.chart.drawing import Drawing
from handlers.links.link_pages import LinkPages
from models.outbox.queue import Outbox
from models.rules.outbox.delivery import QueuePart
from models.rules.outbox.message_kinds import MessageKind
from models.rules.reach.channels import Channel
from models.store import reminder_queue
from models.store.database import Store
from models.store.tables import OUTBOX, is_unfinished

Paint = Callable[[Drawing], bytes]
P = ParamSpec("P")
T = TypeVar("T")
_BEFORE = OUTBOX.alias("before")
_IS_HELD_BACK = exists().where(
    _BEFORE.c.lane == OUTBOX.c.lane, _BEFORE.c.position < OUTBOX.c.position, is_unfinished(_BEFORE.c.state)
)
_UNTRIED = (
    select(OUTBOX.c.position)
    .where(is_unfinished(OUTBOX.c.state), OUTBOX.c.due_at <= bindparam("now"), OUTBOX.c.first_tried_at.is_(None))
    .where(OUTBOX.c.what.not_in([MessageKind.PAGE, MessageKind.WEBHOOK]), ~_IS_HELD_BACK)
    .limit(1)
)


class InlineExecutor(Executor):
    """Run each task before ``submit`` returns, so that a finished delivery has no work left."""

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Run the task now. A :class:`SimulatedKill` in it is not caught."""
        future: Future[T] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:  # kept for the caller of result(), as any executor does
            future.set_exception(error)
        return future


class SimulatedBot(Program):
    """One life of the bot. Every method may raise :class:`SimulatedKill`; after that the object must not be used."""

    def __init__(
        self, config: Config, clock: SimulatedClock, outbound: Outbound, crash_points: CrashPoints, paint: Paint,
        is_alone: bool = True,
    ) -> None:  # fmt: skip
        store = open_store(crash_points.store(config.database_url.reveal()))
        if is_alone:
            Outbox(store).expire_leases(clock.now())
        super().__init__(config, store, clock, outbound, InlineExecutor(), paint)
        self._has_pages = bool(config.reach.people)
        self._phones = outbound.phones

    @cached_property
    def drivers(self) -> Mapping[Channel, ChannelDriver]:
        """What sends by each way other than Slack: to the phones of the sandbox."""
        return make_drivers(self.clock, self._phones.find)

    @cached_property
    def link_pages(self) -> LinkPages:
        """What answers the links of pages."""
        return LinkPages(self.services, self.repositories.page_links)

    def tick(self) -> None:
        """Run once what the scheduler runs on each tick."""
        self.scheduler.tick()

    def send(self, most: int = 100) -> int:
        """Send what is due, at most ``most`` deliveries, and return how many were sent."""
        done = 0
        while done < most and self.outbox_worker.work_once():
            done += 1
        return done

    def send_pages(self, most: int = 100) -> int:
        """Send what is due by other ways than Slack, at most ``most`` pages, and return how many were sent."""
        done = 0
        while self._has_pages and done < most and self.page_worker.work_once():
            done += 1
        return done

    def hear(self, payload: dict[str, Any]) -> tuple[int, Any]:
        """Handle one request from Slack and return the status and the body of the answer."""
        response = self.dispatch(BoltRequest(mode="socket_mode", body=payload))
        body = response.body or ""
        return response.status, json.loads(body) if body.startswith(("{", "[")) else body or None

    def next_due(self) -> datetime | None:
        """Return when the next reminder is due, by the bot's own clock."""
        return self.store.read(reminder_queue.find_next_due)

    def next_sending(self) -> datetime | None:
        """Return when the next message is due to be sent, by the bot's own clock."""
        return Outbox(self.store).next_due()

    def has_untried(self) -> bool:
        """Return whether a message to Slack is due that was never tried."""
        now = self.clock.now()
        return self.store.read(lambda connection: connection.execute(_UNTRIED, {"now": now}).first()) is not None

    def next_page(self) -> datetime | None:
        """Return when the next page is due, by the bot's own clock."""
        return Outbox(self.store).next_due(QueuePart.PAGES, self.clock.now()) if self._has_pages else None

    def dispose(self) -> None:
        """Close the database, as the operating system does when a process ends."""
        self.store.dispose()


def open_store(store: Store) -> Store:
    """Bring a database to the newest schema and return it.

    It never waits for the disk: a simulated kill cuts no power.
    """
    event.listen(store.engine, "connect", lambda raw, _record: raw.cursor().execute("PRAGMA synchronous=OFF"))
    store.upgrade()
    return store


def draw_placeholder(_snapshot: Drawing) -> bytes:
    """Return a PNG of one grey dot. Drawing the real chart would take most of the time of a simulation."""
    header = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(b"\0\x80")), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, content) for kind, content in chunks)


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
