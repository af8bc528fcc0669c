"""One part of the rota as it was filled in: a member, a layer, a seat, the limits. Values in, a rota out."""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import date, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from handlers.blocks.rota_editor import LAYER, MEMBER, NO_ROLE, SEAT, YES, item_value
from handlers.payloads import in_calendar
from models.rules.errors import refuse
from models.rules.rota.rota import Layer, LoadLimits, Member, PartnerRole, Rota, Seat
from models.rules.rota.toml.policy import DEFAULT_LIMITS, LIMIT_KEYS, build_limits
from models.rules.rota.toml.reader import DAYS, LONGEST_LIMIT, LONGEST_TURN, MOST_PEOPLE
from models.rules.times import find_zone

Answers = Mapping[str, Any]
NameOf = Callable[[str], str]
_COMMA = re.compile(r"[,，、;；]")


def plain(value: object) -> str | list[str]:
    """Return a form's answer unchanged. Raises TypeError for what no form gives."""
    if isinstance(value, str) or (isinstance(value, list) and all(isinstance(item, str) for item in value)):
        return value
    raise TypeError(type(value))


def full_name(part: str, name: str, rota: Rota) -> str:
    """Return the whole name of a part that a menu had to cut. Raises Refused when it is gone."""
    names = {
        MEMBER: list(rota.members), LAYER: [layer.name for layer in rota.layers],
        SEAT: [seat.name for seat in rota.seats],
    }.get(part, [])  # fmt: skip
    if not name:
        return ""
    for full in names:
        if item_value(part, full) == item_value(part, name):
            return full
    raise refuse("changed_meanwhile")


def edited(rota: Rota, part: str, name: str, answers: Answers, name_of: NameOf) -> Rota:
    """Return the rota with one part as filled in; an empty ``name`` is a new part. Raises Refused, by field."""
    if name:
        full_name(part, name, rota)
    if part == MEMBER:
        return _with_member(rota, name, answers, name_of)
    if part == LAYER:
        return _with_layer(rota, name, answers, name_of)
    if part == SEAT:
        return _with_seat(rota, name, answers)
    return replace(
        rota,
        max_on_call=_hours(answers, "longest_hours", LONGEST_LIMIT),
        min_rest=_hours(answers, "rest_hours", LONGEST_LIMIT),
        zone=_zone(answers, rota.zone),
        limits=_load_limits(answers),
    )


def _load_limits(answers: Answers) -> LoadLimits:
    """Return the limits for warnings about hours; empty fields mean the defaults."""
    numbers = {limit.key: _whole(answers, limit.key, limit.most, limit.least) for limit in LIMIT_KEYS}
    return build_limits(
        {limit.key: limit.of(DEFAULT_LIMITS) if (n := numbers[limit.key]) is None else n for limit in LIMIT_KEYS}
    )


def _is_removed(answers: Answers) -> bool:
    return YES in (answers.get("remove") or ())


def _with_member(rota: Rota, name: str, answers: Answers, name_of: NameOf) -> Rota:
    if name and _is_removed(answers):
        members = {key: member_ for key, member_ in rota.members.items() if key != name}
        layers = [replace(layer, members=tuple(who for who in layer.members if who != name)) for layer in rota.layers]
        return replace(rota, members=members, layers=tuple(layer for layer in layers if layer.members))
    slack = str(answers.get("slack") or "")
    new = str(answers.get("name") or "").strip() or (name_of(slack) if slack else "")
    if not new:
        raise refuse("missing", "name")
    if new != name and new in rota.members:
        raise refuse("name_is_taken", "name", name=new)
    role = str(answers.get("role") or NO_ROLE)
    if role != NO_ROLE and role not in set(PartnerRole):
        raise refuse("unknown_choice", "role")
    old = rota.members.get(name, Member(new))
    member = replace(
        old, name=new, slack_id=slack, role=None if role == NO_ROLE else PartnerRole(role),
        languages=_keys(answers, "languages"), services=_keys(answers, "services"),
    )  # fmt: skip
    return _renamed(rota, name, member)


def _renamed(rota: Rota, name: str, member: Member) -> Rota:
    """Return the rota with the member in the old one's place; a renamed member keeps their turns."""
    kept = [(member.name, member) if key == name else (key, entry) for key, entry in rota.members.items()]
    members = dict(kept) if name else {**rota.members, member.name: member}
    if name in {"", member.name}:
        return replace(rota, members=members)

    def named(who: str) -> str:
        return member.name if who == name else who

    layers = tuple(replace(layer, members=tuple(map(named, layer.members))) for layer in rota.layers)
    fixed = tuple(replace(entry, member=named(entry.member)) for entry in rota.fixed_shifts)
    return replace(rota, members=members, layers=layers, fixed_shifts=fixed)


