"""An iCalendar file (RFC 5545) becomes the fixed shifts of one seat, as a whole or not at all. Opens no files.

Reading always ends: the size of the file, the work on it and the number of shifts are limited.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

from models.rules.rota.ical.attendees import Attendees
from models.rules.rota.ical.events import CalendarEvent, EventReader
from models.rules.rota.ical.notes import ImportNote, ImportNoteKind
from models.rules.rota.ical.parser import MOST_FAULTS, IcalComponent, find_components, read_calendars, shorten
from models.rules.rota.ical.recurrence import EventOccurrence, find_occurrences
from models.rules.rota.ical.rrules import TooMuchWork, WorkBudget
from models.rules.rota.ical.writer import GAP_MARK
from models.rules.rota.ical.zones import CalendarZones, InvalidZone, UnknownZone
from models.rules.rota.rota import FixedShift, Member
from models.rules.toml.tables import FaultKind, FileFault, InvalidFile

MOST_SHIFTS = 20_000
BEHIND, AHEAD = timedelta(days=366), timedelta(days=5 * 366)
"""How far a series without an end is followed, before now and after."""


@dataclass(frozen=True)
class ImportedCalendar:
    """What a calendar gives a seat."""

    shifts: tuple[FixedShift, ...]
    new_members: tuple[Member, ...]
    events: int  # how many events the file has
    followed_until: datetime  # how far series were followed (UTC)
    notes: tuple[ImportNote, ...]


def read_calendar(
    data: bytes, seat: str, members: Mapping[str, Member], zone: ZoneInfo | None, default: ZoneInfo,
    start: datetime, end: datetime,
) -> ImportedCalendar:  # fmt: skip
    """Return the shifts of ``seat`` between two instants.

    Times that name no zone are in ``zone``; without it in the calendar's own zone (X-WR-TIMEZONE), else in ``default``.
    Raises InvalidFile with every fault.
    """
    calendars, work, faults = read_calendars(data), WorkBudget(), list[FileFault]()
    zones = CalendarZones(find_components(calendars, "VTIMEZONE"), default, end, work)
    zones.floating = zone or _own_zone(calendars, zones) or default
    shifts = _Shifts(seat, Attendees(members), start, end)
    try:
        events = list(_events(calendars, EventReader(zones, work, faults)))
        shifts.take(find_occurrences(events, start, end), faults)
    except TooMuchWork:
        raise InvalidFile([FileFault(1, FaultKind.CALENDAR_TOO_MUCH)]) from None
    if faults:
        raise InvalidFile(faults[:MOST_FAULTS])
    return ImportedCalendar(shifts.merged(), shifts.new(), len(events), end, tuple(shifts.notes(events)))


def _own_zone(calendars: Sequence[IcalComponent], zones: CalendarZones) -> tzinfo | None:
    """Return the zone that a calendar names for its times without one; None when it is unknown."""
    named = next((item for calendar in calendars for item in calendar.all("X-WR-TIMEZONE")), None)
    with suppress(UnknownZone, InvalidZone):
        return zones.find(named.value) if named else None
    return None


def _events(calendars: Sequence[IcalComponent], reader: EventReader) -> Iterator[CalendarEvent]:
    for calendar in calendars:
        method = calendar.first("METHOD")
        withdraws = method is not None and method.value.strip().upper() == "CANCEL"
        for component in find_components([calendar], "VEVENT"):
            is_gap = component.first(GAP_MARK) is not None  # our own export has gaps too
            event = None if is_gap else reader.read(component, withdraws)
            if event:
                yield event


class _Shifts:
    """Collects shifts, and notes on everything else."""

    def __init__(self, seat: str, people: Attendees, start: datetime, end: datetime) -> None:
        self._seat = seat
        self._people = people
        self._window = (start, end)
        self._whose: dict[CalendarEvent, tuple[str, ...]] = {}
        self._times: dict[str, list[tuple[datetime, datetime]]] = defaultdict(list)
        self._seen: set[CalendarEvent] = set()
        self._no_length: dict[CalendarEvent, None] = {}
        self._cancelled = 0

    def take(self, occurrences: Iterable[EventOccurrence], faults: list[FileFault]) -> None:
        """Collect whose time each occurrence is; an occurrence of nobody is a fault, once for each event."""
        taken = 0
        for occurrence in occurrences:
            self._seen.add(occurrence.event)
            if occurrence.event.is_cancelled:
                self._cancelled += 1
            elif occurrence.start == occurrence.end:
                self._no_length[occurrence.event] = None
            else:
                taken += self._add(occurrence, faults)
            if taken > MOST_SHIFTS:
                faults[:] = [FileFault(occurrence.event.line, FaultKind.CALENDAR_TOO_MANY, {"limit": MOST_SHIFTS})]
            if len(faults) >= MOST_FAULTS or taken > MOST_SHIFTS:
                return

    def _add(self, occurrence: EventOccurrence, faults: list[FileFault]) -> int:
        event = occurrence.event
        if event not in self._whose:
            self._whose[event] = self._people.find_members(event)
            if not self._whose[event]:
                nearest = self._people.find_nearest(event)
                faults.append(FileFault(event.line, FaultKind.EVENT_NO_PERSON, {"event": event.label}, nearest))
        start, end = max(occurrence.start, self._window[0]), min(occurrence.end, self._window[1])
        for name in self._whose[event]:
            self._times[name].append((start, end))
        return len(self._whose[event])

    def merged(self) -> tuple[FixedShift, ...]:
        """Return the shifts by time; overlapping shifts of one person are one."""
        shifts = [
            FixedShift(self._seat, name, start, end)
            for name, times in self._times.items()
            for start, end in _merge_overlaps(sorted(times))
            if start < end
        ]
        return tuple(sorted(shifts, key=lambda shift: (shift.start, shift.end, shift.member)))

    def new(self) -> tuple[Member, ...]:
        """Return the members that the calendar adds."""
        return tuple(self._people.new)

    def notes(self, events: Sequence[CalendarEvent]) -> Iterator[ImportNote]:
        """Return the notes on the calendar."""
        if not events:
            yield ImportNote(ImportNoteKind.NO_EVENTS)
        for member in self._people.new:
            yield ImportNote(ImportNoteKind.NEW_MEMBER, {"name": member.name, "slack": member.slack_id})
        for summary, names in self._people.in_passing.items():
            yield ImportNote(ImportNoteKind.NAMED_IN_PASSING, {"summary": shorten(summary), "names": names})
        for name in self._people.unknown:
            yield ImportNote(ImportNoteKind.UNKNOWN_ATTENDEE, {"name": name})
        for event in self._no_length:
            yield ImportNote(ImportNoteKind.NO_LENGTH, {"event": event.label})
        if self._cancelled:
            yield ImportNote(ImportNoteKind.CANCELLED, {"n": self._cancelled})
        if outside := len(set(events) - self._seen):
            yield ImportNote(ImportNoteKind.ELSEWHEN, {"n": outside})


def _merge_overlaps(times: Iterable[tuple[datetime, datetime]]) -> Iterator[tuple[datetime, datetime]]:
    """Return overlapping times as one; those that only touch stay apart."""
    current: tuple[datetime, datetime] | None = None
    for start, end in times:
        if current and start < current[1]:
            current = (current[0], max(current[1], end))
        else:
            if current:
                yield current
            current = (start, end)
    if current:
        yield current


def find_crowded_edge(shifts: Iterable[FixedShift], people: int) -> datetime | None:
    """Return the first instant at which more people have a shift than the seat has slots, or None."""
    edges = sorted(edge for shift in shifts for edge in ((shift.end, -1), (shift.start, 1)))
    count = 0
    for at, change in edges:
        count += change
        if count > people:
            return at
    return None
