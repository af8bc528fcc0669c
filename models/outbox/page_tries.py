"""The tries of pages: each is recorded before the page is sent, so that a crash leaves no use of a sender uncounted."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from models.rules.delivery import Delivery
from models.rules.reach.channels import Channel, find_wait, longest_window
from models.rules.reach.page import PageAnswer, PageStatus
from models.rules.reach.reach_plan import ReachAddress
from models.store.reach_tables import PAGE_LINK, PAGE_TRY

_USES = select(PAGE_TRY.c.tried_at).where(
    PAGE_TRY.c.sender == bindparam("of"), PAGE_TRY.c.tried_at > bindparam("since")
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
        "again": delivery.doubtful, "outcome": PageStatus.UNKNOWN, "code": "",
    }  # fmt: skip
    number: int = connection.scalars(insert(PAGE_TRY).returning(PAGE_TRY.c.id), [values]).one()
    return number


def end_try(connection: Connection, number: int, answer: PageAnswer | None) -> None:
    """Record how a try ended, in the transaction that settles its page. None removes one that sent nothing."""
    if answer is None:
        connection.execute(delete(PAGE_TRY).where(PAGE_TRY.c.id == number))
        return
    ended = update(PAGE_TRY).where(PAGE_TRY.c.id == number)
    connection.execute(ended.values(outcome=answer.status, code=answer.code[:80]))


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
