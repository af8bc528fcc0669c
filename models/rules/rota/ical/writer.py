"""Write shifts and gaps as an iCalendar file (RFC 5545), for people's own calendars. Needs no library.

The same shifts always give the same bytes: the only date of the file is the last change of the rota.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from hashlib import sha256

from models.rules.rota.gaps import Gap
from models.rules.rota.shifts import Shift

GAP_MARK = "X-CSP-ESCALATE-GAP"
"""Marks an event of our own export that is a gap, so that an import skips it."""
_FOLD = 75  # octets of a line (RFC 5545, 3.1)
_PRODUCER = "-//CSP Escalate//Rota//EN"


def write_calendar(
    name: str,
    shifts: Iterable[Shift],
    gaps: Sequence[tuple[Gap, str]],
    changed: datetime,
    seat_label: Callable[[str], str] = str,
) -> bytes:
    """Return a calendar of this name, in UTF-8.

    Each gap comes with its reason in words. ``changed`` is the last change of the rota, and ``seat_label`` gives the
    title of a seat. A shift whose person is absent is left out. A shift keeps its UID while person, seat and start
    stay.
    """
    lines = [
        "BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:{_PRODUCER}", "CALSCALE:GREGORIAN", "METHOD:PUBLISH",
        f"X-WR-CALNAME:{_escape(name)}", "REFRESH-INTERVAL;VALUE=DURATION:PT1H", "X-PUBLISHED-TTL:PT1H",
    ]  # fmt: skip
    for shift in shifts:
        if not shift.absent:
            lines += _build_shift(shift, changed, seat_label(shift.seat))
    for gap, reason in gaps:
        lines += _build_gap(gap, reason, changed, seat_label(gap.seat))
    lines.append("END:VCALENDAR")
    return "".join(f"{part}\r\n" for line in lines for part in _fold_line(line)).encode()


def _build_shift(shift: Shift, changed: datetime, seat: str) -> list[str]:
    summary = f"{seat}: {shift.member}"
    return _build_event(f"{shift.seat}|{shift.member}", summary, shift.start, shift.end, changed, ["TRANSP:OPAQUE"])


def _build_gap(gap: Gap, reason: str, changed: datetime, seat: str) -> list[str]:
    more = [f"{GAP_MARK}:{gap.reason}", "TRANSP:TRANSPARENT"]
    return _build_event(f"gap|{gap.seat}|{gap.reason}", f"{seat}: {reason}", gap.start, gap.end, changed, more)


def _build_event(
    key: str, summary: str, start: datetime, end: datetime, changed: datetime, more: Sequence[str]
) -> list[str]:
    uid = sha256(f"{key}|{_format_utc(start)}".encode()).hexdigest()[:32]
    return [
        "BEGIN:VEVENT", f"UID:{uid}@csp-escalate", f"DTSTAMP:{_format_utc(changed)}", f"DTSTART:{_format_utc(start)}",
        f"DTEND:{_format_utc(end)}", f"SUMMARY:{_escape(summary)}", *more, "END:VEVENT",
    ]  # fmt: skip


def _format_utc(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _escape(text: str) -> str:
    for sign in ("\\", ";", ","):
        text = text.replace(sign, f"\\{sign}")
    return "".join(sign if sign.isprintable() else "\\n" if sign == "\n" else " " for sign in text)


def _fold_line(line: str) -> Iterator[str]:
    """Return a line in parts of at most 75 octets, without cutting a character (RFC 5545, 3.1)."""
    part, octets = "", 0
    for sign in line:
        size = len(sign.encode())
        if octets + size > _FOLD:
            yield part
            part, octets = " ", 1
        part, octets = part + sign, octets + size
    yield part
