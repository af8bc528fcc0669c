"""Everything that is known of one customer: what lists said of it, and its cases."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, func, select

from models.customers import customer_rows, informing, record_rows
from models.customers.informing import CustomerInforming
from models.escalations import history_rows
from models.rules.customers.customer import Customer
from models.rules.customers.record_fields import CustomerRecord
from models.rules.escalations.escalation import Escalation, HistoryEntry
from models.store.tables import ESCALATION, escalation_from

MOST_JUDGED = 200
"""Of how many cases, newest first, the clocks are counted."""
_OF_CUSTOMER = (ESCALATION.c.customer_id == bindparam("customer"), ESCALATION.c.team_id == bindparam("team"))
_COUNT = select(func.count()).select_from(ESCALATION).where(*_OF_CUSTOMER)
_NEWEST = select(ESCALATION).where(*_OF_CUSTOMER).order_by(ESCALATION.c.number.desc()).limit(MOST_JUDGED)


@dataclass(frozen=True)
class CustomerOverview:
    """One customer, with its newest cases and their histories."""

    customer: Customer
    record: CustomerRecord
    informing: CustomerInforming
    count: int  # of all its cases
    cases: Sequence[tuple[Escalation, Sequence[HistoryEntry]]]  # newest first


def find_overview(connection: Connection, customer_id: str, team_id: str, now: datetime) -> CustomerOverview | None:
    """Return what is known of a customer, with the cases of a team; None when there is no such customer."""
    customer = next(iter(customer_rows.find(connection, [customer_id])), None)
    if customer is None:
        return None
    wanted = {"customer": customer_id, "team": team_id}
    cases = [escalation_from(row) for row in connection.execute(_NEWEST, wanted).mappings()]
    histories: dict[int, list[HistoryEntry]] = {case.number: [] for case in cases}
    for entry in history_rows.find_entries_of(connection, histories):
        histories[entry.number].append(entry)
    return CustomerOverview(
        customer,
        record_rows.find(connection, customer_id),
        informing.find_informing_of(connection, customer_id, customer.name, now),
        int(connection.scalar(_COUNT, wanted) or 0),
        [(case, histories[case.number]) for case in cases],
    )
