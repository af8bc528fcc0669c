"""Find escalations by words and filters.

Words are found with the full-text search of each database: FTS5 on SQLite, tsvector on PostgreSQL. This module also
holds every SQL statement on the index of words. Filters read the index ``escalation_filters`` alone, so that even a
selection of few among very many stays quick. Parts of a customer's name or of a request number have an index of their
pieces on PostgreSQL, where the function ``csp_pieces`` makes the pieces. SQLite reads all of them in less time.

Neither database cuts Chinese into words. So each pair of neighbouring ideographs is indexed as a word, and the last
ideograph alone: 上海蓝天 gives 上海, 海蓝, 蓝天 and 天. A Chinese query is a phrase of pairs, so any part of a name is
found. Pairs are rare where single ideographs are everywhere, which keeps the search quick.

Other words are found by their beginning. Numbers are found by any part: what follows from each digit on is indexed too.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    Select,
    TextualSelect,
    and_,
    column,
    false,
    func,
    literal_column,
    or_,
    select,
    text,
)

from models.rules.customers.customer import fold, strip_accents
from models.rules.escalations.selection import CaseSelection
from models.store.tables import ESCALATION

LONGEST = 200
"""How many characters of a word are indexed. PostgreSQL takes no word of more than 2,046 bytes."""
LONGEST_NUMBER = 40
"""How many characters of a number are indexed by their parts."""
NEWEST = 2_000
"""How many of the newest escalations are searched first: a page is often found among them."""
MOST_BOUNDED = 20_000
"""Escalations raised in a wanted time whose first and last number are looked for."""
NAME_PIECE, NUMBER_PIECE = 2, 3
"""Characters in a piece of a customer's name and of a request number, as in PostgreSQL's indexes of them."""
_IDEOGRAPH = r"(?:(?=[\u2e80-\u9fff\uf900-\ufaff\U00020000-\U0003ffff])\w)"
_PIECES = re.compile(rf"{_IDEOGRAPH}+|(?:(?!{_IDEOGRAPH})\w)+")
_IDEOGRAPHS = re.compile(rf"{_IDEOGRAPH}+")
_DIGIT = re.compile(r"\d")
_NAME = re.compile(r"#?(csp)?[\s_-]*(\d{1,9})", re.IGNORECASE)


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


def replace_words(connection: Connection, number: int, words: str) -> None:
    """Make an escalation findable by these words alone: what was indexed before is forgotten."""
    connection.execute(_REMOVE[connection.dialect.name], {"number": number})
    index(connection, number, words)


def find_numbers(connection: Connection, wanted: CaseSelection, team_id: str, limit: int, offset: int) -> list[int]:
    """Return the numbers of a team's escalations that are selected, newest first; none for no words and filters."""
    words = list(split(wanted.words))
    if wanted.is_empty or (wanted == CaseSelection(words=wanted.words) and not words):
        return []
    if wanted == CaseSelection(words=wanted.words):
        return _find_by_words(connection, {"team": team_id, "limit": limit, "offset": offset}, words)
    if connection.dialect.name != "sqlite":
        connection.execute(_PLAN_FOR_THESE_VALUES)
    newest = (connection.scalar(_LAST_NUMBER) or 0) - NEWEST
    numbers = _find_page(connection, wanted, team_id, (limit, offset), newest)
    if len(numbers) == limit:
        return numbers
    find_few = _find_few_sqlite if connection.dialect.name == "sqlite" else _find_few_postgresql
    return find_few(connection, wanted, team_id, (limit, offset))


def find_all_numbers(connection: Connection, wanted: CaseSelection) -> list[int]:
    """Return the numbers of all teams' escalations that are selected, oldest first."""
    if wanted == CaseSelection(words=wanted.words) and wanted.words and not list(split(wanted.words)):
        return []
    return list(connection.scalars(_matching(connection, wanted).order_by(ESCALATION.c.number)))


def _find_page(
    connection: Connection,
    wanted: CaseSelection,
    team_id: str,
    page: tuple[int, int],
    after: int,
    last: int | None = None,
) -> list[int]:
    query = _matching(connection, wanted, after).where(ESCALATION.c.team_id == team_id)
    if last is not None:
        query = query.where(ESCALATION.c.number <= last)
    limit, offset = page
    return list(connection.scalars(query.order_by(ESCALATION.c.number.desc()).limit(limit).offset(offset)))


