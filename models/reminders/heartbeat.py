"""The pulse of the bot: one row that says when a tick last ran anywhere, and what is written when it had stopped."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, and_, bindparam, insert, select, update

from models.store.oncall_tables import ABSENT, AGENDA, DOWNTIME, PULSE
from models.store.tables import ESCALATION, OUTBOX, PACE

SKEW = timedelta(seconds=2)
"""So far the clocks of bots on one database may be apart: they go by its clock, or there is one bot (``bot.app``). A
pulse further ahead was written by a clock that was set back since."""
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
    if before - now > SKEW:
        _set_right(connection, now)
    if now > before or before - now > SKEW:
        connection.execute(BEAT, {"at": now})
    return before


def _set_right(connection: Connection, now: datetime) -> None:
    """Whatever a clock that was ahead has put off is due now: looking once too often changes nothing. A case that was
    raised by that clock has waited since now.
    """
    waiting = (OUTBOX.c.due_at, OUTBOX.c.sweep_at, PACE.c.free_at, AGENDA.c.due_at)
    for column in (*waiting, ESCALATION.c.waiting_since, ESCALATION.c.active_at):
        connection.execute(update(column.table).where(column > now).values({column.name: now}))
    not_yet = and_(ESCALATION.c.raised_at > now, ESCALATION.c.waiting_since.is_(None))
    connection.execute(update(ESCALATION).where(not_yet).values(waiting_since=now, active_at=now))


def _absent(connection: Connection, start: datetime, end: datetime) -> None:
    """Asked first: its guard refuses a second row of this start even where a conflict would do nothing. Of replicas
    that both insert it, one runs again and finds it.
    """
    if connection.scalar(THERE, {"since": start}) is None:
        connection.execute(insert(DOWNTIME), [{"start": start, "end": end}])
