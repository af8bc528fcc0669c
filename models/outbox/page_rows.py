"""Enqueue pages, messages by other ways than Slack, beside the messages in Slack; and keep what each try brought.

The rows are written in the transaction of the message in Slack. They hold the hash of an address, never the address.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import Connection, and_, bindparam, delete, func, insert, or_, select, update

from models.outbox.asking_messages import find_asking
from models.outbox.message_queries import SAYS_THE_SAME
from models.outbox.messages import delivery_from, enqueue, message, reminder_columns
from models.rules.delivery import KINDS, NO_REMINDER, Delivery, DeliveryState, MessageKind, ReminderDetails
from models.rules.reach.channels import Channel, find_wait, longest_window
from models.rules.reach.page import HANDED_OVER, PageAnswer, PageEnd, PageNote, PagePath, read_note
from models.rules.reach.reach_plan import ReachAddress, ReachPlan
from models.rules.reminders import subjects
from models.rules.times import ENDLESS
from models.store.database import Store
from models.store.reach_tables import PAGE_LINK, PAGE_TRY
from models.store.tables import OUTBOX, is_unfinished

T = TypeVar("T")
LOUDEST = "A"
"""The severity for which the addresses of a loud page must serve: an open gap is as urgent as severity A."""
QUIETEST = "C"
"""The severity of what is no case and not loud."""
URGENT = KINDS[MessageKind.PAGE].priority - 1
"""The priority of pages that are loud or of severity A: they go before all others."""
SPREAD = 20
"""Seconds over which pages that are not loud are spread: services are busiest at full and half hours."""
TAKEN = "/taken"
"""The end of the base of a page beside a message that Slack took before it fell silent."""
JUST_TOLD = timedelta(minutes=1)
"""So long nobody is told the same of a shift, a gap or a handover again at the same address."""
_KEY_AT = len(PageNote("0" * 16, PagePath.SILENT, "").written()) + 1
"""Where the key of the message in Slack begins in the note of a page that waits for it, counted from 1."""
_O = OUTBOX.c
_SLACK_ROW = select(OUTBOX).where(_O.dedupe_key == bindparam("key"))
_NEWER = (
    select(_O.position)
    .where(_O.what == MessageKind.PAGE, _O.user == bindparam("user"), _O.channel == bindparam("address"))
    .where(_O.subject == bindparam("subject"), _O.position > bindparam("position"), is_unfinished(OUTBOX.c.state))
    .where(_O.due_at <= bindparam("now"), _O.note.like(bindparam("path")))
    .limit(1)
)
_TOLD_ALREADY = (
    select(_O.note)
    .join(PAGE_TRY, PAGE_TRY.c.delivery == _O.id)
    .where(PAGE_TRY.c.subject == bindparam("about"), PAGE_TRY.c.person == bindparam("to"))
    .where(PAGE_TRY.c.address == bindparam("address"), PAGE_TRY.c.delivery != bindparam("but"))
    .where(PAGE_TRY.c.outcome.in_(sorted(HANDED_OVER)))
    .where(or_(_O.position > bindparam("after"), PAGE_TRY.c.tried_at > bindparam("since")))
)
"""The pages to the same person that say the same: newer ones, or those of the last moment."""
_BESIDE = OUTBOX.alias("beside")
_WAITING = (
    select(_O.user, _O.channel, _O.subject, func.min(_O.due_at))
    .join(_BESIDE, _BESIDE.c.dedupe_key == func.substr(_O.note, _KEY_AT))
    .where(_O.what == MessageKind.PAGE, is_unfinished(OUTBOX.c.state), is_unfinished(_BESIDE.c.state))
    .where(_O.subject.in_(bindparam("subjects", expanding=True)))
    .group_by(_O.user, _O.channel, _O.subject)
)
"""The pages about some subjects that wait for a message that Slack has not taken yet."""
_ENQUEUED = select(_O.dedupe_key).where(
    or_(
        _O.dedupe_key.in_(bindparam("keys", expanding=True)),
        and_(_O.dedupe_key.in_(bindparam("earlier", expanding=True)), _O.state == DeliveryState.SENT),
    )
)
_USES = select(PAGE_TRY.c.tried_at).where(
    PAGE_TRY.c.sender == bindparam("of"), PAGE_TRY.c.tried_at > bindparam("since")
)
_TOLD = (
    select(PAGE_TRY.c.tried_at, PAGE_TRY.c.person, PAGE_TRY.c.channel)
    .where(PAGE_TRY.c.subject == bindparam("about"), PAGE_TRY.c.tried_at >= bindparam("since"))
    .where(PAGE_TRY.c.tried_at <= bindparam("until"))
    .where(PAGE_TRY.c.outcome.in_(sorted(HANDED_OVER)))
    .order_by(PAGE_TRY.c.id)
)
_TOLD_THE_SAME = _TOLD.join(OUTBOX, _O.id == PAGE_TRY.c.delivery).where(SAYS_THE_SAME)


@dataclass(frozen=True)
class PagedMessage:
    """A message in Slack that calls a person, as the pages beside it need it."""

    key: str
    """The unique key of the message in Slack."""
    base: str
    """The key of the reminder or call: one page by an address, however many people it calls."""
    user: str
    subject: str
    severity: str = ""
    is_loud: bool = False
    number: int | None = None
    seq: int | None = None
    reminder: ReminderDetails = NO_REMINDER
    is_taken: bool = False
    """Whether Slack took the message before it fell silent: its button does not work."""


def build_rows(
    paged: Iterable[PagedMessage], plan: ReachPlan, names: Mapping[str, str], at: datetime,
    silent_since: datetime | None = None,
) -> Iterator[dict[str, Any]]:  # fmt: skip
    """Yield the rows of pages beside messages in Slack. ``names`` are the rota's names by Slack id.

    ``silent_since`` is since when Slack takes nothing: a new page waits no longer than since then.
    """
    for each in paged if plan.people else ():
        severity = LOUDEST if each.is_loud else each.severity or QUIETEST
        known_as = tuple(dict.fromkeys((names.get(each.user, each.user), each.user)))
        for address in plan.find_addresses(known_as, severity, at):
            yield _build_row(each, address, plan, at, silent_since or at)


def add(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Enqueue pages in the caller's transaction, except those that were enqueued before.

    A page that replaces one that waits for Slack takes its time: Slack has been silent since then.
    """
    if not rows:
        return
    subjects_of = sorted({row["subject"] for row in rows})
    waiting = {tuple(row[:3]): row[3] for row in connection.execute(_WAITING, {"subjects": subjects_of})}
    places = [(row["user"], row["channel"], row["subject"]) for row in rows]
    enqueue(
        connection,
        [
            {**row, "due_at": min(row["due_at"], waiting.get(place, row["due_at"]))}
            for row, place in zip(rows, places, strict=True)
        ],
    )


