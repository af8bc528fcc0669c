"""What could be seen in Slack of a simulation, each message with the reminder it claims to be. Judges nothing."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select

from bot.sandbox.local_slack import LocalSlack
from models.rules.delivery import MessageKind
from models.store.database import Store
from models.store.oncall_tables import GAP, REMINDER
from models.store.tables import OUTBOX

LATE_SIGN = "🕰️"


@dataclass(frozen=True)
class ObservedMessage:
    """One message: where and when, its mark, what it claims to be about, and whether it says that it is late.
    ``keys`` are the reminders it speaks for.
    """

    place: str
    user: str
    at: datetime
    mark: str
    what: str
    subject: str
    key: str
    says_late: bool
    keys: frozenset[str]


def look(slack: LocalSlack, store: Store) -> list[ObservedMessage]:
    """Everything of the bot's that everybody could see, oldest first."""
    rows = {row.id: row for row in store.read(lambda c: c.execute(select(OUTBOX)).all())}
    merged: dict[str, set[str]] = {}
    for row in store.read(lambda c: c.execute(select(REMINDER.c.key, REMINDER.c.merged_into)).all()):
        merged.setdefault(row.merged_into or row.key, set()).add(row.key)
    found = []
    for place in slack.workspace.conversations.values():
        for message in place.messages.values():
            if message.get("bot_id") and not message.get("deleted") and "metadata" in message:
                found.append(_seen(place.id, place.dm_with or "", message, rows, merged))
    return sorted(found, key=lambda one: one.at)


def _seen(
    place: str, user: str, message: Mapping[str, Any], rows: Mapping[str, Any], merged: Mapping[str, Iterable[str]]
) -> ObservedMessage:
    mark = str(message["metadata"]["event_payload"]["id"])
    row = rows.get(mark)
    at = datetime.fromtimestamp(0, UTC) + timedelta(seconds=float(message["ts"]))
    if row is None:
        return ObservedMessage(place, user, at, mark, "", "", "", False, frozenset())
    key = str(row.note or "").rpartition(" ")[0]
    says_late = LATE_SIGN in json.dumps(message.get("blocks") or [], ensure_ascii=False)
    return ObservedMessage(
        place, user, at, mark, row.what, row.subject or "", key, says_late, frozenset(merged.get(key, {key}))
    )


@dataclass(frozen=True)
class ObservedGap:
    """A message about a gap, and the time of that gap."""

    seat: str
    start: datetime
    end: datetime
    at: datetime


def gaps_told(seen: Iterable[ObservedMessage], store: Store) -> list[ObservedGap]:
    """The messages about gaps, in cards, reminders and lists."""
    book = {f"gap:{row.number}": row for row in store.read(lambda c: c.execute(select(GAP)).all())}
    found = []
    for one in seen:
        subjects = {key.partition("/")[0] for key in one.keys} if one.what == MessageKind.GAPS else {one.subject}
        for gap in (book[subject] for subject in subjects if subject in book):
            found.append(ObservedGap(gap.seat, gap.start, gap.end, one.at))
    return found
