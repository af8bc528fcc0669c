"""Every SQL statement that lists, erases and checks the texts that history names."""

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, FromClause, Select, bindparam, func, or_, select, update

from models.rules.escalations.typed_text import TextCheck, TypedText, check_text, parse_text
from models.store.tables import HISTORY, TYPED_TEXT

CHUNK = 500
"""Texts that are named in one statement."""
CHECKED = 5_000
"""Entries that are checked at a time."""
_H, _T = HISTORY.c, TYPED_TEXT.c
_NAMED_BY = (_H.text_hash, _H.replaced_hash)


class StoredText(NamedTuple):
    """The words of an entry, or those that it replaced."""

    number: int  # of the case
    seq: int  # of the entry
    by: str  # who made the entry: a Slack id
    at: datetime
    move: str
    hash: str
    words: TypedText
    is_own: bool  # else the words that the entry replaced


def _texts(hash_column: Any) -> Select[Any]:
    facts = select(_H.number, _H.seq, _H.by, _H.at, _H.move, _T.hash, _T.body)
    return facts.join(TYPED_TEXT, _T.hash == hash_column).where(_T.body.is_not(None)).order_by(_H.number, _H.seq)


def _labelled(prefix: str, texts: FromClause) -> Iterator[ColumnElement[Any]]:
    return (texts.c[name].label(f"{prefix}_{name}") for name in ("hash", "salt", "body", "erased_at"))


_OF_USER = _texts(_H.text_hash).where(_H.by == bindparam("user"))
_OF_CASES = [_texts(column).where(_H.number.in_(bindparam("numbers", expanding=True))) for column in _NAMED_BY]
_ERASE = (
    update(TYPED_TEXT)
    .where(_T.hash.in_(bindparam("hashes", expanding=True)), _T.body.is_not(None))
    .values(
        body=None, salt=None, erased_at=bindparam("at", type_=_T.erased_at.type), erased_by=bindparam("by"),
        erased_why=bindparam("why"),
    )
)  # fmt: skip
_OWN, _REPLACED = TYPED_TEXT.alias("own"), TYPED_TEXT.alias("replaced")
_TO_CHECK = (
    select(_H.id, *_NAMED_BY, *_labelled("own", _OWN), *_labelled("old", _REPLACED))
    .outerjoin(_OWN, _OWN.c.hash == _H.text_hash)
    .outerjoin(_REPLACED, _REPLACED.c.hash == _H.replaced_hash)
    .where(_H.id > bindparam("after"))
    .order_by(_H.id)
    .limit(CHECKED)
)


def find_of_user(connection: Connection, user: str) -> list[StoredText]:
    """Return the texts that somebody (a Slack id) typed and that are not erased."""
    return [_text_from(row, is_own=True) for row in connection.execute(_OF_USER, {"user": user})]


def find_of_cases(connection: Connection, numbers: Collection[int]) -> list[StoredText]:
    """Return all texts of these cases that are not erased: the words of their entries, then the replaced ones."""
    wanted = {"numbers": list(numbers)}
    return [
        _text_from(row, is_own=query is _OF_CASES[0])
        for query in _OF_CASES
        for row in connection.execute(query, wanted)
    ]


def find_containing(connection: Connection, words: Collection[str]) -> list[StoredText]:
    """Return the texts that are not erased and hold one of these words, ignoring case."""
    contains = or_(*(func.lower(_T.body).contains(word.lower(), autoescape=True) for word in words))
    return [
        _text_from(row, is_own=column is _H.text_hash)
        for column in _NAMED_BY
        for row in connection.execute(_texts(column).where(contains))
    ]


def erase(connection: Connection, hashes: Iterable[str], by: str, why: str, at: datetime) -> None:
    """Erase texts for good. Those that are erased already keep who erased them, when and why."""
    wanted = list(hashes)
    for begin in range(0, len(wanted), CHUNK):
        connection.execute(_ERASE, {"hashes": wanted[begin : begin + CHUNK], "by": by, "why": why, "at": at})


def check_all(connection: Connection) -> Iterator[TextCheck]:
    """Yield of each text that history names whether it is whole, erased, changed or missing."""
    after = 0
    while rows := connection.execute(_TO_CHECK, {"after": after}).all():
        after = rows[-1].id
        for row in rows:
            if row.text_hash:
                yield check_text(row.text_hash, row.own_hash, row.own_salt, row.own_body, row.own_erased_at)
            if row.replaced_hash:
                yield check_text(row.replaced_hash, row.old_hash, row.old_salt, row.old_body, row.old_erased_at)


def count(connection: Connection) -> int:
    """Count all texts, erased ones too."""
    return int(connection.scalar(select(func.count()).select_from(TYPED_TEXT)) or 0)


def _text_from(row: Any, *, is_own: bool) -> StoredText:
    return StoredText(row.number, row.seq, row.by, row.at, row.move, row.hash, parse_text(row.body), is_own)
