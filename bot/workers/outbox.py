"""The outbox worker: claim a row, render it, send it, save the outcome.

``models.rules.outbox.settlement`` says what an answer of Slack means. Several threads work side by side; the store
gives each row to one of them. A kill at any point loses nothing: the row stays, and an unfinished message is searched
for in Slack before it is sent again.
"""

import logging
import threading
from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot.clock import Clock
from bot.slack.messages import TOO_MANY, SearchResult, SlackMessages
from bot.workers.circuit_breaker import CircuitBreaker, is_unanswered
from bot.workers.documents import DocumentUploads
from bot.workers.images import ImageUploads
from bot.workers.not_saved import log_not_saved
from bot.workers.queue_worker import LEASE_OVER, QueueWorker, WakeUp
from handlers.notifications.message import Message, NotReady, Sending, TopicUpdate, UserGroupUpdate
from models.outbox.queue import Outbox
from models.rules.errors import NotSaved
from models.rules.outbox.delivery import Delivery, DeliveryState, QueuePart
from models.rules.outbox.message_kinds import REPEATABLE
from models.rules.outbox.send_outcome import SendOutcome, SendResult

log = logging.getLogger(__name__)

_CLOCK_SLACK = timedelta(minutes=65)
"""How far Slack's clock and ours may be apart, for a message that was tried before Slack ever answered."""
_SLACK_APART = timedelta(minutes=5)
"""How far the clocks of Slack's own servers may be apart."""
_NOT_SEEN = frozenset({SendResult.NOT_ACCEPTED, SendResult.UNKNOWN, SendResult.WORKSPACE_BROKEN})
"""Outcomes of a search after which nothing is known about copies."""
_SWEEP_AGAIN = 60.0
"""Seconds until the next search for copies, when Slack did not say how long to wait."""
_PLAIN = 1000
"""Characters that are sent of a message that Slack refused as it was."""


