"""Who is not in the workspace, as facts with their times: written once, so that every replica agrees.

What follows from them for the rota is told by ``models.rota``; people come back as they left, by a row of their own.
"""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, func, insert, select

from models.rules.reminders import subjects
from models.rules.rota.departures import WorkspaceAbsences
from models.rules.times import truncate_to_second
from models.store import reminder_queue
from models.store.oncall_tables import DEPARTURE

# Built once: putting a statement together costs more than running it.
ALL = select(DEPARTURE.c.user, DEPARTURE.c.at, DEPARTURE.c.gone).order_by(DEPARTURE.c.id)
NEWEST = select(func.coalesce(func.max(DEPARTURE.c.id), 0)).scalar_subquery()
"""Differs as soon as somebody left or came back."""


def left(connection: Connection, known_at: datetime | None = None) -> WorkspaceAbsences:
    """From when to when somebody was known not to be in the workspace, by Slack id; all of it, or as known then."""
    found: dict[str, list[tuple[datetime, datetime | None]]] = defaultdict(list)
    for user, at, gone in connection.execute(ALL):
        times = found[user]
        is_open = bool(times) and times[-1][1] is None
        if (known_at and at > known_at) or gone is is_open:
            continue
        second = truncate_to_second(at)
        if gone:
            times.append((second, None))
        else:
            times[-1] = (times[-1][0], max(second, times[-1][0]))
    return {user: times for user, times in found.items() if times}


def gone(connection: Connection) -> set[str]:
    """The Slack ids of who is not in the workspace now."""
    return {user for user, times in left(connection).items() if times[-1][1] is None}


def note(connection: Connection, seen: Mapping[str, bool], at: datetime, why: str) -> None:
    """Write down who left (true) and who came back (false), where that differs from what is known. ``why`` says how it
    became known. Whoever left is looked at by the next tick: their open cases need somebody else.
    """
    known = gone(connection)
    changed = {user: away for user, away in seen.items() if away is not (user in known)}
    if changed:
        rows = [{"at": at, "user": user, "gone": away, "why": why} for user, away in changed.items()]
        connection.execute(insert(DEPARTURE), rows)
        reminder_queue.put(connection, {subjects.left(user, at): at for user, away in changed.items() if away})
