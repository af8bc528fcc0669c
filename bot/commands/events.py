"""``events``: every move as a line of JSON, in the order in which it was made, for another system to follow."""

import time
from collections.abc import Callable
from datetime import timedelta

from bot.commands.output import print_out
from bot.commands.rota_input import now_of
from bot.commands.session import Session
from models.escalations.queries import EscalationQueries
from models.rules.escalations.event_line import write_event

WAIT = 1.0
"""Seconds between two looks for new moves."""
AT_ONCE = 500
SETTLED = timedelta(seconds=5)
"""How old a move is before it is printed: with PostgreSQL a later number may be committed before an earlier one."""


def events(session: Session, after: int, follow: bool, sleep: Callable[[float], None] = time.sleep) -> None:
    """Print the moves after a position, oldest first; with ``follow`` go on until Ctrl-C.

    ``id`` is the position from which the next call goes on: at least once, never out of order.
    """
    with session.store() as store:
        queries, lag = EscalationQueries(store), timedelta() if store.is_sqlite else SETTLED
        while True:
            moves = queries.events_after(after, now_of(session) - lag, AT_ONCE)
            for position, entry in moves:
                print_out(f"{write_event(position, entry)}\n")
                after = position
            if len(moves) == AT_ONCE:
                continue
            if not follow:
                return
            sleep(WAIT)
