"""Enqueue pages, messages by other ways than Slack, beside the messages in Slack.

The rows are written in the transaction of the message in Slack. They hold the hash of an address, never the address.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, bindparam, func, or_, select

from models.outbox.messages import enqueue, message, reminder_columns
from models.rules.outbox.delivery import DeliveryState
from models.rules.outbox.message_kinds import KINDS, MessageKind
from models.rules.outbox.reminder_details import NO_REMINDER, ReminderDetails
from models.rules.reach.page import SLACK_KEY_AT, PageNote, PagePath
from models.rules.reach.reach_plan import ReachAddress, ReachPlan
from models.store.tables import OUTBOX, is_unfinished

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
_O = OUTBOX.c
_BESIDE = OUTBOX.alias("beside")
_WAITING = (
    select(_O.user, _O.channel, _O.subject, func.min(_O.due_at))
    .join(_BESIDE, _BESIDE.c.dedupe_key == func.substr(_O.note, SLACK_KEY_AT))
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
    """Return the scope of the pages to an address: its sender, which the vendor limits, and its app if it has one."""
    return f"reach:{address.sender_id}:{address.app_id}".removesuffix(":")
