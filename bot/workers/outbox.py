"""The outbox worker: claim, render, send, settle. It decides nothing: ``models.rules.delivery`` says what an answer
means.

Several threads work side by side; the store hands each row to one of them. A kill at any point loses nothing:
the row stays, and whatever was under way is looked up in Slack before it is sent again.
"""

import logging
import os
import threading
import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot.clock import Clock
from bot.slack.messages import TOO_MANY, SearchResult, SlackMessages
from bot.workers.images import ImageUploads
from handlers.notifications.message import Message, NotReady, Sending, TopicUpdate, UserGroupUpdate
from models.outbox.queue import Outbox
from models.rules.delivery import REPEATABLE, Delivery, SendResult, SlackAnswer
from models.rules.errors import NotSaved
from models.store.database_errors import cause_of

log = logging.getLogger(__name__)

_IDLE = 5.0
"""Longest sleep in seconds when nobody rings."""
_WAITING = 0.25
"""Sleep while something is due and only its pace or its lane holds it back."""
_CALL_WAITING = 0.05
"""The same of the thread that is kept for calls."""
_CLOCK_SLACK = timedelta(minutes=65)
"""How far Slack's clock and ours may be apart, for a message that was tried before any answer of Slack's."""
_SLACK_APART = timedelta(minutes=5)
"""How far the clocks of Slack's own servers may be apart."""
_SETTLE_TRIES = 30
_NOT_SEEN = frozenset({SendResult.NOT_ACCEPTED, SendResult.UNKNOWN, SendResult.WORKSPACE_BROKEN})
"""Outcomes of a look after which nothing is known of copies."""
_SWEEP_AGAIN = 60.0
"""Seconds until the next look for copies, when Slack did not say how long to wait."""
_PLAIN = 1000
"""Characters of a message that Slack refused as it was."""