def _with_layer(rota: Rota, name: str, answers: Answers, name_of: NameOf) -> Rota:
    if name and _is_removed(answers):
        return replace(rota, layers=tuple(layer_ for layer_ in rota.layers if layer_.name != name))
    new = _name(answers, name, {layer_.name for layer_ in rota.layers})
    if answers.get("seat") not in {seat.name for seat in rota.seats}:
        raise refuse("unknown_choice", "seat")
    old = next((layer_ for layer_ in rota.layers if layer_.name == name), None)
    rota, members = _in_turn(rota, answers, old, name_of)
    opens = _clock(answers, "from", time(0))
    layer = Layer(
        new, str(answers["seat"]), members, _date(answers), _clock(answers, "handoff", opens),
        _hours(answers, "turn_hours", LONGEST_TURN) or timedelta(days=1), _zone(answers, rota.zone),
        frozenset(DAYS.index(day) for day in answers.get("days") or () if day in DAYS),
        opens, _clock(answers, "to", opens), _keys(answers, "services"), YES in (answers.get("turns") or ()),
    )  # fmt: skip
    if not layer.days:
        raise refuse("missing", "days")
    layers = [layer if layer_ is old else layer_ for layer_ in rota.layers]
    return replace(rota, layers=tuple(layers if old else [*layers, layer]))


def _in_turn(rota: Rota, answers: Answers, old: Layer | None, name_of: NameOf) -> tuple[Rota, tuple[str, ...]]:
    """Return the rota and the names of who takes turns.

    A new account becomes a member without a role. Members without an account keep their turns.
    """
    by_account = {member.slack_id: member.name for member in rota.members.values() if member.slack_id}
    members, names = dict(rota.members), []
    for slack in answers.get("members") or ():
        if slack not in by_account:
            name = name_of(slack)
            name = f"{name} {slack}" if name in members else name
            members[name] = Member(name, slack)
            by_account[slack] = name
        names.append(by_account[slack])
    names += [name for name in (old.members if old else ()) if name in members and not members[name].slack_id]
    if not names:
        raise refuse("missing", "members")
    return replace(rota, members=members), tuple(names)


def _with_seat(rota: Rota, name: str, answers: Answers) -> Rota:
    if name and _is_removed(answers):
        used = next((layer.name for layer in rota.layers if layer.seat == name), "")
        if used:
            raise refuse("seat_is_used", "remove", name=used)
        return replace(rota, seats=tuple(seat for seat in rota.seats if seat.name != name))
    new = _name(answers, name, {seat.name for seat in rota.seats})
    changed = Seat(
        new, _whole(answers, "people", MOST_PEOPLE) or 1, _keys(answers, "services"), _keys(answers, "languages"),
        YES in (answers.get("needs_role") or ()),
    )  # fmt: skip
    if not name:
        return replace(rota, seats=(*rota.seats, changed))
    seats = tuple(changed if seat.name == name else seat for seat in rota.seats)
    layers = tuple(replace(layer, seat=new) if layer.seat == name else layer for layer in rota.layers)
    return replace(rota, seats=seats, layers=layers)


# Single answers ----------------------------------------------------------------------------------------------------


def _name(answers: Answers, old: str, taken: Collection[str]) -> str:
    new = str(answers.get("name") or "").strip()
    if not new:
        raise refuse("missing", "name")
    if new != old and new in taken:
        raise refuse("name_is_taken", "name", name=new)
    return new


def _keys(answers: Answers, field: str) -> frozenset[str]:
    written = str(answers.get(field) or "")
    return frozenset(key.strip().lower() for key in _COMMA.split(written) if key.strip())


def _whole(answers: Answers, field: str, most: int, least: int = 1) -> int | None:
    written = str(answers.get(field) or "").strip()
    if not written:
        return None
    if not (written.isascii() and written.isdigit() and least <= int(written[:9]) <= most):
        raise refuse("not_a_whole_number", field, least=least, most=most)
    return int(written)


def _hours(answers: Answers, field: str, most: int) -> timedelta | None:
    hours = _whole(answers, field, most)
    return None if hours is None else timedelta(hours=hours)


def _clock(answers: Answers, field: str, otherwise: time) -> time:
    written = answers.get(field)
    try:
        return time.fromisoformat(str(written)) if written else otherwise
    except ValueError as error:
        raise refuse("unknown_choice", field) from error


def _date(answers: Answers) -> date:
    try:
        return in_calendar(date.fromisoformat(str(answers.get("starts") or "")), "starts")
    except ValueError as error:
        raise refuse("missing", "starts") from error


def _zone(answers: Answers, otherwise: ZoneInfo) -> ZoneInfo:
    written = str(answers.get("zone") or "").strip()
    zone = find_zone(written) if written else otherwise
    if zone is None:
        raise refuse("no_such_zone", "zone", name=written)
    return zone
