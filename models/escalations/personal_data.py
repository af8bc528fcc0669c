"""Find everything that is recorded of a person: rows that name them, texts they typed, texts that mention them.

Every table is looked through, so that a table of tomorrow is not forgotten.
"""

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ColumnElement, Connection, MetaData, String, Table, cast, func, or_, select

from models.customers import informing
from models.escalations import text_rows
from models.escalations.text_rows import StoredText
from models.rules.customers.customer import fold, mentions
from models.rules.remediation.record import ATTENDEES
from models.store import remediation_rows
from models.store.remediation_rows import RemediationText

LEFT_OUT = frozenset({"alembic_version", "inbox", "agenda", "pace", "pulse", "typed_text"})
"""Tables without a person: keys of deliveries, times, rate limits. Texts are found through the history."""
INDEXES = ("escalation_words", "solution_words")
"""How the names of the search indexes begin: they hold nothing that the cases do not hold."""
WITHOUT_TEXTS = frozenset({"history", "outbox", "reminder", "ledger"})
"""Tables that hold ids and no sentence; each may have millions of rows."""
NAMING_CUSTOMERS = ("customer", "escalation")
"""The tables that hold the names of customers."""
SHORTEST_MENTION = 2
"""Characters of a word that is looked for in texts."""
AROUND = 60
"""How many characters of a text are shown on both sides of a mention."""


@dataclass(frozen=True)
class PersonTerms:
    """By what a person is found."""

    ids: frozenset[str]  # Slack ids
    names: frozenset[str] = frozenset()  # as Slack, the rota and lists call them
    reached_by: frozenset[str] = frozenset()  # phone numbers and addresses

    @property
    def written(self) -> list[str]:
        """What a sentence may mention."""
        return sorted({*self.names, *self.reached_by})


def find_rows(connection: Connection, terms: PersonTerms) -> dict[str, list[dict[str, Any]]]:
    """Return by table the rows in which a column is the person: a Slack id, name, phone number or address.

    A column of JSON is the person when one of its values is.
    """
    values = sorted({*terms.ids, *terms.written})
    tables = _reflect(connection, LEFT_OUT)
    rows = {table.name: [dict(row) for row in _select(connection, table, values)] for table in tables}
    return {name: [_plain(row) for row in kept] for name, kept in rows.items() if kept}


def find_typed(connection: Connection, terms: PersonTerms) -> list[dict[str, Any]]:
    """Return the texts that the person typed and that are not erased."""
    of_cases = [_describe(text) for user in sorted(terms.ids) for text in text_rows.find_of_user(connection, user)]
    plans = [_describe_plan(text) for text in remediation_rows.find_texts(connection) if text.by in terms.ids]
    return [*of_cases, *plans]


@dataclass(frozen=True)
class NamedCustomers:
    """Where a person's name is that of a customer."""

    ids: tuple[str, ...]  # on the list
    cases: tuple[int, ...]  # their numbers

    def __bool__(self) -> bool:
        return bool(self.ids or self.cases)


def find_customers_named(connection: Connection, names: Collection[str]) -> NamedCustomers:
    """Return where one of these names is that of a customer, ignoring case and width."""
    schema = MetaData()
    schema.reflect(connection, only=NAMING_CUSTOMERS, resolve_fks=False)
    customer, case = (schema.tables[name].c for name in NAMING_CUSTOMERS)
    wanted = {fold(name) for name in names}
    ids = [row.id for row in connection.execute(select(customer.id, customer.name)) if fold(row.name) in wanted]
    rows = connection.execute(select(case.number, case.customer_name).where(case.customer_name.in_(list(names))))
    return NamedCustomers(tuple(ids), tuple(sorted(row.number for row in rows)))


def is_named(connection: Connection, name: str) -> bool:
    """Return whether somebody who is not on record as a person is named: as a customer, attending, informing, or in a
    text, where a name stays when only the contact was erased.
    """
    attends = (text.text for text in remediation_rows.find_texts(connection) if text.field in ATTENDEES)
    return bool(
        find_customers_named(connection, [name])
        or any(mentions(text, [name]) for text in attends)
        or fold(name) in map(fold, informing.find_informers(connection))
        or list_mentioning(connection, PersonTerms(frozenset(), frozenset({name})), ())
    )


