"""Every SQL statement on the customer list."""

from collections.abc import Callable, Iterator, Sequence

from sqlalchemy import Connection, bindparam, func, select

from models.rules.customers.customer import Customer
from models.store.tables import CUSTOMER

Row = tuple[object, ...]
FIELDS = ("name", "domain", "tenant_id", "relationship", "folded", "revision", "id")
"""The columns of a row that is written, in their order."""
BATCH = 5000
"""How many rows are written at once."""
_C = CUSTOMER.c
# Built once: building a statement costs more than running it.
_REVISION = select(func.coalesce(func.max(_C.revision), 0))
_ALL = select(_C.id, _C.name, _C.domain, _C.tenant_id, _C.relationship)
_BY_IDS = _ALL.where(_C.id.in_(bindparam("ids", expanding=True)))
_SEARCH_TEXTS = select(_C.id, _C.name, _C.folded)


def find(connection: Connection, ids: Sequence[str]) -> list[Customer]:
    """Return the customers with these ids, in the order of the ids."""
    rows = connection.execute(_BY_IDS, {"ids": list(ids)})
    customers = {row.id: Customer.model_validate(dict(row._mapping)) for row in rows}
    return [customers[customer_id] for customer_id in ids if customer_id in customers]


def find_all(connection: Connection) -> Iterator[tuple[str, str, str, str, str]]:
    """Yield id, name, domain, tenant ID and relationship of every customer."""
    return (tuple(row) for row in connection.execute(_ALL))


def find_search_texts(connection: Connection) -> Iterator[tuple[str, str, str]]:
    """Yield id, name and folded text of every customer, for the typeahead."""
    return ((row.id, row.name, row.folded) for row in connection.execute(_SEARCH_TEXTS))


def find_revision(connection: Connection) -> int:
    """Return the number of the last import that changed anything; 0 before the first."""
    return int(connection.scalar(_REVISION) or 0)


def write(connection: Connection, new: list[Row], changed: list[Row], progress: Callable[[int, int], None]) -> None:
    """Insert new rows and update changed ones; ``progress`` gets the rows written and the rows in all.

    Uses the driver's own bulk statements: they need half the time under the lock that other writers wait for.
    """
    mark = "?" if connection.dialect.name == "sqlite" else "%s"
    marks = ", ".join([mark] * len(FIELDS))
    assignments = ", ".join(f"{field} = {mark}" for field in FIELDS[:-1])
    add = f"INSERT INTO customer ({', '.join(FIELDS)}) VALUES ({marks})"  # noqa: S608  # names and marks, no values
    change = f"UPDATE customer SET {assignments} WHERE id = {mark}"  # noqa: S608
    done = 0
    for statement, rows in ((add, new), (change, changed)):
        for start in range(0, len(rows), BATCH):
            batch = rows[start : start + BATCH]
            connection.exec_driver_sql(statement, batch)
            done += len(batch)
            progress(done, len(new) + len(changed))
