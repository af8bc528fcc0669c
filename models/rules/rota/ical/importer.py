"""A calendar (iCalendar, RFC 5545) becomes the fixed shifts of one seat, whole or not at all. Opens no files.

Whatever the file says, reading ends: its size, what is looked at and what may come of it are limited.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

from models.rules.rota.ical.attendees import People
from models.rules.rota.ical.events import Event, Reader
from models.rules.rota.ical.notes import Note, NoteKind
from models.rules.rota.ical.parser import MOST_FAULTS, Component, calendars, of_name, shown
from models.rules.rota.ical.recurrence import Taking, taking_place
from models.rules.rota.ical.rrules import TooMuchWork, Work
from models.rules.rota.ical.writer import GAP_MARK
from models.rules.rota.ical.zones import BadZone, UnknownZone, Zones
from models.rules.rota.rota import Fixed, Member
from models.rules.rota.toml.tables import BadPlan, Fault, FaultKind

MOST_SHIFTS = 20_000
BEHIND, AHEAD = timedelta(days=366), timedelta(days=5 * 366)
"""How far a series without an end is followed, before now and after."""


@dataclass(frozen=True)
class Imported:
    """What a calendar says of a seat. ``events`` counts what is written in the file, ``until`` is how far series were
    followed."""

    shifts: tuple[Fixed, ...]
    new: tuple[Member, ...]
    events: int
    until: datetime
    notes: tuple[Note, ...]


def read(
    data: bytes, seat: str, members: Mapping[str, Member], zone: ZoneInfo | None, default: ZoneInfo,
    start: datetime, end: datetime,
) -> Imported:  # fmt: skip
    """The shifts of ``seat`` between two instants.

    Times that name no zone are those of ``zone``; without it of the calendar's own (X-WR-TIMEZONE), without that of
    ``default``. Raises BadPlan with every fault.
    """
    found, work, faults = calendars(data), Work(), list[Fault]()
    zones = Zones(of_name(found, "VTIMEZONE"), default, end, work)
    zones.floating = zone or _own_zone(found, zones) or default
    shifts = _Shifts(seat, People(members), start, end)
    try:
        events = list(_events(found, Reader(zones, work, faults)))
        shifts.take(taking_place(events, start, end), faults)
    except TooMuchWork:
        raise BadPlan([Fault(1, FaultKind.CALENDAR_TOO_MUCH)]) from None
    if faults:
        raise BadPlan(faults[:MOST_FAULTS])
    return Imported(shifts.merged(), shifts.new(), len(events), end, tuple(shifts.notes(events)))


def _own_zone(found: Sequence[Component], zones: Zones) -> tzinfo | None:
    """The zone a calendar says its times without one are of; one that nobody knows is left out."""
    named = next((one for calendar in found for one in calendar.all("X-WR-TIMEZONE")), None)
    with suppress(UnknownZone, BadZone):
        return zones.of(named.value) if named else None
    return None


def _events(found: Sequence[Component], reader: Reader) -> Iterator[Event]:
    for calendar in found:
        method = calendar.first("METHOD")
        withdraws = method is not None and method.value.strip().upper() == "CANCEL"
        for component in of_name([calendar], "VEVENT"):
            is_gap = component.first(GAP_MARK) is not None  # our own export tells gaps too
            event = None if is_gap else reader.event(component, withdraws)
            if event:
                yield event


class _Shifts:
    """Collects shifts, and what there is to say of the rest."""

    def __init__(self, seat: str, people: People, start: datetime, end: datetime) -> None:
        self._seat = seat
        self._people = people
        self._window = (start, end)
        self._whose: dict[Event, tuple[str, ...]] = {}
        self._times: dict[str, list[tuple[datetime, datetime]]] = defaultdict(list)
        self._seen: set[Event] = set()
        self._no_length: dict[Event, None] = {}
        self._cancelled = 0

    def take(self, occurrences: Iterable[Taking], faults: list[Fault]) -> None:
        """Note whose time each is; nobody's is a fault, once for each event."""
        taken = 0
        for one in occurrences:
            self._seen.add(one.event)
            if one.event.is_cancelled:
                self._cancelled += 1
            elif one.start == one.end:
                self._no_length[one.event] = None
            else:
                taken += self._stand(one, faults)
            if taken > MOST_SHIFTS:
                faults[:] = [Fault(one.event.line, FaultKind.CALENDAR_TOO_MANY, {"limit": MOST_SHIFTS})]
            if len(faults) >= MOST_FAULTS or taken > MOST_SHIFTS:
                return

    def _stand(self, one: Taking, faults: list[Fault]) -> int:
        event = one.event
        if event not in self._whose:
            self._whose[event] = self._people.of(event)
            if not self._whose[event]:
                near = self._people.nearest(event)
                faults.append(Fault(event.line, FaultKind.EVENT_NO_PERSON, {"event": event.named}, near))
        start, end = max(one.start, self._window[0]), min(one.end, self._window[1])
        for name in self._whose[event]:
            self._times[name].append((start, end))
        return len(self._whose[event])

    def merged(self) -> tuple[Fixed, ...]:
        """The shifts by time; where somebody is there twice at once, it is one shift."""
        shifts = [
            Fixed(self._seat, name, start, end)
            for name, times in self._times.items()
            for start, end in _united(sorted(times))
            if start < end
        ]
        return tuple(sorted(shifts, key=lambda one: (one.start, one.end, one.member)))

    def new(self) -> tuple[Member, ...]:
        """The members the calendar brought with it."""
        return tuple(self._people.new)

    def notes(self, events: Sequence[Event]) -> Iterator[Note]:
        """What there is to say."""
        if not events:
            yield Note(NoteKind.NO_EVENTS)
        for member in self._people.new:
            yield Note(NoteKind.NEW_MEMBER, {"name": member.name, "slack": member.slack_id})
        for summary, names in self._people.in_passing.items():
            yield Note(NoteKind.NAMED_IN_PASSING, {"summary": shown(summary), "names": names})
        for name in self._people.unknown:
            yield Note(NoteKind.UNKNOWN_ATTENDEE, {"name": name})
        for event in self._no_length:
            yield Note(NoteKind.NO_LENGTH, {"event": event.named})
        if self._cancelled:
            yield Note(NoteKind.CANCELLED, {"n": self._cancelled})
        if elsewhen := len(set(events) - self._seen):
            yield Note(NoteKind.ELSEWHEN, {"n": elsewhen})


def _united(times: Iterable[tuple[datetime, datetime]]) -> Iterator[tuple[datetime, datetime]]:
    """Overlapping times as one; those that only touch stay apart."""
    begun: tuple[datetime, datetime] | None = None
    for start, end in times:
        if begun and start < begun[1]:
            begun = (begun[0], max(begun[1], end))
        else:
            if begun:
                yield begun
            begun = (start, end)
    if begun:
        yield begun


def crowded(shifts: Iterable[Fixed], people: int) -> datetime | None:
    """The first instant at which more people have a shift than the seat has places; None when there is none."""
    edges = sorted(edge for one in shifts for edge in ((one.end, -1), (one.start, 1)))
    there = 0
    for at, change in edges:
        there += change
        if there > people:
            return at
    return None
