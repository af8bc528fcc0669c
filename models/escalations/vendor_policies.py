"""21Vianet's rules by version, in memory: a case is judged by its own version, everything else by the newest."""

from contextlib import suppress
from dataclasses import replace

from models.escalations import policy_versions
from models.escalations.policy_versions import PACKAGED
from models.rules.errors import NotSaved
from models.rules.policy import reader
from models.rules.policy.vendor import VendorPolicy
from models.rules.toml.tables import InvalidFile
from models.store.database import Store


class VendorPolicies:
    """The versions of one store. Each is read and parsed once, because none is ever changed."""

    def __init__(self, store: Store, packaged: VendorPolicy) -> None:
        """Keep ``packaged`` as version 0. The reminder times of every version are those of ``packaged``."""
        self._store, self._packaged = store, packaged
        self._by_number = {PACKAGED: packaged}
        self._newest = PACKAGED
        self.refresh()

    @property
    def newest(self) -> VendorPolicy:
        """The rules that count now, as of the last refresh."""
        return self._by_number[self._newest]

    def of_version(self, number: int) -> VendorPolicy:
        """Return one version. While the store is away, the newest one stands for a version that was not read yet."""
        if number not in self._by_number:
            with suppress(NotSaved):
                self.refresh()
        return self._by_number.get(number, self.newest)

    def refresh(self) -> None:
        """Read the versions that were imported since the last time. Raises NotSaved."""
        for version in self._store.read(lambda connection: policy_versions.find_since(connection, self._newest)):
            self._by_number[version.number] = self._parse(version.text)
            self._newest = version.number

    def _parse(self, policy_file: str) -> VendorPolicy:
        try:
            return replace(reader.parse_policy(policy_file), reminder_times=self._packaged.reminder_times)
        except InvalidFile:  # an earlier program took it; the bot must not stop for it, and `policy show` tells why
            return self._packaged
