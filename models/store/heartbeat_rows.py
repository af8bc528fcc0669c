"""Every SQL statement on the heartbeat: when a bot last ticked, and in which times none ran."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, insert, select, update

from models.store.oncall_tables import DOWNTIME, PULSE


class Downtime(NamedTuple):
    """A time in which no bot ran."""

    id: int
    start: datetime
    end: datetime


DOWN_AFTER = timedelta(seconds=15)
"""After this time without a tick of any replica the bot was down: three intervals of the tick."""
SKEW = timedelta(seconds=2)
"""How far the clocks of bots on one database may differ: they use its clock, or there is one bot (``bot.app``).

A last tick that is further ahead was written by a clock that was set back since.
"""
_P, _D = PULSE.c, DOWNTIME.c
# Built once: building a statement costs more than running it.
_LAST_TICK = select(_P.at).where(_P.id == 1)
_SET_LAST_TICK = update(PULSE).where(_P.id == 1)
_ADVANCE_LAST_TICK = update(PULSE).where(_P.at < bindparam("tick"))
_DOWNTIME_AT = select(_D.id).where(_D.start == bindparam("since"))
_DOWNTIMES = select(_D.id, _D.start, _D.end).order_by(_D.start)
_DOWNTIMES_BETWEEN = _DOWNTIMES.where(_D.start < bindparam("until"), _D.end > bindparam("since"))


def find_last_tick(connection: Connection) -> datetime | None:
    """Return when a bot last ticked; None before the first tick."""
    moment: datetime | None = connection.scalar(_LAST_TICK)
    return moment


def record_tick(connection: Connection, now: datetime, since_own_tick: timedelta | None) -> datetime | None:
    """Record that a tick runs, and the time without one before it; return when the last one ran, None for the first.

    ``since_own_tick`` is how long ago this process itself ticked, by a clock that nobody can set. When it did not
    pause, a jump of the wall clock is no downtime.
    """
    last_tick = find_last_tick(connection)
    if last_tick is None:
        connection.execute(insert(PULSE), {"id": 1, "at": now})
        return None
    if now - last_tick > DOWN_AFTER and (since_own_tick is None or since_own_tick > DOWN_AFTER):
        add_downtimes(connection, [(last_tick, now)])
    if now > last_tick or last_tick - now > SKEW:
        connection.execute(_SET_LAST_TICK, {"at": now})
    return last_tick


def advance_last_tick(connection: Connection, at: datetime) -> None:
    """Write when a bot ticked, unless one ticked later."""
    connection.execute(_ADVANCE_LAST_TICK, {"tick": at, "at": at})


def find_downtimes(connection: Connection) -> list[Downtime]:
    """Return all times in which no bot ran, oldest first."""
    return [Downtime(*row) for row in connection.execute(_DOWNTIMES)]


def find_downtimes_between(connection: Connection, start: datetime, end: datetime) -> list[Downtime]:
    """Return the times in which no bot ran that overlap a time, oldest first, uncut."""
    return [Downtime(*row) for row in connection.execute(_DOWNTIMES_BETWEEN, {"since": start, "until": end})]


def add_downtimes(connection: Connection, times: Iterable[tuple[datetime, datetime]]) -> None:
    """Insert downtimes as start and end, except those whose start is recorded already.

    They are looked for first, because a trigger refuses a second row with the same start. When two replicas insert
    the same one, one of them runs again and finds it.
    """
    for start, end in times:
        if connection.scalar(_DOWNTIME_AT, {"since": start}) is None:
            connection.execute(insert(DOWNTIME), [{"start": start, "end": end}])
