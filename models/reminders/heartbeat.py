"""The pulse of the bot: one row that says when a tick last ran anywhere, and what is written when it had stopped."""

from datetime import datetime, timedelta

from sqlalchemy import Connection

from models.escalations import escalation_rows
from models.outbox import queue
from models.store import heartbeat_rows, reminder_queue
from models.store.heartbeat_rows import DOWN_AFTER

SKEW = timedelta(seconds=2)
"""So far the clocks of bots on one database may be apart: they go by its clock, or there is one bot (``bot.app``). A
pulse further ahead was written by a clock that was set back since."""


def beat(connection: Connection, now: datetime, ran: timedelta | None) -> datetime | None:
    """Write down that a tick runs, and the time without one before it; when the tick before was, None for the first.

    ``ran`` is how long ago this process itself ticked last, by a clock nobody can set: when it did not pause, a jump
    of the wall clock is no absence.
    """
    before = heartbeat_rows.find_last_tick(connection)
    if before is None:
        heartbeat_rows.add_first_tick(connection, now)
        return None
    if now - before > DOWN_AFTER and (ran is None or ran > DOWN_AFTER):
        heartbeat_rows.add_downtimes(connection, [(before, now)])
    if before - now > SKEW:
        _set_right(connection, now)
    if now > before or before - now > SKEW:
        heartbeat_rows.set_last_tick(connection, now)
    return before


def _set_right(connection: Connection, now: datetime) -> None:
    """Whatever a clock that was ahead has put off is due now: looking once too often changes nothing. A case that was
    raised by that clock has waited since now.
    """
    queue.correct_times_after(connection, now)
    reminder_queue.correct_times_after(connection, now)
    escalation_rows.correct_times_after(connection, now)
