"""What people are called: the name that Slack gave, or a label for somebody who was erased."""

from collections.abc import Collection

from sqlalchemy import Connection

from models.escalations import erasure_rows, person_rows
from models.rules.people import label_erased


def find_person_names(connection: Connection, users: Collection[str]) -> dict[str, str]:
    """Return the names of these people by Slack id; the bare id of a person never seen."""
    names = {user: user for user in users} | person_rows.find_names(connection, users)
    unnamed = {user for user, name in names.items() if name == user}
    erased = unnamed & erasure_rows.find_users(connection) if unnamed else set()
    return names | {user: label_erased(user) for user in erased}