def _find_few_sqlite(connection: Connection, wanted: CaseSelection, team_id: str, page: tuple[int, int]) -> list[int]:
    """Return a page of what is rare: SQLite lists all cases with frequent words only where the filters leave some."""
    first, last = _find_bounds(connection, wanted, team_id) if wanted.raised_from or wanted.raised_before else (1, None)
    if first is None:
        return []
    without_words = replace(wanted, words="")
    if wanted.words and not _find_page(connection, without_words, team_id, (1, 0), first - 1, last):
        return []
    return _find_page(connection, wanted, team_id, page, first - 1, last)


def _find_few_postgresql(
    connection: Connection, wanted: CaseSelection, team_id: str, page: tuple[int, int]
) -> list[int]:
    """Return a page of what is rare: PostgreSQL finds all of it before it sorts.

    Asked for the newest alone, its planner expects them soon and reads from the end, past everything else.
    """
    hits = _matching(connection, wanted).where(ESCALATION.c.team_id == team_id).cte("hit").prefix_with("MATERIALIZED")
    limit, offset = page
    return list(connection.scalars(select(hits.c.number).order_by(hits.c.number.desc()).limit(limit).offset(offset)))


def _find_bounds(connection: Connection, wanted: CaseSelection, team_id: str) -> tuple[int | None, int | None]:
    """Return the first and the last number of what was raised in the wanted time; None when nothing was.

    A time of very many has no bounds: finding them would take longer than they save.
    """
    columns = ESCALATION.c
    raised = select(columns.number).where(columns.team_id == team_id, *_time_conditions(wanted))
    raised_then = raised.limit(MOST_BOUNDED + 1).subquery()
    number = raised_then.c.number
    count, first, last = connection.execute(select(func.count(), func.min(number), func.max(number))).one()
    return (1, None) if count > MOST_BOUNDED else (first, last)


def _matching(connection: Connection, wanted: CaseSelection, after: int = 0) -> Select[int]:
    """Return the query for the numbers of what is selected, of those above a number only."""
    query = select(ESCALATION.c.number).where(*_conditions(wanted))
    if after:
        query = query.where(ESCALATION.c.number > after)
    if wanted.customers:
        query = query.where(_has_customer(connection, wanted.customers, after))
    if wanted.numbers:
        query = query.where(_has_number(connection, wanted.numbers, after))
    return query.where(contains_words(connection, [wanted.words], after)) if list(split(wanted.words)) else query


def contains_words(connection: Connection, texts: Iterable[str], after: int = 0) -> ColumnElement[bool]:
    """Demand of an escalation above a number that the index of words has all words of one of these texts for it."""
    alternatives = [words for text in texts if (words := list(split(text)))]
    return ESCALATION.c.number.in_(_hits(connection, alternatives, after)) if alternatives else false()


def _hits(connection: Connection, alternatives: Iterable[Iterable[str]], after: int) -> TextualSelect:
    """Return the query for the numbers of cases, above a number, that contain all words of an alternative."""
    is_sqlite = connection.dialect.name == "sqlite"
    join, either = (_fts5_query, " OR ") if is_sqlite else (_tsquery, " | ")
    query = either.join(f"({join(words)})" for words in alternatives)
    statement = _HITS_SQLITE if is_sqlite else _HITS_POSTGRESQL
    return statement.bindparams(query=query, after=after).columns(column("number", Integer))


def _conditions(wanted: CaseSelection) -> Iterator[ColumnElement[bool]]:
    """Yield what each filter demands of the row of an escalation."""
    columns = ESCALATION.c
    if wanted.states:
        yield columns.status.in_(sorted(wanted.states))
    if wanted.turns:
        yield columns.turn.in_(sorted(wanted.turns))
    if wanted.services:
        yield columns.service.in_(sorted(wanted.services))
    if wanted.severities:
        letters = sorted(wanted.severities)
        yield or_(columns.severity.in_(letters), columns.severity_given.in_(letters))
    if len(wanted.returned) == 1:
        yield columns.returned_on.is_not(None) if True in wanted.returned else columns.returned_on.is_(None)
    if wanted.owners:
        people = sorted(filter(None, wanted.owners))
        is_theirs = [columns.owner.in_(people)] if people else []
        yield or_(*is_theirs, *([columns.owner.is_(None)] if None in wanted.owners else []))
    yield from _time_conditions(wanted)


