"""The lines and components of an iCalendar file (RFC 5545), each with the line on which it begins. Reads no values.

Only what makes up a shift is kept. Alarms, descriptions and other additions never reach the libraries, which have no
limits of their own.
"""

import codecs
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from models.rules.toml.tables import FaultKind, FileFault, InvalidFile

SIZE_LIMIT = 5_000_000  # bytes
DEEPEST = 8  # nested components
MOST_FAULTS = 50
MOST_PARAMETERS = 50
KEPT = frozenset(
    {
        "DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE", "EXRULE", "RECURRENCE-ID", "UID", "SUMMARY",
        "STATUS", "SEQUENCE", "ATTENDEE", "METHOD", "TZID", "TZOFFSETFROM", "TZOFFSETTO", "X-WR-TIMEZONE",
        "X-CSP-ESCALATE-GAP",
    }
)  # fmt: skip
_READ = frozenset({"VCALENDAR", "VEVENT", "VTIMEZONE", "STANDARD", "DAYLIGHT"})
"""The components whose properties are read."""
_BREAK = re.compile(rb"\r\n|\n|\r")
_NAME = re.compile(r"([^\s:;]+)(?=[;:])")
_PARAMETER = re.compile(r';([A-Za-z0-9-]++)=((?:"[^"]*+"|[^";:]++)*+)')  # possessive: never backtracks
_START = "BEGIN:VCALENDAR"


@dataclass(frozen=True, slots=True)
class IcalProperty:
    """One property: ``DTSTART;TZID=Europe/Berlin:20260105T080000``."""

    line: int
    name: str
    params: Mapping[str, str]  # without their quotation marks
    value: str


@dataclass(slots=True)
class IcalComponent:
    """A component, such as ``VEVENT``: its properties that are read, and the components inside."""

    name: str
    line: int
    properties: list[IcalProperty] = field(default_factory=list)
    components: list["IcalComponent"] = field(default_factory=list)

    def first(self, name: str) -> IcalProperty | None:
        """Return the first property of this name, or None."""
        return next(self.all(name), None)

    def all(self, name: str) -> Iterator[IcalProperty]:
        """Return every property of this name."""
        return (item for item in self.properties if item.name == name)


def looks_like_a_calendar(data: bytes) -> bool:
    """Return whether the file begins as every iCalendar file does, whatever its name."""
    return data.lstrip(b"\xef\xbb\xbf \t\r\n")[: len(_START)].upper() == _START.encode()


def read_calendars(data: bytes) -> list[IcalComponent]:
    """Return the calendars of a file. Raises InvalidFile with every line that is invalid."""
    if len(data) > SIZE_LIMIT:
        raise InvalidFile([FileFault(1, FaultKind.CALENDAR_TOO_BIG, {"limit": SIZE_LIMIT // 1_000_000})])
    if not looks_like_a_calendar(data):
        _decode_line(1, data)  # a file that is no text gets that fault
        raise InvalidFile([FileFault(1, FaultKind.NOT_CALENDAR)])
    return _ComponentReader().read(_unfold(data.removeprefix(codecs.BOM_UTF8)))


def _unfold(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Return each logical line with the number of its first physical line; a line that begins with a blank continues.

    Lines may be folded inside a character (RFC 5545, 3.1), so they are still bytes.
    """
    number, parts = 0, list[bytes]()
    for at, line in enumerate(_BREAK.split(data), 1):
        if line[:1] in {b" ", b"\t"} and parts:
            parts.append(line[1:])
            continue
        if parts:
            yield number, b"".join(parts)
        number, parts = at, [line] if line.strip() else []
    if parts:
        yield number, b"".join(parts)


def _decode_line(number: int, line: bytes) -> str:
    """Return the text of a line. Raises InvalidFile when it is not UTF-8."""
    try:
        return line.decode()
    except UnicodeDecodeError as error:
        raise InvalidFile([FileFault(number + line.count(b"\n", 0, error.start), FaultKind.NOT_TEXT_FILE)]) from None


class _ComponentReader:
    """Puts lines into their components.

    What is never read is never refused: other properties, components of other kinds, and what follows the end.
    """

    def __init__(self) -> None:
        self._calendars: list[IcalComponent] = []
        self._open: list[IcalComponent] = []
        self._faults: list[FileFault] = []
        self._is_kept = True  # whether the last property is read: a line without a name may continue it

    def read(self, lines: Iterator[tuple[int, bytes]]) -> list[IcalComponent]:
        for number, line in lines:
            self._take(number, line)
            if len(self._faults) >= MOST_FAULTS or len(self._open) > DEEPEST:
                break
        if not self._faults and self._open:
            last = self._open[-1]
            self._faults.append(FileFault(last.line, FaultKind.CALENDAR_CUT, {"name": last.name}))
        if self._faults:
            raise InvalidFile(self._faults)
        return self._calendars

    def _take(self, number: int, content: bytes) -> None:
        line = content.decode(errors="replace")
        named = _NAME.match(line)
        name = named[1].upper() if named else ""
        if name == "BEGIN":
            self._begin(number, line[6:].strip().upper()[:40])
        elif name == "END":
            self._end(number, line[4:].strip().upper()[:40])
        elif self._open and self._open[-1].name in _READ:
            self._property(number, name, content)

    def _property(self, number: int, name: str, content: bytes) -> None:
        if not name and self._is_kept:
            text = _shorten_line(content.decode(errors="replace"))
            self._faults.append(FileFault(number, FaultKind.NOT_CALENDAR_LINE, {"text": text}))
        self._is_kept = name in KEPT or (not name and self._is_kept)
        if name in KEPT:
            self._keep(number, name, _decode_line(number, content)[len(name) :])

    def _begin(self, number: int, name: str) -> None:
        new = IcalComponent(name, number)
        if len(self._open) == DEEPEST:
            self._faults.append(FileFault(number, FaultKind.CALENDAR_TOO_DEEP, {"name": name, "limit": DEEPEST}))
        elif name == "VEVENT" and [component.name for component in self._open] != ["VCALENDAR"]:
            self._faults.append(FileFault(number, FaultKind.EVENT_MISPLACED))
        (self._open[-1].components if self._open else self._calendars).append(new)
        self._open.append(new)
        self._is_kept = True

    def _end(self, number: int, name: str) -> None:
        if self._open and self._open[-1].name == name:
            self._open.pop()
        elif self._open:
            self._faults.append(FileFault(number, FaultKind.CALENDAR_UNBALANCED, {"name": name}))

    def _keep(self, number: int, name: str, rest: str) -> None:
        params, at = dict[str, str](), 0
        while len(params) < MOST_PARAMETERS and (match := _PARAMETER.match(rest, at)):
            params[match[1].upper()] = match[2].replace('"', "")
            at = match.end()
        if rest[at : at + 1] == ":":
            self._open[-1].properties.append(IcalProperty(number, name, params, rest[at + 1 :]))
        else:
            self._faults.append(
                FileFault(number, FaultKind.NOT_CALENDAR_LINE, {"text": _shorten_line(f"{name}{rest}")})
            )


def shorten(text: str, most: int = 60) -> str:
    """Return a text from a file for a fault: on one line, without control characters, at most ``most`` characters."""
    clean = "".join(sign if sign.isprintable() else " " for sign in text[: most * 2]).strip()
    return clean if len(clean) <= most else f"{clean[: most - 1]}…"


def _shorten_line(line: str) -> str:
    return shorten(line, 40)


def find_components(components: Sequence[IcalComponent], name: str) -> Iterator[IcalComponent]:
    """Return the components of this name directly inside these."""
    return (inner for outer in components for inner in outer.components if inner.name == name)
