"""Finding escalations by words, with the full-text search each database brings: FTS5 on SQLite, tsvector on PostgreSQL.

Neither cuts Chinese into words, so each ideograph is kept as a word of its own and a Chinese query is a phrase of
them: any part of a Chinese name is found. Other words are found by their beginning.
"""

import re
from collections.abc import Iterator

from sqlalchemy import Connection, text

from models.customers import fold

_IDEOGRAPH = r"(?:(?=[\u2e80-\u9fff\uf900-\ufaff\U00020000-\U0003ffff])\w)"
_PIECES = re.compile(rf"{_IDEOGRAPH}+|(?:(?!{_IDEOGRAPH})\w)+")
_IDEOGRAPHS = re.compile(rf"{_IDEOGRAPH}+")
LONGEST = 200
"""Longer words are found by their first so many letters; PostgreSQL takes no word of more than 2,046 bytes."""


def index(connection: Connection, number: int, words: str) -> None:
    """Make an escalation findable by more words; what it was found by before stays."""
    terms = [term for piece in pieces(words) for term in _terms(piece)]
    if connection.dialect.name != "sqlite":
        places = " ".join(f"'{term}':{place}" for place, term in enumerate(terms, 1))
        connection.execute(_ADD_POSTGRESQL, {"number": number, "words": places})
        return
    row = {"number": number, "words": " ".join(terms)}
    if connection.execute(_MORE_SQLITE, row).rowcount == 0:
        connection.execute(_ADD_SQLITE, row)


def numbers(connection: Connection, words: str, team_id: str, limit: int, offset: int) -> list[int]:
    """Numbers of a team's escalations that contain every one of the words, newest first; none for no words at all."""
    wanted = list(pieces(words))
    if not wanted:
        return []
    sqlite = connection.dialect.name == "sqlite"
    query = " AND ".join(map(_fts5, wanted)) if sqlite else " & ".join(map(_tsquery, wanted))
    page = {"query": query, "team": team_id, "limit": limit, "offset": offset}
    return list(connection.scalars(_FIND_SQLITE if sqlite else _FIND_POSTGRESQL, page))


def pieces(words: str) -> Iterator[str]:
    """Runs of letters and digits, and runs of ideographs, folded. Only these ever reach a query, so no operator can."""
    return (match[0] for match in _PIECES.finditer(fold(words).replace("_", " ")))


def _terms(piece: str) -> list[str]:
    return list(piece) if _IDEOGRAPHS.fullmatch(piece) else [piece[:LONGEST]]


def _fts5(piece: str) -> str:
    phrase = f'"{" ".join(_terms(piece))}"'
    return phrase if _IDEOGRAPHS.fullmatch(piece) else f"{phrase}*"


def _tsquery(piece: str) -> str:
    phrase = " <-> ".join(f"'{term}'" for term in _terms(piece))
    return f"({phrase})" if _IDEOGRAPHS.fullmatch(piece) else f"{phrase}:*"


_ADD_SQLITE = text("INSERT INTO escalation_words (rowid, words) VALUES (:number, :words)")
_MORE_SQLITE = text("UPDATE escalation_words SET words = words || ' ' || :words WHERE rowid = :number")
# PostgreSQL refuses vectors of more than 1 MiB: a case of hundreds of the longest notes is found by its earlier words.
_ADD_POSTGRESQL = text("""
    INSERT INTO escalation_words (number, words) VALUES (:number, CAST(:words AS tsvector))
    ON CONFLICT (number) DO UPDATE SET words = escalation_words.words || excluded.words
    WHERE octet_length(CAST(escalation_words.words AS text)) < 900000""")
_FIND_SQLITE = text("""
    SELECT number FROM escalation_words JOIN escalation ON number = escalation_words.rowid
    WHERE escalation_words MATCH :query AND team_id = :team
    ORDER BY escalation_words.rowid DESC LIMIT :limit OFFSET :offset""")
_FIND_POSTGRESQL = text("""
    SELECT number FROM escalation_words JOIN escalation USING (number)
    WHERE words @@ CAST(:query AS tsquery) AND team_id = :team
    ORDER BY number DESC LIMIT :limit OFFSET :offset""")
