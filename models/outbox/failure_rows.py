"""Enqueue notices of what could not be sent: messages in the on-call channel, each once in its time."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from models.outbox.messages import enqueue, message
from models.rules.outbox.message_kinds import MessageKind


def report_failure(connection: Connection, row: Any, error: str, now: datetime) -> None:
    """Report a failure in the on-call channel: once an hour for each channel and reason, once a month for a person.

    A person's account takes longer to be corrected. The worker fills in the channel.
    """
    if row["what"] == MessageKind.PAGE:
        key = f"trouble:page:{row['channel']}:{error}:{now:%Y%m%d%H}"
        notify(connection, f"page {row['user']} {error}", key, now)
        return
    if row["what"] == MessageKind.WEBHOOK:
        notify(connection, f"webhook CSP-{row['number']} {error}", f"trouble:webhook:{error}:{now:%Y%m%d}", now)
        return
    place = row["channel"] or row["user"]
    if row["what"] in {MessageKind.TOPIC, MessageKind.GROUP, MessageKind.PICTURE}:
        place = f"{row['what']} {place}"
    key = f"trouble:{place}:{error}:{now:%Y%m}" if row["user"] else f"trouble:{place}:{error}:{now:%Y%m%d%H}"
    note = f"{place} {error}"[:200]
    about = {"number": row["number"], "seq": row["seq"], "lane": "trouble", "note": note}
    enqueue(connection, [message(MessageKind.TROUBLE, key, now, **about)])


def notify(connection: Connection, note: str, key: str, now: datetime) -> None:
    """Post a notice in the on-call channel, once for each key."""
    enqueue(connection, [message(MessageKind.TROUBLE, key, now, lane="trouble", note=note[:200])])
