"""What an operator may replace: what 21Vianet's own pages say today, from a cited file; and ``nagging``, how patient we
are with ourselves."""

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from importlib.resources import files
from typing import Any

from models.rules.policy import reminders
from models.rules.policy.reminders import Nagging

OURS = "other"
"""The service that stands for all that 21Vianet may operate beside those it names."""
SEVERITIES = ("A", "B", "C")
Text = tuple[str, str]
"""The same in English and in Chinese."""


@dataclass(frozen=True)
class Source:
    """Where a fact stands, and the day on which somebody read it there."""

    url: str
    read_on: date


@dataclass(frozen=True)
class Fact:
    """What a page says, as a text."""

    text: Text
    source: Source


@dataclass(frozen=True)
class Service:
    """A service 21Vianet operates: its key in the store, its names, its workloads, and the first response it aims at
    per severity. ``sources`` are those of the service and its workloads; ours ("another service") has none."""

    key: str
    en: str
    zh: str
    workloads: tuple[str, ...] = ()
    first_response: Mapping[str, Fact] = field(default_factory=dict)
    sources: tuple[Source, ...] = ()


@dataclass(frozen=True)
class Path:
    """The click path of one kind of request in Partner Center, step by step, and the portal it begins at."""

    portal: str
    en: tuple[str, ...]
    zh: tuple[str, ...]
    source: Source


@dataclass(frozen=True)
class Hotline:
    """A number to call when the web form does not work, for these services; for all when there are none."""

    number: str
    services: frozenset[str]
    source: Source


@dataclass(frozen=True)
class Policy:
    """One version of the pages, ``paths`` keyed by the kind of request; and the values of nagging."""

    services: dict[str, Service]
    paths: dict[str, Path]
    hotlines: tuple[Hotline, ...]
    billing: Fact
    nagging: Nagging = field(default_factory=reminders.packaged)

    def service(self, key: str) -> Service:
        """A service by key; one that left the list is still shown, under its key."""
        return self.services.get(key) or Service(key, key, key)

    def numbers(self, service: str) -> list[str]:
        """Return the numbers to call about a service; an empty key is a request about Partner Center."""
        return [one.number for one in self.hotlines if not one.services or service in one.services]

    def sources(self) -> list[Source]:
        """Return the source of every fact."""
        services = self.services.values()
        return [
            *(one.source for one in self.paths.values()), *(one.source for one in self.hotlines), self.billing.source,
            *(source for one in services for source in one.sources),
            *(fact.source for one in services for fact in one.first_response.values()),
        ]  # fmt: skip


def parse(text: str) -> Policy:
    """Read a policy file. Raises KeyError, TypeError or ValueError when it is not one."""
    data = tomllib.loads(text)
    services = {one.key: one for one in map(_service, data["service"])}
    paths = {
        kind: Path(_address(p["portal"]), tuple(p["en"]), tuple(p["zh"]), _source(p))
        for kind, p in data["path"].items()
    }
    return Policy(services, paths, tuple(map(_hotline, data["hotline"])), _fact(data["billing"], data["billing"]))


def packaged() -> Policy:
    """The policy this version came with."""
    return parse(files(__name__).joinpath("21vianet.toml").read_text(encoding="utf-8"))


def _service(entry: Mapping[str, Any]) -> Service:
    groups: Iterable[Mapping[str, Any]] = entry.get("workloads", ())
    names = [str(name) for group in groups for name in group["names"]]
    cited = groups if entry["key"] == OURS else [entry, *groups]
    response = dict(_first_response(entry.get("first_response", {})))
    return Service(
        str(entry["key"]), str(entry["en"]), str(entry["zh"]), tuple(names), response, tuple(map(_source, cited))
    )


def _first_response(table: Mapping[str, Any]) -> Iterator[tuple[str, Fact]]:
    for severity in SEVERITIES:
        if severity in table:
            yield severity, _fact(table[severity], table)


def _hotline(entry: Mapping[str, Any]) -> Hotline:
    return Hotline(str(entry["number"]), frozenset(entry.get("services", ())), _source(entry))


def _fact(texts: Mapping[str, Any], cited: Mapping[str, Any]) -> Fact:
    return Fact((str(texts["en"]), str(texts["zh"])), _source(cited))


def _source(entry: Mapping[str, Any]) -> Source:
    read_on = entry["read_on"]
    if not isinstance(read_on, date) or isinstance(read_on, datetime):
        raise TypeError(read_on)
    return Source(_address(entry["source"]), read_on)


def _address(url: Any) -> str:
    """An address people may be led to. Raises ValueError."""
    if not isinstance(url, str) or not url.startswith("https://") or not url.isprintable():
        raise ValueError(url)
    return url
