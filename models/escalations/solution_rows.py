"""Every SQL statement that looks for escalations by the one whose fix solved them."""

from collections.abc import Collection

from sqlalchemy import Connection, bindparam, func, select

from models.store.tables import ESCALATION

_USES = (
    select(ESCALATION.c.solved_from, func.count().label("uses"))
    .where(ESCALATION.c.solved_from.in_(bindparam("numbers", expanding=True)))
    .group_by(ESCALATION.c.solved_from)
)


def count_uses(connection: Connection, numbers: Collection[int]) -> dict[int, int]:
    """Return how many escalations the fix of each of these solved; one whose fix solved no other is left out."""
    rows = connection.execute(_USES, {"numbers": list(numbers)}) if numbers else ()
    return {row.solved_from: row.uses for row in rows}
