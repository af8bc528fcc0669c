"""The tries of pages: each is recorded before the page is sent, so that a crash leaves no use of a sender uncounted."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, literal_column, or_, select, update

from models.outbox.messages import delivery_from
from models.rules.outbox.delivery import LEASE, Delivery, DeliveryState
from models.rules.outbox.message_kinds import MessageKind
from models.rules.reach.channels import Channel, find_wait, list_limits, longest_window
from models.rules.reach.page import (
    HANDED_OVER,
    KEPT_FOR_CASES,
    KEPT_FREE,
    LIMITED,
    TOLD_TOGETHER,
    WAITS_FOR_LIMIT,
    PageAnswer,
    PageStatus,
)  # fmt: skip
from models.rules.reach.reach_plan import ReachAddress
from models.rules.reminders import subjects
from models.rules.reminders.escalation import UNACKNOWLEDGED_STEP
from models.store.reach_tables import PAGE_LINK, PAGE_TRY
from models.store.tables import OUTBOX, is_unfinished

MOST_TOGETHER = 50
"""How many pages are told of with another one at most."""
REMEMBERED = timedelta(days=1)
"""How long what somebody was told counts as told before."""
_USES = select(PAGE_TRY.c.tried_at).where(
    PAGE_TRY.c.sender == bindparam("of"), PAGE_TRY.c.tried_at > bindparam("since")
)
_O = OUTBOX.c
_IS_WAITING = (
    is_unfinished(OUTBOX.c.state), _O.what == literal_column(f"'{MessageKind.PAGE}'"),
    _O.state == DeliveryState.PENDING,
)  # fmt: skip
_WAITING = (
    select(OUTBOX)
    .where(*_IS_WAITING, _O.scope == bindparam("of"), _O.channel == bindparam("address"))
    .where(_O.user == bindparam("user"), _O.position != bindparam("but"), _O.subject.startswith(subjects.ESCALATION))
    .where(or_(_O.step.is_(None), _O.step == UNACKNOWLEDGED_STEP))
    .where(or_(_O.due_at <= bindparam("now"), _O.last_error.in_(sorted(LIMITED))))
    .order_by(_O.priority, _O.position)
    .limit(MOST_TOGETHER)
    .with_for_update(skip_locked=True)
)
_CHANGE = update(OUTBOX).where(*_IS_WAITING, _O.position.in_(bindparam("positions", expanding=True)))
_RELEASE = _CHANGE.where(_O.last_error == TOLD_TOGETHER)
_TOLD = (
    select(PAGE_TRY.c.id)
    .where(PAGE_TRY.c.subject == bindparam("about"), PAGE_TRY.c.person == bindparam("to"))
    .where(PAGE_TRY.c.address == bindparam("address"), PAGE_TRY.c.tried_at >= bindparam("since"))
    .where(PAGE_TRY.c.outcome.in_(sorted(HANDED_OVER)))
    .limit(1)
)


@dataclass(frozen=True)
class PageTry:
    """One try of a page, for people."""

    at: datetime
    person: str
    subject: str
    address: str
    channel: str
    again: bool
    status: PageStatus
    code: str


@dataclass(frozen=True)
class BegunTry:
    """A page that is sent now, by itself or together with others about cases that wait for the same person."""

    delivery: Delivery
    number: int
    """The number of its try."""


@dataclass(frozen=True)
class HeldBack:
    """A page that is not sent now."""

    wait: timedelta
    reason: str


def begin_try(
    connection: Connection, delivery: Delivery, address: ReachAddress, now: datetime
) -> list[BegunTry] | HeldBack:
    """Record that a page is sent now, with those that wait for the same person there; or how long it must wait.

    What is new comes first. Repeats, and what is about no case, leave some uses of the sender to new cases. A try
    counts as unknown until it is settled, so that a crash leaves no use of the sender uncounted. The caller's
    transaction claims the page: what must be on disk before it is sent is one commit. By claiming it has also locked
    the pace of the sender, so that replicas count one after another.
    """
    together = [delivery, *_find_waiting(connection, delivery, now)]
    repeats = {each.id for each in together if _was_told_before(connection, each, address, now)}
    kept = "" if _is_about_case(delivery) else KEPT_FOR_CASES
    kept = KEPT_FREE if len(repeats) == len(together) else kept
    since = now - longest_window(address.limits)
    uses = list(connection.scalars(_USES, {"of": address.sender_id, "since": since}))
    if wait := find_wait(uses, list_limits(address.limits, keeps_free=bool(kept)), now):
        return HeldBack(wait, kept or WAITS_FOR_LIMIT)
    together.sort(key=lambda each: each.id in repeats)
    begun = [BegunTry(each, _insert(connection, each, address, now, is_use=each is delivery)) for each in together]
    positions = [each.position for each in together if each is not delivery]
    if positions:
        values = {"positions": positions, "due_at": now + LEASE, "last_error": TOLD_TOGETHER, "doubtful": True}
        connection.execute(_CHANGE, values)
    return begun


def _find_waiting(connection: Connection, delivery: Delivery, now: datetime) -> list[Delivery]:
    """Return what else waits to tell the same person at the same address of cases that nobody acknowledged."""
    if not _asks_to_acknowledge(delivery):
        return []
    place = {"of": delivery.scope, "address": delivery.channel, "user": delivery.user, "but": delivery.position}
    return [delivery_from(row) for row in connection.execute(_WAITING, {**place, "now": now}).mappings()]


def _asks_to_acknowledge(delivery: Delivery) -> bool:
    return _is_about_case(delivery) and delivery.reminder.step in {"", UNACKNOWLEDGED_STEP}


def _is_about_case(delivery: Delivery) -> bool:
    return (delivery.subject or "").startswith(subjects.ESCALATION)


def _was_told_before(connection: Connection, delivery: Delivery, address: ReachAddress, now: datetime) -> bool:
    """Return whether a reminder says at an address what its person was told there since its reason began."""
    begins, since = delivery.reminder.counted_from, now - REMEMBERED
    if not delivery.reminder.key:
        return False
    if begins and begins <= now and not _asks_to_acknowledge(delivery):  # those are counted from after the call
        since = max(since, begins)
    about = {"about": delivery.subject or "", "to": delivery.user or "", "address": address.id, "since": since}
    return connection.execute(_TOLD, about).first() is not None


def _insert(connection: Connection, delivery: Delivery, address: ReachAddress, now: datetime, *, is_use: bool) -> int:
    values = {
        "delivery": delivery.id, "person": delivery.user or "", "subject": delivery.subject or "",
        "address": address.id, "sender": address.sender_id if is_use else "", "channel": address.channel,
        "tried_at": now, "again": delivery.doubtful, "outcome": PageStatus.UNKNOWN, "code": "",
    }  # fmt: skip
    number: int = connection.scalars(insert(PAGE_TRY).returning(PAGE_TRY.c.id), [values]).one()
    return number


def end_try(connection: Connection, begun: BegunTry, answer: PageAnswer | None, now: datetime) -> None:
    """Record how a try ended, in the transaction that settles its page. None removes one that sent nothing.

    A page of which another one told waits no longer: if its person was told, nothing is left to say.
    """
    if answer is None:
        connection.execute(delete(PAGE_TRY).where(PAGE_TRY.c.id == begun.number))
    else:
        ended = update(PAGE_TRY).where(PAGE_TRY.c.id == begun.number)
        connection.execute(ended.values(outcome=answer.status, code=answer.code[:80]))
    is_doubtful = answer is not None and answer.status is PageStatus.UNKNOWN
    values = {"positions": [begun.delivery.position], "due_at": now, "last_error": ""}
    connection.execute(_RELEASE, {**values, "doubtful": is_doubtful or begun.delivery.doubtful})


def find_tries(connection: Connection, person: str | None, since: datetime, most: int) -> list[PageTry]:
    """Return the newest tries, of everybody or to one person (a Slack id), the newest first.

    A link that was opened or used shows in the status of its page.
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
    return _collect_tries(connection.execute(query))


def _collect_tries(rows: Iterable[Any]) -> list[PageTry]:
    """Return each try once, the newest first. A page that was sent twice has two links: the used one counts."""
    tries: dict[int, PageTry] = {}
    for row in sorted(rows, key=lambda row: (-row.id, row.used_at is None, row.opened_at is None)):
        status = PageStatus.ACTED if row.used_at else PageStatus.OPENED if row.opened_at else PageStatus(row.outcome)
        channel = Channel(row.channel)
        new = PageTry(row.tried_at, row.person, row.subject, row.address, channel, row.again, status, row.code)
        tries.setdefault(row.id, new)
    return list(tries.values())
