"""One message of the outbox as ``outbox list`` and ``outbox show`` write it: cells of a row, and lines of a page."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import cache, cached_property, partial
from zoneinfo import ZoneInfo

from bot.commands.member_names import find_names
from bot.commands.outbox_words import (
    advise,
    describe_answer,
    describe_error,
    describe_recipient,
    describe_subject,
    describe_turn,
    describe_wait,
)
from handlers.i18n.dates import numeric_moment
from handlers.i18n.entry_words import done
from handlers.i18n.message_kinds import MESSAGE_KINDS, MESSAGE_STATUSES
from handlers.i18n.words import N_, Words
from models.escalations.queries import EscalationQueries
from models.outbox import mending, page_waits
from models.outbox.mending import StoredMessage
from models.rules.outbox.delivery import MessageStatus
from models.rules.outbox.message_kinds import MessageKind
from models.rules.reach.reach_plan import ReachPlan
from models.store.database import Store

LINES = frozenset({MessageKind.LINE, MessageKind.LINE_REFRESH})
"""The messages that show one entry of the history of a case."""
IN_TURN = N_("Nothing, while the bot runs: in its turn it is sent, or closed if nobody needs it any more.")
"""What to do about a message outside Slack that waits for the limits of its address."""
IN_LIST, ON_PAGE = 24, 80
"""So many letters of a person's own words are shown."""


class ShownMessages:
    """Writes messages in the operator's language. ``oncall_channel`` is a Slack id, and may be empty."""

    def __init__(
        self, store: Store, words: Words, zone: ZoneInfo, now: datetime, oncall_channel: str, reach: ReachPlan
    ) -> None:
        self.words, self._reach = words, reach
        self._store, self._now, self._oncall_channel = store, now, oncall_channel
        self._queries = EscalationQueries(store)
        self._name_of, self._write_moment = cache(find_names(store, now)), partial(numeric_moment, zone=zone)

    def list_cells(self, stored: StoredMessage) -> Iterator[str]:
        """Yield its state, kind, subject, recipient, age, and what was answered."""
        words = self.words
        yield words(MESSAGE_STATUSES[stored.status])
        yield words(MESSAGE_KINDS[stored.what])
        yield " · ".join(filter(None, (self._name_subject(stored), self._quote(stored, IN_LIST))))
        yield describe_recipient(stored, self._name_of, self._oncall_channel, words, with_ids=False)
        yield self._age(stored)
        wait = self._describe_wait(stored)
        yield wait or describe_error(stored, words) or "–"

    def describe(self, stored: StoredMessage) -> Iterator[tuple[str, str]]:
        """Yield labels with what is known of a message; some are empty."""
        words = self.words
        yield words(N_("About")), self._name_subject(stored)
        yield words(N_("Shows")), self._quote(stored, ON_PAGE)
        yield words(N_("For")), describe_recipient(stored, self._name_of, self._oncall_channel, words, with_ids=True)
        yield words(N_("Enqueued at")), f"{self._write_moment(stored.created_at)}{words.in_brackets(self._age(stored))}"
        if stored.first_tried_at:
            yield words(N_("First taken up")), self._write_moment(stored.first_tried_at)
        yield words(N_("Answer")), describe_answer(stored, words)
        card = self._find_missing_card(stored)
        waits_for = words(N_("for the card of its case, message {n}, which was set aside"), n=card) if card else ""
        yield words(N_("Waits")), waits_for or self._describe_wait(stored)
        if stored.discarded_at:
            who = words(N_("{who}, {at}"), who=stored.discarded_by, at=self._write_moment(stored.discarded_at))
            yield words(N_("Discarded by")), who
            in_history = words(N_("See the history: csp-escalate escalations show {name}"), name=f"CSP-{stored.number}")
            yield words(N_("Why")), in_history if stored.number else stored.discarded_why or ""
        first = N_("Decide about the card first: csp-escalate outbox show {n}")
        in_turn = words(IN_TURN) if self._has_turn(stored) else ""
        advice = in_turn or advise(stored, words, self._oncall_channel)
        yield words(N_("What to do")), words(first, n=card) if card else advice

    @cached_property
    def _turns(self) -> Mapping[int, datetime]:
        """By position, which messages outside Slack wait for the limits of their address, and until when at least."""
        return self._store.read(lambda connection: page_waits.find_turns(connection, self._now))

    def _has_turn(self, stored: StoredMessage) -> bool:
        return stored.what is MessageKind.PAGE and stored.position in self._turns

    def _describe_wait(self, stored: StoredMessage) -> str:
        if not self._has_turn(stored):
            return describe_wait(stored, self.words, self._now, self._write_moment)
        address = self._reach.addresses.get(stored.channel or "")
        return describe_turn(stored, address, self.words, self._write_moment(self._turns[stored.position]))

    def _find_missing_card(self, stored: StoredMessage) -> int | None:
        """Return the card for which a message of its thread waits in vain; None where it waits for no card."""
        number = stored.number
        if number is None or stored.status is not MessageStatus.WAITING or stored.what not in LINES:
            return None
        return self._store.read(lambda connection: mending.find_set_aside_card(connection, number))

    def _name_subject(self, stored: StoredMessage) -> str:
        return describe_subject(stored, self.words, self._write_moment)

    def _quote(self, stored: StoredMessage, most: int) -> str:
        """Return which entry of the history a message shows, with the first words of its text, unless erased."""
        if stored.what not in LINES or not stored.number or stored.seq is None:
            return ""
        entry = self._queries.entry(stored.number, stored.seq)
        if entry is None:
            return ""
        text = " ".join(entry.text.split())
        begin = text if len(text) <= most else f"{text[:most]}…"
        said = f"{self._name_of(entry.by)} {done(entry, self.words)}"
        return f"{said}{self.words.colon}{begin}" if begin else said

    def _age(self, stored: StoredMessage) -> str:
        """Return how long ago a message was enqueued, in the largest unit that fits."""
        minutes, words = max(0, int((self._now - stored.created_at).total_seconds() // 60)), self.words
        if minutes < 1:
            return words(N_("less than a minute"))
        if minutes < 60:
            return words.plural("{n} minute", "{n} minutes", minutes)
        if minutes < 48 * 60:
            return words.plural("{n} hour", "{n} hours", minutes // 60)
        return words.plural("{n} day", "{n} days", minutes // (24 * 60))
