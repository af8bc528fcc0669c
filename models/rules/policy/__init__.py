"""What an operator may replace: the facts of 21Vianet's own pages, from a cited file, and the reminder times."""

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from importlib.resources import files
from typing import Any

from models.rules.policy import reminders
from models.rules.policy.reminders import ReminderTimes

OURS = "other"
"""The service that stands for everything 21Vianet may operate besides the services it names."""
SEVERITIES = ("A", "B", "C")
Text = tuple[str, str]
"""The same text in English and in Chinese."""


@dataclass(frozen=True)
class PolicySource:
    """The page of a fact, and the day on which a person read it there."""

    url: str
    read_on: date


@dataclass(frozen=True)
class PolicyFact:
    """A fact of a page, as a text."""

    text: Text
    source: PolicySource


@dataclass(frozen=True)
class CloudService:
    """A service that 21Vianet operates."""

    key: str  # as stored
    en: str
    zh: str
    workloads: tuple[str, ...] = ()
    # the first response 21Vianet aims at, by severity
    first_response: Mapping[str, PolicyFact] = field(default_factory=dict)
    sources: tuple[PolicySource, ...] = ()  # of the service and its workloads; none for “another service”


@dataclass(frozen=True)
class PortalPath:
    """The click path of one kind of request in Partner Center, step by step."""

    portal: str  # the address at which it begins
    en: tuple[str, ...]
    zh: tuple[str, ...]
    source: PolicySource


@dataclass(frozen=True)
class Hotline:
    """A number to call when the web form does not work."""

    number: str
    services: frozenset[str]  # for these only; empty is for all
    source: PolicySource


@dataclass(frozen=True)
class VendorPolicy:
    """One version of 21Vianet's pages, and the reminder times."""

    services: dict[str, CloudService]
    paths: dict[str, PortalPath]  # by the kind of request
    hotlines: tuple[Hotline, ...]
    billing: PolicyFact
    reminder_times: ReminderTimes = field(default_factory=reminders.load_packaged)

    def service(self, key: str) -> CloudService:
        """Return a service by key. One that left the list is still shown, under its key."""
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
    services = {service.key: service for service in map(_read_service, data["service"])}
    paths = {
        kind: PortalPath(_check_address(path["portal"]), tuple(path["en"]), tuple(path["zh"]), _read_source(path))
        for kind, path in data["path"].items()
    }
    return VendorPolicy(
        services, paths, tuple(map(_read_hotline, data["hotline"])), _read_fact(data["billing"], data["billing"])
    )


def load_packaged() -> VendorPolicy:
    """Return the policy that this version ships with."""
    return parse_policy(files(__name__).joinpath("21vianet.toml").read_text(encoding="utf-8"))


def _read_service(entry: Mapping[str, Any]) -> CloudService:
    groups: Iterable[Mapping[str, Any]] = entry.get("workloads", ())
    names = [str(name) for group in groups for name in group["names"]]
    cited = groups if entry["key"] == OURS else [entry, *groups]
    response = dict(_read_first_response(entry.get("first_response", {})))
    return CloudService(
        str(entry["key"]), str(entry["en"]), str(entry["zh"]), tuple(names), response, tuple(map(_read_source, cited))
    )


def _read_first_response(table: Mapping[str, Any]) -> Iterator[tuple[str, PolicyFact]]:
    for severity in SEVERITIES:
        if severity in table:
            yield severity, _read_fact(table[severity], table)


def _read_hotline(entry: Mapping[str, Any]) -> Hotline:
    return Hotline(str(entry["number"]), frozenset(entry.get("services", ())), _read_source(entry))


def _read_fact(texts: Mapping[str, Any], cited: Mapping[str, Any]) -> PolicyFact:
    return PolicyFact((str(texts["en"]), str(texts["zh"])), _read_source(cited))


def _read_source(entry: Mapping[str, Any]) -> PolicySource:
    read_on = entry["read_on"]
    if not isinstance(read_on, date) or isinstance(read_on, datetime):
        raise TypeError(read_on)
    return PolicySource(_check_address(entry["source"]), read_on)


def _check_address(url: Any) -> str:
    """Return an address people may be sent to. Raises ValueError."""
    if not isinstance(url, str) or not url.startswith("https://") or not url.isprintable():
        raise ValueError(url)
    return url
