"""Asks for the cases of listed incidents and their children, outside of a transaction."""

from models.escalations import parent_rows
from models.rules.escalations.escalation import Escalation
from models.store.database import Store

LISTED = 100
"""How many children are listed."""


class IncidentCases:
    """Answers questions about one store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def find_children(self, number: int) -> list[Escalation]:
        """Return the cases that are attached to one, ended ones too, oldest first."""
        return self._store.read(lambda connection: parent_rows.find_all(connection, number, LISTED))

    def find_parents(self, service: str, incident_id: str, team_id: str) -> list[Escalation]:
        """Return the open cases of this incident, else those of an incident of the same service, newest first."""
        parents = self._store.read(lambda connection: parent_rows.find_incidents(connection, team_id))
        wanted = incident_id.strip().casefold()
        same = [parent for parent in parents if wanted and parent.incident_id.casefold() == wanted]
        return same or [parent for parent in parents if parent.incident_id and parent.service == service]