class WakeUp:
    """Wakes sleepers; a ring while nobody sleeps is not lost."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._rings = 0

    def ring(self) -> None:
        """Wake everybody who sleeps, and let the next who would sleep go on at once."""
        with self._changed:
            self._rings += 1
            self._changed.notify_all()

    def sleep(self, heard: int, seconds: float) -> int:
        """Sleep until a ring after number ``heard``, or ``seconds``; the number of rings by then."""
        with self._changed:
            self._changed.wait_for(lambda: self._rings != heard, timeout=seconds)
            return self._rings


class OutboxWorker:
    """Sends what is due. ``render`` makes the message of a delivery: None when nothing is to be said any more,
    NotYet when what it builds on is still under way. Beside the ``threads`` for everything one is kept for calls: it is
    free when all the others wait for Slack.
    """

    def __init__(
        self,
        outbox: Outbox,
        post: SlackMessages,
        render: Callable[[Delivery], Sending | None],
        pictures: ImageUploads,
        clock: Clock,
        wake_up: WakeUp,
        threads: int = 4,
    ) -> None:
        self._outbox = outbox
        self._post = post
        self._render = render
        self._pictures = pictures
        self._clock = clock
        self._wake_up = wake_up
        self._stopping = threading.Event()
        self._sweep = threading.Event()
        self._direct: dict[str, str] = {}
        self._refused = ""
        self._name = f"{os.getpid()}-{uuid.uuid4().hex[:8]}"
        self._threads = [
            threading.Thread(target=self._work, args=(f"{self._name}-{n}", n == 0), name=f"outbox-{n}", daemon=True)
            for n in range(threads + 1)
        ]

    def start(self) -> None:
        """Begin to send."""
        for thread in self._threads:
            thread.start()

    def quit_soon(self) -> None:
        """Claim no more; the sends in hand go on."""
        self._stopping.set()
        self._wake_up.ring()

    def stop(self, patience: float) -> bool:
        """Claim no more and wait for the sends in hand, at most ``patience`` seconds; True when all were finished."""
        self.quit_soon()
        until = self._clock.monotonic() + patience
        for thread in self._threads:
            thread.join(max(0.0, until - self._clock.monotonic()))
        return not self.alive

    def sweep(self) -> None:
        """Look soon for second copies of messages whose outcome was once unknown."""
        self._sweep.set()
        self._wake_up.ring()

    @property
    def refused(self) -> str:
        """Slack's reason for refusing everything of ours (a revoked token, a missing scope); empty when it does not."""
        return self._refused

    @property
    def alive(self) -> bool:
        """True while any sender runs."""
        return any(thread.is_alive() for thread in self._threads)

    def work_once(self) -> bool:
        """Do one piece of work in this thread, beside whatever runs; False when there is none."""
        return self._one(f"{self._name}-once")

    def _work(self, name: str, only_calls: bool) -> None:
        heard = 0
        while not self._stopping.is_set():
            if not self._one(name, only_calls=only_calls):
                heard = self._wake_up.sleep(heard, self._nap(only_calls))

    def _one(self, name: str, *, only_calls: bool = False) -> bool:
        """Do one piece of work; False when there is none."""
        try:
            if self._sweep.is_set() and not only_calls:
                self._sweep.clear()
                while self._sweep_one() and not self._stopping.is_set():
                    pass
            delivery = self._outbox.claim(self._clock.now(), name, self._post.time, only_calls=only_calls)
            if delivery is None:
                return False
            self._settle(delivery, self._answer(delivery))
        except NotSaved as error:
            log.warning("the store cannot be used now (%s); the outbox waits", cause_of(error))
            return False
        except Exception:  # one row's surprise must not end the thread that serves all the others
            log.exception("a delivery failed in a way nobody thought of")
            return False
        return True

    def _nap(self, only_calls: bool) -> float:
        try:
            due = self._outbox.next_due(only_calls=only_calls)
        except NotSaved:
            return 1.0
        left = (due - self._clock.now()).total_seconds() if due else _IDLE
        return min(_IDLE, max(_CALL_WAITING if only_calls else _WAITING, left))

    def _answer(self, delivery: Delivery) -> SlackAnswer:
        try:
            message = self._render(delivery)
        except NotReady:
            return SlackAnswer(SendResult.NOT_YET)
        except NotSaved:
            raise
        except Exception:  # a row that cannot be rendered is settled like one that Slack refuses
            log.exception("delivery %s of %s could not be rendered", delivery.id, delivery.what)
            return SlackAnswer(SendResult.CONTENT_BROKEN, error="render")
        if message is None:
            return SlackAnswer(SendResult.SUPERSEDED)
        if not isinstance(message, Message):
            return self._made_so(message)
        return self._found(delivery, message) if delivery.must_look else self._given(delivery, message)

    def _given(self, delivery: Delivery, message: Message) -> SlackAnswer:
        """The message sent with what belongs to it; as short words alone where Slack refused more."""
        placed = self._pictures.placed(delivery, message)
        if isinstance(placed, SlackAnswer):
            return placed
        if delivery.plain:
            placed = replace(placed, text=placed.text[:_PLAIN], blocks=[])
        return self._sent(delivery, placed)

    def _made_so(self, wanted: TopicUpdate | UserGroupUpdate) -> SlackAnswer:
        if isinstance(wanted, TopicUpdate):
            return self._post.set_topic(wanted.channel, wanted.compose)
        return self._post.set_group(wanted.id, wanted.users)

    def _sent(self, delivery: Delivery, message: Message) -> SlackAnswer:
        place = self._place(message)
        if place.channel is None:
            return place
        if delivery.lease_until and self._clock.now() >= delivery.lease_until:
            # This process was stopped since it took the row (SIGSTOP, a suspended machine): it is another's by now.
            return SlackAnswer(SendResult.NOT_ACCEPTED, error="lease_over")
        if message.update_ts:
            return self._post.update(place.channel, message.update_ts, message.text, message.blocks)
        answer = self._post.post(delivery.id, place.channel, message.text, message.blocks, message.thread_ts)
        return replace(answer, channel=place.channel, thread=message.thread_ts)

    def _found(self, delivery: Delivery, message: Message) -> SlackAnswer:
        """The message itself, when an earlier try brought it to Slack after all."""
        place = self._place(message)
        if place.channel is None:
            return place
        found = self._look(delivery, place.channel, message.thread_ts)
        if not found.copies:
            return found.answer
        log.info("delivery %s had arrived after all", delivery.id)
        return SlackAnswer(SendResult.SENT, place.channel, found.copies[0], thread=message.thread_ts)

    def _place(self, message: Message) -> SlackAnswer:
        """Where the message goes: its channel, or the direct messages with its person."""
        if message.channel or not message.user:
            return SlackAnswer(SendResult.SENT, channel=message.channel)
        if message.user not in self._direct:
            answer = self._post.direct_channel(message.user)
            if answer.channel is None:
                # Opening a conversation says nothing: whatever went wrong, no message is there yet.
                unsure = answer.verdict is SendResult.UNKNOWN
                return replace(answer, verdict=SendResult.NOT_ACCEPTED) if unsure else answer
            self._direct[message.user] = answer.channel
        return SlackAnswer(SendResult.SENT, channel=self._direct[message.user])

    def _look(self, delivery: Delivery, channel: str, thread_ts: str | None) -> SearchResult:
        return self._post.look(delivery.id, channel, thread_ts, _oldest(delivery))

    def _settle(self, delivery: Delivery, answer: SlackAnswer) -> None:
        """Write the outcome down, patiently: what Slack has must not be sent again because the store was busy."""
        if answer.verdict in (SendResult.SENT, SendResult.WORKSPACE_BROKEN):
            self._refused = answer.error
        if answer.verdict not in (SendResult.SENT, SendResult.NOT_YET, SendResult.SUPERSEDED, SendResult.ABSENT):
            about = f"CSP-{delivery.number}" if delivery.number else delivery.subject
            log.warning("%s of %s: %s %s", delivery.what, about, answer.verdict, answer.error)
        for _ in range(_SETTLE_TRIES):
            try:
                if not self._outbox.settle(delivery, answer, self._clock.now()):
                    log.warning("delivery %s was taken over by another worker meanwhile", delivery.id)
                return
            except NotSaved:
                if self._stopping.wait(1.0):
                    break
        # The lease runs out, somebody looks in Slack, and finds it.
        log.error("the outcome of delivery %s could not be saved", delivery.id)

    def _sweep_one(self) -> bool:
        """Look for second copies of one message; False when no message is due for that."""
        delivery = self._outbox.claim_sweep(self._clock.now())
        if delivery is None:
            return False
        if delivery.what in REPEATABLE or not delivery.slack_channel:
            return True
        # Not drawn again: its reason may be gone, its copies are not.
        found = self._look(delivery, delivery.slack_channel, delivery.slack_thread)
        if found.answer.verdict in _NOT_SEEN and found.answer.error != TOO_MANY:
            wait = timedelta(seconds=found.answer.retry_after or _SWEEP_AGAIN)
            self._outbox.sweep_again(delivery, self._clock.now() + wait)
            return False
        self._remove_extra(delivery, delivery.slack_channel, found.copies)
        return True

    def _remove_extra(self, delivery: Delivery, channel: str, copies: tuple[str, ...]) -> None:
        # The copy we know is the one threads and buttons hang on; else the oldest stays.
        kept = delivery.slack_ts if delivery.slack_ts in copies else next(iter(copies), None)
        for ts in copies:
            if ts != kept:
                answer = self._post.delete(channel, ts)
                log.warning("a second copy of delivery %s was removed: %s", delivery.id, answer.verdict)


def _oldest(delivery: Delivery) -> datetime:
    """From when on a message can stand in Slack: by Slack's own time, because ours may have been days ahead."""
    if delivery.look_from:
        return datetime.fromtimestamp(float(delivery.look_from), UTC) - _SLACK_APART
    return (delivery.first_tried_at or delivery.created_at) - _CLOCK_SLACK
