"""The line of the log about work that waits because the database can't be used."""

import logging

from models.rules.errors import DatabaseAway, NotSaved
from models.store.availability import TROUBLE
from models.store.database_errors import cause_of


def log_not_saved(log: logging.Logger, error: NotSaved, effect: str) -> None:
    """Log what waits. That the database is away for everybody is said once for all, by the store."""
    if not isinstance(error, DatabaseAway):
        log.warning(f"{TROUBLE} (%s); {effect}", cause_of(error))
