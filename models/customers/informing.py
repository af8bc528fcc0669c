"""Which customers were informed of our support, by which statement, and who is due. All SQL on it is here.

Statements and what was sent are append-only; of what was sent, only who did it and the evidence can be erased. A
record that was a mistake is named by a later one, and counts no more.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo
from typing import Any

from sqlalchemy import Connection, and_, exists, func, insert, or_, select, update

from models.customers import customer_rows, record_rows
from models.rules.customers.customer import mentions
from models.rules.customers.informed import InformedFacts, InformingDue, find_informing_due
from models.rules.customers.statement import parse_statement
from models.store.customer_tables import STATEMENT, STATEMENT_SENT
from models.store.database import Store
from models.store.tables import INSERT

CHUNK = 500
"""Rows that are changed by one statement."""
IMPORTED = "customers import"
"""Who informed a customer, when only a list says so."""
_S = STATEMENT_SENT.c
_NEWEST = select(STATEMENT.c.id, STATEMENT.c.at, STATEMENT.c.text).order_by(STATEMENT.c.id.desc()).limit(1)
_SENT = select(_S.customer_id, _S.statement, _S.at, _S.through, _S.by, _S.evidence, _S.corrects, _S.id).order_by(_S.id)
_VERSIONS = select(STATEMENT.c.id, STATEMENT.c.at).order_by(STATEMENT.c.id)
_OTHER = STATEMENT_SENT.alias()
_FIX = STATEMENT_SENT.alias("fix")
_CORRECTED = select(_FIX.c.corrects).where(_FIX.c.corrects.is_not(None))
"""The rows that were mistakes."""
# The last one by when it was: an earlier one may be recorded later.
_LAST_SENT = _SENT.where(
    _S.corrects.is_(None),
    _S.id.not_in(_CORRECTED),
    ~exists().where(
        _OTHER.c.customer_id == _S.customer_id,
        _OTHER.c.corrects.is_(None),
        _OTHER.c.id.not_in(_CORRECTED),
        or_(_OTHER.c.at > _S.at, and_(_OTHER.c.at == _S.at, _OTHER.c.id > _S.id)),
    ),
)
_CORRECT = {
    dialect: insert_(STATEMENT_SENT).on_conflict_do_nothing(index_elements=["corrects"]).returning(_S.id)
    for dialect, insert_ in INSERT.items()
}


@dataclass(frozen=True)
class StatementVersion:
    """One version of the support statement."""

    number: int
    at: datetime  # since when it counts
    text: str  # the file, to the letter


@dataclass(frozen=True)
class SentStatement:
    """A customer was informed."""

    customer_id: str
    statement: int  # the version; 0 when there was none yet
    at: datetime
    through: str  # an InformedBy; empty when not known
    by: str  # the person who informed: a Slack id, else a name
    evidence: str  # a link or the name of a file; of a mistake, why it is one
    corrects: int | None = None  # the id of the record that was a mistake
    id: int | None = None  # None before it is recorded


@dataclass(frozen=True)
class CustomerInforming:
    """Whether one customer was informed, and whether it must be now."""

    customer_id: str
    name: str
    last: SentStatement | None
    due: InformingDue | None


def import_statement(store: Store, text: str, by: str, at: datetime) -> bool:
    """Make a file the newest statement; return False when it already is, to the letter.

    Raises InvalidFile with every fault, NotSaved; then nothing was changed.
    """
    parse_statement(text)

    def unit(connection: Connection) -> bool:
        newest = find_newest(connection)
        if newest and newest.text == text:
            return False
        connection.execute(insert(STATEMENT).values(at=at, by=by, text=text))
        return True

    return store.write(unit)


def find_newest(connection: Connection) -> StatementVersion | None:
    """Return the statement that counts now."""
    row = connection.execute(_NEWEST).first()
    return None if row is None else StatementVersion(*row)


def find_versions(connection: Connection) -> list[tuple[int, datetime]]:
    """Return the number of each statement and since when it counts, oldest first."""
    return [(row.id, row.at) for row in connection.execute(_VERSIONS)]


def version_at(versions: Sequence[tuple[int, datetime]], at: datetime) -> int:
    """Return the statement that counted at an instant; 0 when there was none yet."""
    return max((number for number, since in versions if since <= at), default=0)


def start_of_day(day: str, zone: tzinfo) -> datetime:
    """Return when a day such as 2026-01-05 begins in a zone, in UTC."""
    return datetime.fromisoformat(day).replace(tzinfo=zone).astimezone(UTC)


def record_sent(store: Store, sent: Sequence[SentStatement]) -> None:
    """Record that customers were informed. Raises NotSaved; then nothing was recorded."""
    store.write(lambda connection: add_sent(connection, sent))


def add_sent(connection: Connection, sent: Sequence[SentStatement]) -> None:
    """Record that customers were informed, in the caller's transaction."""
    if sent:
        connection.execute(insert(STATEMENT_SENT), [_columns(informed) for informed in sent])


