"""Find escalations by words, with the full-text search of each database: FTS5 on SQLite, tsvector on PostgreSQL.

This module also holds every SQL statement on the index of words.

Neither database cuts Chinese into words. So each pair of neighbouring ideographs is indexed as a word, and the last
ideograph alone: 上海蓝天 gives 上海, 海蓝, 蓝天 and 天. A Chinese query is a phrase of pairs, so any part of a name is
found. Pairs are rare where single ideographs are everywhere, which keeps the search quick.

Other words are found by their beginning. Numbers are found by any part: what follows from each digit on is indexed too.
"""

import re
from collections.abc import Iterator

from sqlalchemy import Connection, text

from models.rules.customers.customer import fold, strip_accents

LONGEST = 200
"""How many characters of a word are indexed. PostgreSQL takes no word of more than 2,046 bytes."""
LONGEST_NUMBER = 40
"""How many characters of a number are indexed by their parts."""
NEWEST = 2_000
"""How many of the newest escalations are searched first, on PostgreSQL."""
_IDEOGRAPH = r"(?:(?=[\u2e80-\u9fff\uf900-\ufaff\U00020000-\U0003ffff])\w)"
_PIECES = re.compile(rf"{_IDEOGRAPH}+|(?:(?!{_IDEOGRAPH})\w)+")
_IDEOGRAPHS = re.compile(rf"{_IDEOGRAPH}+")
_DIGIT = re.compile(r"\d")


def index(connection: Connection, number: int, words: str) -> None:
    """Make an escalation findable by more words, besides those that are indexed already."""
    terms = list(index_terms(words))
    if connection.dialect.name != "sqlite":
        positions = " ".join(f"'{term}':{position}" for position, term in enumerate(terms, 1))
        connection.execute(_ADD_POSTGRESQL, {"number": number, "words": positions})
        return
    row = {"number": number, "words": " ".join(terms)}
    if connection.execute(_APPEND_SQLITE, row).rowcount == 0:
        connection.execute(_ADD_SQLITE, row)


def find_numbers(connection: Connection, words: str, team_id: str, limit: int, offset: int) -> list[int]:
    """Return the numbers of a team's escalations that contain all the words, newest first; none for no words."""
    wanted = list(split(words))
    if not wanted:
        return []
    page = {"team": team_id, "limit": limit, "offset": offset}
    if connection.dialect.name == "sqlite":
        return list(connection.scalars(_FIND_SQLITE, {**page, "query": " AND ".join(map(_fts5_term, wanted))}))
    return _find_postgresql(connection, {**page, "query": " & ".join(map(_tsquery_term, wanted))})


def _find_postgresql(connection: Connection, page: dict[str, object]) -> list[int]:
    """Search the newest escalations first, and use the index only when they don't fill the page.

    Frequent words fill a page from the newest rows. The index returns all matches unsorted, which pays for rare words
    only. PostgreSQL's own planner guesses badly which is which.
    """
    numbers = list(connection.scalars(_FIND_AMONG_NEWEST, {**page, "span": NEWEST}))
    return numbers if len(numbers) == page["limit"] else list(connection.scalars(_FIND_ANYWHERE, page))


def index_terms(words: str) -> Iterator[str]:
    """Yield the terms that are indexed for a text: its words in order, then the parts of its numbers."""
    pieces = list(split(words))
    for piece in pieces:
        yield from (*_pairs(piece), piece[-1]) if _IDEOGRAPHS.fullmatch(piece) else (piece[:LONGEST],)
    for piece in dict.fromkeys(pieces):
        yield from _number_parts(piece[:LONGEST_NUMBER])


def _number_parts(word: str) -> Iterator[str]:
    """Return what follows from each digit of a word on, down to two characters; nothing for a word without digits."""
    return (word[match.start() :] for match in _DIGIT.finditer(word, 1) if len(word) - match.start() > 1)


def split(words: str) -> Iterator[str]:
    """Split a text into runs of letters and digits, and runs of ideographs, all folded.

    Only these ever reach a query, so nobody can type an operator.
    """
    return (match[0] for match in _PIECES.finditer(strip_accents(fold(words)).replace("_", " ")))


def _pairs(ideographs: str) -> list[str]:
    return [ideographs[at : at + 2] for at in range(len(ideographs) - 1)]


def _phrase(piece: str) -> list[str]:
    """Return the pairs to find next to each other; empty for a word that is found by its beginning."""
    return _pairs(piece) if _IDEOGRAPHS.fullmatch(piece) else []


def _fts5_term(piece: str) -> str:
    phrase = _phrase(piece)
    return f'"{" ".join(phrase)}"' if phrase else f'"{piece[:LONGEST]}"*'


def _tsquery_term(piece: str) -> str:
    phrase = _phrase(piece)
    return "(" + " <-> ".join(f"'{pair}'" for pair in phrase) + ")" if phrase else f"'{piece[:LONGEST]}':*"


_ADD_SQLITE = text("INSERT INTO escalation_words (rowid, words) VALUES (:number, :words)")
_APPEND_SQLITE = text("UPDATE escalation_words SET words = words || ' ' || :words WHERE rowid = :number")
# PostgreSQL refuses vectors of more than 1 MiB: a case of hundreds of the longest notes is found by its earlier words.
_ADD_POSTGRESQL = text("""
    INSERT INTO escalation_words (number, words) VALUES (:number, CAST(:words AS tsvector))
    ON CONFLICT (number) DO UPDATE SET words = escalation_words.words || excluded.words
    WHERE octet_length(CAST(escalation_words.words AS text)) < 900000""")
_FIND_SQLITE = text("""
    SELECT number FROM escalation_words JOIN escalation ON number = escalation_words.rowid
    WHERE escalation_words MATCH :query AND team_id = :team
    ORDER BY escalation_words.rowid DESC LIMIT :limit OFFSET :offset""")
_FIND_AMONG_NEWEST = text("""
    SELECT number FROM (SELECT * FROM escalation_words ORDER BY number DESC LIMIT :span) newest
    JOIN escalation USING (number) WHERE words @@ CAST(:query AS tsquery) AND team_id = :team
    ORDER BY number DESC LIMIT :limit OFFSET :offset""")
_FIND_ANYWHERE = text("""
    WITH hit AS MATERIALIZED (SELECT number FROM escalation_words WHERE words @@ CAST(:query AS tsquery))
    SELECT number FROM hit WHERE :team = (SELECT team_id FROM escalation WHERE escalation.number = hit.number)
    ORDER BY number DESC LIMIT :limit OFFSET :offset""")
