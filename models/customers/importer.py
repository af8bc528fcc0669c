"""Keeping the customer list: an import is one transaction, and says how far it is. Decides nothing: see ``matching``.

Matching happens on a view read beforehand, so that the bot next door waits for the writing only; should another
import come between, it is matched once more.
"""

from collections.abc import Sequence

from sqlalchemy import Connection, text

from models.customers.lookup import EVERYONE, revision_of
from models.rules.customers.csv_columns import ColumnDraft, CsvLine, Progress
from models.rules.customers.customer import search_text
from models.rules.customers.matching import ImportPlan, KnownCustomer, match
from models.store.database import Store

Row = tuple[object, ...]
IMPORT_LOCK = 0x435350_03
BATCH = 5000
FIELDS = ("name", "domain", "tenant_id", "relationship", "folded", "revision", "id")


def take_in(store: Store, lines: Sequence[CsvLine], progress: Progress = lambda _done, _all: None) -> ImportPlan:
    """Bring the customer list up to what the lines say, and tell what that changed; ``progress`` gets rows written and
    rows in all. Raises :class:`models.rules.errors.NotSaved`; then nothing was changed.
    """
    seen, plan = store.read(lambda connection: _planned(connection, lines))
    rows = _rows(plan, seen + 1)

    def unit(connection: Connection) -> ImportPlan:
        _lock(connection)
        now = revision_of(connection)
        if now == seen:
            _write(connection, *rows, progress)
            return plan
        _, later = _planned(connection, lines)
        _write(connection, *_rows(later, now + 1), progress)
        return later

    return store.write(unit) if plan.new or plan.changed else plan


def _planned(connection: Connection, lines: Sequence[CsvLine]) -> tuple[int, ImportPlan]:
    revision = revision_of(connection)
    known = (KnownCustomer(customer, ColumnDraft(*said)) for customer, *said in connection.execute(EVERYONE))
    return revision, match(known, lines, f"C{revision + 1}-")


def _lock(connection: Connection) -> None:
    """One import at a time; SQLite has one writer anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": IMPORT_LOCK})


def _rows(plan: ImportPlan, revision: int) -> tuple[list[Row], list[Row]]:
    """What to insert and what to change; inserts in the order of the index on tenant IDs, as random ones are slow."""
    new = sorted(plan.new, key=lambda one: one.draft.tenant_id)
    return [_row(one, revision) for one in new], [_row(one, revision) for one in plan.changed]


def _row(one: KnownCustomer, revision: int) -> Row:
    name, domain, tenant_id, relationship = one.draft
    return name, domain, tenant_id, relationship, search_text(name, domain, tenant_id), revision, one.id


def _write(connection: Connection, new: list[Row], changed: list[Row], progress: Progress) -> None:
    """The driver's own bulk statements: half the time under the lock that others wait for."""
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
