"""Import a customer list in one transaction. What differs is decided by :mod:`models.rules.customers.matching`.

Lines are matched with a view that was read before, so that the bot waits for the writing only. If another import
changes the list in between, they are matched once more.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from datetime import UTC, datetime, tzinfo
from operator import attrgetter

from sqlalchemy import Connection, text

from models.customers import customer_rows, informing, record_rows
from models.customers.customer_rows import Row
from models.customers.informing import IMPORTED, SentStatement, start_of_day, version_at
from models.rules.customers.csv_columns import CsvLine, CustomerDraft, Progress
from models.rules.customers.customer import search_text
from models.rules.customers.matching import ImportPlan, KnownCustomer, match, split_by_day
from models.rules.customers.pinyin import spell
from models.rules.customers.record_fields import CustomerRecord, Informed
from models.store.database import Store

IMPORT_LOCK = 0x435350_03
"""The key of PostgreSQL's lock for imports: "CSP", 3."""


def import_customers(
    store: Store,
    lines: Sequence[CsvLine],
    now: datetime,
    progress: Progress = lambda _done, _all: None,
    zone: tzinfo = UTC,
) -> ImportPlan:
    """Bring the customer list up to date with the lines and return what that changed.

    ``progress`` gets the rows written and the rows in all. Days of the list are days in ``zone``. Raises
    :class:`models.rules.errors.NotSaved`; then nothing was changed.
    """
    day = now.astimezone(zone).date().isoformat()
    lines, too_late = split_by_day(lines, day)
    seen, plan = store.read(lambda connection: _plan(connection, lines, zone))

    def unit(connection: Connection) -> ImportPlan:
        _lock(connection)
        revision = customer_rows.find_revision(connection)
        current = plan if revision == seen else _plan(connection, lines, zone)[1]
        if current.new or current.changed:
            informed = _find_informed(connection, zone)
            write(connection, current, revision + 1, now, progress)
            informing.add_sent(connection, _build_sent(connection, current, informed, zone))
        return current

    done = store.write(unit) if plan.new or plan.changed else plan
    return replace(done, refused=[*done.refused, *too_late])


def write(connection: Connection, plan: ImportPlan, revision: int, now: datetime, progress: Progress) -> None:
    """Write the customers that an import changes; ``revision`` is its number."""
    customer_rows.write(connection, *_rows(plan, revision), progress)
    records = {customer.id: _record_of(customer.draft) for customer in (*plan.new, *plan.changed)}
    nothing = CustomerRecord()
    with_facts = {customer_id: record for customer_id, record in records.items() if record != nothing}
    record_rows.write(connection, with_facts, revision)
    record_rows.add_import(connection, revision, now)


def _plan(connection: Connection, lines: Sequence[CsvLine], zone: tzinfo = UTC) -> tuple[int, ImportPlan]:
    """Return the revision of the list, and what the lines would change in it."""
    revision = customer_rows.find_revision(connection)
    records, nothing = record_rows.find_all(connection), CustomerRecord()
    informed = _find_informed(connection, zone)
    customers = (
        KnownCustomer(
            row[0],
            CustomerDraft(*row[1:])._replace(**vars(records.get(row[0], nothing)), informed=informed.get(row[0], ())),
        )
        for row in customer_rows.find_all(connection)
    )
    return revision, match(customers, lines, f"C{revision + 1}-")


def _find_informed(connection: Connection, zone: tzinfo) -> dict[str, tuple[Informed, ...]]:
    """Return by customer on which days it was informed, each once, the first one first."""
    days_by_customer: defaultdict[str, dict[str, Informed]] = defaultdict(dict)
    for sent in informing.find_all_sent(connection):
        day = sent.at.astimezone(zone).date().isoformat()
        if sent.corrects is None:  # a list never brings back a record that was a mistake
            days_by_customer[sent.customer_id].setdefault(day, Informed(day, sent.through))
    return {
        customer_id: tuple(by_day[day] for day in sorted(by_day)) for customer_id, by_day in days_by_customer.items()
    }


def _build_sent(
    connection: Connection, plan: ImportPlan, before: Mapping[str, tuple[Informed, ...]], zone: tzinfo
) -> list[SentStatement]:
    """Return what the list adds to the days on which customers were informed, the oldest first."""
    versions = informing.find_versions(connection)
    sent = []
    for customer in (*plan.new, *plan.changed):
        days_before = {informed.day for informed in before.get(customer.id, ())}
        for informed in customer.draft.informed:
            if informed.day not in days_before:
                at = start_of_day(informed.day, zone)
                number = version_at(versions, at)
                sent.append(SentStatement(customer.id, number, at, informed.through, IMPORTED, ""))
    return sorted(sent, key=attrgetter("at"))


def _record_of(draft: CustomerDraft) -> CustomerRecord:
    return CustomerRecord(**{field.name: getattr(draft, field.name) for field in fields(CustomerRecord)})


def _lock(connection: Connection) -> None:
    """Allow one import at a time. SQLite has one writer anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": IMPORT_LOCK})


def _rows(plan: ImportPlan, revision: int) -> tuple[list[Row], list[Row]]:
    """Return the rows to insert and to update. New ones follow the index on tenant IDs, as a random order is slow."""
    new = sorted(plan.new, key=lambda customer: customer.draft.tenant_id)
    return [_row(customer, revision) for customer in new], [_row(customer, revision) for customer in plan.changed]


def _row(customer: KnownCustomer, revision: int) -> Row:
    name, domain, tenant_id, relationship, *_ = customer.draft
    folded = f"{search_text(name, domain, tenant_id)} {spell(name)}".strip()
    return name, domain, tenant_id, relationship, folded, revision, customer.id
