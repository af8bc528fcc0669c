"""Read the rota file: TOML to a rota. A file with a fault is refused as a whole, with every fault and its line."""

import re
from collections.abc import Callable, Collection, Iterable
from datetime import datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

from models.rules.rota.rota import BEIJING, AcceptedTime, FixedShift, Layer, Member, PartnerRole, Rota, Seat
from models.rules.rota.toml.policy import read_calendar, read_limits
from models.rules.toml.document import read_document
from models.rules.toml.tables import FaultKind, Table

MOST_PEOPLE = 20
LONGEST_TURN = 366 * 24  # hours
LONGEST_LIMIT, NO_LIMIT = 31 * 24, 1  # hours
T = TypeVar("T", Member, Seat, Layer)
COVERED_DAYS, ALL_DAYS_COUNT = "covered days", "all days"
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_SLACK_ID = re.compile(r"[UW][A-Z0-9]{2,20}")
HOUR = timedelta(hours=1)


@cache
def example(language: str = "") -> str:
    """Return a full example: a reseller in China, two seats, days and nights.

    With ``zh_CN`` its comments, layers and reasons are Chinese.
    """
    name = f"example.{language}.toml" if language else "example.toml"
    return (Path(__file__).parent / name).read_text(encoding="utf-8")


def read_rota(text: str) -> Rota:
    """Return the rota a text describes. Raises InvalidFile with every fault."""
    return read_document(text, _build_rota)


def _build_rota(top: Table) -> Rota:
    zone = top.zone("zone", BEIJING)
    max_on_call, min_rest = (_read_limit(top, key) for key in ("longest_hours", "rest_hours"))
    members = {member.name: member for member in _read_members(top)}
    seats = _read_named(top.tables("seat"), _read_seat) or list(Rota().seats)
    seat_names = [seat.name for seat in seats]
    layers = _read_named(top.tables("layer"), lambda table: _read_layer(table, zone, members, seat_names))
    accepted_gaps = [_read_accepted_gap(table, zone, seat_names) for table in top.tables("intended_gap")]
    fixed_shifts = [_read_shift(table, zone, members, seat_names) for table in top.tables("shift")]
    limits, calendar = read_limits(top), read_calendar(top)
    top.finish()
    return Rota(
        members,
        tuple(layers),
        tuple(seats),
        zone,
        max_on_call,
        min_rest,
        tuple(accepted_gaps),
        tuple(fixed_shifts),
        limits,
        calendar,
    )


def _read_limit(top: Table, key: str) -> timedelta | None:
    """Return a number of hours as a duration; None, no limit, when left out."""
    hours = top.whole(key, 1, LONGEST_LIMIT, NO_LIMIT)
    return hours * HOUR if top.has(key) else None


def _read_named(tables: Iterable[Table], read_one: Callable[[Table], T]) -> list[T]:
    """Return what each table holds; a name that occurred before is a fault."""
    items: list[T] = []
    seen: dict[str, int] = {}
    for table in tables:
        item = read_one(table)
        items.append(item)
        table.note_repeat("name", item.name, seen)
    return items


def _read_members(top: Table) -> list[Member]:
    tables = top.tables("member")
    members = _read_named(tables, _read_member)
    seen: dict[str, int] = {}
    for table, member in zip(tables, members, strict=True):
        table.note_repeat("slack", member.slack_id, seen)
    return members


def _read_member(table: Table) -> Member:
    slack_id = table.text("slack", "")
    if slack_id and not _SLACK_ID.fullmatch(slack_id):
        table.fault(FaultKind.NOT_SLACK_ID, "slack", name=slack_id)
    member = Member(
        name=table.text("name"), slack_id=slack_id, email=table.text("email", ""), role=_read_role(table),
        languages=_read_keys(table, "languages"), services=_read_keys(table, "services"),
    )  # fmt: skip
    table.finish()
    return member


def _read_role(table: Table) -> PartnerRole | None:
    role = table.text("role", "")
    if role and role not in set(PartnerRole):
        table.unknown(FaultKind.UNKNOWN_ROLE, "role", role, list(PartnerRole))
        return None
    return PartnerRole(role) if role else None


def _read_seat(table: Table) -> Seat:
    seat = Seat(
        name=table.text("name"), people=table.whole("people", 1, MOST_PEOPLE, 1),
        services=_read_keys(table, "services"), languages=_read_keys(table, "languages"),
        needs_role=table.yes_no("needs_role", True),
    )  # fmt: skip
    table.finish()
    return seat


def _read_layer(table: Table, zone: ZoneInfo, members: Collection[str], seats: Collection[str]) -> Layer:
    opens = table.clock("from", time(0))
    layer = Layer(
        name=table.text("name"), seat=_read_seat_name(table, seats), members=_read_layer_members(table, members),
        starts=table.day("starts"), handoff=table.clock("handoff", opens),
        length=table.whole("turn_hours", 1, LONGEST_TURN) * HOUR, zone=table.zone("zone", zone),
        days=_read_days(table), opens=opens, closes=table.clock("to", opens), services=_read_keys(table, "services"),
        skips_days=_read_turns(table) == COVERED_DAYS,
    )  # fmt: skip
    table.finish()
    return layer


def _read_seat_name(table: Table, seats: Collection[str], default: str | None = None) -> str:
    seat = table.text("seat", default)
    if seat and seat not in seats:
        table.unknown(FaultKind.UNKNOWN_SEAT, "seat", seat, seats)
    return seat


def _read_layer_members(table: Table, members: Collection[str]) -> tuple[str, ...]:
    names = table.texts("members")
    for at, name in enumerate(names):
        if name not in members:
            table.unknown(FaultKind.UNKNOWN_MEMBER, "members", name, members, at)
    return tuple(names)


def _read_days(table: Table) -> frozenset[int]:
    names = [name.lower() for name in table.texts("days", list(DAYS))]
    for at, name in enumerate(names):
        if name not in DAYS:
            table.unknown(FaultKind.UNKNOWN_DAY, "days", name, DAYS, at)
    return frozenset(DAYS.index(name) for name in names if name in DAYS)


def _read_turns(table: Table) -> str:
    """Return on which days turns are counted."""
    turns = table.text("turns", ALL_DAYS_COUNT)
    if turns and turns not in {COVERED_DAYS, ALL_DAYS_COUNT}:
        table.unknown(FaultKind.UNKNOWN_TURNS, "turns", turns, [COVERED_DAYS, ALL_DAYS_COUNT])
    return turns


def _read_accepted_gap(table: Table, zone: ZoneInfo, seats: Collection[str]) -> AcceptedTime:
    start, end = _read_times(table, zone)
    accepted = AcceptedTime(start, end, table.text("reason"), _read_seat_name(table, seats, ""))
    table.finish()
    return accepted


def _read_shift(table: Table, zone: ZoneInfo, members: Collection[str], seats: Collection[str]) -> FixedShift:
    start, end = _read_times(table, zone)
    member = table.text("member")
    if member and member not in members:
        table.unknown(FaultKind.UNKNOWN_MEMBER, "member", member, members)
    shift = FixedShift(_read_seat_name(table, seats), member, start, end)
    table.finish()
    return shift


def _read_times(table: Table, zone: ZoneInfo) -> tuple[datetime, datetime]:
    start, end = table.moment("from", zone), table.moment("to", zone)
    if end <= start and table.has("from") and table.has("to"):
        table.fault(FaultKind.ENDS_FIRST, "to")
    return start, end


def _read_keys(table: Table, key: str) -> frozenset[str]:
    return frozenset(text.lower() for text in table.texts(key, []))
