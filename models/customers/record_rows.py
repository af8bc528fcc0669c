"""Every SQL statement on what is known of customers beside who they are, and on when they were imported."""

import re
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, bindparam, delete, insert, select

from models.rules.customers.customer import fold
from models.rules.customers.record_fields import Contact, CustomerRecord
from models.store.customer_tables import CUSTOMER_CONTACT, CUSTOMER_IMPORT, CUSTOMER_RECORD

BETWEEN = ", "
BATCH = 500
"""How many customers are named in one statement."""
TEXTS = ("agreement", "delegated", "entitled_to_a", "language")
"""Columns that have the name of their field and are kept as they are."""
_RECORDS = select(CUSTOMER_RECORD)
_SERVICES_REVISIONS = select(CUSTOMER_RECORD.c.customer_id, CUSTOMER_RECORD.c.services_revision)
_ID = re.compile(r"C(\d{1,9})-\d+")
_CONTACTS = select(CUSTOMER_CONTACT).order_by(CUSTOMER_CONTACT.c.id)


class ContactRow(NamedTuple):
    """A contact, and the customer where it is."""

    id: int
    customer_id: str
    contact: Contact


def find_all(connection: Connection) -> dict[str, CustomerRecord]:
    """Return by customer what lists said of it."""
    return _read(connection, _RECORDS, _CONTACTS)


def find(connection: Connection, customer_id: str) -> CustomerRecord:
    """Return what lists said of one customer."""
    records = _read(
        connection,
        _RECORDS.where(CUSTOMER_RECORD.c.customer_id == customer_id),
        _CONTACTS.where(CUSTOMER_CONTACT.c.customer_id == customer_id),
    )
    return records.get(customer_id, CustomerRecord())


def write(connection: Connection, records: Mapping[str, CustomerRecord], revision: int) -> None:
    """Replace what is known of customers, by their id, by what an import made of it."""
    ids = list(records)
    for begin in range(0, len(ids), BATCH):
        batch = ids[begin : begin + BATCH]
        services = _find_services(connection, batch)
        for table in (CUSTOMER_RECORD, CUSTOMER_CONTACT):
            connection.execute(delete(table).where(table.c.customer_id.in_(batch)))
        rows = [_row(customer, records[customer], services.get(customer), revision) for customer in batch]
        connection.execute(insert(CUSTOMER_RECORD), rows)
        contacts = [
            {"customer_id": customer, **contact._asdict()}
            for customer in batch
            for contact in records[customer].contacts
        ]
        if contacts:
            connection.execute(insert(CUSTOMER_CONTACT), contacts)


def find_contacts(connection: Connection) -> list[ContactRow]:
    """Return every contact of every customer."""
    return [_contact_row(row) for row in connection.execute(_CONTACTS)]


def delete_contacts(connection: Connection, ids: Collection[int]) -> None:
    """Delete contacts by the ids of their rows."""
    connection.execute(delete(CUSTOMER_CONTACT).where(CUSTOMER_CONTACT.c.id.in_(list(ids))))


def find_import_times(connection: Connection) -> dict[int, datetime]:
    """Return when each import changed the list, by its number."""
    return {row.revision: row.at for row in connection.execute(select(CUSTOMER_IMPORT))}


def find_services_revisions(connection: Connection) -> dict[str, int | None]:
    """Return by customer which import last brought a new service."""
    return {row.customer_id: row.services_revision for row in connection.execute(_SERVICES_REVISIONS)}


def first_revision_of(customer_id: str) -> int:
    """Return the number of the import that brought a customer; 0 when its id does not tell."""
    match = _ID.fullmatch(customer_id)
    return int(match[1]) if match else 0


def add_import(connection: Connection, revision: int, at: datetime) -> None:
    """Note when an import changed the list."""
    connection.execute(insert(CUSTOMER_IMPORT), {"revision": revision, "at": at})


def _read(connection: Connection, records: Select[Any], of_contacts: Select[Any]) -> dict[str, CustomerRecord]:
    contacts: defaultdict[str, list[Contact]] = defaultdict(list)
    for row in connection.execute(of_contacts):
        contacts[row.customer_id].append(_contact_row(row).contact)
    return {
        row.customer_id: CustomerRecord(
            services=_split(row.services),
            contacts=tuple(contacts[row.customer_id]),
            **{field: getattr(row, field) for field in TEXTS},
        )
        for row in connection.execute(records)
    }


def _contact_row(row: Any) -> ContactRow:
    return ContactRow(row.id, row.customer_id, Contact(row.name, row.phone, row.email, row.wecom, row.hours))


def _find_services(connection: Connection, ids: Sequence[str]) -> dict[str, tuple[str, int | None]]:
    """Return the services of customers with a record, and the import that last brought a new one."""
    wanted = CUSTOMER_RECORD.c.customer_id.in_(bindparam("ids", expanding=True))
    rows = connection.execute(_RECORDS.where(wanted), {"ids": list(ids)})
    return {row.customer_id: (row.services, row.services_revision) for row in rows}


def _row(
    customer_id: str, record: CustomerRecord, before: tuple[str, int | None] | None, revision: int
) -> dict[str, Any]:
    """Return the row of a customer. ``before`` are its services of before, and which import last brought a new one."""
    services_before, services_revision = before or ("", None)
    is_first_import = customer_id.startswith(f"C{revision}-")
    has_new = {fold(service) for service in record.services} - {fold(service) for service in _split(services_before)}
    return {
        "customer_id": customer_id,
        "services": BETWEEN.join(record.services),
        **{field: getattr(record, field) for field in TEXTS},
        "services_revision": revision if has_new and not is_first_import else services_revision,
    }


def _split(services: str) -> tuple[str, ...]:
    return tuple(services.split(BETWEEN)) if services else ()
