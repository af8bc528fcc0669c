"""Keep the epoch of a database in memory.

Every button that is sent to Slack carries it, so that a card of another database is recognised (docs/reliability.md).
"""

from models.store import epoch
from models.store.database import Store


class StoreEpoch:
    """The epoch of one store, read once and kept in memory."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._epoch, self._takes_unmarked = store.read(epoch.read)

    @property
    def epoch(self) -> str:
        """Return the mark that everything sent now carries."""
        return self._epoch

    def refresh(self) -> None:
        """Read the epoch again, because a replica may have renewed it. Raises NotSaved."""
        self._epoch, self._takes_unmarked = self._store.read(epoch.read)

    def is_ours(self, mark: str | None) -> bool:
        """Return whether something with this mark was sent from this database; None is from before marks existed."""
        if self._takes(mark):
            return True
        self.refresh()
        return self._takes(mark)

    def _takes(self, mark: str | None) -> bool:
        return mark == self._epoch if mark else self._takes_unmarked
