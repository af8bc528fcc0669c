"""Who says that they can work in a holiday week. A word for the leads, no shift: nobody stands anywhere by it."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, func, insert, select

from models.rules.reminders import subjects
from models.store import reminder_queue
from models.store.database import Store
from models.store.oncall_tables import VOLUNTEER

LAST_WORDS = (
    select(VOLUNTEER.c.week, func.max(VOLUNTEER.c.at))
    .where(VOLUNTEER.c.week.in_(bindparam("weeks", expanding=True)))
    .group_by(VOLUNTEER.c.week)
)


class Availability:
    """The volunteers in a store; each write is one transaction."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def say(self, week: str, by: str, can: bool, now: datetime, key: str) -> bool:
        """Keep that somebody (a Slack id) can work in a week, or can't after all; the next tick draws its card anew.

        False when they had said so already, or this ``key`` was there. Raises NotSaved.
        """

        def unit(connection: Connection) -> bool:
            again = connection.scalar(select(VOLUNTEER.c.id).where(VOLUNTEER.c.key == key)) is not None
            if again or (by in _of(connection, week)) is can:
                return False
            connection.execute(insert(VOLUNTEER), [{"key": key, "at": now, "by": by, "week": week, "can": can}])
            reminder_queue.put(connection, {subjects.REHEARSAL: now})
            return True

        return self._store.write(unit)

    def of(self, week: str) -> Sequence[str]:
        """The Slack ids of those who can, in the order in which they said so."""
        return self._store.read(lambda connection: _of(connection, week))


def last_words(connection: Connection, weeks: Collection[str]) -> dict[str, datetime]:
    """When somebody last said something of each of these weeks; those nobody spoke of are not in it."""
    rows = connection.execute(LAST_WORDS, {"weeks": list(weeks)})
    return {row[0]: row[1] for row in rows}


def _of(connection: Connection, week: str) -> list[str]:
    can: dict[str, bool] = {}
    for row in connection.execute(select(VOLUNTEER).where(VOLUNTEER.c.week == week).order_by(VOLUNTEER.c.id)):
        can.pop(row.by, None)
        can[row.by] = row.can
    return [who for who, still in can.items() if still]
