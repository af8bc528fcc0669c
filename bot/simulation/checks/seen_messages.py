"""What could be seen in Slack during a simulation, each message with the reminders it stands for. It judges nothing."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select

from bot.sandbox.local_slack import LocalSlack
from models.rules.outbox.message_kinds import MessageKind
from models.store.database import Store
from models.store.oncall_tables import GAP, REMINDER
from models.store.tables import OUTBOX

LATE_SIGN = "🕰️"


@dataclass(frozen=True)
class ObservedMessage:
    """One message of the bot."""

    channel: str
    user: str
    at: datetime
    outbox_id: str
    kind: str
    subject: str
    key: str
    is_marked_late: bool
    keys: frozenset[str]


def observe_messages(slack: LocalSlack, store: Store) -> list[ObservedMessage]:
    """Return every message of the bot that could be seen, oldest first."""
    rows = {row.id: row for row in store.read(lambda c: c.execute(select(OUTBOX)).all())}
    merged: dict[str, set[str]] = {}
    for row in store.read(lambda c: c.execute(select(REMINDER.c.key, REMINDER.c.merged_into)).all()):
        merged.setdefault(row.merged_into or row.key, set()).add(row.key)
    messages = []
    for conversation in slack.workspace.conversations.values():
        for message in conversation.messages.values():
            if message.get("bot_id") and not message.get("deleted") and "metadata" in message:
                messages.append(_observe(conversation.id, conversation.dm_with or "", message, rows, merged))
    return sorted(messages, key=lambda message: message.at)


def _observe(
    channel: str, user: str, message: Mapping[str, Any], rows: Mapping[str, Any], merged: Mapping[str, Iterable[str]]
) -> ObservedMessage:
    outbox_id = str(message["metadata"]["event_payload"]["id"])
    row = rows.get(outbox_id)
    at = datetime.fromtimestamp(0, UTC) + timedelta(seconds=float(message["ts"]))
    if row is None:
        return ObservedMessage(channel, user, at, outbox_id, "", "", "", False, frozenset())
    key = row.reminder or ""
    is_marked_late = LATE_SIGN in json.dumps(message.get("blocks") or [], ensure_ascii=False)
    return ObservedMessage(
        channel,
        user,
        at,
        outbox_id,
        row.what,
        row.subject or "",
        key,
        is_marked_late,
        frozenset(merged.get(key, {key})),
    )


@dataclass(frozen=True)
class ObservedGap:
    """A message about a gap, and the time of that gap."""

    seat: str
    start: datetime
    end: datetime
    at: datetime


def observe_gaps(messages: Iterable[ObservedMessage], store: Store) -> list[ObservedGap]:
    """Return the messages about gaps: in cards, reminders and lists."""
    gaps = {f"gap:{row.number}": row for row in store.read(lambda c: c.execute(select(GAP)).all())}
    observed = []
    for message in messages:
        subjects = (
            {key.partition("/")[0] for key in message.keys} if message.kind == MessageKind.GAPS else {message.subject}
        )
        for gap in (gaps[subject] for subject in subjects if subject in gaps):
            observed.append(ObservedGap(gap.seat, gap.start, gap.end, message.at))
    return observed
