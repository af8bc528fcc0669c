"""Threads that claim deliveries of the outbox one at a time, and save the outcome of each."""

import logging
import os
import threading
import uuid
from abc import ABC, abstractmethod
from collections.abc import Sequence

from bot.clock import Clock
from bot.measurements import DELIVERIES, DELIVERY_SECONDS, Measurements
from bot.workers.not_saved import log_not_saved
from handlers.log_context import about
from models.outbox.queue import Outbox
from models.rules.errors import NotSaved
from models.rules.outbox.delivery import Delivery, QueuePart
from models.rules.outbox.send_outcome import SendOutcome, SendResult

log = logging.getLogger(__name__)

_IDLE = 5.0
"""The longest wait in seconds when nothing wakes the worker."""
WAITING = 0.25
"""Seconds to wait while something is due and only its rate limit or its order holds it back."""
_CALL_WAITING = 0.05
"""The same for a thread that is kept for calls."""
_STORE_AWAY = 1.0
"""Seconds to wait while the store can't be used, and between two tries to save an outcome."""
_SETTLE_TRIES = 30
"""Tries to save an outcome."""
LEASE_OVER = SendOutcome(SendResult.NOT_YET, error="lease_over")
"""Nothing was sent, because another worker has the row by now."""


class WakeUp:
    """A signal that wakes sleeping threads; a signal while nobody sleeps is not lost."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._signals = 0

    def notify(self) -> None:
        """Wake all sleeping threads, and let the next one that would wait continue at once."""
        with self._changed:
            self._signals += 1
            self._changed.notify_all()

    def wait(self, seen: int, seconds: float) -> int:
        """Sleep until a signal after number ``seen``, or ``seconds``; return the number of signals by then."""
        with self._changed:
            self._changed.wait_for(lambda: self._signals != seen, timeout=seconds)
            return self._signals


class QueueWorker(ABC):
    """Sends what is due in one part of the queue.

    A kill at any point loses nothing: the row stays, and is claimed again when its lease ends.
    """

    def __init__(
        self, outbox: Outbox, clock: Clock, wake_up: WakeUp, label: str, part: QueuePart, threads: Sequence[QueuePart],
        idle: float = _IDLE,
    ) -> None:  # fmt: skip
        """Make one thread, named after ``label``, for each of ``threads``: the part of the queue that it serves.

        ``idle`` is the longest wait in seconds when nothing wakes the worker.
        """
        self._idle = idle
        self._outbox, self._clock, self._wake_up = outbox, clock, wake_up
        self.measurements = Measurements(clock.monotonic)
        self._stopping = threading.Event()
        self._name = f"{os.getpid()}-{uuid.uuid4().hex[:8]}-{label}"
        self._part = part
        self._threads = [
            threading.Thread(target=self._work, args=(f"{self._name}-{n}", served), name=f"{label}-{n}", daemon=True)
            for n, served in enumerate(threads)
        ]

    def start(self) -> None:
        """Start to send."""
        for thread in self._threads:
            thread.start()

    def stop_claiming(self) -> None:
        """Claim no more; what is being sent goes on."""
        self._stopping.set()
        self._wake_up.notify()

    def stop(self, timeout: float) -> bool:
        """Claim no more, and wait at most ``timeout`` seconds. Return True when all sends were finished."""
        self.stop_claiming()
        until = self._clock.monotonic() + timeout
        for thread in self._threads:
            thread.join(max(0.0, until - self._clock.monotonic()))
        return not self.alive

    @property
    def alive(self) -> bool:
        """Return whether any thread runs."""
        return any(thread.is_alive() for thread in self._threads)

    def work_once(self) -> bool:
        """Do one piece of work in this thread, beside the others; return False when there is none."""
        return self._work_once(f"{self._name}-once", self._part)

    @abstractmethod
    def _deliver(self, delivery: Delivery) -> SendOutcome:
        """Send a delivery and return how it ended. Raises NotSaved."""

    def _has_lost_lease(self, delivery: Delivery) -> bool:
        """Return whether the lease has ended: this process was suspended, and another worker has the row by now."""
        return delivery.lease_until is not None and self._clock.now() >= delivery.lease_until

    def _claim(self, name: str, part: QueuePart) -> Delivery | None:
        return self._outbox.claim(self._clock.now(), name, part=part)

    def _work(self, name: str, part: QueuePart) -> None:
        seen = 0
        while not self._stopping.is_set():
            if not self._work_once(name, part):
                seen = self._wake_up.wait(seen, self._find_pause(part))

    def _find_pause(self, part: QueuePart) -> float:
        try:
            due = self._outbox.next_due(part, self._clock.now())
        except NotSaved:
            return _STORE_AWAY
        seconds = (due - self._clock.now()).total_seconds() if due else self._idle
        return min(self._idle, max(_CALL_WAITING if part is QueuePart.CALLS else WAITING, seconds))

    def _work_once(self, name: str, part: QueuePart) -> bool:
        """Do one piece of work; return False when there is none."""
        try:
            delivery = self._claim(name, part)
            if delivery is None:
                return False
            self._handle(delivery)
        except NotSaved as error:
            log_not_saved(log, error, f"{part} deliveries wait")
            return False
        except Exception:  # one bad row must not end the thread that serves all the others
            log.exception("outbox row failed: unexpected error")
            return False
        return True

    def _handle(self, delivery: Delivery) -> None:
        """Send a delivery and save the outcome; each line of the log says what it is about."""
        case = f"CSP-{delivery.number}" if delivery.number else None
        with about(delivery=delivery.id, kind=delivery.what.label, case=case, subject=delivery.subject):
            log.debug("claimed delivery %s, %s", delivery.id, delivery.what.label)
            outcome = self._deliver(delivery)
            if self._settle(delivery, outcome):
                log.debug("delivery %s ended: %s %s", delivery.id, outcome.result, outcome.error)

    def _settle(self, delivery: Delivery, outcome: SendOutcome) -> bool:
        """Save the outcome, with many tries: a message must not be sent again because the store was busy.

        Return whether it was saved here, and not by a worker that took the row over.
        """
        for _ in range(_SETTLE_TRIES):
            try:
                is_ours = self._save(delivery, outcome)
                if is_ours:
                    self._measure(delivery, outcome)
                else:
                    log.warning("outbox row %s was taken over by another worker", delivery.id)
                return is_ours
            except NotSaved:
                if self._stopping.wait(_STORE_AWAY):
                    break
        # The lease ends, and another thread goes on with it.
        log.error("the outcome of outbox row %s could not be saved", delivery.id)
        return False

    def _save(self, delivery: Delivery, outcome: SendOutcome) -> bool:
        """Save an outcome once, and return whether it was saved here. Raises NotSaved."""
        return self._outbox.settle(delivery, outcome, self._clock.now())

    def _measure(self, delivery: Delivery, outcome: SendOutcome) -> None:
        """Count a settled delivery, and time one that was taken."""
        if outcome.result is SendResult.NOT_YET:
            return  # it waits for another message, and is looked at again each second
        self.measurements.count(DELIVERIES, delivery.what.label, outcome.result)
        if outcome.result is SendResult.SENT:
            due_at = delivery.reminder.due_at or delivery.created_at
            seconds = max(0.0, (self._clock.now() - due_at).total_seconds())
            self.measurements.observe(DELIVERY_SECONDS, seconds, delivery.what.label)
