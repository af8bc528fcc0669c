"""Names of people at the terminal: as Slack told them, else as the rota has them."""

from collections.abc import Callable
from datetime import datetime
from functools import cache

from handlers.i18n.words import N_, Words
from models.escalations.queries import EscalationQueries
from models.oncall import rota_store
from models.oncall.rota_versions import TERMINAL
from models.store.database import Store

AT_TERMINAL = N_("at the terminal")


def find_names(store: Store, now: datetime) -> Callable[[str], str]:
    """Return what finds the name of a Slack id; it returns the id of somebody whom neither names."""
    queries, rota = EscalationQueries(store), rota_store.rota_at(store, now)

    @cache
    def find_name(user: str) -> str:
        name, member = queries.name_of(user), rota.member_with(user) if rota else None
        return member.name if member and name == user else name

    return find_name


def find_authors(store: Store, now: datetime, words: Words) -> Callable[[str], str]:
    """Return what names the author of a file: a person, or the terminal."""
    find_name = find_names(store, now)
    return lambda by: words(AT_TERMINAL) if by == TERMINAL else find_name(by)