def find_mentions(connection: Connection, terms: PersonTerms) -> list[dict[str, Any]]:
    """Return texts that mention the person by name, number or address, for somebody to look through."""
    wanted = terms.written
    if not wanted:
        return []
    in_history = [
        {**_describe(text), "mentions": _find_excerpts(list(text.words.list_values()), wanted)}
        for text in text_rows.find_containing(connection, _spellings(wanted))
    ]
    in_plans = [
        {**_describe_plan(text), "mentions": _find_excerpts([text.text], wanted)}
        for text in remediation_rows.find_texts(connection)
        if mentions(text.text, wanted)
    ]
    tables = _reflect(connection, LEFT_OUT | WITHOUT_TEXTS)
    in_rows = (mention for table in tables for mention in _mentions_in(connection, table, wanted))
    return [*in_history, *in_plans, *in_rows]


def list_mentioning(connection: Connection, terms: PersonTerms, erased: Collection[str]) -> list[str]:
    """Return the names of cases and remediation records with texts that mention the person.

    Texts with ``erased`` hashes don't count.
    """
    wanted = [term for term in terms.written if len(term) >= SHORTEST_MENTION]
    if not wanted:
        return []
    texts = text_rows.find_containing(connection, _spellings(wanted))
    plans = [text for text in remediation_rows.find_texts(connection) if mentions(text.text, wanted)]
    cases = sorted({text.number for text in texts if text.hash not in erased})
    records = sorted({text.number for text in plans if text.hash not in erased})
    return [*(f"CSP-{number}" for number in cases), *(f"R-{number}" for number in records)]


def _reflect(connection: Connection, left_out: Collection[str]) -> list[Table]:
    """Return the tables that the database has, in the order of their names, without those left out and the indexes."""
    schema = MetaData()
    schema.reflect(connection, only=lambda name, _: name not in left_out and not name.startswith(INDEXES))
    return sorted(schema.tables.values(), key=lambda table: table.name)


def _select(connection: Connection, table: Table, values: Sequence[str]) -> Iterable[Any]:
    quoted = [json.dumps(value, ensure_ascii=ascii_only) for value in values for ascii_only in (True, False)]
    is_person: list[ColumnElement[bool]] = [column.in_(values) for column in table.c if isinstance(column.type, String)]
    is_person += [
        _contains(cast(column, String), text)
        for column in table.c if isinstance(column.type, JSON)
        for text in dict.fromkeys(quoted)
    ]  # fmt: skip
    return connection.execute(select(table).where(or_(*is_person))).mappings() if is_person else ()


def _mentions_in(connection: Connection, table: Table, wanted: Sequence[str]) -> Iterator[dict[str, Any]]:
    columns = [column for column in table.c if isinstance(column.type, String | JSON)]
    contains = [_contains(cast(column, String), form) for column in columns for form in _spellings(wanted)]
    for row in connection.execute(select(table).where(or_(*contains))).mappings() if contains else ():
        excerpts = {column.name: _find_excerpts([row[column.name]], wanted) for column in columns}
        key = {column.name: _plain(row[column.name]) for column in table.primary_key}
        yield {"table": table.name, **key, "mentions": {name: texts for name, texts in excerpts.items() if texts}}


def _contains(column: ColumnElement[str], term: str) -> ColumnElement[bool]:
    return func.lower(column).contains(term.lower(), autoescape=True)


def _spellings(wanted: Sequence[str]) -> list[str]:
    """Return how these words may be stored: as they are, and escaped as JSON does."""
    return sorted({spelling for word in wanted for spelling in (word, json.dumps(word)[1:-1])})


def _find_excerpts(values: Sequence[Any], wanted: Sequence[str]) -> list[str]:
    texts = [value if isinstance(value, str) else json.dumps(_plain(value), ensure_ascii=False) for value in values]
    return [
        text[max(0, at - AROUND) : at + len(word) + AROUND]
        for text in texts
        for word in wanted
        for at in [text.lower().find(word.lower())]
        if at >= 0
    ]


def _describe(text: StoredText) -> dict[str, Any]:
    kept = {"text": text.words.text} if text.words.text else {}
    return {
        "case": f"CSP-{text.number}", "entry": text.seq, "at": _plain(text.at), "by": text.by, "move": text.move,
        "replaced": not text.is_own, **kept, **({"fields": dict(text.words.fields)} if text.words.fields else {}),
    }  # fmt: skip


def _describe_plan(plan_text: RemediationText) -> dict[str, Any]:
    return {
        "plan": f"R-{plan_text.number}", "entry": plan_text.seq, "at": _plain(plan_text.at), "by": plan_text.by,
        "field": plan_text.field, "text": plan_text.text,
    }  # fmt: skip


def _plain(value: Any) -> Any:
    """Return a value as JSON holds it."""
    if isinstance(value, dict):
        return {name: _plain(part) for name, part in value.items()}
    return value.isoformat() if isinstance(value, date | datetime) else value
