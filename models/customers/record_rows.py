"""Every SQL statement on what is known of customers beside who they are, and on when they were imported."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, select

from models.rules.customers.csv_columns import CustomerDraft
from models.rules.customers.customer import fold
from models.rules.customers.matching import KnownCustomer
from models.rules.customers.record_fields import Contact
from models.store.customer_tables import CUSTOMER_CONTACT, CUSTOMER_IMPORT, CUSTOMER_RECORD

BETWEEN = ", "
BATCH = 500
"""How many customers are named in one statement."""
TEXTS = ("agreement", "delegated", "entitled_to_a", "language")
"""Columns that have the name of their field and are kept as they are."""
_RECORDS = select(CUSTOMER_RECORD)
_CONTACTS = select(CUSTOMER_CONTACT).order_by(CUSTOMER_CONTACT.c.id)


def find_all(connection: Connection) -> dict[str, Mapping[str, Any]]:
    """Return by customer what lists said of it, as fields of a :class:`CustomerDraft`."""
    contacts: defaultdict[str, list[Contact]] = defaultdict(list)
    for row in connection.execute(_CONTACTS):
        contacts[row.customer_id].append(Contact(row.name, row.phone, row.email, row.wecom, row.hours))
    return {
        row.customer_id: {
            **{field: getattr(row, field) for field in TEXTS},
            "services": _split(row.services),
            "contacts": tuple(contacts[row.customer_id]),
        }
        for row in connection.execute(_RECORDS)
    }


def write(connection: Connection, customers: Iterable[KnownCustomer], revision: int) -> None:
    """Replace what is known of customers by what an import made of it."""
    said = [customer for customer in customers if _has_record(customer.draft)]
    for begin in range(0, len(said), BATCH):
        customers_of_batch = said[begin : begin + BATCH]
        ids = [customer.id for customer in customers_of_batch]
        services = _find_services(connection, ids)
        for table in (CUSTOMER_RECORD, CUSTOMER_CONTACT):
            connection.execute(delete(table).where(table.c.customer_id.in_(ids)))
        connection.execute(
            insert(CUSTOMER_RECORD),
            [_record(customer, services.get(customer.id), revision) for customer in customers_of_batch],
        )
        contacts = [
            {"customer_id": customer.id, **contact._asdict()}
            for customer in customers_of_batch
            for contact in customer.draft.contacts
        ]
        if contacts:
            connection.execute(insert(CUSTOMER_CONTACT), contacts)


def add_import(connection: Connection, revision: int, at: datetime) -> None:
    """Note when an import changed the list."""
    connection.execute(insert(CUSTOMER_IMPORT), {"revision": revision, "at": at})


def _has_record(draft: CustomerDraft) -> bool:
    return bool(draft.services or draft.contacts or any(getattr(draft, field) for field in TEXTS))


def _find_services(connection: Connection, ids: Sequence[str]) -> dict[str, tuple[str, int | None]]:
    """Return the services of customers with a record, and the import that last brought a new one."""
    wanted = CUSTOMER_RECORD.c.customer_id.in_(bindparam("ids", expanding=True))
    rows = connection.execute(_RECORDS.where(wanted), {"ids": list(ids)})
    return {row.customer_id: (row.services, row.services_revision) for row in rows}


def _record(customer: KnownCustomer, before: tuple[str, int | None] | None, revision: int) -> dict[str, Any]:
    """Return the row of a customer. ``before`` are its services of before, and which import last brought a new one."""
    draft = customer.draft
    services_before, services_revision = before or ("", None)
    is_first_import = customer.id.startswith(f"C{revision}-")
    has_new = {fold(service) for service in draft.services} - {fold(service) for service in _split(services_before)}
    return {
        "customer_id": customer.id,
        "services": BETWEEN.join(draft.services),
        **{field: getattr(draft, field) for field in TEXTS},
        "services_revision": revision if has_new and not is_first_import else services_revision,
    }


def _split(services: str) -> tuple[str, ...]:
    return tuple(services.split(BETWEEN)) if services else ()
