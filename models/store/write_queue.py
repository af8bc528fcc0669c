"""Turns at writing: who comes while another writes waits, and all who waited write together, with one commit.

SQLite has one writer at a time, and a commit waits for the disk. When two hundred people submit at once, they wait
for a handful of commits instead of two hundred. This file knows no database: ``models.store.database`` says what a
commit is.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any

TOGETHER = 50
"""So many units share a commit at most: the last one must not wait for hundreds."""


class QueuedWrite:
    """One unit of work that waits for its turn; afterwards its ``result`` or its ``error``. ``until`` is when it gives
    up, by the clock of whoever serves; an ``urgent`` one goes before those that are not.
    """

    def __init__(self, unit: Callable[[Any], Any], until: float, *, urgent: bool = False) -> None:
        self.unit = unit
        self.until = until
        self.urgent = urgent
        self.result: Any = None
        self.error: BaseException | None = None
        self.done = False
        self.called = threading.Event()


class WriteQueue:
    """``serve`` carries out the units of some tickets in one transaction and commits it.

    It takes them one by one, sets ``result`` or ``error`` of each, and commits when no more come; when it raises, that
    is the error of all it took. There is always a first: the one that has waited longest.
    """

    def __init__(self, serve: Callable[[Iterator[QueuedWrite]], None]) -> None:
        self._serve = serve
        self._guard = threading.Lock()
        self._queue: list[QueuedWrite] = []
        self._busy = False

    def take(
        self, unit: Callable[[Any], Any], patience: float, until: float = 0.0, *, urgent: bool = False
    ) -> QueuedWrite | None:
        """The served ticket of a unit; None when its turn did not come within ``patience`` seconds."""
        mine = QueuedWrite(unit, until, urgent=urgent)
        if not self._leads(mine) and not mine.called.wait(patience) and self._leaves(mine):
            return None
        mine.called.wait()
        if not mine.done:
            self._lead()
        return mine

    @property
    def waiting(self) -> int:
        """How many wait for their turn."""
        with self._guard:
            return len(self._queue)

    def _leads(self, mine: QueuedWrite) -> bool:
        with self._guard:
            self._queue.insert(self._place(mine), mine)
            if self._busy:
                return False
            self._busy = True
            mine.called.set()
            return True

    def _place(self, mine: QueuedWrite) -> int:
        """Behind everybody; an urgent one behind whoever was called to lead and the urgent ones."""
        if not mine.urgent:
            return len(self._queue)
        return next(
            (n for n, queued in enumerate(self._queue) if not queued.urgent and not queued.called.is_set()),
            len(self._queue),
        )

    def _leaves(self, mine: QueuedWrite) -> bool:
        """False when it is being served already, or was called to lead: then it may not leave any more."""
        with self._guard:
            if mine.called.is_set() or mine not in self._queue:
                return False
            self._queue.remove(mine)
            return True

    def _lead(self) -> None:
        """Serve those who wait, oneself first, and those who come meanwhile; then call the next to lead."""
        taken: list[QueuedWrite] = []
        try:
            self._serve(self._taking(taken))
        except BaseException as error:  # whatever it was, it is the error of all of them
            for ticket in taken:
                ticket.error = error
        finally:
            self._call(taken)

    def _taking(self, taken: list[QueuedWrite]) -> Iterator[QueuedWrite]:
        while ticket := self._next(taken):
            yield ticket

    def _next(self, taken: list[QueuedWrite]) -> QueuedWrite | None:
        """Take the next one; None when those who were taken are to wait for nobody else. What is urgent goes into the
        commit that is being prepared when it comes, and only others like it follow.
        """
        with self._guard:
            if not self._queue or len(taken) == TOGETHER:
                return None
            if taken and taken[-1].urgent and not self._queue[0].urgent:
                return None
            taken.append(self._queue.pop(0))
            return taken[-1]

    def _call(self, served: Sequence[QueuedWrite]) -> None:
        with self._guard:
            for ticket in served:
                ticket.done = True
                ticket.called.set()
            self._busy = bool(self._queue)
            if self._queue:
                self._queue[0].called.set()
