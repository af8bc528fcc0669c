"""Every SQL statement on the people that Slack described."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, select

from models.rules.people import Person
from models.store.database import convert_row
from models.store.tables import INSERT, PERSON

# Built once: building a statement costs more than running it.
_BY_ID = select(PERSON).where(PERSON.c.id == bindparam("user"))
_NAMES = select(PERSON.c.id, PERSON.c.name).where(PERSON.c.id.in_(bindparam("users", expanding=True)))
_ALL_NAMES = select(PERSON.c.id, PERSON.c.name)
_NAMES_OF_TEAM = _ALL_NAMES.where(PERSON.c.team_id == bindparam("team"))
_SAVE = {
    dialect: new.on_conflict_do_update(
        index_elements=["id"], set_={column.name: new.excluded[column.name] for column in PERSON.columns}
    )
    for dialect, new in ((dialect, insert(PERSON)) for dialect, insert in INSERT.items())
}


def save(connection: Connection, people: Sequence[tuple[Person, datetime]]) -> None:
    """Insert or replace people, each with the time at which Slack described them."""
    rows = [{**person.model_dump(), "seen_at": at} for person, at in people]
    connection.execute(_SAVE[connection.dialect.name], rows)


def find(connection: Connection, user: str) -> tuple[Person, datetime] | None:
    """Return a person by Slack id, and when Slack described them."""
    row = connection.execute(_BY_ID, {"user": user}).first()
    return convert_row(row, lambda values: (Person.model_validate(dict(values)), values["seen_at"]))


def find_names(connection: Connection, users: Collection[str]) -> dict[str, str]:
    """Return the names of these people by Slack id; unknown people are left out."""
    rows = connection.execute(_NAMES, {"users": list(users)}) if users else ()
    return {row.id: row.name for row in rows}


def find_names_of_team(connection: Connection, team_id: str | None) -> dict[str, str]:
    """Return the names of everybody in a team by Slack id; of all teams for None."""
    query = _NAMES_OF_TEAM if team_id else _ALL_NAMES
    return {row.id: row.name for row in connection.execute(query, {"team": team_id})}


def find_all(connection: Connection) -> list[Person]:
    """Return everybody whom Slack described, by name."""
    rows = connection.execute(select(PERSON).order_by(PERSON.c.name, PERSON.c.id)).mappings()
    return [Person.model_validate(dict(row)) for row in rows]


def forget(connection: Connection, user: str) -> bool:
    """Delete what Slack said of somebody (a Slack id); return whether there was anything."""
    return connection.execute(delete(PERSON).where(PERSON.c.id == user)).rowcount > 0
