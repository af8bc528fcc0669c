"""Every SQL statement on shift events, and on when people want to be reminded of their shifts."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, RowMapping, bindparam, func, insert, select

from models.rules.rota.on_call import ShiftEvent, ShiftEventKind, Slot
from models.rules.times import ENDLESS, truncate_to_second
from models.store.oncall_tables import PREFERENCE, WATCH

_W = WATCH.c
LAST_EVENT_ID = select(func.coalesce(func.max(_W.id), 0)).scalar_subquery()
"""Changes whenever an event is saved."""
LAST_PREFERENCE_ID = select(func.coalesce(func.max(PREFERENCE.c.id), 0)).scalar_subquery()
"""Changes whenever a preference is saved."""
# Built once: building a statement costs more than running it.
_BETWEEN = (_W.shift_start >= bindparam("since")) & (_W.shift_start < bindparam("until"))
_OF_SHIFTS = select(WATCH).where(_BETWEEN).order_by(_W.id)
_OF_MORE_SHIFTS = (
    select(WATCH).where(_BETWEEN | _W.shift_start.in_(bindparam("starts", expanding=True))).order_by(_W.id)
)
_SAME = select(WATCH).where(
    *(_W[name] == bindparam(name) for name in ("seat", "place", "shift_start", "person", "kind"))
)
_BY_KEY = select(WATCH).where(_W.key == bindparam("key"))
_PREFERENCES = select(PREFERENCE.c.user, PREFERENCE.c.reminders).order_by(PREFERENCE.c.id)
_PREFERENCE = (
    select(PREFERENCE.c.reminders)
    .where(PREFERENCE.c.user == bindparam("user"))
    .order_by(PREFERENCE.c.id.desc())
    .limit(1)
)


def find_rows(
    connection: Connection, since: datetime, until: datetime = ENDLESS, starts: Collection[datetime] = ()
) -> Sequence[Row[Any]]:
    """Return the events of shifts that start from ``since`` to before ``until``, and at ``starts``, oldest first."""
    query = _OF_MORE_SHIFTS if starts else _OF_SHIFTS
    return connection.execute(query, {"since": since, "until": until, "starts": list(starts)}).all()


def save(connection: Connection, event: ShiftEvent, by: str, key: str) -> ShiftEvent:
    """Insert an event and return it with its id; the same ``key`` or the same event again changes nothing.

    A note may be repeated under another key. The caller holds the lock of the rota.
    """
    values = {
        "key": key, "at": event.at, "by": by, "kind": str(event.kind), "seat": event.slot.seat,
        "place": event.slot.number, "shift_start": event.shift_start, "person": event.person, "text": event.text,
        "came_by": event.came_by or None,
    }  # fmt: skip
    row = connection.execute(_BY_KEY if event.kind is ShiftEventKind.NOTE else _SAME, values).first()
    if row is None:
        connection.execute(insert(WATCH), [values])
        row = connection.execute(_BY_KEY, values).one()
    return event_from(row._mapping)


def event_from(row: RowMapping) -> ShiftEvent:
    """Return the event a row holds, at the whole second in which it happened. Raises ValueError for an invalid row."""
    return ShiftEvent(
        row["id"], truncate_to_second(row["at"]), row["by"], ShiftEventKind(row["kind"]),
        Slot(row["seat"], row["place"]), row["shift_start"], row["person"], row["text"],
        row["came_by"] or "",
    )  # fmt: skip


# Preferences --------------------------------------------------------------------------------------------------------


def save_preference(connection: Connection, user: str, minutes: Collection[int], now: datetime) -> None:
    """Record how many minutes before each shift a person (a Slack id) wants to be reminded."""
    row = {"at": now, "user": user, "reminders": sorted(minutes, reverse=True)}
    connection.execute(insert(PREFERENCE), [row])


def find_preference(connection: Connection, user: str) -> tuple[int, ...] | None:
    """Return a person's newest preference, the longest time first; None when they never chose."""
    row = connection.execute(_PREFERENCE, {"user": user}).first()
    return None if row is None else tuple(row.reminders)


def find_preferences(connection: Connection) -> dict[str, tuple[int, ...]]:
    """Return everybody's newest preference by Slack id."""
    return {row.user: tuple(row.reminders) for row in connection.execute(_PREFERENCES)}
