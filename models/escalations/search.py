"""Finding escalations by words, with the full-text search each database brings: FTS5 on SQLite, tsvector on PostgreSQL.

Neither cuts Chinese into words, so of a run of ideographs each pair is kept as a word, and the last one alone: of
上海蓝天 these are 上海, 海蓝, 蓝天, 天. A Chinese query is a phrase of pairs, so any part of a name is found; and pairs
are rare where single ideographs are everywhere, which keeps it quick. Other words are found by their beginning, and
numbers by any part, because the rest of a number from each of its digits on is kept as a word too.
"""

import re
from collections.abc import Iterator

from sqlalchemy import Connection, text

from models.rules.customers.customer import fold, strip_accents

_IDEOGRAPH = r"(?:(?=[\u2e80-\u9fff\uf900-\ufaff\U00020000-\U0003ffff])\w)"
_PIECES = re.compile(rf"{_IDEOGRAPH}+|(?:(?!{_IDEOGRAPH})\w)+")
_IDEOGRAPHS = re.compile(rf"{_IDEOGRAPH}+")
LONGEST = 200
"""Longer words are found by their first so many letters; PostgreSQL takes no word of more than 2,046 bytes."""
LONGEST_NUMBER = 40
"""Any part of the first so many characters of a number is found."""
_DIGIT = re.compile(r"\d")

NEWEST = 2_000
"""So many of the newest cases are looked through first, on PostgreSQL."""


def index(connection: Connection, number: int, words: str) -> None:
    """Make an escalation findable by more words; what it was found by before stays."""
    terms = list(kept(words))
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
    page = {"team": team_id, "limit": limit, "offset": offset}
    if connection.dialect.name == "sqlite":
        return list(connection.scalars(_FIND_SQLITE, {**page, "query": " AND ".join(map(_fts5, wanted))}))
    return _among_the_newest(connection, {**page, "query": " & ".join(map(_tsquery, wanted))})


def _among_the_newest(connection: Connection, page: dict[str, object]) -> list[int]:
    """Frequent words fill a page from the newest cases alone, which are read one after the other; only rare ones are
    worth the index, which gives all that have them, unsorted. PostgreSQL itself guesses badly which is which.
    """
    found = list(connection.scalars(_FIND_AMONG_NEWEST, {**page, "span": NEWEST}))
    return found if len(found) == page["limit"] else list(connection.scalars(_FIND_ANYWHERE, page))


def kept(words: str) -> Iterator[str]:
    """The words of a text as the index keeps them, in their order, and after them the parts of its numbers."""
    found = list(pieces(words))
    for piece in found:
        yield from (*_pairs(piece), piece[-1]) if _IDEOGRAPHS.fullmatch(piece) else (piece[:LONGEST],)
    for piece in dict.fromkeys(found):
        yield from _parts(piece[:LONGEST_NUMBER])


def _parts(word: str) -> Iterator[str]:
    """What follows from each digit of a word on, down to two characters; nothing for a word without digits."""
    return (word[match.start() :] for match in _DIGIT.finditer(word, 1) if len(word) - match.start() > 1)


def pieces(words: str) -> Iterator[str]:
    """Runs of letters and digits, and runs of ideographs, folded. Only these ever reach a query, so no operator can."""
    return (match[0] for match in _PIECES.finditer(strip_accents(fold(words)).replace("_", " ")))


def _pairs(ideographs: str) -> list[str]:
    return [ideographs[at : at + 2] for at in range(len(ideographs) - 1)]


def _phrase(piece: str) -> list[str]:
    """The pairs that stand beside each other where the piece stands; empty for what is found by its beginning."""
    return _pairs(piece) if _IDEOGRAPHS.fullmatch(piece) else []


def _fts5(piece: str) -> str:
    phrase = _phrase(piece)
    return f'"{" ".join(phrase)}"' if phrase else f'"{piece[:LONGEST]}"*'


def _tsquery(piece: str) -> str:
    phrase = _phrase(piece)
    return "(" + " <-> ".join(f"'{pair}'" for pair in phrase) + ")" if phrase else f"'{piece[:LONGEST]}':*"


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
_FIND_AMONG_NEWEST = text("""
    SELECT number FROM (SELECT * FROM escalation_words ORDER BY number DESC LIMIT :span) newest
    JOIN escalation USING (number) WHERE words @@ CAST(:query AS tsquery) AND team_id = :team
    ORDER BY number DESC LIMIT :limit OFFSET :offset""")
_FIND_ANYWHERE = text("""
    WITH hit AS MATERIALIZED (SELECT number FROM escalation_words WHERE words @@ CAST(:query AS tsquery))
    SELECT number FROM hit WHERE :team = (SELECT team_id FROM escalation WHERE escalation.number = hit.number)
    ORDER BY number DESC LIMIT :limit OFFSET :offset""")
