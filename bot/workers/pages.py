"""The page worker: sends what the outbox holds for other ways than Slack, whatever Slack does.

Claim, lease, retry and "set aside" are those of every message. A kill at any point loses nothing: what may have been
sent is sent again and marked, because none of these services can be asked.
"""

import logging
import os
import threading
import uuid
from collections.abc import Callable, Mapping
from datetime import timedelta

from bot.clock import Clock
from bot.reach.channel import ChannelDriver, PageText
from bot.workers.outbox import WakeUp
from handlers.notifications.pages import RenderedPage
from models.outbox.page_rows import Pages
from models.outbox.queue import Outbox
from models.rules.delivery import Delivery, QueuePart, SendResult, SlackAnswer
from models.rules.errors import NotSaved
from models.rules.reach.channels import Channel
from models.rules.reach.page import PageAnswer, PageEnd, find_verdict
from models.rules.reach.reach_plan import ReachAddress
from models.store.database_errors import cause_of

log = logging.getLogger(__name__)

_IDLE, _WAITING = 5.0, 0.05
"""The longest and the shortest sleep in seconds when nothing wakes the worker."""
_SETTLE_TRIES = 30
RenderPage = Callable[[Delivery], RenderedPage | None]
"""Makes a page; None when nothing is left to say."""


class PageWorker:
    """Sends pages, with several threads so that one slow service holds nobody back."""

    def __init__(
        self, outbox: Outbox, pages: Pages, drivers: Mapping[Channel, ChannelDriver], render: RenderPage, clock: Clock,
        wake_up: WakeUp, threads: int = 3,
    ) -> None:  # fmt: skip
        self._outbox, self._pages, self._drivers, self._render = outbox, pages, drivers, render
        self._clock, self._wake_up = clock, wake_up
        self._stopping = threading.Event()
        name = f"{os.getpid()}-{uuid.uuid4().hex[:8]}-page"
        self._name = name
        self._threads = [
            threading.Thread(target=self._work, args=(f"{name}-{n}",), name=f"pages-{n}", daemon=True)
            for n in range(threads)
        ]

    def start(self) -> None:
        """Start to send."""
        for thread in self._threads:
            thread.start()

    def quit_soon(self) -> None:
        """Claim no more; what is being sent goes on."""
        self._stopping.set()
        self._wake_up.ring()

    def stop(self, patience: float) -> bool:
        """Claim no more, and wait at most ``patience`` seconds. Return True when all sends were finished."""
        self.quit_soon()
        until = self._clock.monotonic() + patience
        for thread in self._threads:
            thread.join(max(0.0, until - self._clock.monotonic()))
        return not any(thread.is_alive() for thread in self._threads)

    def work_once(self) -> bool:
        """Send one page in this thread; return False when there is none to send now."""
        return self._work_once(f"{self._name}-once")

    def _work(self, name: str) -> None:
        heard = 0
        while not self._stopping.is_set():
            if not self._work_once(name):
                heard = self._wake_up.sleep(heard, self._nap())

    def _nap(self) -> float:
        try:
            due = self._outbox.next_due(QueuePart.PAGES)
        except NotSaved:
            return 1.0
        seconds = (due - self._clock.now()).total_seconds() if due else _IDLE
        return min(_IDLE, max(_WAITING if seconds > 0 else 5 * _WAITING, seconds))

    def _work_once(self, name: str) -> bool:
        try:
            delivery = self._outbox.claim(self._clock.now(), name, part=QueuePart.PAGES)
            if delivery is None:
                return False
            self._settle(delivery, self._answer(delivery))
        except NotSaved as error:
            log.warning("the store cannot be used now (%s); pages wait", cause_of(error))
            return False
        except Exception:  # one bad row must not end the thread that serves all the others
            log.exception("a page failed: unexpected error")
            return False
        return True

    def _answer(self, delivery: Delivery) -> SlackAnswer:
        try:
            rendered = self._render(delivery)
        except NotSaved:
            raise
        except Exception:  # a row that cannot be rendered is set aside like one that a service refuses
            log.exception("page %s could not be rendered", delivery.id)
            return SlackAnswer(SendResult.TARGET_BROKEN, error="render")
        if rendered is None:
            return SlackAnswer(SendResult.SUPERSEDED)
        address = rendered.address
        begun = self._pages.begin_try(delivery, address, self._clock.now())
        if isinstance(begun, timedelta):
            return SlackAnswer(SendResult.NOT_ACCEPTED, error="pace", retry_after=begun.total_seconds())
        text = PageText(delivery.id, rendered.write_text(), rendered.title, rendered.is_urgent)
        answer = self._send(address, text)
        self._pages.end_try(begun, answer)
        verdict = find_verdict(delivery, answer)
        how = log.warning if verdict.verdict is SendResult.TARGET_BROKEN else log.info
        how("page %s by %s: %s %s", delivery.id, address.channel, answer.end, answer.code)
        return verdict

    def _send(self, address: ReachAddress, text: PageText) -> PageAnswer:
        try:
            return self._drivers[address.channel].send(address, text)
        except Exception as error:  # a driver's bug: whether it sent something is not known
            log.error("the driver of %s failed: %s", address.channel, type(error).__name__)
            return PageAnswer(PageEnd.UNKNOWN, type(error).__name__)

    def _settle(self, delivery: Delivery, answer: SlackAnswer) -> None:
        """Save the outcome, with many tries: a page must not be sent again because the store was busy."""
        for _ in range(_SETTLE_TRIES):
            try:
                if not self._outbox.settle(delivery, answer, self._clock.now()):
                    log.warning("page %s was taken over by another worker", delivery.id)
                return
            except NotSaved:
                if self._stopping.wait(1.0):
                    break
        log.error("the outcome of page %s could not be saved; it is sent again", delivery.id)