def _time_conditions(wanted: CaseSelection) -> Iterator[ColumnElement[bool]]:
    if wanted.raised_from:
        yield ESCALATION.c.raised_at >= wanted.raised_from
    if wanted.raised_before:
        yield ESCALATION.c.raised_at < wanted.raised_before


def _has_customer(connection: Connection, parts: Sequence[str], after: int) -> ColumnElement[bool]:
    """Demand one of these parts of the customer's name."""
    return _contains_any(connection, (ESCALATION.c.customer_name, NAME_PIECE), parts, after)


def _has_number(connection: Connection, typed: Iterable[str], after: int) -> ColumnElement[bool]:
    """Demand one of these: names of cases, or any parts of service request numbers."""
    numbers = [int(name[2]) for text in typed if (name := _NAME.fullmatch(text))]
    parts = [part for part in typed if not re.match("#?csp", part, re.IGNORECASE)]
    named = ESCALATION.c.number.in_(numbers)
    return _contains_any(connection, (ESCALATION.c.request_number, NUMBER_PIECE), parts, after, [named])


def _contains_any(
    connection: Connection,
    of: tuple[ColumnElement[str], int],
    parts: Sequence[str],
    after: int,
    others: Sequence[ColumnElement[bool]] = (),
) -> ColumnElement[bool]:
    """Demand one of these parts of a text, ignoring case, or one of the other conditions.

    ``of`` is the column with the length of its pieces. PostgreSQL's index of pieces finds the few that can have a part.
    It is not used where all are few, above ``after``, nor for parts shorter than a piece.
    """
    text_of, size = of
    is_sqlite = connection.dialect.name == "sqlite"
    # LIKE ignores case on SQLite, which reads all texts of its index quickly.
    contains = text_of.contains if is_sqlite else text_of.icontains
    has_part = or_(*others, *(contains(part, autoescape=True) for part in parts))
    if is_sqlite or after or any(len(part) < size for part in parts):
        return has_part
    length: ColumnElement[int] = literal_column(str(size))
    has_pieces = [func.csp_pieces(text_of, length).op("@>")(func.csp_pieces(part, length)) for part in parts]
    # Two conditions of the same shape: the index answers the first alone, and no row's pieces are made again.
    return and_(or_(*others, *has_pieces), has_part)


def _find_by_words(connection: Connection, page: dict[str, object], words: Iterable[str]) -> list[int]:
    if connection.dialect.name == "sqlite":
        return list(connection.scalars(_FIND_SQLITE, {**page, "query": _fts5_query(words)}))
    return _find_postgresql(connection, {**page, "query": _tsquery(words)})


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


def _fts5_query(words: Iterable[str]) -> str:
    return " AND ".join(map(_fts5_term, words))


def _tsquery(words: Iterable[str]) -> str:
    return " & ".join(map(_tsquery_term, words))


def _fts5_term(piece: str) -> str:
    phrase = _phrase(piece)
    return f'"{" ".join(phrase)}"' if phrase else f'"{piece[:LONGEST]}"*'


def _tsquery_term(piece: str) -> str:
    phrase = _phrase(piece)
    return "(" + " <-> ".join(f"'{pair}'" for pair in phrase) + ")" if phrase else f"'{piece[:LONGEST]}':*"


_LAST_NUMBER = select(func.max(ESCALATION.c.number))
_PLAN_FOR_THESE_VALUES = text("SET LOCAL plan_cache_mode = force_custom_plan")
"""A plan for any values would suit neither the frequent nor the rare."""
_HITS_SQLITE = text("SELECT rowid AS number FROM escalation_words WHERE words MATCH :query AND rowid > :after")
_HITS_POSTGRESQL = text(
    "SELECT number FROM escalation_words WHERE words @@ CAST(:query AS tsquery) AND number > :after"
)
_REMOVE = {
    "sqlite": text("DELETE FROM escalation_words WHERE rowid = :number"),
    "postgresql": text("DELETE FROM escalation_words WHERE number = :number"),
}
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
