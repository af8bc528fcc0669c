"""The lines and components of an iCalendar file (RFC 5545), each with the line on which it begins. It reads no values.

Only what makes up a shift is kept: alarms, descriptions and whatever an exporter adds never reach the libraries, which
have no limits of their own.
"""

import codecs
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from models.rules.rota.toml.tables import FaultKind, FileFault, InvalidRota

SIZE_LIMIT = 5_000_000
DEEPEST = 8
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
"""The components whose properties matter."""
_BREAK = re.compile(rb"\r\n|\n|\r")
_NAME = re.compile(r"([^\s:;]+)(?=[;:])")
_PARAMETER = re.compile(r';([A-Za-z0-9-]++)=((?:"[^"]*+"|[^";:]++)*+)')  # possessive: it never looks twice
_START = "BEGIN:VCALENDAR"


@dataclass(frozen=True, slots=True)
class IcalProperty:
    """One property: ``DTSTART;TZID=Europe/Berlin:20260105T080000``. ``params`` are without their quotation marks."""

    line: int
    name: str
    params: Mapping[str, str]
    value: str


@dataclass(slots=True)
class IcalComponent:
    """A component, such as ``VEVENT``: its properties that matter, and the components within."""

    name: str
    line: int
    properties: list[IcalProperty] = field(default_factory=list)
    within: list["IcalComponent"] = field(default_factory=list)

    def first(self, name: str) -> IcalProperty | None:
        """The property of this name; the first one when there are several."""
        return next(self.all(name), None)

    def all(self, name: str) -> Iterator[IcalProperty]:
        """Every property of this name."""
        return (one for one in self.properties if one.name == name)


def looks_like_a_calendar(data: bytes) -> bool:
    """Whether the file begins as every iCalendar does, whatever it is called."""
    return data.lstrip(b"\xef\xbb\xbf \t\r\n")[: len(_START)].upper() == _START.encode()


def calendars(data: bytes) -> list[IcalComponent]:
    """The calendars of a file. Raises BadPlan with every line that can't be read."""
    if len(data) > SIZE_LIMIT:
        raise InvalidRota([FileFault(1, FaultKind.CALENDAR_TOO_BIG, {"limit": SIZE_LIMIT // 1_000_000})])
    if not looks_like_a_calendar(data):
        _decoded(1, data)  # what is no text at all is told so
        raise InvalidRota([FileFault(1, FaultKind.NOT_CALENDAR)])
    return _Nest().read(_unfolded(data.removeprefix(codecs.BOM_UTF8)))


def _unfolded(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Each logical line with the number of its first physical one; a line that begins with a blank goes on. Lines may
    be folded within a character (RFC 5545, 3.1), so they are bytes still.
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


def _decoded(number: int, line: bytes) -> str:
    """The text of a line. Raises BadPlan when it is not in UTF-8."""
    try:
        return line.decode()
    except UnicodeDecodeError as error:
        raise InvalidRota([FileFault(number + line.count(b"\n", 0, error.start), FaultKind.NOT_TEXT_FILE)]) from None


class _Nest:
    """Puts lines into the components they stand in. What is never read refuses nothing: properties that make up no
    shift, components of other kinds, and what follows the end.
    """

    def __init__(self) -> None:
        self._found: list[IcalComponent] = []
        self._open: list[IcalComponent] = []
        self._faults: list[FileFault] = []
        self._is_kept = True  # whether the last property is one that matters: a line without a name may go on with it

    def read(self, lines: Iterator[tuple[int, bytes]]) -> list[IcalComponent]:
        for number, line in lines:
            self._take(number, line)
            if len(self._faults) >= MOST_FAULTS or len(self._open) > DEEPEST:
                break
        if not self._faults and self._open:
            last = self._open[-1]
            self._faults.append(FileFault(last.line, FaultKind.CALENDAR_CUT, {"name": last.name}))
        if self._faults:
            raise InvalidRota(self._faults)
        return self._found

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
            text = _short(content.decode(errors="replace"))
            self._faults.append(FileFault(number, FaultKind.NOT_CALENDAR_LINE, {"text": text}))
        self._is_kept = name in KEPT or (not name and self._is_kept)
        if name in KEPT:
            self._keep(number, name, _decoded(number, content)[len(name) :])

    def _begin(self, number: int, name: str) -> None:
        new = IcalComponent(name, number)
        if len(self._open) == DEEPEST:
            self._faults.append(FileFault(number, FaultKind.CALENDAR_TOO_DEEP, {"name": name, "limit": DEEPEST}))
        elif name == "VEVENT" and [one.name for one in self._open] != ["VCALENDAR"]:
            self._faults.append(FileFault(number, FaultKind.EVENT_MISPLACED))
        (self._open[-1].within if self._open else self._found).append(new)
        self._open.append(new)
        self._is_kept = True

    def _end(self, number: int, name: str) -> None:
        if self._open and self._open[-1].name == name:
            self._open.pop()
        elif self._open:
            self._faults.append(FileFault(number, FaultKind.CALENDAR_UNBALANCED, {"name": name}))

    def _keep(self, number: int, name: str, rest: str) -> None:
        params, at = dict[str, str](), 0
        while len(params) < MOST_PARAMETERS and (found := _PARAMETER.match(rest, at)):
            params[found[1].upper()] = found[2].replace('"', "")
            at = found.end()
        if rest[at : at + 1] == ":":
            self._open[-1].properties.append(IcalProperty(number, name, params, rest[at + 1 :]))
        else:
            self._faults.append(FileFault(number, FaultKind.NOT_CALENDAR_LINE, {"text": _short(f"{name}{rest}")}))


def shown(text: str, most: int = 60) -> str:
    """A text of somebody's for a fault: on one line, without controls, not too long."""
    clean = "".join(sign if sign.isprintable() else " " for sign in text[: most * 2]).strip()
    return clean if len(clean) <= most else f"{clean[: most - 1]}…"


def _short(line: str) -> str:
    return shown(line, 40)


def of_name(components: Sequence[IcalComponent], name: str) -> Iterator[IcalComponent]:
    """The components of this name directly within these."""
    return (one for outer in components for one in outer.within if one.name == name)