def add_mistake(connection: Connection, record: SentStatement, by: str, why: str, at: datetime) -> bool:
    """Record that an earlier record was a mistake; return False when somebody said so before.

    The earlier record stays, and counts no more.
    """
    mistake = replace(record, at=at, through="", by=by, evidence=why, corrects=record.id)
    return connection.execute(_CORRECT[connection.dialect.name], _columns(mistake)).first() is not None


def find_counting(connection: Connection, customer_id: str) -> list[SentStatement]:
    """Return the records of a customer that are no mistake, the oldest day first."""
    rows = connection.execute(
        _SENT.where(_S.customer_id == customer_id, _S.corrects.is_(None), _S.id.not_in(_CORRECTED))
    )
    return sorted((SentStatement(*row) for row in rows), key=lambda record: record.at)


def _columns(record: SentStatement) -> dict[str, Any]:
    return {name: value for name, value in vars(record).items() if name != "id"}


def find_all_sent(connection: Connection) -> list[SentStatement]:
    """Return everything that was ever sent, oldest first."""
    return [SentStatement(*row) for row in connection.execute(_SENT)]


@dataclass(frozen=True)
class InformingPerson:
    """Who is looked for in what was sent."""

    user: str  # a Slack id; empty for nobody in Slack
    names: Collection[str] = ()


def count_personal(connection: Connection, person: InformingPerson, erased: str) -> int:
    """Count what was sent of which the informer's name or the evidence would be erased; ``erased`` is the mark."""
    named = connection.scalars(select(_S.id).where(_S.by.in_(list(person.names))))
    return len({*named, *_find_evidence(connection, person, erased)})


def erase_personal(connection: Connection, person: InformingPerson, erased: str) -> None:
    """Erase the name of an informer, and the evidence that they gave or that names them; day and way stay."""
    ids = _find_evidence(connection, person, erased)
    for begin in range(0, len(ids), CHUNK):
        chunk = _S.id.in_(ids[begin : begin + CHUNK])
        connection.execute(update(STATEMENT_SENT).where(chunk).values(evidence=erased))
    connection.execute(update(STATEMENT_SENT).where(_S.by.in_(list(person.names))).values(by=erased))


def _find_evidence(connection: Connection, person: InformingPerson, erased: str) -> list[int]:
    """Return the rows with evidence that a person gave, or that names them."""
    gave = {person.user, *person.names} - {""}
    holds = (func.lower(_S.evidence).contains(name.lower(), autoescape=True) for name in person.names)
    wanted = select(_S.id, _S.by, _S.evidence).where(
        _S.evidence.not_in(("", erased)), or_(_S.by.in_(sorted(gave)), *holds)
    )
    return [row.id for row in connection.execute(wanted) if row.by in gave or mentions(row.evidence, person.names)]


def find_informers(connection: Connection) -> set[str]:
    """Return everybody who informed a customer, as they are recorded."""
    return set(connection.scalars(select(_S.by).distinct()))


def find_informing(connection: Connection, now: datetime) -> list[CustomerInforming]:
    """Return of every customer whether it was informed and whether it must be, those due first, by their time."""
    names = [(customer_id, name) for customer_id, name, _ in customer_rows.find_search_texts(connection)]
    judged = _judge(connection, names, [SentStatement(*row) for row in connection.execute(_LAST_SENT)], now)
    return sorted(judged, key=_urgency)


def find_informing_of(connection: Connection, customer_id: str, name: str, now: datetime) -> CustomerInforming:
    """Return the same of one customer."""
    rows = connection.execute(_LAST_SENT.where(_S.customer_id == customer_id))
    return _judge(connection, [(customer_id, name)], [SentStatement(*row) for row in rows], now)[0]


def _judge(
    connection: Connection, names: Sequence[tuple[str, str]], sent: Sequence[SentStatement], now: datetime
) -> list[CustomerInforming]:
    newest, last = find_newest(connection), {informed.customer_id: informed for informed in sent}
    imported_at = record_rows.find_import_times(connection)
    services_revisions = record_rows.find_services_revisions(connection)
    number, changed_at = (newest.number, newest.at) if newest else (0, None)
    judged = []
    for customer_id, name in names:
        before, services_revision = last.get(customer_id), services_revisions.get(customer_id)
        facts = InformedFacts(
            imported_at.get(record_rows.first_revision_of(customer_id)),
            imported_at.get(services_revision) if services_revision else None,
            before.at if before else None,
            before.statement if before else 0,
        )
        due = find_informing_due(facts, number, changed_at, now)
        judged.append(CustomerInforming(customer_id, name, before, due))
    return judged


def _urgency(informing: CustomerInforming) -> tuple[bool, float, str]:
    due = informing.due
    return due is None, due.by.timestamp() if due and due.by else 0.0, informing.name
