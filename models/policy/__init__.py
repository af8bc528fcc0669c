"""What an operator may replace: what 21Vianet's own pages say today, from a dated, cited file; and ``nagging``, how
patient we are with ourselves."""

import tomllib
from dataclasses import dataclass, field
from datetime import date
from importlib.resources import files

from models.policy import nagging
from models.policy.nagging import Nagging


@dataclass(frozen=True)
class Service:
    """A service 21Vianet operates: its key in the store, its names, its workloads, and the first response it aims at
    per severity as (English, Chinese)."""

    key: str
    en: str
    zh: str
    workloads: tuple[str, ...]
    first_response: dict[str, tuple[str, str]]


@dataclass(frozen=True)
class Path:
    """The click path of one kind of request in Partner Center, step by step, and the portal it begins at."""

    portal: str
    en: tuple[str, ...]
    zh: tuple[str, ...]


@dataclass(frozen=True)
class Policy:
    """One version of the pages, ``paths`` keyed by the kind of request; and the values of nagging."""

    as_of: date
    services: dict[str, Service]
    paths: dict[str, Path]
    hotline: str
    nagging: Nagging = field(default_factory=nagging.packaged)

    def service(self, key: str) -> Service:
        """A service by key; one that left the list is still shown, under its key."""
        return self.services.get(key) or Service(key, key, key, (), {})


def parse(text: str) -> Policy:
    """Read a policy file. Raises KeyError, TypeError or tomllib.TOMLDecodeError when it is not one."""
    data = tomllib.loads(text)
    services = (_service(entry) for entry in data["service"])
    paths = {kind: Path(p["portal"], tuple(p["en"]), tuple(p["zh"])) for kind, p in data["path"].items()}
    return Policy(data["as_of"], {s.key: s for s in services}, paths, data["hotline"]["number"])


def packaged() -> Policy:
    """The policy this version came with."""
    return parse(files(__name__).joinpath("21vianet.toml").read_text(encoding="utf-8"))


def _service(entry: dict[str, object]) -> Service:
    aims: dict[str, dict[str, str]] = entry["first_response"]  # type: ignore[assignment]  # checked by use below
    response = {severity: (text["en"], text["zh"]) for severity, text in aims.items()}
    workloads = entry["workloads"]
    return Service(str(entry["key"]), str(entry["en"]), str(entry["zh"]), tuple(workloads), response)  # type: ignore[arg-type]  # a TOML list
