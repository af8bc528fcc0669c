"""A calendar (iCalendar, RFC 5545) becomes the fixed shifts of one seat, whole or not at all. Opens no files.

Whatever the file says, reading ends: its size, what is looked at and what may come of it are limited.
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
from models.rules.rota.ical.parser import MOST_FAULTS, IcalComponent, calendars, of_name, shown
from models.rules.rota.ical.recurrence import EventOccurrence, taking_place
from models.rules.rota.ical.rrules import TooMuchWork, WorkBudget
from models.rules.rota.ical.writer import GAP_MARK
from models.rules.rota.ical.zones import CalendarZones, InvalidZone, UnknownZone
from models.rules.rota.rota import FixedShift, Member
from models.rules.rota.toml.tables import FaultKind, FileFault, InvalidRota

MOST_SHIFTS = 20_000
BEHIND, AHEAD = timedelta(days=366), timedelta(days=5 * 366)
"""How far a series without an end is followed, before now and after."""


@dataclass(frozen=True)
class ImportedCalendar:
    """What a calendar says of a seat. ``events`` counts what is written in the file, ``until`` is how far series were
    followed.
    """

    shifts: tuple[FixedShift, ...]
    new_members: tuple[Member, ...]
    events: int
    followed_until: datetime
    notes: tuple[ImportNote, ...]


def read_calendar(
    data: bytes, seat: str, members: Mapping[str, Member], zone: ZoneInfo | None, default: ZoneInfo,
    start: datetime, end: datetime,
) -> ImportedCalendar:  # fmt: skip
    """The shifts of ``seat`` between two instants.

    Times that name no zone are those of ``zone``; without it of the calendar's own (X-WR-TIMEZONE), without that of
    ``default``. Raises BadPlan with every fault.
    """
    found, work, faults = calendars(data), WorkBudget(), list[FileFault]()
    zones = CalendarZones(of_name(found, "VTIMEZONE"), default, end, work)
    zones.floating = zone or _own_zone(found, zones) or default
    shifts = _Shifts(seat, Attendees(members), start, end)
    try:
        events = list(_events(found, EventReader(zones, work, faults)))
        shifts.take(taking_place(events, start, end), faults)
    except TooMuchWork:
        raise InvalidRota([FileFault(1, FaultKind.CALENDAR_TOO_MUCH)]) from None
    if faults:
        raise InvalidRota(faults[:MOST_FAULTS])
    return ImportedCalendar(shifts.merged(), shifts.new(), len(events), end, tuple(shifts.notes(events)))


def _own_zone(found: Sequence[IcalComponent], zones: CalendarZones) -> tzinfo | None:
    """The zone a calendar says its times without one are of; one that nobody knows is left out."""
    named = next((one for calendar in found for one in calendar.all("X-WR-TIMEZONE")), None)
    with suppress(UnknownZone, InvalidZone):
        return zones.of(named.value) if named else None
    return None


def _events(found: Sequence[IcalComponent], reader: EventReader) -> Iterator[CalendarEvent]:
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
        """Note whose time each is; nobody's is a fault, once for each event."""
        taken = 0
        for occurrence in occurrences:
            self._seen.add(occurrence.event)
            if occurrence.event.is_cancelled:
                self._cancelled += 1
            elif occurrence.start == occurrence.end:
                self._no_length[occurrence.event] = None
            else:
                taken += self._stand(occurrence, faults)
            if taken > MOST_SHIFTS:
                faults[:] = [FileFault(occurrence.event.line, FaultKind.CALENDAR_TOO_MANY, {"limit": MOST_SHIFTS})]
            if len(faults) >= MOST_FAULTS or taken > MOST_SHIFTS:
                return

    def _stand(self, one: EventOccurrence, faults: list[FileFault]) -> int:
        event = one.event
        if event not in self._whose:
            self._whose[event] = self._people.of(event)
            if not self._whose[event]:
                near = self._people.nearest(event)
                faults.append(FileFault(event.line, FaultKind.EVENT_NO_PERSON, {"event": event.named}, near))
        start, end = max(one.start, self._window[0]), min(one.end, self._window[1])
        for name in self._whose[event]:
            self._times[name].append((start, end))
        return len(self._whose[event])

    def merged(self) -> tuple[FixedShift, ...]:
        """The shifts by time; where somebody is there twice at once, it is one shift."""
        shifts = [
            FixedShift(self._seat, name, start, end)
            for name, times in self._times.items()
            for start, end in _united(sorted(times))
            if start < end
        ]
        return tuple(sorted(shifts, key=lambda one: (one.start, one.end, one.member)))

    def new(self) -> tuple[Member, ...]:
        """The members the calendar brought with it."""
        return tuple(self._people.new)

    def notes(self, events: Sequence[CalendarEvent]) -> Iterator[ImportNote]:
        """What there is to say."""
        if not events:
            yield ImportNote(ImportNoteKind.NO_EVENTS)
        for member in self._people.new:
            yield ImportNote(ImportNoteKind.NEW_MEMBER, {"name": member.name, "slack": member.slack_id})
        for summary, names in self._people.in_passing.items():
            yield ImportNote(ImportNoteKind.NAMED_IN_PASSING, {"summary": shown(summary), "names": names})
        for name in self._people.unknown:
            yield ImportNote(ImportNoteKind.UNKNOWN_ATTENDEE, {"name": name})
        for event in self._no_length:
            yield ImportNote(ImportNoteKind.NO_LENGTH, {"event": event.named})
        if self._cancelled:
            yield ImportNote(ImportNoteKind.CANCELLED, {"n": self._cancelled})
        if elsewhen := len(set(events) - self._seen):
            yield ImportNote(ImportNoteKind.ELSEWHEN, {"n": elsewhen})


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


def find_crowded_edge(shifts: Iterable[FixedShift], people: int) -> datetime | None:
    """The first instant at which more people have a shift than the seat has places; None when there is none."""
    edges = sorted(edge for shift in shifts for edge in ((shift.end, -1), (shift.start, 1)))
    there = 0
    for at, change in edges:
        there += change
        if there > people:
            return at
    return None
