"""Writing the rota file: a plan as TOML, and new shifts into a file that somebody wrote, whose comments stay."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, time, timedelta

from models.rules.rota.rota import FixedShift, LoadLimits, Member, Rota
from models.rules.rota.toml.line_numbers import find_key_lines
from models.rules.rota.toml.policy import calendar_values, policy_values
from models.rules.rota.toml.reader import COVERED_DAYS, DAYS, HOUR, parse_toml, read_rota
from models.rules.rota.toml.tables import InvalidRota

Facts = list[tuple[str, object]]
"""The keys of a table with their values."""


def write_rota(rota: Rota) -> str:
    """A text that reads as this plan. Comments of the file it came from are not in a plan."""
    head: Facts = [
        ("zone", rota.zone.key),
        ("longest_hours", _hours(rota.max_on_call)),
        ("rest_hours", _hours(rota.min_rest)),
    ]
    policy = "" if rota.limits == LoadLimits() else "\n[policy]\n" + "\n".join(_lines(policy_values(rota))) + "\n"
    return "\n".join(_lines(head)) + "\n" + policy + _written(_tables(rota))


def _written(tables: Iterable[tuple[str, Facts]]) -> str:
    return "".join(f"\n[[{name}]]\n" + "\n".join(_lines(facts)) + "\n" for name, facts in tables)


def replace_shifts(text: str | None, seat: str, shifts: Sequence[FixedShift], new: Sequence[Member]) -> str:
    """The file with these shifts of a seat instead of those it had, and with new members; all else stays as it was
    written, comments too. Without a file one arises that has the usual seats.

    Raises BadPlan when the old file can't be read.
    """
    before = Rota() if text is None else read_rota(text)
    members = {**before.members, **{member.name: member for member in new}}
    fixed = (*(one for one in before.fixed_shifts if one.seat != seat), *shifts)
    after = replace(before, members=members, fixed_shifts=fixed)
    if text is None:
        return write_rota(after)
    added = replace(Rota(), seats=(), members={member.name: member for member in new}, fixed_shifts=tuple(shifts))
    edited = _without_shifts(text, seat) + _written(_tables(added))
    try:
        return edited if read_rota(edited) == after else write_rota(after)
    except InvalidRota:  # tables in brackets of another kind can't go on below
        return write_rota(after)


def add_member(text: str, member: Member) -> str:
    """The file with a member more; all else stays as it was written, comments too. Who is in it by that name without
    an account gets the member's. Raises BadPlan when the file can't be read.
    """
    before = read_rota(text)
    after = replace(before, members={**before.members, member.name: member})
    if member.name in before.members:
        return write_rota(after)
    edited = text.rstrip() + "\n" + _written(_tables(replace(Rota(), seats=(), members={member.name: member})))
    try:
        return edited if read_rota(edited) == after else write_rota(after)
    except InvalidRota:  # tables in brackets of another kind can't go on below
        return write_rota(after)


def _without_shifts(text: str, seat: str) -> str:
    """The text less the lines of the tables ``[[shift]]`` of a seat."""
    written = text.replace("\r\n", "\n")
    tables = parse_toml(written).get("shift")
    of_seat = {at for at, one in enumerate(tables) if one.get("seat") == seat} if isinstance(tables, list) else set()
    away = {
        line
        for path, line in find_key_lines(written).items()
        if path[:1] == ("shift",) and path[1:2] and path[1] in of_seat
    }
    lines = written.split("\n")
    kept = [line for at, line in enumerate(lines, 1) if at not in away and (line.strip() or at - 1 not in away)]
    return "\n".join(kept).rstrip() + "\n"


def _tables(rota: Rota) -> Iterator[tuple[str, Facts]]:
    for seat in rota.seats:
        yield "seat", [
            ("name", seat.name), ("people", seat.people), ("needs_role", seat.needs_role),
            ("services", sorted(seat.services)), ("languages", sorted(seat.languages)),
        ]  # fmt: skip
    for member in rota.members.values():
        yield "member", [
            ("name", member.name), ("slack", member.slack_id), ("email", member.email), ("role", member.role),
            ("languages", sorted(member.languages)), ("services", sorted(member.services)),
        ]  # fmt: skip
    for layer in rota.layers:
        yield "layer", [
            ("name", layer.name), ("seat", layer.seat), ("members!", layer.members), ("starts", layer.starts),
            ("handoff", layer.handoff), ("turn_hours", _hours(layer.length)), ("zone", layer.zone.key),
            ("days!", [DAYS[day] for day in sorted(layer.days)]), ("from", layer.opens), ("to", layer.closes),
            ("services", sorted(layer.services)), ("turns", COVERED_DAYS if layer.skips_days else ""),
        ]  # fmt: skip
    for one in rota.accepted_gaps:
        start, end = (moment.astimezone(UTC) for moment in (one.start, one.end))
        yield "intended_gap", [("seat", one.seat), ("from", start), ("to", end), ("reason", one.why)]
    for shift in rota.fixed_shifts:
        start, end = (moment.astimezone(UTC) for moment in (shift.start, shift.end))
        yield "shift", [("seat", shift.seat), ("member", shift.member), ("from", start), ("to", end)]
    yield from (("calendar", facts) for facts in calendar_values(rota))


def _lines(facts: Facts) -> Iterator[str]:
    for key, value in facts:
        if value or key.endswith("!") or isinstance(value, time | bool):
            yield f"{key.rstrip('!')} = {_toml(value)}"


def _toml(value: object) -> str:
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_toml, value)) + "]"
    if isinstance(value, bool | int | str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return str(value)


def _hours(length: timedelta | None) -> int | None:
    return length // HOUR if length else None
