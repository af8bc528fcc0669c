"""Whether the database can be used, as reads and writes show."""

import logging
import threading
from collections import deque
from time import monotonic

from models.rules.errors import DatabaseAway, NotSaved
from models.store.database_errors import DatabaseErrorCause, cause_of

log = logging.getLogger(__name__)

TROUBLE, RECOVERY = "the database cannot be used now", "the database can be used again"
"""How lines of the log begin that say so; :class:`bot.logs.RateLimitFilter` limits them."""
_UNREACHABLE = frozenset(
    {
        DatabaseErrorCause.AWAY, DatabaseErrorCause.REFUSED, DatabaseErrorCause.NO_HOST, DatabaseErrorCause.LOGIN,
        DatabaseErrorCause.NO_DATABASE, DatabaseErrorCause.STANDBY,
    }
)  # fmt: skip
"""Causes that concern everything that is written: one failure shows that the database is away."""
_CROWDED = frozenset({DatabaseErrorCause.BUSY, DatabaseErrorCause.NO_SLOT})
"""Causes that pass by themselves: only several failures in a row show that the database is away."""
_IN_A_ROW = 3
_KEPT = 100
"""Failed writes that are remembered."""


class DatabaseAvailability:
    """Remembers failed writes, and from a failure to the next saved write whether the database is away.

    Threads may share it.
    """

    def __init__(self) -> None:
        self.is_logged = False
        """Whether the log has a line when the database is away, and one when it is back: that of the running bot."""
        self.is_in_doubt = False
        """Whether something failed since the last saved write. Only then :meth:`note_write` has anything to do."""
        self._lock = threading.Lock()
        self._failed: deque[tuple[float, DatabaseErrorCause]] = deque(maxlen=_KEPT)
        self._in_a_row = 0
        self._away_since: float | None = None

    def count_failed_writes(self, seconds: float) -> int:
        """Return how many writes failed in the last ``seconds``, at most 100.

        Those of a time in which the database was away don't count once it is back.
        """
        since = monotonic() - seconds
        with self._lock:
            return sum(at >= since for at, _ in self._failed)

    def note_failure(self, error: NotSaved, *, writes: bool) -> NotSaved:
        """Remember a failure, and return what to raise: DatabaseAway while it is known that the database is away."""
        cause = cause_of(error)
        with self._lock:
            if writes:
                self._failed.append((monotonic(), cause))
                self._in_a_row = self._in_a_row + 1 if cause in _CROWDED else 0
            is_away = cause in _UNREACHABLE or self._in_a_row >= _IN_A_ROW
            is_new = is_away and self._away_since is None
            if is_new:
                self._away_since = monotonic()
            self.is_in_doubt = self._away_since is not None or self._in_a_row > 0
            is_known = self._away_since is not None and cause in _UNREACHABLE | _CROWDED
        if is_new and self.is_logged:
            log.warning(f"{TROUBLE} (%s); nothing is saved, and what is due waits", cause)
        return DatabaseAway() if is_known and self.is_logged else error

    def note_write(self) -> None:
        """Remember that something was saved: the database is there."""
        with self._lock:
            since, self._away_since, self._in_a_row = self._away_since, None, 0
            self.is_in_doubt = False
            if since is not None:
                lasting = [(at, cause) for at, cause in self._failed if cause not in _UNREACHABLE | _CROWDED]
                self._failed = deque(lasting, maxlen=_KEPT)
        if since is not None and self.is_logged:
            log.warning(f"{RECOVERY} after %.0f seconds", monotonic() - since)
