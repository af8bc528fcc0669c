"""Who is reached how beside Slack: the addresses of people, and the hours and severities for which each serves."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from models.rules.reach.channels import CHANNELS, GROUPS, Channel, ChannelDescription, RateLimit

EVERYBODY = "everybody"
"""The name under which addresses stand that serve for everybody."""
ALL_DAY = (0, 24 * 60)
SEVERITIES = ("A", "B", "C")
CHINA = ZoneInfo("Asia/Shanghai")
_SHOWN = 4
"""How many characters of an address stay readable at its end."""


@dataclass(frozen=True)
class ReachAddress:
    """One way to a person. Its fields hold secrets and are never printed."""

    channel: Channel
    fields: Mapping[str, str] = field(repr=False)
    hours: tuple[int, int] = ALL_DAY
    """From and until when it serves, in minutes after midnight; it may reach beyond midnight."""
    severities: tuple[str, ...] = SEVERITIES
    customer_names: bool = False
    """Whether its texts may name customers."""
    own_limits: tuple[RateLimit, ...] = ()
    """How often it may be used, where the file says so."""

    @property
    def description(self) -> ChannelDescription:
        """What every address of its channel has."""
        return CHANNELS[self.channel]

    @property
    def limits(self) -> tuple[RateLimit, ...]:
        """How often it may be used: as the file says, else as its channel allows."""
        return self.own_limits or self.description.limits

    @cached_property
    def id(self) -> str:
        """A hash that names it in the store."""
        return self._hash(sorted(self.fields))

    @cached_property
    def sender_id(self) -> str:
        """A hash of what its channel limits: several people may be reached by one robot."""
        return self._hash(self.description.sender)

    @cached_property
    def app_id(self) -> str:
        """A hash of the app through which its pages go; empty where only the sender is limited."""
        return self._hash(self.description.app) if self.description.app else ""

    @cached_property
    def service(self) -> str:
        """What answers for it: the host of its address. Threads that wait for it are counted by this name."""
        place = self.fields.get("url") or self.fields.get("server") or ""
        host = place.rpartition("://")[2].partition("/")[0].rpartition("@")[2]
        return f"{self.channel} {host}"

    @property
    def shown(self) -> str:
        """The end of the person's own part of the address: no secret. Empty for a robot."""
        visible = self.fields.get("to") or self.fields.get("mobile") or ""
        return f"…{visible[-_SHOWN:]}" if len(visible) > _SHOWN else visible

    def serves(self, severity: str, at: datetime, zone: ZoneInfo) -> bool:
        """Return whether it serves for a severity (empty for what has none) at an instant."""
        local = at.astimezone(zone)
        minute, (start, end) = local.hour * 60 + local.minute, self.hours
        is_open = start <= minute < end if start < end else minute >= start or minute < end
        return is_open and (not severity or severity in self.severities)

    def _hash(self, names: list[str] | tuple[str, ...]) -> str:
        parts = [str(self.channel), *(f"{name}={self.fields.get(name, '')}" for name in names)]
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class ReachPlan:
    """The addresses of all people, by their name in the rota, and when Slack counts as silent."""

    people: Mapping[str, tuple[ReachAddress, ...]] = field(default_factory=dict)
    contacts: Mapping[str, str] = field(default_factory=dict)
    """How people are reached as the duty sheet may say it, by what the file calls them: see :meth:`find_contact`."""
    zone: ZoneInfo = CHINA
    severity_a_after: timedelta = timedelta(minutes=1)
    other_after: timedelta = timedelta(minutes=5)

    @cached_property
    def addresses(self) -> Mapping[str, ReachAddress]:
        """Every address by its id."""
        return {address.id: address for addresses in self.people.values() for address in addresses}

    def find_addresses(self, names: tuple[str, ...], severity: str, at: datetime) -> Iterator[ReachAddress]:
        """Yield the addresses by which somebody is reached, in order: their own, then those of everybody.

        ``names`` are what the file may call them: their name in the rota, and their Slack id.
        """
        for name in (*names, EVERYBODY):
            for address in self.people.get(name, ()):
                if address.serves(severity, at, self.zone):
                    yield address

    def find_contact(self, names: tuple[str, ...]) -> str:
        """Return what the duty sheet says of how to reach somebody. ``names`` are those of :meth:`find_addresses`."""
        return next((self.contacts[name] for name in names if name in self.contacts), "")

    def find_channels(self, names: tuple[str, ...]) -> tuple[Channel, ...]:
        """Return the channels of somebody's own addresses, each once, in order."""
        return tuple(dict.fromkeys(address.channel for name in names for address in self.people.get(name, ())))

    def is_private(self, address: ReachAddress) -> bool:
        """Return whether only one person reads what goes to an address."""
        return address.channel not in GROUPS and not self.is_shared(address)

    def is_shared(self, address: ReachAddress) -> bool:
        """Return whether an address serves for everybody: its readers share a language and a zone, not one's own."""
        return any(other.id == address.id for other in self.people.get(EVERYBODY, ()))

    def silent_after(self, severity: str) -> timedelta:
        """Return how long a message may be unsent in Slack before another way is used."""
        return self.severity_a_after if severity == "A" else self.other_after


NOBODY_REACHED = ReachPlan()
"""What counts without a reach file."""
