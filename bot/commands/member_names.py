"""Names of people at the terminal: as Slack told them, else as the rota has them."""

from collections.abc import Callable
from datetime import datetime
from functools import cache

from models.escalations.queries import EscalationQueries
from models.oncall import rota_store
from models.store.database import Store


def find_names(store: Store, now: datetime) -> Callable[[str], str]:
    """Return what finds the name of a Slack id; it returns the id of somebody whom neither names."""
    queries, rota = EscalationQueries(store), rota_store.rota_at(store, now)

    @cache
    def find_name(user: str) -> str:
        name, member = queries.name_of(user), rota.member_with(user) if rota else None
        return member.name if member and name == user else name

    return find_name
