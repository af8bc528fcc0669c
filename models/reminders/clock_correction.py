"""Correct the times that a clock wrote which was ahead and has been set back since."""

from datetime import datetime

from sqlalchemy import Connection

from models.escalations import escalation_rows
from models.outbox import queue
from models.store import reminder_queue


def correct_times_after(connection: Connection, now: datetime) -> None:
    """Make due at ``now`` whatever is due later: a subject that is due too early makes no reminder.

    An escalation that was raised by that clock has waited since ``now``.
    """
    queue.correct_times_after(connection, now)
    reminder_queue.correct_times_after(connection, now)
    escalation_rows.correct_times_after(connection, now)
