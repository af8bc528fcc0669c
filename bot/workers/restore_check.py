"""Compares the database with the newest messages of the escalation channel, once after each start.

A database that was put back without ``db restore`` is older than a card in Slack, and would use its number again.
"""

import logging
import re
from collections.abc import Callable, Sequence
from datetime import datetime

from bot.slack.messages import PostedMessage, SlackMessages
from bot.workers.not_saved import log_not_saved
from models.outbox import message_queries
from models.outbox.retention import KEPT_AT_LEAST
from models.restore import epoch_renewal
from models.restore.missing_cases import CaseCard
from models.rules.errors import NotSaved
from models.store.database import Store
from models.store.epoch_cache import StoreEpoch

log = logging.getLogger(__name__)

_NUMBER = re.compile(r"[^\n·]*?\bCSP-([1-9]\d{0,8})\b")
"""The beginning of a card's text."""


class RestoreCheck:
    """Compares until Slack and the store have both answered; after that it ``is_done``."""

    def __init__(
        self, slack: SlackMessages, store: Store, epoch: StoreEpoch, channel: str, now: Callable[[], datetime]
    ) -> None:
        self._slack, self._store, self._epoch, self._channel, self._now = slack, store, epoch, channel, now
        self.is_done = False

    def tick(self) -> None:
        """Compare, unless it was done. After an error the next tick tries again."""
        if self.is_done:
            return
        messages = self._slack.newest(self._channel)
        if messages is None:
            return
        try:
            self._compare(messages)
            self.is_done = True
        except NotSaved as error:
            log_not_saved(log, error, "the next tick compares it with Slack")

    def _compare(self, messages: Sequence[PostedMessage]) -> None:
        recorded = self._store.read(
            lambda connection: message_queries.find_recorded(connection, [message.mark for message in messages])
        )
        # An epoch under which this record sent something is one of its own, also when it was renewed since.
        earlier = {message.epoch for message in messages if message.mark in recorded}
        ours = [message.mark for message in messages if self._epoch.is_ours(message.epoch)]
        # The rows of cards are kept for ever, those of other messages only for some time.
        since = (self._now() - KEPT_AT_LEAST).timestamp()
        expected = [m.mark for m in messages if m.mark in ours and (m.card or float(m.ts) > since)]
        cards = [
            CaseCard(message.card, self._channel, message.ts)
            for message in messages
            if message.card and (message.mark in ours or message.epoch in earlier)
        ]
        last = max((int(match[1]) for message in messages if (match := _NUMBER.match(message.text))), default=0)
        if self._store.write(
            lambda connection: epoch_renewal.renew_if_older(connection, self._now(), expected, last, cards)
        ):
            log.error(
                "the database is older than what Slack shows: it was restored or replaced. Cards sent before are "
                "refused, and numbers continue after CSP-%d. Raise again what is missing.",
                last,
            )
        self._epoch.refresh()
