"""How the auditor names to people what it speaks of: short, the same in each language, and never by a name of a row."""

from collections.abc import Callable, Mapping
from datetime import datetime

from models.rules.reminders import subjects


def clock(at: datetime) -> str:
    """An instant, in UTC as all of a simulation."""
    return f"{at:%Y-%m-%d %H:%M}"


def span(start: datetime, end: datetime) -> str:
    """From when to when."""
    return f"{clock(start)} → {end:%H:%M}" if start.date() == end.date() else f"{clock(start)} → {clock(end)}"


def case(number: int, severity: str, *silent: datetime) -> str:
    """An escalation and how severe it is, and from when to when nobody spoke of it."""
    return f"CSP-{number} ({severity})" + (f": {span(*silent)}" if silent else "")


def subject(name: str) -> str:
    """What a message is about."""
    return next((plain(name) for begins, plain in _PLAIN.items() if name.startswith(begins)), name)


def _shift(name: str) -> str:
    one = subjects.shift_of(name)
    return f"{one.place.name}, {one.person}, {clock(one.start)}"


def _handover(name: str) -> str:
    one = subjects.handover_of(name)
    return f"{one.place.name}, {one.outgoing} → {one.incoming}, {clock(one.at)}"


def _week(name: str) -> str:
    festival, year = subjects.rehearsal_of(name)
    return f"{festival.replace('_', ' ').title()} {year}"


_PLAIN: Mapping[str, Callable[[str], str]] = {
    subjects.ESCALATION: lambda name: f"CSP-{subjects.number_of(name)}",
    subjects.GAP: lambda name: f"#{subjects.number_of(name)}",
    subjects.SHIFT: _shift,
    subjects.HANDOVER: _handover,
    f"{subjects.REHEARSAL}:": _week,
}
