"""Which rows of the outbox are due, by the times that a claim compares with."""

from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, and_, bindparam, or_

from models.rules.outbox.delivery import CLOCK_TOLERANCE, LEASE, DeliveryState
from models.rules.outbox.pace import UPDATE, allowed_lead
from models.rules.outbox.settlement import LONGEST_WAIT, SWEEPS
from models.rules.reach.daytime import LONGEST_NIGHT, WAITS_FOR_MORNING
from models.store.tables import PACE


def compared_times(now: datetime) -> dict[str, datetime]:
    """Return the times that the statements compare with.

    They are the present, how far ahead of its pace a scope may be used, and limits for stored times. A time beyond its
    limit was written by a wrong clock. Only a page that waits for the morning of its reader may be due later.
    """
    return {
        "now": now, "soon": now + allowed_lead(UPDATE), "apart": now + CLOCK_TOLERANCE, "held": now + 2 * LEASE,
        "longest": now + LONGEST_WAIT + allowed_lead(UPDATE) + CLOCK_TOLERANCE,
        "morning": now + LONGEST_NIGHT + CLOCK_TOLERANCE, "swept": now + SWEEPS[-1] + CLOCK_TOLERANCE,
    }  # fmt: skip


def at(name: str) -> BindParameter[datetime]:
    """Return one of the times that are compared with."""
    return bindparam(name, type_=PACE.c.free_at.type)


def is_due(row: Any) -> ColumnElement[bool]:
    """Select rows of a table of the outbox that wait and are due, or whose worker did not finish in time."""
    waits_for_morning = and_(row.c.last_error == WAITS_FOR_MORNING, row.c.due_at <= at("morning"))
    wrong = or_(row.c.created_at > at("apart"), and_(row.c.due_at > at("longest"), ~waits_for_morning))
    is_sending = row.c.state == DeliveryState.SENDING
    return or_(
        and_(row.c.state != DeliveryState.SENDING, or_(row.c.due_at <= at("now"), wrong)),
        and_(is_sending, or_(row.c.lease_until < at("now"), row.c.lease_until > at("held"))),
    )
