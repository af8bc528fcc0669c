"""The pulse of the bot: one row that says when a tick last ran anywhere, and what is written when it had stopped."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, insert, select, update

from models.rota_tables import ABSENT, DOWNTIME, PULSE

SKEW = timedelta(minutes=1)
"""So far the clocks of replicas may be apart; a pulse further ahead was written by a clock that was set back since."""
# Built once: putting a statement together costs more than running it.
BEFORE = select(PULSE.c.at).where(PULSE.c.id == 1)
BEAT = update(PULSE).where(PULSE.c.id == 1)
THERE = select(DOWNTIME.c.id).where(DOWNTIME.c.start == bindparam("since"))


def beat(connection: Connection, now: datetime, ran: timedelta | None) -> datetime | None:
    """Write down that a tick runs, and the time without one before it; when the tick before was, None for the first.

    ``ran`` is how long ago this process itself ticked last, by a clock nobody can set: when it did not pause, a jump
    of the wall clock is no absence.
    """
    before: datetime | None = connection.scalar(BEFORE)
    if before is None:
        connection.execute(insert(PULSE), {"id": 1, "at": now})
        return None
    if now - before > ABSENT and (ran is None or ran > ABSENT):
        _absent(connection, before, now)
    if now > before or before - now > SKEW:
        connection.execute(BEAT, {"at": now})
    return before


def _absent(connection: Connection, start: datetime, end: datetime) -> None:
    """Asked first: its guard refuses a second row of this start even where a conflict would do nothing. Of replicas
    that both insert it, one runs again and finds it."""
    if connection.scalar(THERE, {"since": start}) is None:
        connection.execute(insert(DOWNTIME), [{"start": start, "end": end}])
