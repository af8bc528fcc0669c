"""A queue of writes: those that wait while another thread writes are then committed together.

SQLite has one writer at a time, and a commit waits for the disk. When two hundred people submit at once, they wait
for a handful of commits instead of two hundred. The threads take turns at serving the queue; there is no thread of its
own. This file knows no database: ``models.store.database`` begins and commits the transaction.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any

BATCH_SIZE = 50
"""How many writes share a commit at most, so that the last one does not wait for hundreds."""


class QueuedWrite:
    """One unit of work that waits for its turn. Afterwards it holds its ``result`` or its ``error``."""

    def __init__(self, unit: Callable[[Any], Any], until: float, *, urgent: bool = False) -> None:
        self.unit = unit
        self.until = until  # when to stop waiting for SQLite's lock, in seconds of the monotonic clock
        self.urgent = urgent  # goes before writes that are not
        self.result: Any = None
        self.error: BaseException | None = None
        self.is_done = False
        self.wake_up = threading.Event()  # set when it is done, or when its thread must serve the queue


class WriteQueue:
    """``serve`` runs a write, and those that join it, in one transaction and commits it.

    The first is the one that has waited longest. ``serve`` takes the others one by one, sets ``result`` or ``error`` of
    each, and commits when no more come. When it raises, that is the error of all it took.
    """

    def __init__(self, serve: Callable[[QueuedWrite, Iterator[QueuedWrite]], None]) -> None:
        self._serve = serve
        self._lock = threading.Lock()
        self._queue: list[QueuedWrite] = []
        self._is_serving = False

    def run(
        self, unit: Callable[[Any], Any], timeout: float, until: float = 0.0, *, urgent: bool = False
    ) -> QueuedWrite | None:
        """Run a unit and return its finished write; None when its turn did not come within ``timeout`` seconds."""
        write = QueuedWrite(unit, until, urgent=urgent)
        if not self._enqueue(write) and not write.wake_up.wait(timeout) and self._withdraw(write):
            return None
        write.wake_up.wait()
        if not write.is_done:
            self._serve_queue()
        return write

    @property
    def waiting(self) -> int:
        """Return how many writes wait for their turn."""
        with self._lock:
            return len(self._queue)

    def _enqueue(self, write: QueuedWrite) -> bool:
        """Add a write, and return whether its thread must serve the queue because no other does."""
        with self._lock:
            self._queue.insert(self._index_for(write), write)
            if self._is_serving:
                return False
            self._is_serving = True
            write.wake_up.set()
            return True

    def _index_for(self, write: QueuedWrite) -> int:
        """Return the end of the queue; for an urgent write the first index behind the serving and the urgent ones."""
        if not write.urgent:
            return len(self._queue)
        return next(
            (n for n, queued in enumerate(self._queue) if not queued.urgent and not queued.wake_up.is_set()),
            len(self._queue),
        )

    def _withdraw(self, write: QueuedWrite) -> bool:
        """Remove a write from the queue; return False when it is being served, or its thread must serve the queue."""
        with self._lock:
            if write.wake_up.is_set() or write not in self._queue:
                return False
            self._queue.remove(write)
            return True

    def _serve_queue(self) -> None:
        """Serve the waiting writes, this thread's own first; then wake the thread of the next one."""
        taken: list[QueuedWrite] = []
        try:
            writes = self._take_writes(taken)
            self._serve(next(writes), writes)
        except BaseException as error:  # it is the error of all writes of this transaction
            for write in taken:
                write.error = error
        finally:
            self._finish(taken)

    def _take_writes(self, taken: list[QueuedWrite]) -> Iterator[QueuedWrite]:
        while write := self._take_next(taken):
            yield write

    def _take_next(self, taken: list[QueuedWrite]) -> QueuedWrite | None:
        """Take the next write; None when the transaction must be committed now.

        An urgent write joins the transaction that is being prepared, and only other urgent ones follow it.
        """
        with self._lock:
            if not self._queue or len(taken) == BATCH_SIZE:
                return None
            if taken and taken[-1].urgent and not self._queue[0].urgent:
                return None
            taken.append(self._queue.pop(0))
            return taken[-1]

    def _finish(self, served: Sequence[QueuedWrite]) -> None:
        with self._lock:
            for write in served:
                write.is_done = True
                write.wake_up.set()
            self._is_serving = bool(self._queue)
            if self._queue:
                self._queue[0].wake_up.set()
