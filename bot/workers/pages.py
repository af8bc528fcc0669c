"""The page worker: sends what the outbox holds for other ways than Slack, whatever Slack does.

Claim, lease, retry and "set aside" are those of every message. A kill at any point loses nothing: what may have been
sent is sent again and marked, because none of these services can be asked.
"""

import logging
import threading
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection

from bot.clock import Clock
from bot.measurements import PAGE_SECONDS, PAGE_TRIES
from bot.reach.channel import ChannelDriver, PageText
from bot.workers.queue_worker import LEASE_OVER, WAITING, QueueWorker, WakeUp
from bot.workers.service_load import ServiceLoad
from handlers.notifications.pages import PageRenderer, RenderedPage, TooEarly
from models.outbox.page_rows import scope_of
from models.outbox.page_tries import BegunTry, HeldBack, begin_try, end_try
from models.outbox.page_waits import find_waits_since
from models.outbox.queue import Outbox
from models.rules.errors import NotSaved
from models.rules.escalations.request import Severity
from models.rules.outbox.delivery import Delivery, QueuePart
from models.rules.outbox.send_outcome import SendOutcome, SendResult
from models.rules.reach.channels import Channel
from models.rules.reach.daytime import WAITS_FOR_MORNING
from models.rules.reach.page import FOR_OTHERS, HANDED_OVER, PageAnswer, PageStatus, find_outcome, read_page_note
from models.rules.reach.reach_plan import ReachAddress

log = logging.getLogger(__name__)

NO_SEVERITY = "none"
"""How a gap or a shift, which has no severity, is labelled."""
IDLE = 0.5
"""The longest sleep in seconds when :mod:`bot.workers.queue_watch` can't say what another process has raised."""
THREADS = 10
"""Threads that send pages. A service that hangs keeps its thread for ten seconds and more."""
LOOKING = 2
"""So many of them look for the next page at once: a case rings by two ways, and their claims share a commit."""
MOST_OF_ONE = 3
"""So many of them send to one service at the same time, or one more."""
_FULL_WAITING = 0.05
"""Seconds to wait while a page is due and a service holds as many threads as it may."""


