"""The bot as it runs, in one process with its Slack and on a clock that is moved: started, killed, started again.

It is the program that ``bot.app`` wires, without its threads: whoever holds it says when it ticks and sends.
"""

import json
import struct
import zlib
from collections.abc import Callable
from concurrent.futures import Executor, Future
from datetime import datetime
from typing import Any, ParamSpec, TypeVar

from slack_bolt import BoltRequest
from sqlalchemy import event

from bot.app import Program
from bot.config import Config
from bot.simulation.clock import SimulatedClock
from bot.simulation.crash_points import CrashPoints
from bot.simulation.outbound import Outbound
from handlers.chart.drawing import Drawing
from models.outbox.queue import Outbox
from models.store import reminder_queue
from models.store.database import Store

Paint = Callable[[Drawing], bytes]
P = ParamSpec("P")
T = TypeVar("T")


class InlineExecutor(Executor):
    """Runs what it is given before it returns, so that a delivery is over when it says so."""

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Run it now; whoever is killed in it is dead."""
        future: Future[T] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:  # kept for whoever asks, as any executor does
            future.set_exception(error)
        return future


class SimulatedBot(Program):
    """One life of the bot. Every method may raise Killed; then this one is never used again."""

    def __init__(self, config: Config, clock: SimulatedClock, wire: Outbound, fate: CrashPoints, paint: Paint) -> None:
        store = opened(fate.store(config.database_url.reveal()))
        Outbox(store).adopt(clock.now())
        super().__init__(config, store, clock, wire, InlineExecutor(), paint)
        self.store = store

    def tick(self) -> None:
        """All that the scheduler wakes, once."""
        self._scheduler.tick()

    def send(self, most: int = 100) -> int:
        """Send what may go out now, at most so much; how many pieces of work that were."""
        done = 0
        while done < most and self._worker.work_once():
            done += 1
        return done

    def hear(self, payload: dict[str, Any]) -> tuple[int, Any]:
        """One delivery of Slack's: the status and what was answered."""
        response = self.dispatch(BoltRequest(mode="socket_mode", body=payload))
        body = response.body or ""
        return response.status, json.loads(body) if body.startswith(("{", "[")) else body or None

    def next_due(self) -> datetime | None:
        """When the vigil must look again, by the bot's own clock."""
        return self.store.read(reminder_queue.next_due)

    def next_sending(self) -> datetime | None:
        """When the next message wants to be sent, by the bot's own clock."""
        return Outbox(self.store).next_due()

    def bury(self) -> None:
        """What the operating system does for a process that ended."""
        self.store.dispose()


def opened(store: Store) -> Store:
    """A database with the schema of today. It waits for no disk: a simulated kill cuts no power."""
    event.listen(store.engine, "connect", lambda raw, _record: raw.cursor().execute("PRAGMA synchronous=OFF"))
    store.upgrade()
    return store


def sketch(_snapshot: Drawing) -> bytes:
    """A picture of one grey dot, for whoever does not look: drawing the real one would be most of a simulated week."""
    header = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(b"\0\x80")), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, content) for kind, content in chunks)


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
