"""Small plans and changes to test with. Nobody lacks anything unless a test says so."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from models.rules.rota.overrides import Override, OverrideKind
from models.rules.rota.rota import PRIMARY, Layer, Member, PartnerRole, Rota, Seat
from models.rules.rota.shifts import Shift, resolve_shifts

BERLIN, BEIJING = ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Shanghai")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LONG_AGO = date(2026, 1, 5)
PRIMARY_ONLY = (Seat(PRIMARY),)


def member(name: str, **facts: Any) -> Member:
    """Somebody who may do everything that is owed."""
    return Member(name, **{"slack_id": f"U0{name.upper()}", "role": PartnerRole.ADMIN_AGENT, **facts})


def layer(names: str = "ann bob", **facts: Any) -> Layer:
    """A rotation of a day each, around the clock, changing at midnight."""
    usual = {
        "name": "base", "seat": PRIMARY, "members": tuple(names.split()), "starts": LONG_AGO, "handoff": time(0),
        "length": DAY, "zone": BEIJING,
    }  # fmt: skip
    return Layer(**{**usual, **facts})


def rota(*layers: Layer, people: Iterable[Member] = (), **facts: Any) -> Rota:
    """A plan with the members its layers name, and only a primary."""
    names = dict.fromkeys(name for layer in layers for name in layer.members)
    members = {name: member(name) for name in names} | {person.name: person for person in people}
    return Rota(**{"members": members, "layers": layers, "seats": PRIMARY_ONLY, "zone": BEIJING, **facts})


def at(text: str, zone: ZoneInfo = BEIJING) -> datetime:
    """A local time as an instant."""
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


def build_change(id_: int, kind: OverrideKind, start: str, end: str, **facts: Any) -> Override:
    """A change that became known in the order of its number."""
    known = datetime(2026, 1, 1, tzinfo=UTC) + id_ * HOUR
    return Override(
        **{"id": id_, "at": known, "by": "U0LEAD", "kind": kind, "start": at(start), "end": at(end), **facts}
    )


def build_override(id_: int, who: str, start: str, end: str, instead_of: str = "") -> Override:
    """Somebody stands as primary."""
    return build_change(id_, OverrideKind.OVERRIDE, start, end, member=who, seat=PRIMARY, instead_of=instead_of)


def build_time_off(id_: int, who: str, start: str, end: str) -> Override:
    """Somebody is away."""
    return build_change(id_, OverrideKind.TIME_OFF, start, end, member=who)


def format_shifts(plan: Rota, start: str, end: str, *changes: Override, zone: ZoneInfo = BEIJING) -> list[str]:
    """The final shifts as short lines in local time: ``05 00:00-06 00:00 ann``, in brackets when on leave."""
    return [_line(shift, zone) for shift in resolve_shifts(plan, changes, at(start, zone), at(end, zone))]


def _line(shift: Shift, zone: ZoneInfo) -> str:
    start, end = (f"{moment.astimezone(zone):%d %H:%M}" for moment in (shift.start, shift.end))
    return f"{start}-{end} " + (f"({shift.member})" if shift.absent else shift.member)
