"""Every SQL statement on history and on the texts that it names.

Who reads whole entries gets their words with them. Clocks read history alone, because no clock depends on words.
"""

import secrets
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, bindparam, func, insert, select

from models.rules.escalations.acknowledgement_calls import MOVES_THAT_CALL
from models.rules.escalations.escalation import HistoryEntry, HistoryFacts, Move, Status
from models.rules.escalations.typed_text import (
    ERASED,
    TypedText,
    hash_text,
    join_changes,
    parse_text,
    split_entry,
)
from models.store.database import convert_row
from models.store.tables import HISTORY, TYPED_TEXT

SALT_BYTES = 16
FORM_MOVES = frozenset({Move.RAISE, Move.CORRECT})
"""Moves whose words are all in the fields of the form."""
_H = HISTORY.c
_OWN, _REPLACED = TYPED_TEXT.alias("own"), TYPED_TEXT.alias("replaced")
# Built once: building a statement costs more than running it.
_WITH_WORDS = select(
    HISTORY, _OWN.c.body.label("own"), _REPLACED.c.body.label("replaced"), _OWN.c.erased_at
).select_from(
    HISTORY.outerjoin(_OWN, _OWN.c.hash == _H.text_hash).outerjoin(_REPLACED, _REPLACED.c.hash == _H.replaced_hash)
)
_OF_ONE = _H.number == bindparam("number")
_OF_SEVERAL = _H.number.in_(bindparam("numbers", expanding=True))
_ENTRY = _WITH_WORDS.where(_OF_ONE, _H.seq == bindparam("seq"))
_ENTRIES = _WITH_WORDS.where(_OF_ONE).order_by(_H.seq).limit(bindparam("most")).offset(bindparam("skipped"))
_AFTER = (
    _WITH_WORDS.where(_H.id > bindparam("after"), _H.at <= bindparam("until")).order_by(_H.id).limit(bindparam("most"))
)
_ENTRIES_OF = _WITH_WORDS.where(_OF_SEVERAL).order_by(_H.number, _H.seq)
_TIMELINES_OF = (
    select(_H.number, _H.at, _H.move, _H.status_to, _H.changes).where(_OF_SEVERAL).order_by(_H.number, _H.seq)
)
_LAST_ENTRY_INTO = (
    _WITH_WORDS.where(
        _OF_ONE, _H.status_to == bindparam("status"), _H.status_from.is_distinct_from(_H.status_to)
    )
    .order_by(_H.seq.desc())
    .limit(1)
)  # fmt: skip
_REQUEST_NUMBERS = select(_H.text).where(_OF_ONE, _H.move == Move.RECORD).order_by(_H.seq)
_LAST_CALLING = select(_H.number, func.max(_H.seq)).where(_OF_SEVERAL, _H.move.in_(MOVES_THAT_CALL)).group_by(_H.number)
_ADD_ENTRY = insert(HISTORY).inline()
_ADD_TEXTS = insert(TYPED_TEXT).inline()
_KEPT = tuple(HistoryFacts.model_fields)


def add_entry(connection: Connection, entry: HistoryEntry) -> None:
    """Append one entry to the history, and keep its words apart."""
    add_entries(connection, [entry])


def add_entries(connection: Connection, entries: Iterable[HistoryEntry]) -> None:
    """Append entries to the history in their order, and keep their words apart."""
    rows: list[dict[str, Any]] = []
    texts: list[dict[str, Any]] = []
    for entry in entries:
        split = split_entry(entry)
        hashes = {"text_hash": _keep(split.own, texts), "replaced_hash": _keep(split.replaced, texts)}
        rows.append({**{name: getattr(split.kept, name) for name in _KEPT}, **hashes})
    if texts:
        connection.execute(_ADD_TEXTS, texts)
    if rows:
        connection.execute(_ADD_ENTRY, rows)


def _keep(words: TypedText, texts: list[dict[str, Any]]) -> str | None:
    """Append the row of a text, and return its hash; None for no words."""
    if not words:
        return None
    salt, body = secrets.token_hex(SALT_BYTES), words.body
    texts.append({"hash": hash_text(salt, body), "salt": salt, "body": body})
    return str(texts[-1]["hash"])


def find_entry(connection: Connection, number: int, seq: int) -> HistoryEntry | None:
    """Return one history entry of an escalation."""
    return convert_row(connection.execute(_ENTRY, {"number": number, "seq": seq}).first(), _entry_from)


def find_event(connection: Connection, number: int, seq: int) -> tuple[int, HistoryEntry] | None:
    """Return one history entry with its position among those of all escalations."""
    row = connection.execute(_ENTRY, {"number": number, "seq": seq}).first()
    return None if row is None else (row.id, _entry_from(row._mapping))


def find_entries(connection: Connection, number: int, limit: int, offset: int) -> list[HistoryEntry]:
    """Return the history of an escalation, oldest entry first."""
    wanted = {"number": number, "most": limit, "skipped": offset}
    return [_entry_from(row._mapping) for row in connection.execute(_ENTRIES, wanted)]


def find_entries_after(
    connection: Connection, after: int, until: datetime, limit: int
) -> list[tuple[int, HistoryEntry]]:
    """Return the entries of all escalations after a position, up to an instant, each with its position."""
    wanted = {"after": after, "until": until, "most": limit}
    return [(row.id, _entry_from(row._mapping)) for row in connection.execute(_AFTER, wanted)]


def find_entries_of(connection: Connection, numbers: Collection[int]) -> Iterator[HistoryEntry]:
    """Yield the histories of these escalations, in order."""
    return (_entry_from(row._mapping) for row in connection.execute(_ENTRIES_OF, {"numbers": list(numbers)}))


def find_last_entry_into(connection: Connection, number: int, status: Status) -> HistoryEntry | None:
    """Return the last entry that brought an escalation into a status."""
    row = connection.execute(_LAST_ENTRY_INTO, {"number": number, "status": status}).first()
    return convert_row(row, _entry_from)


def find_last_calling_seqs(connection: Connection, numbers: Collection[int]) -> dict[int, int]:
    """Return the last history entry (its seq) that called somebody about each of these escalations."""
    rows = connection.execute(_LAST_CALLING, {"numbers": list(numbers)}) if numbers else ()
    return {row[0]: row[1] for row in rows}


def find_timeline_rows(connection: Connection, numbers: Collection[int]) -> dict[int, list[RowMapping]]:
    """Return what the clocks need of these histories, oldest entry first.

    The rows are unconverted: one that is not valid must not fail the others.
    """
    rows: dict[int, list[RowMapping]] = {number: [] for number in numbers}
    for row in connection.execute(_TIMELINES_OF, {"numbers": list(numbers)}):
        rows[row.number].append(row._mapping)
    return rows


def find_request_numbers(connection: Connection, number: int) -> list[str]:
    """Return every service request number recorded for an escalation, oldest first, each once."""
    return list(dict.fromkeys(connection.scalars(_REQUEST_NUMBERS, {"number": number})))


def _entry_from(row: RowMapping) -> HistoryEntry:
    """Return an entry with its words. Raises ValueError."""
    own, replaced = parse_text(row["own"]), parse_text(row["replaced"])
    facts = {name: row[name] for name in _KEPT}
    if row["text_hash"] or row["replaced_hash"]:
        is_text_gone = row["erased_at"] is not None and row["move"] not in FORM_MOVES
        facts["text"] = row["text"] or (ERASED if is_text_gone else own.text)
        facts["changes"] = join_changes(Move(row["move"]), row["changes"], own, replaced)
    return HistoryEntry.model_validate({**facts, "erased_at": row["erased_at"]})
