"""Every SQL statement on the entries of remediation records. Entries are append-only, and name their texts by a hash.

There are few records in the life of an installation, so all entries are read to answer a question.
"""

import secrets
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, insert, select

from models.rules.customers.customer import mentions
from models.rules.escalations.typed_text import ERASED, TextCheck, TypedText, check_text, hash_text, parse_text
from models.rules.remediation.record import ATTENDEES, TYPED_FIELDS, RemediationEntry, RemediationMove
from models.store.remediation_tables import REMEDIATION
from models.store.tables import TYPED_TEXT

SALT_BYTES = 16
CHUNK = 500
"""Texts that are read by one statement."""
NAMED = "typed"
"""The key under which an entry names a text by its hash, in the place of the text."""
_R, _T = REMEDIATION.c, TYPED_TEXT.c
_ENTRIES = select(_R.number, _R.seq, _R.team_id, _R.move, _R.by, _R.at, _R.changes, _R.action).order_by(_R.id)
_STORED = select(TYPED_TEXT).where(_T.hash.in_(bindparam("hashes", expanding=True)))
_HANDLED = select(_R.number).where(_R.key == bindparam("wanted"))


class RemediationText(NamedTuple):
    """A text of an entry that is not erased."""

    number: int  # of the record
    seq: int  # of the entry
    by: str  # who typed it: a Slack id
    at: datetime
    field: str
    text: str
    hash: str


@dataclass(frozen=True)
class WantedTexts:
    """Which texts are looked for: those of an author, those of a record, attendees by name."""

    user: str = ""  # a Slack id
    names: Collection[str] = ()
    numbers: Collection[int] = ()  # of records

    def has(self, typed_text: RemediationText) -> bool:
        """Return whether a text is one of them."""
        is_theirs = bool(self.user and typed_text.by == self.user) or typed_text.number in self.numbers
        return is_theirs or (typed_text.field in ATTENDEES and mentions(typed_text.text, self.names))


def find_entries(connection: Connection) -> list[RemediationEntry]:
    """Return all entries with their texts, oldest first; :data:`ERASED` stands for texts that are gone."""
    entries = _read(connection)
    bodies = {name: row.body for name, row in _find_stored(connection, _list_names(entries)).items()}
    return [replace(entry, changes=_put_back(entry.changes, bodies)) for entry in entries]


def find_handled(connection: Connection, key: str) -> int | None:
    """Return the record to which the click or form with this key added an entry; None when none did."""
    return connection.scalar(_HANDLED, {"wanted": key})


def add(connection: Connection, entry: RemediationEntry, key: str) -> None:
    """Add an entry, and its texts beside it. A text that it replaces keeps the hash by which it is known."""
    hashes = {
        (before.action, name): _name_of(values[1])
        for before in _read(connection)
        if before.number == entry.number
        for name, values in before.changes.items()
    }
    texts: list[dict[str, Any]] = []
    changes = {
        name: [_refer(hashes.get((entry.action, name)), values[0]), _keep(name, values[1], texts)]
        if name in TYPED_FIELDS
        else values
        for name, values in entry.changes.items()
    }
    if texts:
        connection.execute(insert(TYPED_TEXT), texts)
    row = {
        "number": entry.number, "seq": entry.seq, "team_id": entry.team_id, "move": str(entry.move), "by": entry.by,
        "at": entry.at, "changes": changes, "action": entry.action, "key": key,
    }  # fmt: skip
    connection.execute(insert(REMEDIATION), row)


def find_texts(connection: Connection) -> list[RemediationText]:
    """Return every text that is not erased, each once, from the entry that wrote it."""
    entries = _read(connection)
    stored = _find_stored(connection, _list_names(entries))
    texts = (
        RemediationText(entry.number, entry.seq, entry.by, entry.at, field, _read_text(field, row.body), named)
        for entry in entries
        for field, values in entry.changes.items()
        if (named := _name_of(values[1])) and (row := stored.get(named)) is not None and row.body is not None
    )
    return list(texts)


def find_numbers(connection: Connection) -> set[int]:
    """Return the numbers of all records."""
    return set(connection.scalars(select(_R.number).distinct()))


def find_named(connection: Connection) -> set[str]:
    """Return who is named as attending, or as having asked: whole texts, and their parts between separators."""
    texts = [typed_text.text for typed_text in find_texts(connection) if typed_text.field in ATTENDEES]
    parts = (part.strip() for text in texts for part in _split(text))
    return {name for name in (*texts, *parts) if name}


def check_all(connection: Connection) -> Iterator[TextCheck]:
    """Yield of each text that an entry names whether it is whole, erased, changed or missing; each once."""
    names = dict.fromkeys(_list_names(_read(connection)))
    stored = _find_stored(connection, names)
    for named in names:
        row = stored.get(named)
        yield check_text(named, *((row.hash, row.salt, row.body, row.erased_at) if row else (None,) * 4))


def _read(connection: Connection) -> list[RemediationEntry]:
    """Return all entries as they are stored, with the hashes of their texts."""
    return [
        RemediationEntry(row.number, row.seq, row.team_id, RemediationMove(row.move), row.by, row.at, row.changes,
                         row.action)
        for row in connection.execute(_ENTRIES)
    ]  # fmt: skip


def _list_names(entries: Iterable[RemediationEntry]) -> list[str]:
    """Return the hashes of all texts that entries name."""
    values = (value for entry in entries for pair in entry.changes.values() for value in pair)
    return [named for value in values if (named := _name_of(value))]


def _find_stored(connection: Connection, names: Iterable[str]) -> dict[str, Any]:
    """Return the stored texts with these hashes, by hash."""
    wanted = list(dict.fromkeys(names))
    chunks = (wanted[begin : begin + CHUNK] for begin in range(0, len(wanted), CHUNK))
    return {row.hash: row for chunk in chunks for row in connection.execute(_STORED, {"hashes": chunk})}


def _name_of(value: Any) -> str:
    """Return the hash in the place of a text; empty for any other value."""
    return str(value[NAMED]) if isinstance(value, Mapping) else ""


def _refer(named: str | None, before: Any) -> Any:
    return {NAMED: named} if named and before else before


def _keep(name: str, value: Any, texts: list[dict[str, Any]]) -> Any:
    """Return what an entry keeps of a text, and append the text to those that are stored beside it."""
    if not value:
        return value
    salt, body = secrets.token_hex(SALT_BYTES), TypedText(fields={name: value}).body
    named = hash_text(salt, body)
    texts.append({"hash": named, "salt": salt, "body": body})
    return {NAMED: named}


def _put_back(changes: Mapping[str, Any], bodies: Mapping[str, str | None]) -> dict[str, Any]:
    return {
        name: [_read_text(name, bodies.get(named)) if (named := _name_of(value)) else value for value in values]
        for name, values in changes.items()
    }


def _read_text(name: str, body: str | None) -> str:
    return str(parse_text(body).fields.get(name, ERASED))


def _split(text: str) -> list[str]:
    for separator in "，、;；/\n":
        text = text.replace(separator, ",")
    return text.split(",")
