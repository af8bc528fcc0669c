"""Shifts and gaps as an iCalendar file (RFC 5545), for people's own calendars. It reads nothing and needs no library.

The same shifts always make the same bytes: nothing is dated but by when the rota last changed.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from hashlib import sha256

from models.rules.rota.gaps import Gap
from models.rules.rota.shifts import Shift

GAP_MARK = "X-CSP-ESCALATE-GAP"
"""Tells a reader of ours that an event is nobody's shift."""
_FOLD = 75
_PRODUCER = "-//CSP Escalate//Rota//EN"


def write(
    name: str,
    shifts: Iterable[Shift],
    gaps: Sequence[tuple[Gap, str]],
    changed: datetime,
    seat_label: Callable[[str], str] = str,
) -> bytes:
    """A calendar of this name. Each gap comes with its reason in words; ``changed`` is when the rota last did,
    and ``seat_label`` gives the title of a seat.

    A shift from which somebody is absent is left out. A shift keeps its UID as long as person, seat and beginning stay.
    """
    lines = [
        "BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:{_PRODUCER}", "CALSCALE:GREGORIAN", "METHOD:PUBLISH",
        f"X-WR-CALNAME:{_escaped(name)}", "REFRESH-INTERVAL;VALUE=DURATION:PT1H", "X-PUBLISHED-TTL:PT1H",
    ]  # fmt: skip
    for shift in shifts:
        if not shift.absent:
            lines += _shift(shift, changed, seat_label(shift.seat))
    for gap, reason in gaps:
        lines += _gap(gap, reason, changed, seat_label(gap.seat))
    lines.append("END:VCALENDAR")
    return "".join(f"{part}\r\n" for line in lines for part in _folded(line)).encode()


def _shift(shift: Shift, changed: datetime, seat: str) -> list[str]:
    summary = f"{seat}: {shift.member}"
    return _event(f"{shift.seat}|{shift.member}", summary, shift.start, shift.end, changed, ["TRANSP:OPAQUE"])


def _gap(gap: Gap, reason: str, changed: datetime, seat: str) -> list[str]:
    more = [f"{GAP_MARK}:{gap.reason}", "TRANSP:TRANSPARENT"]
    return _event(f"gap|{gap.seat}|{gap.reason}", f"{seat}: {reason}", gap.start, gap.end, changed, more)


def _event(
    what: str, summary: str, start: datetime, end: datetime, changed: datetime, more: Sequence[str]
) -> list[str]:
    uid = sha256(f"{what}|{_utc(start)}".encode()).hexdigest()[:32]
    return [
        "BEGIN:VEVENT", f"UID:{uid}@csp-escalate", f"DTSTAMP:{_utc(changed)}", f"DTSTART:{_utc(start)}",
        f"DTEND:{_utc(end)}", f"SUMMARY:{_escaped(summary)}", *more, "END:VEVENT",
    ]  # fmt: skip


def _utc(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _escaped(text: str) -> str:
    for sign in ("\\", ";", ","):
        text = text.replace(sign, f"\\{sign}")
    return "".join(sign if sign.isprintable() else "\\n" if sign == "\n" else " " for sign in text)


def _folded(line: str) -> Iterator[str]:
    """A line in parts of at most 75 octets; no character is cut."""
    part, octets = "", 0
    for sign in line:
        size = len(sign.encode())
        if octets + size > _FOLD:
            yield part
            part, octets = " ", 1
        part, octets = part + sign, octets + size
    yield part
