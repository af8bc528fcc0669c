"""Which cases a month has: all SQL that reads them for a report."""

from collections.abc import Iterator

from sqlalchemy import Connection, Select, bindparam, or_, select

from models.escalations import history_rows
from models.rules.escalations.clocks import TimelineEntry
from models.rules.escalations.escalation import Escalation
from models.rules.reports.month import ReportPeriod
from models.store.tables import ESCALATION, escalation_from, is_not_ended, timeline_entry_from

CHUNK = 500
"""How many histories are read at once."""
_E = ESCALATION.c
_OF_MONTH = (
    select(ESCALATION)
    .where(_E.raised_at < bindparam("end"), or_(_E.changed_at >= bindparam("start"), is_not_ended(_E.status)))
    .order_by(_E.number)
)
"""Raised before its end, and not ended before its beginning."""
_OF_TEAM = _OF_MONTH.where(_E.team_id == bindparam("team"))
_OF_CUSTOMER = _OF_MONTH.where(_E.customer_id == bindparam("customer"))
# Compared without an index: SQLite would take that of the team instead of the customer's few rows.
_OF_CUSTOMER_AND_TEAM = _OF_CUSTOMER.where(_E.team_id.concat("") == bindparam("team"))


def find_cases(
    connection: Connection, period: ReportPeriod, team_id: str = "", customer_id: str = ""
) -> Iterator[tuple[Escalation, list[TimelineEntry]]]:
    """Yield the cases that may count in a month with their histories; an empty id selects all teams or customers."""
    wanted = {"start": period.start, "end": period.end, "team": team_id, "customer": customer_id}
    cases = [escalation_from(row) for row in connection.execute(_select(team_id, customer_id), wanted).mappings()]
    for begin in range(0, len(cases), CHUNK):
        chunk = cases[begin : begin + CHUNK]
        rows = history_rows.find_timeline_rows(connection, [case.number for case in chunk])
        for case in chunk:
            yield case, [timeline_entry_from(row) for row in rows[case.number]]


def _select(team_id: str, customer_id: str) -> Select[tuple[object, ...]]:
    if customer_id:
        return _OF_CUSTOMER_AND_TEAM if team_id else _OF_CUSTOMER
    return _OF_TEAM if team_id else _OF_MONTH
