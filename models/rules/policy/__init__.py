"""What an operator may replace: what 21Vianet's own pages say today, from a cited file; and ``nagging``, how patient we
are with ourselves.
"""

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from importlib.resources import files
from typing import Any

from models.rules.policy import reminders
from models.rules.policy.reminders import ReminderTimes

OURS = "other"
"""The service that stands for all that 21Vianet may operate beside those it names."""
SEVERITIES = ("A", "B", "C")
Text = tuple[str, str]
"""The same in English and in Chinese."""


@dataclass(frozen=True)
class PolicySource:
    """Where a fact stands, and the day on which somebody read it there."""

    url: str
    read_on: date


@dataclass(frozen=True)
class PolicyFact:
    """What a page says, as a text."""

    text: Text
    source: PolicySource


@dataclass(frozen=True)
class CloudService:
    """A service 21Vianet operates: its key in the store, its names, its workloads, and the first response it aims at
    per severity. ``sources`` are those of the service and its workloads; ours ("another service") has none.
    """

    key: str
    en: str
    zh: str
    workloads: tuple[str, ...] = ()
    first_response: Mapping[str, PolicyFact] = field(default_factory=dict)
    sources: tuple[PolicySource, ...] = ()


@dataclass(frozen=True)
class PortalPath:
    """The click path of one kind of request in Partner Center, step by step, and the portal it begins at."""

    portal: str
    en: tuple[str, ...]
    zh: tuple[str, ...]
    source: PolicySource


@dataclass(frozen=True)
class Hotline:
    """A number to call when the web form does not work, for these services; for all when there are none."""

    number: str
    services: frozenset[str]
    source: PolicySource


@dataclass(frozen=True)
class VendorPolicy:
    """One version of the pages, ``paths`` keyed by the kind of request; and the values of nagging."""

    services: dict[str, CloudService]
    paths: dict[str, PortalPath]
    hotlines: tuple[Hotline, ...]
    billing: PolicyFact
    reminder_times: ReminderTimes = field(default_factory=reminders.load_packaged)

    def service(self, key: str) -> CloudService:
        """A service by key; one that left the list is still shown, under its key."""
        return self.services.get(key) or CloudService(key, key, key)

    def numbers(self, service: str) -> list[str]:
        """Return the numbers to call about a service; an empty key is a request about Partner Center."""
        return [hotline.number for hotline in self.hotlines if not hotline.services or service in hotline.services]

    def sources(self) -> list[PolicySource]:
        """Return the source of every fact."""
        services = self.services.values()
        return [
            *(path.source for path in self.paths.values()), *(hotline.source for hotline in self.hotlines),
            self.billing.source,
            *(source for service in services for source in service.sources),
            *(fact.source for service in services for fact in service.first_response.values()),
        ]  # fmt: skip


def parse_policy(text: str) -> VendorPolicy:
    """Read a policy file. Raises KeyError, TypeError or ValueError when it is not one."""
    data = tomllib.loads(text)
    services = {one.key: one for one in map(_service, data["service"])}
    paths = {
        kind: PortalPath(_address(p["portal"]), tuple(p["en"]), tuple(p["zh"]), _source(p))
        for kind, p in data["path"].items()
    }
    return VendorPolicy(services, paths, tuple(map(_hotline, data["hotline"])), _fact(data["billing"], data["billing"]))


def load_packaged() -> VendorPolicy:
    """The policy this version came with."""
    return parse_policy(files(__name__).joinpath("21vianet.toml").read_text(encoding="utf-8"))


def _service(entry: Mapping[str, Any]) -> CloudService:
    groups: Iterable[Mapping[str, Any]] = entry.get("workloads", ())
    names = [str(name) for group in groups for name in group["names"]]
    cited = groups if entry["key"] == OURS else [entry, *groups]
    response = dict(_first_response(entry.get("first_response", {})))
    return CloudService(
        str(entry["key"]), str(entry["en"]), str(entry["zh"]), tuple(names), response, tuple(map(_source, cited))
    )


def _first_response(table: Mapping[str, Any]) -> Iterator[tuple[str, PolicyFact]]:
    for severity in SEVERITIES:
        if severity in table:
            yield severity, _fact(table[severity], table)


def _hotline(entry: Mapping[str, Any]) -> Hotline:
    return Hotline(str(entry["number"]), frozenset(entry.get("services", ())), _source(entry))


def _fact(texts: Mapping[str, Any], cited: Mapping[str, Any]) -> PolicyFact:
    return PolicyFact((str(texts["en"]), str(texts["zh"])), _source(cited))


def _source(entry: Mapping[str, Any]) -> PolicySource:
    read_on = entry["read_on"]
    if not isinstance(read_on, date) or isinstance(read_on, datetime):
        raise TypeError(read_on)
    return PolicySource(_address(entry["source"]), read_on)


def _address(url: Any) -> str:
    """An address people may be led to. Raises ValueError."""
    if not isinstance(url, str) or not url.startswith("https://") or not url.isprintable():
        raise ValueError(url)
    return url