def leave_out_told(connection: Connection, rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the pages beside taken messages without those that were enqueued before.

    Left out are also those of which an earlier page was sent: a loud one, beside the same message.
    """
    by_key = {row["dedupe_key"]: row for row in rows}
    earlier = {key.replace(f"{TAKEN}:", ":"): key for key in by_key}
    if not by_key:
        return []
    enqueued = connection.scalars(_ENQUEUED, {"keys": list(by_key), "earlier": list(earlier)})
    left_out = {earlier.get(key, key) for key in enqueued}
    return [row for key, row in by_key.items() if key not in left_out]


def _build_row(
    each: PagedMessage, address: ReachAddress, plan: ReachPlan, at: datetime, silent_since: datetime
) -> dict[str, Any]:
    path = PagePath.LOUD if each.is_loud else PagePath.TAKEN if each.is_taken else PagePath.SILENT
    due_at = at if each.is_loud else max(at, silent_since + plan.silent_after(each.severity))
    if not each.is_loud and each.severity != LOUDEST:
        due_at += timedelta(seconds=int(address.id, 16) % SPREAD)
    is_urgent = each.is_loud or each.severity == LOUDEST
    key = f"reach:{each.base}:{address.id}"
    about = {"number": each.number, "seq": each.seq, "subject": each.subject, "user": each.user}
    return message(
        MessageKind.PAGE, key, at, **about, channel=address.id,
        lane=key,  # its own: a page that waits must not hold back a loud one
        scope=scope_of(address),
        priority=URGENT if is_urgent else KINDS[MessageKind.PAGE].priority,
        note=PageNote(address.id, path, each.key).written(), due_at=due_at, **reminder_columns(each.reminder),
    )  # fmt: skip


def scope_of(address: ReachAddress) -> str:
    """Return the scope of the pages to an address: its sender, which the vendor limits."""
    return f"reach:{address.sender_id}"


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


@dataclass(frozen=True)
class PageTry:
    """One try of a page, for people."""

    at: datetime
    person: str
    subject: str
    address: str
    channel: str
    again: bool
    end: PageEnd
    code: str


class Pages:
    """Reads and settles pages. Each method is one transaction."""

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
        path = read_note(delivery.note).path
        place = {
            "user": delivery.user, "address": delivery.channel, "subject": delivery.subject, "now": now,
            "position": delivery.position, "path": f"% {path} %" if path is PagePath.LOUD else "%",
        }  # fmt: skip
        return self._store.read(lambda c: c.execute(_NEWER, place).first()) is not None

    def was_told(self, delivery: Delivery, now: datetime, *, rings: bool) -> bool:
        """Return whether its person was told the same at the same address by a newer page, or just before.

        A case may be at another step by now, so that for it only a newer page counts. Where a loud page ``rings``, only
        a loud one says the same.
        """
        is_case = (delivery.subject or "").startswith(subjects.ESCALATION)
        moment = timedelta() if is_case else JUST_TOLD
        place = {
            "about": delivery.subject or "", "to": delivery.user or "", "address": delivery.channel,
            "but": delivery.id, "after": delivery.position, "since": now - moment,
        }  # fmt: skip
        notes = self._store.read(lambda c: c.scalars(_TOLD_ALREADY, place).all())
        needs_loud = rings and read_note(delivery.note).path is PagePath.LOUD
        return any(not needs_loud or read_note(note).path is PagePath.LOUD for note in notes)

    def find_called(self, delivery: Delivery) -> list[str]:
        """Return whom the reminder or the call beside which a page goes calls (Slack ids), in its order."""
        reminder, call = delivery.reminder.key, (delivery.number, delivery.seq, MessageKind.CALL)
        numbers = [delivery.number] if delivery.number else []
        rows = self._store.read(lambda c: find_asking(c, [delivery.subject or ""], numbers))
        of_same = (
            row for row in rows if (row.reminder == reminder if reminder else (row.number, row.seq, row.what) == call)
        )
        return [row.user for row in sorted(of_same, key=lambda row: row.position)]

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
        """Return the newest tries, of everybody or to one person (a Slack id), the newest first.

        What happened to the link of a page is its end.
        """
        query = (
            select(PAGE_TRY, PAGE_LINK.c.used_at, PAGE_LINK.c.opened_at)
            .outerjoin(PAGE_LINK, PAGE_LINK.c.delivery == PAGE_TRY.c.delivery)
            .where(PAGE_TRY.c.tried_at >= since)
            .order_by(PAGE_TRY.c.id.desc())
            .limit(most)
        )
        if person is not None:
            query = query.where(PAGE_TRY.c.person == person)
        return self._store.read(lambda connection: _collect_tries(connection.execute(query)))


def begin_try(connection: Connection, delivery: Delivery, address: ReachAddress, now: datetime) -> int | timedelta:
    """Record that a page is sent now, and return the number of the try; or how long its sender must wait.

    The try counts as unknown until it is settled, so that a crash leaves no use of the sender uncounted. The caller's
    transaction claims the page: what must be on disk before it is sent is one commit. By claiming it has also locked
    the pace of the sender, so that replicas count one after another.
    """
    since = now - longest_window(address.limits)
    uses = list(connection.scalars(_USES, {"of": address.sender_id, "since": since}))
    if wait := find_wait(uses, address.limits, now):
        return wait
    values = {
        "delivery": delivery.id, "person": delivery.user or "", "subject": delivery.subject or "",
        "address": address.id, "sender": address.sender_id, "channel": address.channel, "tried_at": now,
        "again": delivery.doubtful, "outcome": PageEnd.UNKNOWN, "code": "",
    }  # fmt: skip
    number: int = connection.scalars(insert(PAGE_TRY).returning(PAGE_TRY.c.id), [values]).one()
    return number


def end_try(connection: Connection, number: int, answer: PageAnswer | None) -> None:
    """Record how a try ended, in the transaction that settles its page. None removes one that sent nothing."""
    if answer is None:
        connection.execute(delete(PAGE_TRY).where(PAGE_TRY.c.id == number))
        return
    ended = update(PAGE_TRY).where(PAGE_TRY.c.id == number)
    connection.execute(ended.values(outcome=answer.end, code=answer.code[:80]))


def _collect_tries(rows: Iterable[Any]) -> list[PageTry]:
    """Return each try once, the newest first. A page that was sent twice has two links: the used one counts."""
    tries: dict[int, PageTry] = {}
    for row in sorted(rows, key=lambda row: (-row.id, row.used_at is None, row.opened_at is None)):
        end = PageEnd.ACTED if row.used_at else PageEnd.OPENED if row.opened_at else PageEnd(row.outcome)
        channel = Channel(row.channel)
        new = PageTry(row.tried_at, row.person, row.subject, row.address, channel, row.again, end, row.code)
        tries.setdefault(row.id, new)
    return list(tries.values())
