"""The epoch of one store, at hand: a mark that what is sent to Slack carries, so that a card of another database is
known (docs/reliability.md).
"""

from models.store import epoch
from models.store.database import Store


class StoreEpoch:
    """Kept in memory: every button that is sent needs it."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._epoch, self._takes_unmarked = store.read(epoch.read)

    @property
    def epoch(self) -> str:
        """The mark of all that is sent now."""
        return self._epoch

    def refresh(self) -> None:
        """Read it again: a replica may have renewed it. Raises NotSaved."""
        self._epoch, self._takes_unmarked = self._store.read(epoch.read)

    def is_ours(self, mark: str | None) -> bool:
        """Whether something with this mark was sent by this record. Without one it is from before marks existed."""
        if self._takes(mark):
            return True
        self.refresh()
        return self._takes(mark)

    def _takes(self, mark: str | None) -> bool:
        return mark == self._epoch if mark else self._takes_unmarked