class PageWorker(QueueWorker):
    """Sends pages, with several threads so that services that hang hold nobody back.

    Two threads look for the next page; the others send, or stand by until one of those has found a page.
    """

    def __init__(
        self, outbox: Outbox, drivers: Mapping[Channel, ChannelDriver], renderer: PageRenderer,
        clock: Clock, wake_up: WakeUp, threads: int = THREADS,
    ) -> None:  # fmt: skip
        super().__init__(outbox, clock, wake_up, "pages", QueuePart.PAGES, [QueuePart.PAGES] * threads, IDLE)
        self._drivers, self._renderer = drivers, renderer
        self._looking = threading.Semaphore(LOOKING)
        """Held by the threads that look for the next page."""
        self._load = ServiceLoad(MOST_OF_ONE)
        self._begun: dict[str, list[BegunTry] | HeldBack] = {}
        """By the delivery that a thread holds: its try and those of what is told with it, or that it must wait."""
        self._waits_since: dict[str, datetime] = {}
        """By the same: since when it might be sent."""
        self._ended: dict[str, list[tuple[BegunTry, PageAnswer | None]]] = {}
        """By the same, until it is settled: its tries, and how each ended; None where nothing was sent."""

    def _work(self, name: str, part: QueuePart) -> None:
        with self._looking:
            super()._work(name, part)

    def _find_pause(self, part: QueuePart) -> float:
        pause = super()._find_pause(part)
        is_due = pause <= WAITING
        return _FULL_WAITING if is_due and self._load.find_full() else pause

    def _handle(self, delivery: Delivery) -> None:
        if threading.current_thread() not in self._threads:
            super()._handle(delivery)
            return
        self._looking.release()
        try:
            super()._handle(delivery)
        finally:
            self._looking.acquire()

    def _claim(self, name: str, part: QueuePart) -> Delivery | None:
        """Claim a page and record its try in one commit: a second one would delay the page by a disk write.

        Pages to services that hold enough threads are left for later.
        """
        now, addresses = self._clock.now(), self._renderer.plan.addresses
        full = self._load.find_full()
        but = {scope_of(address) for address in addresses.values() if address.service in full} if full else ()

        def begin(connection: Connection, delivery: Delivery) -> None:
            if address := addresses.get(read_page_note(delivery.note).address):
                self._waits_since[delivery.id] = find_waits_since(connection, delivery, now)
                self._begun[delivery.id] = begin_try(connection, delivery, address, now)

        delivery = self._outbox.claim(now, name, part=part, also=begin, but=but)
        if delivery and (address := addresses.get(read_page_note(delivery.note).address)):
            self._load.begin(delivery.id, address.service, self._clock.monotonic())
        return delivery

    def _deliver(self, delivery: Delivery) -> SendOutcome:
        try:
            return self._send_claimed(delivery, self._begun.pop(delivery.id, None))
        finally:
            self._waits_since.pop(delivery.id, None)
            self._load.end(delivery.id, self._clock.monotonic())

    def _send_claimed(self, delivery: Delivery, begun: list[BegunTry] | HeldBack | None) -> SendOutcome:
        """Send a page unless nothing is left to say or its sender must wait. Raises NotSaved."""
        tries = begun if isinstance(begun, list) else []
        self._ended[delivery.id] = [(each, None) for each in tries]
        rendered = self._try_to_render(delivery, tries)
        if isinstance(rendered, SendOutcome):
            return rendered
        if begun is None:  # no address of the plan: the renderer has nothing to say then
            return SendOutcome(SendResult.SUPERSEDED)
        if isinstance(begun, HeldBack):  # what is only kept free may be used for others
            result = SendResult.NOT_YET if begun.reason in FOR_OTHERS else SendResult.NOT_ACCEPTED
            return SendOutcome(result, error=begun.reason, retry_after=begun.wait.total_seconds())
        return self._send_rendered(delivery, rendered, begun)

    def _save(self, delivery: Delivery, outcome: SendOutcome) -> bool:
        """Save the ends of tries and what follows for their page in one commit."""
        now, ended = self._clock.now(), self._ended.get(delivery.id, [])

        def end_tries(connection: Connection) -> None:
            for begun, answer in ended:
                end_try(connection, begun, answer, now)

        is_ours = self._outbox.settle(delivery, outcome, now, also=end_tries)
        self._ended.pop(delivery.id, None)
        return is_ours

    def _try_to_render(self, delivery: Delivery, tries: Sequence[BegunTry]) -> RenderedPage | SendOutcome:
        """Return the page, or how its row ends without one. Raises NotSaved."""
        try:
            rendered = self._renderer.render(delivery, [each.delivery for each in tries])
        except NotSaved:
            raise
        except TooEarly as early:
            wait = max(1.0, (early.until - self._clock.now()).total_seconds())
            return SendOutcome(SendResult.NOT_YET, error=WAITS_FOR_MORNING, retry_after=wait)
        except Exception:  # a row that cannot be rendered is set aside like one that a service refuses
            log.exception("page %s could not be rendered", delivery.id)
            return SendOutcome(SendResult.TARGET_BROKEN, error="render")
        return rendered or SendOutcome(SendResult.SUPERSEDED)

    def _send_rendered(self, delivery: Delivery, rendered: RenderedPage, begun: Sequence[BegunTry]) -> SendOutcome:
        address = rendered.address
        text = PageText(delivery.id, rendered.write_text(), rendered.title, rendered.is_urgent, rendered.speech)
        if self._has_lost_lease(delivery):
            return LEASE_OVER
        answer = self._send(address, text)
        self._measure_try(delivery, rendered, answer)
        self._ended[delivery.id] = [(each, answer if each.delivery.id in rendered.covers else None) for each in begun]
        outcome = find_outcome(delivery, answer)
        how = log.warning if outcome.result is SendResult.TARGET_BROKEN else log.info
        how("page %s by %s: %s %s", delivery.id, address.channel, answer.status, answer.code)
        return outcome

    def _measure_try(self, delivery: Delivery, rendered: RenderedPage, answer: PageAnswer) -> None:
        """Count a try, and time an urgent page that its service took."""
        channel = rendered.address.channel
        self.measurements.count(PAGE_TRIES, channel, answer.status)
        if rendered.is_urgent and answer.status in HANDED_OVER:
            since = self._waits_since.get(delivery.id, delivery.created_at)
            seconds = (self._clock.now() - since).total_seconds()
            severity = Severity.A if delivery.number else NO_SEVERITY  # a loud page about a case is of severity A
            self.measurements.observe(PAGE_SECONDS, max(0.0, seconds), channel, severity)

    def _send(self, address: ReachAddress, text: PageText) -> PageAnswer:
        try:
            return self._drivers[address.channel].send(address, text)
        except Exception as error:  # a driver's bug: whether it sent something is not known
            log.error("the driver of %s failed: %s", address.channel, type(error).__name__)
            return PageAnswer(PageStatus.UNKNOWN, type(error).__name__)
