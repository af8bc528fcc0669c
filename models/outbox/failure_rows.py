"""Enqueue notices of what failed: messages in the on-call channel, each once in its time."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from models.outbox import message_queries
from models.outbox.messages import enqueue, message
from models.rules.outbox.failure_notice import FailureKind, FailureNotice
from models.rules.outbox.message_kinds import MessageKind

_OF_KIND = {
    MessageKind.TOPIC: FailureKind.TOPIC,
    MessageKind.GROUP: FailureKind.GROUP,
    MessageKind.PICTURE: FailureKind.PICTURE,
}


def report_failure(connection: Connection, row: Any, error: str, now: datetime) -> None:
    """Report a failure in the on-call channel: once an hour for each channel and reason, once a month for a person.

    A person's account takes longer to be corrected. The worker fills in the channel. A redrawing fails where the
    message is that it redraws.
    """
    if row["what"] == MessageKind.PAGE:
        key = f"trouble:page:{row['channel']}:{error}:{now:%Y%m%d%H}"
        notify(connection, FailureNotice(FailureKind.PAGE, row["user"], error), key, now)
        return
    if row["what"] == MessageKind.WEBHOOK:
        notice = FailureNotice(FailureKind.WEBHOOK, f"CSP-{row['number']}", error)
        notify(connection, notice, f"trouble:webhook:{error}:{now:%Y%m%d}", now)
        return
    channel, user = message_queries.find_recipient(connection, row["channel"], row["user"], row["redraws"])
    kind, target = _OF_KIND.get(row["what"], FailureKind.MESSAGE), channel or user or ""
    place = target if kind is FailureKind.MESSAGE else f"{kind} {target}"
    key = f"trouble:{place}:{error}:{now:%Y%m}" if user else f"trouble:{place}:{error}:{now:%Y%m%d%H}"
    notify(connection, FailureNotice(kind, target, error), key, now, number=row["number"], seq=row["seq"])


def report_unused_files(connection: Connection, settings: Iterable[str], now: datetime) -> None:
    """Tell the on-call channel of settings whose files have faults: once an hour, however often a bot starts."""
    for setting in settings:
        key = f"trouble:file:{setting}:{now:%Y%m%d%H}"
        notify(connection, FailureNotice(FailureKind.UNUSED_FILE, setting), key, now)


def notify(connection: Connection, notice: FailureNotice, key: str, now: datetime, **about: Any) -> None:
    """Post a notice in the on-call channel, once for each key."""
    enqueue(connection, [message(MessageKind.TROUBLE, key, now, lane="trouble", note=notice.written(), **about)])
