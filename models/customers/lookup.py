"""Looking into the customer list that is kept: its typeahead, and customers by id. Changes nothing: see ``keeping``."""

from collections.abc import Sequence

from sqlalchemy import Connection, func, select

from models.customers.typeahead import Typeahead
from models.rules.customers.customer import Customer
from models.store.tables import CUSTOMER

C = CUSTOMER.c
REVISION = select(func.coalesce(func.max(C.revision), 0))
EVERYONE = select(C.id, C.name, C.domain, C.tenant_id, C.relationship)
TEXTS = select(C.id, C.name, C.folded)


def current(connection: Connection, typeahead: Typeahead) -> Typeahead:
    """The typeahead as it is, or a new one when the list has changed since."""
    revision = revision_of(connection)
    if typeahead.revision == revision:
        return typeahead
    return Typeahead(revision, ((row.id, row.name, row.folded) for row in connection.execute(TEXTS)))


def by_ids(connection: Connection, ids: Sequence[str]) -> list[Customer]:
    """The customers with these ids, in their order."""
    rows = connection.execute(EVERYONE.where(C.id.in_(ids)))
    found = {row.id: Customer.model_validate(dict(row._mapping)) for row in rows}
    return [found[one] for one in ids if one in found]


def revision_of(connection: Connection) -> int:
    """The number of the last import that changed anything; 0 before the first."""
    return int(connection.scalar(REVISION) or 0)
