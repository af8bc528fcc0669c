"""Read a file of 21Vianet's facts. A file with a fault is refused as a whole, with every fault and its line."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from functools import cache
from importlib.resources import files
from typing import TypeVar

from models.rules.policy.review_rules import OwnWork, PointRule, PointWeight, ReviewPoint, ReviewRules, SupportArea
from models.rules.policy.sources import PolicySource
from models.rules.policy.vendor import (
    MINUTES_A_DAY,
    OURS,
    SEVERITIES,
    CloudService,
    Desk,
    Hotline,
    OpenDays,
    PortalPath,
    ResponseTarget,
    VendorPolicy,
    Workload,
)
from models.rules.toml.document import read_document
from models.rules.toml.tables import FaultKind, Table

LONGEST_MINUTES, LONGEST_WORKDAYS = 31 * MINUTES_A_DAY, 60
T = TypeVar("T", Desk, CloudService)
NO_DESK = Desk("", OpenDays.EVERY_DAY, 0, MINUTES_A_DAY, True, PolicySource("", date(2000, 1, 1)))
"""Stands for a desk that is missing, until every fault is found."""
KINDS = ("customer", "partner_center")
"""The kinds of request that have a click path."""


def parse_policy(text: str) -> VendorPolicy:
    """Return the policy a text describes. Raises InvalidFile with every fault."""
    return read_document(text, _build_policy)


@cache
def packaged_text() -> str:
    """Return the policy file that this version ships with."""
    return files("models.rules.policy").joinpath("21vianet.toml").read_text(encoding="utf-8")


@cache
def load_packaged() -> VendorPolicy:
    """Return the policy that this version ships with."""
    return parse_policy(packaged_text())


def _build_policy(top: Table) -> VendorPolicy:
    desks = _by_key(top.tables("desk"), _read_desk)
    services = _by_key(top.tables("service"), lambda table: _read_service(table, desks))
    hotlines = tuple(_read_hotline(table, services) for table in top.tables("hotline"))
    paths = top.table("path")
    by_kind = {kind: _read_path(paths.table(kind)) for kind in KINDS}
    paths.finish()
    billing = top.table("billing")
    billing_desk, billing_source = _read_desk_key(billing, desks), _read_source(billing)
    billing.finish()
    # A version that was imported before there were reviews has no such table.
    review = _read_review(top.table("review")) if top.has("review") else load_packaged().review
    top.finish()
    return VendorPolicy(desks, services, by_kind, hotlines, billing_desk, billing_source, review)


def _by_key(tables: Iterable[Table], read_one: Callable[[Table], T]) -> dict[str, T]:
    """Return what each table holds, by its key; a key that occurred before is a fault."""
    items: dict[str, T] = {}
    seen: dict[str, int] = {}
    for table in tables:
        item = read_one(table)
        table.note_repeat("key", item.key, seen)
        items[item.key] = item
    return items


def _read_source(table: Table) -> PolicySource:
    return PolicySource(table.address("source"), table.day("read_on"))


def _read_desk(table: Table) -> Desk:
    days = table.choice("days", list(OpenDays))
    opens, closes = table.minutes("opens"), table.minutes("closes")
    if closes <= opens and table.has("closes") and table.has("opens"):
        table.fault(FaultKind.DESK_CLOSES_FIRST, "closes")
    desk = Desk(
        table.text("key"), OpenDays(days), opens, closes, table.yes_no("runs_only_when_open", default=True),
        _read_source(table),
    )  # fmt: skip
    table.finish()
    return desk


def _read_desk_key(table: Table, desks: Mapping[str, Desk]) -> Desk:
    return desks.get(table.choice("desk", list(desks)), NO_DESK)


def _read_service(table: Table, desks: Mapping[str, Desk]) -> CloudService:
    key = table.text("key")
    sources = [] if key == OURS else [_read_source(table)]
    workloads: list[Workload] = []
    for group in table.tables("workloads"):
        workloads += _read_workloads(group)
        sources.append(_read_source(group))
        group.finish()
    names = [workload.name for workload in workloads]
    targets = tuple(_read_target(target, desks, names) for target in table.tables("first_response"))
    portal = table.address("portal") if table.has("portal") else ""
    service = CloudService(key, table.text("en"), table.text("zh"), tuple(workloads), targets, portal, tuple(sources))
    table.finish()
    return service


def _read_workloads(table: Table) -> list[Workload]:
    names = table.texts("names")
    chinese = table.texts("names_zh", names)
    if len(names) != len(chinese):
        table.fault(FaultKind.NOT_AS_MANY, "names_zh", n=len(names))
        return []
    return [Workload(name, zh) for name, zh in zip(names, chinese, strict=True)]


def _read_target(table: Table, desks: Mapping[str, Desk], workloads: list[str]) -> ResponseTarget:
    in_minutes, in_workdays = table.has("minutes"), table.has("workdays")
    if in_minutes is in_workdays:
        table.fault(FaultKind.ONE_OF_TWO, "minutes", other="workdays")
    target = ResponseTarget(
        table.choice("severity", SEVERITIES), _read_desk_key(table, desks), _read_source(table),
        table.whole("minutes", 1, LONGEST_MINUTES, 1) if in_minutes else None,
        table.whole("workdays", 1, LONGEST_WORKDAYS, 1) if in_workdays else None,
        table.choice("workload", workloads) if table.has("workload") else "",
    )  # fmt: skip
    table.finish()
    return target


def _read_path(table: Table) -> PortalPath:
    path = PortalPath(table.address("portal"), tuple(table.texts("en")), tuple(table.texts("zh")), _read_source(table))
    table.finish()
    return path


def _read_hotline(table: Table, services: Mapping[str, CloudService]) -> Hotline:
    names = table.texts("services", [])
    for at, name in enumerate(names):
        if name not in services:
            table.unknown(FaultKind.UNKNOWN_CHOICE, "services", name, list(services), at)
    hotline = Hotline(table.text("number"), frozenset(names), _read_source(table))
    table.finish()
    return hotline


def _read_review(table: Table) -> ReviewRules:
    """Return how requests are looked at; a point that is left out decides nothing."""
    areas = table.texts("areas", [])
    known_areas = [area for area in SupportArea if area is not SupportArea.NONE]
    for at, area in enumerate(areas):
        if area not in known_areas:
            table.unknown(FaultKind.UNKNOWN_CHOICE, "areas", area, known_areas, at)
    points = dict(map(_read_point, table.tables("point")))
    own_work = dict(map(_read_own_work, table.tables("own_work")))
    rules = ReviewRules(frozenset(areas), _read_source(table), points, own_work)
    table.finish()
    return rules


def _read_point(table: Table) -> tuple[str, PointRule]:
    source = _read_source(table) if table.has("source") else None
    weight = PointWeight(table.choice("decides", list(PointWeight)))
    rule = PointRule(weight, table.text("section", ""), source, table.text("section_zh", ""))
    key = table.choice("key", list(ReviewPoint))
    table.finish()
    return key, rule


def _read_own_work(table: Table) -> tuple[str, OwnWork]:
    path = (table.address("portal"), tuple(table.texts("en")), tuple(table.texts("zh")))
    key, work = table.choice("key", list(ReviewPoint)), OwnWork(*path, _read_source(table))
    table.finish()
    return key, work
