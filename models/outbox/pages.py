"""What a page needs to know before it goes out, and who was told by other ways than Slack."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from sqlalchemy import bindparam, or_, select

from models.outbox.asking_messages import find_asking
from models.outbox.message_queries import SAYS_THE_SAME
from models.outbox.messages import delivery_from
from models.outbox.page_tries import PageTry, find_tries
from models.rules.outbox.delivery import Delivery, DeliveryState
from models.rules.outbox.message_kinds import MessageKind
from models.rules.outbox.reminder_details import ReminderDetails
from models.rules.reach.channels import Channel
from models.rules.reach.page import (
    HANDED_OVER,
    LIMITED,
    TOLD_TOGETHER,
    PageNote,
    PagePath,
    read_page_note,
)  # fmt: skip
from models.rules.reminders import subjects
from models.rules.times import ENDLESS
from models.store.database import Store
from models.store.reach_tables import PAGE_TRY
from models.store.tables import OUTBOX, is_unfinished

T = TypeVar("T")
JUST_TOLD = timedelta(minutes=1)
"""So long nobody is told the same of a shift, a gap or a handover again at the same address."""
_O = OUTBOX.c
_SLACK_ROW = select(OUTBOX).where(_O.dedupe_key == bindparam("key"))
_NEWER = (
    select(_O.position)
    .where(_O.what == MessageKind.PAGE, _O.user == bindparam("user"), _O.channel == bindparam("address"))
    .where(_O.subject == bindparam("subject"), _O.position > bindparam("position"), is_unfinished(OUTBOX.c.state))
    .where(or_(_O.due_at <= bindparam("now"), _O.last_error.in_(sorted(LIMITED | {TOLD_TOGETHER}))))
    .where(_O.note.like(bindparam("path")))
    .limit(1)
)
_TOLD_ALREADY = (
    select(_O.note)
    .join(PAGE_TRY, PAGE_TRY.c.delivery == _O.id)
    .where(PAGE_TRY.c.subject == bindparam("about"), PAGE_TRY.c.person == bindparam("to"))
    .where(PAGE_TRY.c.address == bindparam("address"), PAGE_TRY.c.outcome.in_(sorted(HANDED_OVER)))
    .where(or_(_O.position >= bindparam("at"), PAGE_TRY.c.tried_at > bindparam("since")))
)
"""The pages to the same person that say the same: newer ones, those of the last moment, and one that told of this."""
_TOLD = (
    select(PAGE_TRY.c.tried_at, PAGE_TRY.c.person, PAGE_TRY.c.channel)
    .where(PAGE_TRY.c.subject == bindparam("about"), PAGE_TRY.c.tried_at >= bindparam("since"))
    .where(PAGE_TRY.c.tried_at <= bindparam("until"))
    .where(PAGE_TRY.c.outcome.in_(sorted(HANDED_OVER)))
    .order_by(PAGE_TRY.c.id)
)
_TOLD_THE_SAME = _TOLD.join(OUTBOX, _O.id == PAGE_TRY.c.delivery).where(SAYS_THE_SAME)


@dataclass(frozen=True)
class SlackMessage:
    """The message in Slack beside which a page was enqueued."""

    state: DeliveryState
    delivery: Delivery


@dataclass(frozen=True)
class ToldPerson:
    """Somebody was told by another way than Slack: its service accepted the page."""

    at: datetime
    person: str  # Slack id
    channel: Channel


class Pages:
    """Reads what pages depend on, and what became of them. Each method is one transaction."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def read_together(self, unit: Callable[[], T]) -> T:
        """Run reads of the same store in one transaction."""
        return self._store.read_together(unit)

    def find_slack_message(self, key: str) -> SlackMessage | None:
        """Return the message in Slack with this unique key; None when there is none."""
        row = self._store.read(lambda c: c.execute(_SLACK_ROW, {"key": key}).first())
        return SlackMessage(DeliveryState(row.state), delivery_from(row._mapping)) if row else None

    def has_newer(self, delivery: Delivery, now: datetime) -> bool:
        """Return whether a newer page about the same subject is due for the same address and person.

        Only a loud one replaces a loud one: the other may turn out to be in Slack.
        """
        path = read_page_note(delivery.note).path
        place = {
            "user": delivery.user, "address": delivery.channel, "subject": delivery.subject, "now": now,
            "position": delivery.position, "path": PageNote.pattern(path) if path is PagePath.LOUD else "%",
        }  # fmt: skip
        return self._store.read(lambda c: c.execute(_NEWER, place).first()) is not None

    def was_told(self, delivery: Delivery, now: datetime, *, rings: bool) -> bool:
        """Return whether its person was told the same at the same address by a newer page, or just before.

        Another page may have told of several cases, this one among them. A case may be at another step by now, so that
        for it only a newer page counts. Where a loud page ``rings``, only a loud one says the same.
        """
        is_case = (delivery.subject or "").startswith(subjects.ESCALATION)
        moment = timedelta() if is_case else JUST_TOLD
        place = {
            "about": delivery.subject or "", "to": delivery.user or "", "address": delivery.channel,
            "at": delivery.position, "since": now - moment,
        }  # fmt: skip
        notes = self._store.read(lambda c: c.scalars(_TOLD_ALREADY, place).all())
        needs_loud = rings and read_page_note(delivery.note).path is PagePath.LOUD
        return any(not needs_loud or read_page_note(note).path is PagePath.LOUD for note in notes)

    def find_called(self, delivery: Delivery) -> list[str]:
        """Return whom the reminder or the call beside which a page goes calls (Slack ids), in its order."""
        reminder, call = delivery.reminder.key, (delivery.number, delivery.seq, MessageKind.CALL)
        numbers = [delivery.number] if delivery.number else []
        rows = self._store.read(lambda c: find_asking(c, [delivery.subject or ""], numbers))
        of_same = (
            row for row in rows if (row.reminder == reminder if reminder else (row.number, row.seq, row.what) == call)
        )
        return [row.user for row in sorted(of_same, key=lambda row: row.position)]

    def find_called_about(self, person: str, numbers: Collection[int]) -> set[int]:
        """Return of which of these cases (their numbers) somebody (a Slack id) was called, also where Slack waits."""
        rows = self._store.read(lambda c: find_asking(c, [], numbers))
        return {row.number for row in rows if row.user == person}

    def find_told(
        self, subject: str, since: datetime, person: str = "", like: ReminderDetails | None = None,
        until: datetime = ENDLESS,
    ) -> list[ToldPerson]:  # fmt: skip
        """Return who was told about a subject between two instants, oldest first; ``person`` (a Slack id) limits it.

        Each person and channel is named once, with the first time. With ``like``, only pages count that say the same
        as this reminder.
        """
        values = {"about": subject, "since": since, "until": until, "counted_from": like.counted_from if like else None}
        query = _TOLD_THE_SAME if like else _TOLD
        rows = self._store.read(lambda c: c.execute(query, values).all())
        first: dict[tuple[str, str], ToldPerson] = {}
        for row in rows:
            if person in {"", row.person}:
                new = ToldPerson(row.tried_at, row.person, Channel(row.channel))
                first.setdefault((row.person, row.channel), new)
        return list(first.values())

    def find_tries(self, person: str | None, since: datetime, most: int) -> list[PageTry]:
        """Return the newest tries, of everybody or to one person (a Slack id), the newest first."""
        return self._store.read(lambda connection: find_tries(connection, person, since, most))