class OutboxWorker(QueueWorker):
    """Sends what is due.

    ``render`` makes the message of a delivery. It returns None when there is nothing to say any more, and raises
    NotReady while an earlier message is still under way. Beside ``threads`` for everything, one thread is kept for
    calls: it is free when all the others wait for Slack.
    """

    def __init__(
        self,
        outbox: Outbox,
        slack: SlackMessages,
        render: Callable[[Delivery], Sending | None],
        pictures: ImageUploads,
        clock: Clock,
        wake_up: WakeUp,
        threads: int = 4,
    ) -> None:
        served = [QueuePart.CALLS, *([QueuePart.SLACK] * threads)]
        super().__init__(outbox, clock, wake_up, "outbox", QueuePart.SLACK, served)
        self._slack = slack
        self._render = render
        self._pictures, self._documents = pictures, DocumentUploads(slack)
        self._sweep = threading.Event()
        self._direct_channels: dict[str, str] = {}
        self._refused = ""
        self._circuit = CircuitBreaker()
        self.on_recovery: Callable[[], None] = lambda: None
        """Is called when Slack takes messages again after a silence."""

    def sweep(self) -> None:
        """Search soon for second copies of messages whose outcome was once unknown."""
        self._sweep.set()
        self._wake_up.notify()

    def probe(self) -> None:
        """While Slack is silent, try the most urgent message that waits for it now. Raises NotSaved."""
        if waiting := self._circuit.waiting:
            self._outbox.make_due(waiting, self._clock.now(), only_one=True)
            self._wake_up.notify()

    @property
    def refused(self) -> str:
        """Return why Slack refuses everything (a revoked token, a missing scope); empty when it does not."""
        return self._refused

    def _claim(self, name: str, part: QueuePart) -> Delivery | None:
        """Search for second copies when that is wanted, then claim a delivery."""
        if self._sweep.is_set() and part is not QueuePart.CALLS:
            self._sweep.clear()
            while self._sweep_one() and not self._stopping.is_set():
                pass
        return self._outbox.claim(self._clock.now(), name, self._slack.time, part)

    def _deliver(self, delivery: Delivery) -> SendOutcome:
        try:
            message = self._render(delivery)
        except NotReady:
            return SendOutcome(SendResult.NOT_YET)
        except NotSaved:
            raise
        except Exception:  # a row that cannot be rendered is handled like one that Slack refuses
            log.exception("outbox row %s (%s) could not be rendered", delivery.id, delivery.what.label)
            return self._find_or(SendOutcome(SendResult.CONTENT_BROKEN, error="render"), delivery)
        if message is None:
            return self._find_or(SendOutcome(SendResult.SUPERSEDED), delivery)
        if not isinstance(message, Message):
            return LEASE_OVER if self._has_lost_lease(delivery) else self._set(message)
        return self._find(delivery, message) if delivery.must_look else self._send(delivery, message)

    def _send(self, delivery: Delivery, message: Message) -> SendOutcome:
        """Send a message with its picture or its file; as short text alone where Slack refused more."""
        complete = self._pictures.attach(delivery, message)
        if isinstance(complete, Message):
            complete = self._documents.prepare(delivery, complete)
        if isinstance(complete, SendOutcome):
            return complete
        if delivery.plain:
            complete = replace(complete, text=complete.text[:_PLAIN], blocks=[])
        return self._post_or_update(delivery, complete)

    def _set(self, wanted: TopicUpdate | UserGroupUpdate) -> SendOutcome:
        if isinstance(wanted, TopicUpdate):
            return self._slack.set_topic(wanted.channel, wanted.compose)
        return self._slack.set_group(wanted.id, wanted.users)

    def _post_or_update(self, delivery: Delivery, message: Message) -> SendOutcome:
        target = self._find_channel(message)
        if target.channel is None:
            return target
        if self._has_lost_lease(delivery):
            return LEASE_OVER
        if message.file:
            return self._slack.share(delivery.id, message.file, target.channel, message.blocks)
        if message.update_ts:
            return self._slack.update(target.channel, message.update_ts, message.text, message.blocks)
        if stopped := self._note_place(delivery, message):
            return stopped
        outcome = self._slack.post(delivery.id, target.channel, message.text, message.blocks, message.thread_ts)
        return replace(outcome, channel=target.channel, thread=message.thread_ts)

    def _note_place(self, delivery: Delivery, message: Message) -> SendOutcome | None:
        """Record where a message is about to be posted, if its row does not say so; return why it can't be posted now.

        After a crash the message is searched for there, even if it is not drawn any more.
        """
        recorded = _place_of(delivery)
        if message.channel is None or (message.channel, message.thread_ts) == (recorded.channel, recorded.thread_ts):
            return None
        try:
            is_ours = self._outbox.note_place(delivery, message.channel, message.thread_ts)
        except NotSaved:  # nothing was posted, so it does not wait until its lease ends
            return SendOutcome(SendResult.NOT_YET, error="not_saved")
        return None if is_ours else LEASE_OVER

    def _find(self, delivery: Delivery, message: Message) -> SendOutcome:
        """Search for a message where an earlier try may have brought it to Slack."""
        channel, thread = delivery.slack_channel, delivery.slack_thread
        if channel is None:
            target, thread = self._find_channel(message), message.thread_ts
            if target.channel is None:
                return target
            channel = target.channel
        result = self._look(delivery, channel, thread)
        if not result.copies:
            return replace(result.outcome, channel=channel, thread=thread)
        log.info("outbox row %s had arrived in Slack", delivery.id)
        return SendOutcome(SendResult.SENT, channel, result.copies[0], thread=thread)

    def _find_or(self, otherwise: SendOutcome, delivery: Delivery) -> SendOutcome:
        """Decide about a message that can't be sent any more: it counts as sent if an earlier try brought it to Slack.

        One search is enough: a copy that arrives later is found by the sweep.
        """
        place = _place_of(delivery)
        if not delivery.must_look or not (place.channel or place.user):
            return otherwise
        outcome = self._find(delivery, place)
        if outcome.result is SendResult.SENT:
            return outcome
        return replace(otherwise, channel=outcome.channel, thread=outcome.thread)

    def _find_channel(self, message: Message) -> SendOutcome:
        """Return the channel of a message, or of the direct messages with its person."""
        if message.channel or not message.user:
            return SendOutcome(SendResult.SENT, channel=message.channel)
        if message.user not in self._direct_channels:
            outcome = self._slack.open_direct_channel(message.user)
            if outcome.channel is None:
                # Opening a conversation posts nothing: no message was sent yet.
                unsure = outcome.result is SendResult.UNKNOWN
                return replace(outcome, result=SendResult.NOT_ACCEPTED) if unsure else outcome
            self._direct_channels[message.user] = outcome.channel
        return SendOutcome(SendResult.SENT, channel=self._direct_channels[message.user])

    def _look(self, delivery: Delivery, channel: str, thread_ts: str | None) -> SearchResult:
        return self._slack.search(delivery.id, channel, thread_ts, _oldest(delivery))

    def _settle(self, delivery: Delivery, outcome: SendOutcome) -> bool:
        """Save the outcome, and log one that is bad."""
        if outcome.result in (SendResult.SENT, SendResult.WORKSPACE_BROKEN):
            self._refused = outcome.error
        was_silent = self._circuit.is_open
        self._report(delivery, outcome, logging.DEBUG if was_silent and is_unanswered(outcome) else logging.WARNING)
        is_ours = super()._settle(delivery, outcome)
        if outcome.result is SendResult.SENT and not is_ours and delivery.what not in REPEATABLE:
            self._remove_own(delivery, outcome)
        if due := self._circuit.record(delivery.position, outcome):
            self._resume(due)
        elif outcome.result is SendResult.ABSENT:
            self.probe()  # Slack answers, but this message has to wait: another one shows whether Slack takes any
        elif self._circuit.take_opening():
            log.warning("Slack takes no messages: they wait, and one is tried every few seconds")
        return is_ours

    def _remove_own(self, delivery: Delivery, sent: SendOutcome) -> None:
        """Remove what this worker sent too late, if another one has sent it: it may be in another channel or thread.

        The sweep searches only where the other one is.
        """
        if sent.channel and sent.ts and self._outbox.is_sent_elsewhere(delivery, sent.ts):
            removed = self._slack.delete(sent.channel, sent.ts)
            log.warning("a second copy of outbox row %s was removed: %s", delivery.id, removed.result)

    def _report(self, delivery: Delivery, outcome: SendOutcome, level: int) -> None:
        """Log an outcome that is bad."""
        if outcome.result not in (SendResult.SENT, SendResult.NOT_YET, SendResult.SUPERSEDED, SendResult.ABSENT):
            name = f"CSP-{delivery.number}" if delivery.number else delivery.subject
            subject = f" of {name}" if name else ""
            log.log(level, "%s%s: %s %s", delivery.what.label, subject, outcome.result, outcome.error)

    def _resume(self, due: Collection[int]) -> None:
        """Make due what waited for Slack, which takes messages again."""
        log.info("Slack takes messages again: %d that waited for it are due now", len(due))
        try:
            self._outbox.make_due(due, self._clock.now())
        except NotSaved as error:  # each is tried by its own time
            log_not_saved(log, error, "what waited for Slack waits longer")
        self._wake_up.notify()
        self.on_recovery()

    def _sweep_one(self) -> bool:
        """Search for second copies of one message; return False when no message is due for that."""
        delivery = self._outbox.claim_sweep(self._clock.now())
        if delivery is None:
            return False
        outcome = self._search_copies(delivery)
        if outcome.result in _NOT_SEEN and outcome.error != TOO_MANY:
            wait = timedelta(seconds=outcome.retry_after or _SWEEP_AGAIN)
            self._outbox.sweep_again(delivery, self._clock.now() + wait)
            return False
        if outcome.ts and delivery.state in (DeliveryState.SUPERSEDED, DeliveryState.DEAD):
            # It arrived after all: the record has to say so, or nobody would redraw it.
            self._settle(delivery, outcome)
        self._outbox.end_sweep(delivery, self._clock.now())
        return True

    def _search_copies(self, delivery: Delivery) -> SendOutcome:
        """Search for a message and remove all copies but one; return the one that stays, if there is any.

        It is not rendered again: its reason may be gone, its copies are not.
        """
        place = _place_of(delivery)
        if delivery.what in REPEATABLE or not (place.channel or place.user):
            return SendOutcome(SendResult.ABSENT)
        target = self._find_channel(place)
        if target.channel is None:
            return target
        result = self._look(delivery, target.channel, place.thread_ts)
        # The recorded copy stays, because threads and buttons belong to it; else the oldest.
        kept = delivery.slack_ts if delivery.slack_ts in result.copies else next(iter(result.copies), None)
        for ts in result.copies:
            if ts != kept:
                removed = self._slack.delete(target.channel, ts)
                log.warning("a second copy of outbox row %s was removed: %s", delivery.id, removed.result)
                if removed.result in _NOT_SEEN:
                    return removed
        if kept is None:
            return result.outcome
        return SendOutcome(SendResult.SENT, target.channel, kept, thread=place.thread_ts)


def _place_of(delivery: Delivery) -> Message:
    """Return where a message was posted, or else is to be posted, as its row says: a message without content."""
    channel = delivery.slack_channel or delivery.channel
    return Message("", [], channel, delivery.user, thread_ts=delivery.slack_thread)


def _oldest(delivery: Delivery) -> datetime:
    """Return from when on a message can be in Slack, by Slack's own time: ours may have been days ahead."""
    if delivery.look_from:
        return datetime.fromtimestamp(float(delivery.look_from), UTC) - _SLACK_APART
    return (delivery.first_tried_at or delivery.created_at) - _CLOCK_SLACK
