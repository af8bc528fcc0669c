"""Write the rota file: a rota as TOML, and changes to a file that a person wrote, whose comments stay."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, time, timedelta

from models.rules.rota.rota import FixedShift, LoadLimits, Member, Rota
from models.rules.rota.toml.policy import calendar_values, policy_values
from models.rules.rota.toml.reader import COVERED_DAYS, DAYS, HOUR, read_rota
from models.rules.toml.document import parse_toml
from models.rules.toml.line_numbers import find_key_lines
from models.rules.toml.tables import InvalidFile

Facts = list[tuple[str, object]]
"""The keys of a table with their values. A key that ends in ``!`` is written even when its value is empty."""


def write_rota(rota: Rota) -> str:
    """Return a text that reads as this rota. Comments of its file are not in a rota."""
    head: Facts = [
        ("zone", rota.zone.key),
        ("longest_hours", _to_hours(rota.max_on_call)),
        ("rest_hours", _to_hours(rota.min_rest)),
    ]
    policy = (
        "" if rota.limits == LoadLimits() else "\n[policy]\n" + "\n".join(_format_lines(policy_values(rota))) + "\n"
    )
    return "\n".join(_format_lines(head)) + "\n" + policy + _format_tables(_list_tables(rota))


def _format_tables(tables: Iterable[tuple[str, Facts]]) -> str:
    return "".join(f"\n[[{name}]]\n" + "\n".join(_format_lines(facts)) + "\n" for name, facts in tables)


def replace_shifts(text: str | None, seat: str, shifts: Sequence[FixedShift], new: Sequence[Member]) -> str:
    """Return the file with these shifts of a seat instead of its old ones, and with new members.

    Everything else stays as written, comments too. Without a file, a new one with the default seats is returned. Raises
    InvalidFile when the old file is invalid.
    """
    before = Rota() if text is None else read_rota(text)
    members = {**before.members, **{member.name: member for member in new}}
    fixed = (*(shift for shift in before.fixed_shifts if shift.seat != seat), *shifts)
    after = replace(before, members=members, fixed_shifts=fixed)
    if text is None:
        return write_rota(after)
    added = replace(Rota(), seats=(), members={member.name: member for member in new}, fixed_shifts=tuple(shifts))
    edited = _remove_shifts(text, seat) + _format_tables(_list_tables(added))
    try:
        return edited if read_rota(edited) == after else write_rota(after)
    except InvalidFile:  # tables in brackets of another kind can't go on below
        return write_rota(after)


def add_member(text: str, member: Member) -> str:
    """Return the file with one more member; everything else stays as written, comments too.

    A member of that name without an account gets the account. Raises InvalidFile when the file is invalid.
    """
    before = read_rota(text)
    after = replace(before, members={**before.members, member.name: member})
    if member.name in before.members:
        return write_rota(after)
    edited = (
        text.rstrip() + "\n" + _format_tables(_list_tables(replace(Rota(), seats=(), members={member.name: member})))
    )
    try:
        return edited if read_rota(edited) == after else write_rota(after)
    except InvalidFile:  # tables in brackets of another kind can't go on below
        return write_rota(after)


def _remove_shifts(text: str, seat: str) -> str:
    """Return the text without the lines of the tables ``[[shift]]`` of a seat."""
    written = text.replace("\r\n", "\n")
    tables = parse_toml(written).get("shift")
    of_seat = (
        {at for at, table in enumerate(tables) if table.get("seat") == seat} if isinstance(tables, list) else set()
    )
    removed = {
        line
        for path, line in find_key_lines(written).items()
        if path[:1] == ("shift",) and path[1:2] and path[1] in of_seat
    }
    lines = written.split("\n")
    kept = [line for at, line in enumerate(lines, 1) if at not in removed and (line.strip() or at - 1 not in removed)]
    return "\n".join(kept).rstrip() + "\n"


def _list_tables(rota: Rota) -> Iterator[tuple[str, Facts]]:
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
            ("handoff", layer.handoff), ("turn_hours", _to_hours(layer.length)), ("zone", layer.zone.key),
            ("days!", [DAYS[day] for day in sorted(layer.days)]), ("from", layer.opens), ("to", layer.closes),
            ("services", sorted(layer.services)), ("turns", COVERED_DAYS if layer.skips_days else ""),
        ]  # fmt: skip
    for accepted in rota.accepted_gaps:
        start, end = (moment.astimezone(UTC) for moment in (accepted.start, accepted.end))
        yield "intended_gap", [("seat", accepted.seat), ("from", start), ("to", end), ("reason", accepted.why)]
    for shift in rota.fixed_shifts:
        start, end = (moment.astimezone(UTC) for moment in (shift.start, shift.end))
        yield "shift", [("seat", shift.seat), ("member", shift.member), ("from", start), ("to", end)]
    yield from (("calendar", facts) for facts in calendar_values(rota))


def _format_lines(facts: Facts) -> Iterator[str]:
    for key, value in facts:
        if value or key.endswith("!") or isinstance(value, time | bool):
            yield f"{key.rstrip('!')} = {_format_value(value)}"


def _format_value(value: object) -> str:
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_format_value, value)) + "]"
    if isinstance(value, bool | int | str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return str(value)


def _to_hours(length: timedelta | None) -> int | None:
    return length // HOUR if length else None
