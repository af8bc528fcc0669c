"""How the auditor names things for people: short, the same in each language, and never by the name of a row."""

from collections.abc import Callable, Mapping
from datetime import datetime

from models.rules.reminders import subjects


def format_time(at: datetime) -> str:
    """Format an instant in UTC."""
    return f"{at:%Y-%m-%d %H:%M}"


def format_span(start: datetime, end: datetime) -> str:
    """Format a span in UTC."""
    return (
        f"{format_time(start)} → {end:%H:%M}"
        if start.date() == end.date()
        else f"{format_time(start)} → {format_time(end)}"
    )


def name_escalation(number: int, severity: str, *silent: datetime) -> str:
    """Name an escalation with its severity, and the time in which nobody mentioned it."""
    return f"CSP-{number} ({severity})" + (f": {format_span(*silent)}" if silent else "")


def name_subject(name: str) -> str:
    """Name the subject of a message."""
    return next((plain(name) for begins, plain in _PLAIN.items() if name.startswith(begins)), name)


def _shift(name: str) -> str:
    shift = subjects.shift_of(name)
    return f"{shift.place.name}, {shift.person}, {format_time(shift.start)}"


def _handover(name: str) -> str:
    handover = subjects.handover_of(name)
    return f"{handover.place.name}, {handover.outgoing} → {handover.incoming}, {format_time(handover.at)}"


def _week(name: str) -> str:
    festival, year = subjects.holiday_week_of(name)
    return f"{festival.replace('_', ' ').title()} {year}"


_PLAIN: Mapping[str, Callable[[str], str]] = {
    subjects.ESCALATION: lambda name: f"CSP-{subjects.number_of(name)}",
    subjects.GAP: lambda name: f"#{subjects.number_of(name)}",
    subjects.SHIFT: _shift,
    subjects.HANDOVER: _handover,
    f"{subjects.HOLIDAY_REVIEW}:": _week,
}
