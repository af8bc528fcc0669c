"""Every SQL statement that looks for escalations by what solved them: another one's fix, or an article."""

from collections.abc import Collection

from sqlalchemy import Connection, bindparam, func, select

from models.store.tables import ESCALATION

_USES = (
    select(ESCALATION.c.solved_from, func.count().label("uses"))
    .where(ESCALATION.c.solved_from.in_(bindparam("numbers", expanding=True)))
    .group_by(ESCALATION.c.solved_from)
)
_ARTICLE_USES = (
    select(ESCALATION.c.solved_by_article, func.count().label("uses"))
    .where(ESCALATION.c.solved_by_article.in_(bindparam("numbers", expanding=True)))
    .group_by(ESCALATION.c.solved_by_article)
)
_USES_OF_ARTICLE = (
    select(ESCALATION.c.number, ESCALATION.c.owner)
    .where(ESCALATION.c.solved_by_article == bindparam("number"))
    .order_by(ESCALATION.c.number.desc())
    .limit(bindparam("most"))
)


def count_uses(connection: Connection, numbers: Collection[int]) -> dict[int, int]:
    """Return how many escalations the fix of each of these solved; one whose fix solved no other is left out."""
    rows = connection.execute(_USES, {"numbers": list(numbers)}) if numbers else ()
    return {row.solved_from: row.uses for row in rows}


def count_article_uses(connection: Connection, numbers: Collection[int]) -> dict[int, int]:
    """Return how many escalations each of these articles solved; one that solved none is left out."""
    rows = connection.execute(_ARTICLE_USES, {"numbers": list(numbers)}) if numbers else ()
    return {row.solved_by_article: row.uses for row in rows}


def find_uses_of_article(connection: Connection, number: int, limit: int) -> list[tuple[int, str]]:
    """Return number and owner of the newest escalations that an article solved; the owner is empty without one."""
    rows = connection.execute(_USES_OF_ARTICLE, {"number": number, "most": limit})
    return [(row.number, row.owner or "") for row in rows]
