"""Compares the record with the newest messages of the escalation channel, once at each start: a database that was put
back without ``db restore`` is older than a card that Slack shows, and would give its number again.
"""

import logging
import re
from collections.abc import Callable, Sequence
from datetime import datetime

from bot.slack.messages import PostedMessage, SlackMessages
from models.restore import epoch_renewal
from models.restore.missing_cases import CaseCard
from models.rules.errors import NotSaved
from models.store.database import Store
from models.store.database_errors import cause_of
from models.store.epoch_cache import StoreEpoch

log = logging.getLogger(__name__)

_NUMBER = re.compile(r"[^\n·]*?\bCSP-([1-9]\d{0,8})\b")
"""How the text of a card begins."""


class RestoreCheck:
    """Does it until Slack and the store have both answered; after that it ``is_done``."""

    def __init__(
        self, post: SlackMessages, store: Store, record: StoreEpoch, channel: str, now: Callable[[], datetime]
    ) -> None:
        self._post, self._store, self._record, self._channel, self._now = post, store, record, channel, now
        self.is_done = False

    def tick(self) -> None:
        """Compare, unless it was done. Trouble is left to the next tick."""
        if self.is_done:
            return
        seen = self._post.newest(self._channel)
        if seen is None:
            return
        try:
            self._compare(seen)
            self.is_done = True
        except NotSaved as error:
            log.warning("the store cannot be used now (%s); the next tick compares it with Slack", cause_of(error))

    def _compare(self, seen: Sequence[PostedMessage]) -> None:
        known = self._store.read(lambda connection: epoch_renewal.known(connection, [one.mark for one in seen]))
        # An epoch under which this record sent something is one of its own, also when it was renewed since.
        earlier = {one.epoch for one in seen if one.mark in known}
        ours = [one.mark for one in seen if self._record.is_ours(one.epoch)]
        cards = [
            CaseCard(one.card, self._channel, one.ts)
            for one in seen
            if one.card and (one.mark in ours or one.epoch in earlier)
        ]
        last = max((int(found[1]) for one in seen if (found := _NUMBER.match(one.text))), default=0)
        if self._store.write(
            lambda connection: epoch_renewal.renew_if_older(connection, self._now(), ours, last, cards)
        ):
            log.error(
                "the database is older than what Slack shows: it was restored or replaced. Cards sent before are "
                "refused, and numbers go on after CSP-%d. Raise again what is missing.",
                last,
            )
        self._record.refresh()
