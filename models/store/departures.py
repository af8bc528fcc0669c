"""Every SQL statement on departures: who was not in the Slack workspace, and when.

Each fact is written once with its time, so that all replicas agree. Somebody who comes back gets a row of their own.
What a departure means for the rota is decided by :mod:`models.rules.rota.departures`.
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

# Built once: building a statement costs more than running it.
_ALL = select(DEPARTURE.c.user, DEPARTURE.c.at, DEPARTURE.c.gone).order_by(DEPARTURE.c.id)
LAST_ID = select(func.coalesce(func.max(DEPARTURE.c.id), 0)).scalar_subquery()
"""Changes whenever somebody left or came back."""


def find_absences(connection: Connection, known_at: datetime | None = None) -> WorkspaceAbsences:
    """Return from when to when somebody was not in the workspace, by Slack id.

    An open end is None. With ``known_at`` only facts count that were known at that instant.
    """
    away: dict[str, list[tuple[datetime, datetime | None]]] = defaultdict(list)
    for user, at, gone in connection.execute(_ALL):
        times = away[user]
        is_open = bool(times) and times[-1][1] is None
        if (known_at and at > known_at) or gone is is_open:
            continue
        second = truncate_to_second(at)
        if gone:
            times.append((second, None))
        else:
            times[-1] = (times[-1][0], max(second, times[-1][0]))
    return {user: times for user, times in away.items() if times}


def find_absent_users(connection: Connection) -> set[str]:
    """Return the Slack ids of everybody who is not in the workspace now."""
    return {user for user, times in find_absences(connection).items() if times[-1][1] is None}


def record(connection: Connection, is_gone: Mapping[str, bool], at: datetime, why: str) -> None:
    """Record who left (true) and who came back (false), where that differs from the newest fact.

    ``why`` says how it became known. The next tick looks at those who left, because their open cases need an owner.
    """
    absent = find_absent_users(connection)
    changed = {user: gone for user, gone in is_gone.items() if gone is not (user in absent)}
    if changed:
        rows = [{"at": at, "user": user, "gone": gone, "why": why} for user, gone in changed.items()]
        connection.execute(insert(DEPARTURE), rows)
        reminder_queue.put(connection, {subjects.left(user, at): at for user, gone in changed.items() if gone})
