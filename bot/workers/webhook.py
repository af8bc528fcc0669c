"""The webhook worker: sends the moves that the outbox holds to the operator's receiver, those of one case in order.

A kill at any point loses nothing: a move whose outcome was not saved is sent again under the same id.
"""

import logging

from bot.clock import Clock
from bot.webhook.receiver import WebhookReceiver
from bot.workers.queue_worker import LEASE_OVER, QueueWorker, WakeUp
from models.escalations import history_rows
from models.outbox.queue import Outbox
from models.rules.escalations.event_line import write_event
from models.rules.outbox.delivery import Delivery, QueuePart
from models.rules.outbox.send_outcome import SendOutcome, SendResult
from models.rules.webhook import find_outcome
from models.store.database import Store

log = logging.getLogger(__name__)


class WebhookWorker(QueueWorker):
    """Sends moves with one thread: the receiver gets one request at a time from each replica."""

    def __init__(
        self, outbox: Outbox, store: Store, receiver: WebhookReceiver, clock: Clock, wake_up: WakeUp,
        threads: int = 1,
    ) -> None:  # fmt: skip
        super().__init__(outbox, clock, wake_up, "webhook", QueuePart.MOVES, [QueuePart.MOVES] * threads)
        self._store, self._receiver = store, receiver

    def _deliver(self, delivery: Delivery) -> SendOutcome:
        number, seq = delivery.number or 0, delivery.seq or 0
        event = self._store.read(lambda connection: history_rows.find_event(connection, number, seq))
        if event is None:
            return SendOutcome(SendResult.SUPERSEDED)
        if self._has_lost_lease(delivery):
            return LEASE_OVER
        reply = self._receiver.send(delivery.id, write_event(*event).encode())
        how = log.info if reply.is_taken else log.warning
        how("webhook, move %d of CSP-%d: %s", event[0], event[1].number, reply.code)
        return find_outcome(delivery, reply, self._clock.now())
