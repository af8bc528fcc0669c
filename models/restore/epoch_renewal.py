"""Give a database a new epoch when it is older than what people have seen, so that nothing is sent or numbered twice.

:mod:`models.restore.backup` does so for a backup it puts in place; :func:`renew_if_older` is for a database that was
put in place by hand.
"""

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from models.escalations import escalation_rows
from models.oncall import gap_register
from models.outbox import failure_rows, message_queries, messages, restored_rows
from models.restore import missing_cases
from models.restore.missing_cases import CaseCard
from models.rules.outbox.failure_notice import FailureKind, FailureNotice
from models.rules.outbox.message_kinds import MessageKind
from models.rules.reminders import subjects
from models.store import epoch, heartbeat_rows


def renew(connection: Connection, now: datetime, last_number: int = 0, last_gap: int = 0) -> str:
    """Give the database a new epoch and return it.

    ``last_number`` and ``last_gap`` are the highest numbers of escalations and gaps that were given elsewhere.
    Unfinished messages may have been sent since the backup, so Slack is searched for them first. The cards of what is
    open are redrawn, so that their buttons work again.
    """
    new_epoch = epoch.renew(connection, last_number, last_gap)
    restored_rows.mark_unfinished_unknown(connection, now)
    if cards := [*_redraw_escalations(connection, new_epoch, now), *_redraw_gaps(connection, new_epoch, now)]:
        messages.enqueue(connection, cards)
    return new_epoch


def renew_if_older(
    connection: Connection,
    now: datetime,
    message_ids: Collection[str],
    last_number: int,
    cards: Collection[CaseCard] = (),
) -> bool:
    """Renew the epoch and tell the channels when the database is older than what Slack shows; return whether it is.

    ``message_ids`` are the outbox ids in messages of this database: it is older when it lacks one of them.
    ``last_number`` is the highest number of an escalation that Slack shows. ``cards`` are those that this database sent
    under any epoch; which of their escalations it lacks is told once.

    How long no bot ran is not known then, so no time is called downtime.
    """
    epoch.reserve_numbers(connection, last_number)
    is_older = bool(set(message_ids) - message_queries.find_recorded(connection, message_ids))
    if is_older:
        renew(connection, now, last_number)
        heartbeat_rows.advance_last_tick(connection, now)
    current_epoch, _ = epoch.read(connection)
    if not missing_cases.report(connection, cards, current_epoch, now) and is_older:
        notice = FailureNotice(FailureKind.OLDER_RECORD)
        failure_rows.notify(connection, notice, f"trouble:record:{current_epoch}", now)
    return is_older


def _redraw_escalations(connection: Connection, new_epoch: str, now: datetime) -> Iterator[dict[str, Any]]:
    """Yield a message for each open escalation that redraws its card."""
    for case in escalation_rows.find_open(connection):
        about = {"number": case.number, "seq": case.version, "channel": case.channel, "lane": f"{case.name}/card"}
        yield messages.message(MessageKind.REFRESH, f"refresh:{case.number}:{new_epoch}", now, **about)


def _redraw_gaps(connection: Connection, new_epoch: str, now: datetime) -> Iterator[dict[str, Any]]:
    """Yield a message for each open gap with a card that redraws it."""
    names = [subjects.gap(number) for number in gap_register.find_open_numbers(connection)]
    for name, channel in message_queries.find_channels_of_gap_cards(connection, names):
        about = {"subject": name, "channel": channel, "lane": f"{name}/card"}
        yield messages.message(MessageKind.GAP_REFRESH, f"{name}/card/{new_epoch}", now, **about)
