"""Page what people were asked in Slack before it fell silent: they have the message, and its button does not work."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from models.escalations import escalation_rows
from models.oncall.snapshot import OnCallSnapshot
from models.outbox import page_rows
from models.outbox.asking_messages import find_asking
from models.outbox.messages import details_from
from models.outbox.page_rows import PagedMessage
from models.outbox.slack_silence import find_silent_since
from models.reminders.settings import ReminderSettings
from models.reminders.shift_facts import handover_name, shift_name
from models.rules.escalations.deadlines import awaits_acknowledgement
from models.rules.escalations.request import Severity
from models.rules.outbox.delivery import UNFINISHED
from models.rules.reminders import subjects
from models.rules.reminders.handover import CARD_BEFORE
from models.rules.reminders.shift import ABOUT_ITS_END
from models.store.database import Store

MOST_CASES = 200
"""So many cases are looked at, the most severe first."""


@dataclass(frozen=True)
class OpenAsk:
    """Something that somebody was asked to do, that is due, and that they did not do yet."""

    subject: str
    """What a page about it names."""
    asked_as: tuple[str, ...]
    """The subjects of the messages that ask for it."""
    user: str = ""
    """Who has to do it, by Slack id; empty for everybody who was asked."""
    number: int | None = None
    severity: str = ""


class OpenAsks:
    """Enqueues a page for each open ask whose newest message Slack took before it fell silent: one for each message."""

    def __init__(self, store: Store, settings: ReminderSettings) -> None:
        self._store, self._settings = store, settings

    def page(self, snapshot: OnCallSnapshot, now: datetime) -> int:
        """Enqueue the pages that are due by ``now``, and return how many. Raises NotSaved."""
        rows = self._store.read(lambda connection: self._find_rows(connection, snapshot, now))
        if rows:
            self._store.write(lambda connection: page_rows.add(connection, rows))
        return len(rows)

    def _find_rows(self, connection: Connection, snapshot: OnCallSnapshot, now: datetime) -> list[dict[str, Any]]:
        reach, since = self._settings.reach, find_silent_since(connection, now)
        if since is None or since + reach.silent_after("") > now:
            return []
        paged = _find_taken(connection, [*_find_changes(snapshot, now), *_find_cases(connection)])
        rows = page_rows.build_rows(paged, reach, snapshot.names, now, since)
        return page_rows.leave_out_told(connection, list(rows))


def _find_changes(snapshot: OnCallSnapshot, now: datetime) -> Iterator[OpenAsk]:
    """Yield the handovers and the unconfirmed shifts that are due, for each person who has not pressed yet."""
    for handover in snapshot.handovers:
        if handover.at - CARD_BEFORE <= now < handover.incoming.end and not handover.done_at:
            name = handover_name(handover)
            if not handover.handed_over:
                yield OpenAsk(str(name), (str(name),), snapshot.user_of(name.outgoing))
            if not handover.taken_over:
                yield OpenAsk(str(name), (str(name), str(name.shift)), snapshot.user_of(name.incoming))
    for shift in snapshot.unconfirmed():
        if shift.start - CARD_BEFORE <= now < shift.end and not snapshot.handover_to(shift):
            subject = str(shift_name(shift))
            yield OpenAsk(subject, (subject,), snapshot.user_of(shift.member))


def _find_cases(connection: Connection) -> Iterator[OpenAsk]:
    """Yield the cases that wait to be acknowledged. Of severity A people are told otherwise whatever Slack does."""
    for case in escalation_rows.find_unacknowledged(connection, MOST_CASES):
        severity, subject = case.current_severity, subjects.escalation(case.number)
        if severity is not Severity.A and awaits_acknowledgement(case):
            yield OpenAsk(subject, (subject,), number=case.number, severity=str(severity))


def _find_taken(connection: Connection, asks: Sequence[OpenAsk]) -> Iterator[PagedMessage]:
    """Yield the newest message to each person about each ask, where it is in Slack: one that waits has its own page."""
    asking = defaultdict[str, list[Any]](list)
    numbers = [ask.number for ask in asks if ask.number]
    for row in find_asking(connection, [name for ask in asks for name in ask.asked_as], numbers):
        asking[subjects.escalation(row.number) if row.number else row.subject].append(row)
    for ask in asks:
        rows = sorted((row for name in ask.asked_as for row in asking[name]), key=lambda row: row.position)
        newest = {row.user: row for row in rows if ask.user in {"", row.user} and row.step not in ABOUT_ITS_END}
        yield from (_build_page(ask, row) for row in newest.values() if row.state not in UNFINISHED)


def _build_page(ask: OpenAsk, row: Any) -> PagedMessage:
    base = row.reminder or f"call:{row.number}:{row.seq}"
    return PagedMessage(
        row.dedupe_key, f"{base}{page_rows.TAKEN}", row.user, ask.subject, ask.severity, is_taken=True,
        number=ask.number, seq=row.seq, reminder=details_from(row._mapping),
    )  # fmt: skip
