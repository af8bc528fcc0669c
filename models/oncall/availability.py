"""Who volunteered to work in a holiday week. It informs the leads and changes no shift.

This module also holds every SQL statement on volunteers.
"""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, func, insert, select

from models.rules.reminders import subjects
from models.store import reminder_queue
from models.store.database import Store
from models.store.oncall_tables import VOLUNTEER

_V = VOLUNTEER.c
# Built once: building a statement costs more than running it.
_LAST_ANSWERS = (
    select(_V.week, func.max(_V.at)).where(_V.week.in_(bindparam("weeks", expanding=True))).group_by(_V.week)
)
_ID_BY_KEY = select(_V.id).where(_V.key == bindparam("key"))
_ANSWERS = select(_V.by, _V.can).where(_V.week == bindparam("week")).order_by(_V.id)


class Availability:
    """The volunteers in a store. Each write is one transaction."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def record(self, week: str, by: str, can: bool, now: datetime, key: str) -> bool:
        """Record that somebody (a Slack id) can work in a week, or can't after all; the next tick updates its card.

        Return False when they had answered so already, or the ``key`` was used. Raises NotSaved.
        """

        def unit(connection: Connection) -> bool:
            is_repeated = connection.scalar(_ID_BY_KEY, {"key": key}) is not None
            if is_repeated or (by in _find_volunteers(connection, week)) is can:
                return False
            connection.execute(insert(VOLUNTEER), [{"key": key, "at": now, "by": by, "week": week, "can": can}])
            reminder_queue.put(connection, {subjects.HOLIDAY_REVIEW: now})
            return True

        return self._store.write(unit)

    def volunteers(self, week: str) -> Sequence[str]:
        """Return the Slack ids of those who can work in a week, in the order in which they said so."""
        return self._store.read(lambda connection: _find_volunteers(connection, week))


def find_last_answers(connection: Connection, weeks: Collection[str]) -> dict[str, datetime]:
    """Return when somebody last answered for each of these weeks; weeks without an answer are left out."""
    rows = connection.execute(_LAST_ANSWERS, {"weeks": list(weeks)})
    return {row[0]: row[1] for row in rows}


def _find_volunteers(connection: Connection, week: str) -> list[str]:
    """Return who can work, by each person's newest answer."""
    answers: dict[str, bool] = {}
    for row in connection.execute(_ANSWERS, {"week": week}):
        answers.pop(row.by, None)
        answers[row.by] = row.can
    return [user for user, can in answers.items() if can]
