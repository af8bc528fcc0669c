"""The index of the words of solved cases: every SQL statement on it.

It is derived from the escalations: FTS5 on SQLite, an array with a GIN index on PostgreSQL. A row holds the distinct
terms of one case (``models.rules.escalations.similarity``).
"""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Connection, text

from models.rules.escalations.escalation import Escalation
from models.rules.escalations.similarity import Candidate, is_solution, list_solution_terms


def put(connection: Connection, escalation: Escalation) -> None:
    """Index a case as it is now, if it tells how a problem is solved; forget what was indexed before."""
    forget(connection, escalation.number)
    terms = list_solution_terms(escalation) if is_solution(escalation) else []
    if terms:
        _execute(connection, _ADD, number=escalation.number, words=terms)


def forget(connection: Connection, number: int) -> None:
    """Remove a case's words, so that nothing of its texts is found any more."""
    _execute(connection, _REMOVE, number=number)


def find_newest(connection: Connection, limit: int) -> list[tuple[int, list[str]]]:
    """Return the newest cases that are indexed with their terms, newest first."""
    return [(row.number, _read(row.words)) for row in _execute(connection, _NEWEST, limit=limit)]


def find(connection: Connection, terms: Collection[str], team_id: str, limit: int) -> list[Candidate]:
    """Return a team's newest solved cases with any of these terms.

    A case that was solved by an article, by the fix of another case, or with that of an incident, stands for that: its
    words lead there.
    """
    if not terms:
        return []
    rows = _execute(connection, _FIND, any_of=list(terms), team=team_id, limit=limit)
    return [Candidate(row.solution, _read(row.words), row.service) for row in rows]


def find_among_newest(
    connection: Connection, terms: Collection[str], team_id: str, limit: int, span: int
) -> list[Candidate]:
    """Return the same among so many of the newest cases alone: what frequent terms need."""
    if not terms:
        return []
    rows = _execute(connection, _FIND_AMONG_NEWEST, any_of=list(terms), team=team_id, span=span, limit=limit)
    return [Candidate(row.solution, _read(row.words), row.service) for row in rows]


def _execute(connection: Connection, statements: dict[str, str], **values: Any) -> Sequence[Any]:
    """Run a statement in the dialect of the database; terms are a text on SQLite."""
    name = connection.dialect.name
    if name == "postgresql" and "any_of" in values:
        connection.execute(_PLAN_FOR_THESE_VALUES)
    if name == "sqlite":
        values |= {"words": " ".join(values["words"])} if "words" in values else {}
        values |= {"any_of": " OR ".join(f'"{term}"' for term in values["any_of"])} if "any_of" in values else {}
    result = connection.execute(text(statements[name]), values)
    return result.all() if result.returns_rows else ()


def _read(words: str | list[str]) -> list[str]:
    return words.split(" ") if isinstance(words, str) else words


_PLAN_FOR_THESE_VALUES = text("SET LOCAL plan_cache_mode = force_custom_plan")
"""A plan for any terms would read all rows for rare ones."""
_ADD = {
    "sqlite": "INSERT INTO solution_words (rowid, words) VALUES (:number, :words)",
    "postgresql": "INSERT INTO solution_words (number, words) VALUES (:number, CAST(:words AS text[]))",
}
_REMOVE = {
    "sqlite": "DELETE FROM solution_words WHERE rowid = :number",
    "postgresql": "DELETE FROM solution_words WHERE number = :number",
}
_NEWEST = {
    "sqlite": "SELECT rowid AS number, words FROM solution_words ORDER BY rowid DESC LIMIT :limit",
    "postgresql": "SELECT number, words FROM solution_words ORDER BY number DESC LIMIT :limit",
}
# A case that was resolved with its incident's case repeats its words: “as CSP-7: …”, “同 CSP-7：…”.
_AS_PARENT = "CASE WHEN fix LIKE '%CSP-' || parent || ':%' OR fix LIKE '%CSP-' || parent || '：%' THEN parent END"
_FIND = {
    "sqlite": """
        SELECT coalesce(-solved_by_article, solved_from, as_parent, number) AS solution, words, service
        FROM solution_words JOIN escalation ON number = solution_words.rowid
        WHERE solution_words MATCH :any_of AND team_id = :team
            AND status IN ('resolved', 'closed') AND duplicate_of IS NULL AND fix IS NOT NULL
        ORDER BY solution_words.rowid DESC LIMIT :limit""",
    # PostgreSQL expects the newest soon and reads from the end, unless it has to collect the hits first. It expects
    # many hits of any terms and would read all escalations beside them, unless each is looked up (OFFSET 0).
    "postgresql": """
        WITH hit AS MATERIALIZED (
            SELECT number, words FROM solution_words WHERE words && CAST(:any_of AS text[]))
        SELECT coalesce(-solved_by_article, solved_from, as_parent, newest.number) AS solution, words, service
        FROM (SELECT number, words FROM hit ORDER BY number DESC) AS newest CROSS JOIN LATERAL (
            SELECT solved_by_article, solved_from, parent, fix, service FROM escalation
                WHERE escalation.number = newest.number AND team_id = :team
                AND status IN ('resolved', 'closed') AND duplicate_of IS NULL AND fix IS NOT NULL
            OFFSET 0) AS solved
        ORDER BY newest.number DESC LIMIT :limit""",
}
_FIND = {dialect: sql.replace("as_parent", _AS_PARENT) for dialect, sql in _FIND.items()}
_FIND_AMONG_NEWEST = {
    "sqlite": """
        SELECT coalesce(-solved_by_article, solved_from, as_parent, number) AS solution, words, service
        FROM solution_words JOIN escalation ON number = solution_words.rowid
        WHERE solution_words MATCH :any_of AND team_id = :team
            AND solution_words.rowid > coalesce(
                (SELECT rowid FROM solution_words ORDER BY rowid DESC LIMIT 1 OFFSET :span), 0)
            AND status IN ('resolved', 'closed') AND duplicate_of IS NULL AND fix IS NOT NULL
        ORDER BY solution_words.rowid DESC LIMIT :limit""",
    # Its index would return nearly all cases for frequent terms.
    "postgresql": """
        WITH newest AS MATERIALIZED (SELECT number, words FROM solution_words ORDER BY number DESC LIMIT :span)
        SELECT coalesce(-solved_by_article, solved_from, as_parent, newest.number) AS solution, words, service
        FROM newest CROSS JOIN LATERAL (
            SELECT solved_by_article, solved_from, parent, fix, service FROM escalation
                WHERE escalation.number = newest.number AND team_id = :team
                AND status IN ('resolved', 'closed') AND duplicate_of IS NULL AND fix IS NOT NULL
            OFFSET 0) AS solved
        WHERE words && CAST(:any_of AS text[])
        ORDER BY newest.number DESC LIMIT :limit""",
}
_FIND_AMONG_NEWEST = {dialect: sql.replace("as_parent", _AS_PARENT) for dialect, sql in _FIND_AMONG_NEWEST.items()}
