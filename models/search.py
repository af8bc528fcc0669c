"""Finding escalations by words, with the full-text search each database brings: FTS5 on SQLite, tsvector on PostgreSQL.

Neither cuts Chinese into words, so each ideograph is kept as a word of its own and a Chinese query is a phrase of
them: any part of a Chinese name is found. Other words are found by their beginning.
"""

import re
from collections.abc import Iterator

from sqlalchemy import Connection, text

from models.customers import fold

_IDEOGRAPH = r"[\u2e80-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
_PIECES = re.compile(rf"{_IDEOGRAPH}+|(?:(?!{_IDEOGRAPH})\w)+")
_IDEOGRAPHS = re.compile(rf"{_IDEOGRAPH}+")


def index(connection: Connection, number: int, words: str) -> None:
    """Make an escalation findable by more words; what it was found by before stays."""
    spaced = " ".join(" ".join(piece) if _IDEOGRAPHS.fullmatch(piece) else piece for piece in pieces(words))
    row = {"number": number, "words": spaced}
    if connection.dialect.name != "sqlite":
        connection.execute(text(_ADD_POSTGRESQL), row)
    elif connection.execute(text(_MORE_SQLITE), row).rowcount == 0:
        connection.execute(text(_ADD_SQLITE), row)


def numbers(connection: Connection, words: str, limit: int, offset: int) -> list[int]:
    """Numbers of the escalations that contain every one of the words, newest first; none for no words at all."""
    wanted = list(pieces(words))
    if not wanted:
        return []
    sqlite = connection.dialect.name == "sqlite"
    query = " AND ".join(map(_fts5, wanted)) if sqlite else " & ".join(map(_tsquery, wanted))
    statement = text(_FIND_SQLITE if sqlite else _FIND_POSTGRESQL)
    return list(connection.scalars(statement, {"query": query, "limit": limit, "offset": offset}))


def pieces(words: str) -> Iterator[str]:
    """Runs of letters and digits, and runs of ideographs, folded. Only these ever reach a query, so no operator can."""
    return (match[0] for match in _PIECES.finditer(fold(words).replace("_", " ")))


def _fts5(piece: str) -> str:
    return f'"{" ".join(piece)}"' if _IDEOGRAPHS.fullmatch(piece) else f'"{piece}"*'


def _tsquery(piece: str) -> str:
    return f"({' <-> '.join(piece)})" if _IDEOGRAPHS.fullmatch(piece) else f"{piece}:*"


_ADD_SQLITE = "INSERT INTO escalation_words (rowid, words) VALUES (:number, :words)"
_MORE_SQLITE = "UPDATE escalation_words SET words = words || ' ' || :words WHERE rowid = :number"
_ADD_POSTGRESQL = """
    INSERT INTO escalation_words (number, words) VALUES (:number, to_tsvector('simple', :words))
    ON CONFLICT (number) DO UPDATE SET words = escalation_words.words || excluded.words"""
_FIND_SQLITE = """
    SELECT rowid FROM escalation_words WHERE escalation_words MATCH :query
    ORDER BY rowid DESC LIMIT :limit OFFSET :offset"""
_FIND_POSTGRESQL = """
    SELECT number FROM escalation_words WHERE words @@ to_tsquery('simple', :query)
    ORDER BY number DESC LIMIT :limit OFFSET :offset"""
