"""The events of a calendar as they are written: times, series, exceptions. It knows no people and expands nothing."""

import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from models.rules.rota.ical.parser import IcalComponent, IcalProperty, shown
from models.rules.rota.ical.rrules import (
    InvalidRule,
    RecurrenceRule,
    WorkBudget,
    day_meant,
    length,
    moment,
    rule,
    shown_in,
)
from models.rules.rota.ical.zones import CalendarZones, InvalidZone, UnknownZone
from models.rules.rota.toml.tables import FaultKind, FileFault

LONGEST_SUMMARY = 500
FIRST_YEAR, LAST_YEAR = 1600, 2500
"""Outlook dates zones from 1601; what is centuries long would leave the years that Python can count."""
_DAY = timedelta(days=1)
_ESCAPED = re.compile(r"\\(.)")
_Dates = list[datetime | date | tuple[datetime, datetime]]


@dataclass(frozen=True)
class IcalTime:
    """A time as an exception gives it: ``zone`` is None when it names none, and ``is_day`` when it is a date only."""

    at: datetime
    zone: tzinfo | None
    is_day: bool

    def within(self, series: "CalendarEvent") -> datetime:
        """Return the start of an occurrence as the clock of its series shows it. In a series of whole days it is a
        day, however it is written: Exchange gives it with a zone or in UTC. Raises OverflowError.
        """
        if series.whole_days:
            return datetime.combine(day_meant(self.at, self.zone, series.zone), time(0))
        if self.is_day:
            return datetime.combine(self.at, series.start.time())
        return self.at if self.zone in {None, series.zone} else shown_in(series.zone, self.at, self.zone)


@dataclass(eq=False)
class CalendarEvent:
    """One VEVENT. Times are local in ``zone`` and carry none; ``moved`` is the time at which a series would have had
    this occurrence, ``following`` says that all later ones change alike. ``exact`` is the part of its length that is
    counted in hours: unlike days they are the same when the clock changes (RFC 5545, 3.3.6).
    """

    line: int
    uid: str
    summary: str
    attendees: tuple[IcalProperty, ...]
    is_cancelled: bool
    sequence: int
    zone: tzinfo
    start: datetime
    end: datetime
    whole_days: bool = False
    exact: timedelta = timedelta()
    moved: IcalTime | None = None
    following: bool = False
    rules: dict[str, RecurrenceRule] = field(default_factory=dict)
    more: _Dates = field(default_factory=list)
    fewer: list[datetime | date] = field(default_factory=list)

    @property
    def named(self) -> str:
        """How somebody finds it again in their calendar."""
        parts = (
            f"“{shown(self.summary)}”",
            f"{self.start:%Y-%m-%d %H:%M}",
            f"UID {shown(self.uid)}" if self.uid else "",
        )
        return ", ".join(filter(None, parts))


class _Unreadable(Exception):
    """A property of an event is wrong."""

    def __init__(self, line: int, kind: FaultKind, nearest: str = "", **values: object) -> None:
        super().__init__(line, kind)
        self.line, self.kind, self.nearest, self.values = line, kind, nearest, values


# From components to events -------------------------------------------------------------------------------------


class EventReader:
    """Makes events of components; what can't be read is noted as a fault."""

    def __init__(self, zones: CalendarZones, work: WorkBudget, faults: list[FileFault]) -> None:
        self._zones = zones
        self._work = work
        self._faults = faults

    def event(self, component: IcalComponent, cancelled: bool = False) -> CalendarEvent | None:
        """The event, or None when it has a fault. ``cancelled`` when the whole calendar withdraws its events."""
        try:
            return self._event(component, cancelled)
        except _Unreadable as wrong:
            values = {"event": _called(component), **wrong.values}
            self._faults.append(FileFault(wrong.line, wrong.kind, values, wrong.nearest))
            return None

    def _event(self, component: IcalComponent, cancelled: bool) -> CalendarEvent:
        begins = component.first("DTSTART")
        if begins is None:
            raise _Unreadable(component.line, FaultKind.EVENT_NO_START)
        if old := component.first("EXRULE"):
            raise _Unreadable(old.line, FaultKind.EVENT_OLD, key="EXRULE")
        at = self._moment(begins)
        zone = self._zone(begins, at)
        end, exact = self._end(component, at, zone)
        event = CalendarEvent(
            component.line, _text(component, "UID"), _text(component, "SUMMARY")[:LONGEST_SUMMARY],
            tuple(component.all("ATTENDEE")), cancelled or _text(component, "STATUS").upper() == "CANCELLED",
            _sequence(component), zone, _naive(at), end, not isinstance(at, datetime), exact,
        )  # fmt: skip
        if moved := component.first("RECURRENCE-ID"):
            self._move(event, moved)
        else:
            self._repeat(event, component)
        return event

    def _end(self, component: IcalComponent, at: datetime | date, zone: tzinfo) -> tuple[datetime, timedelta]:
        """Return when an event ends, and how much of its length is exact hours."""
        start, exact = _naive(at), timedelta()
        if ends := component.first("DTEND"):
            end = self._local(ends, zone)
        elif lasts := component.first("DURATION"):
            days, exact = self._length(lasts)
            end = start + days + exact
        else:
            end = start if isinstance(at, datetime) else start + _DAY
        if end < start:
            raise _Unreadable((ends or component).line, FaultKind.EVENT_ENDS_FIRST)
        return end, exact

    def _move(self, event: CalendarEvent, moved: IcalProperty) -> None:
        event.following = moved.params.get("RANGE", "").upper() == "THISANDFUTURE"
        if "RANGE" in moved.params and not event.following:
            raise _Unreadable(moved.line, FaultKind.EVENT_OLD, key=f"RANGE={shown(moved.params['RANGE'], 20)}")
        event.moved = self._written(moved)

    def _repeat(self, event: CalendarEvent, component: IcalComponent) -> None:
        for written in component.all("RRULE"):
            try:
                event.rules[written.value] = rule(written.value, event.start, event.whole_days, event.zone, self._work)
            except InvalidRule as bad:
                values = {"rule": shown(written.value), "part": bad.part}
                raise _Unreadable(written.line, bad.kind, "", **values) from None
        for dates in component.all("RDATE"):
            event.more += [self._date_or_period(dates, text, event) for text in self._listed(dates)]
        for dates in component.all("EXDATE"):
            event.fewer += [self._exception(dates, text, event) for text in self._listed(dates)]

    def _exception(self, dates: IcalProperty, text: str, event: CalendarEvent) -> datetime | date:
        written = self._written(dates, text)
        if written.is_day and not event.whole_days:
            return written.at.date()
        return self._within(written, event, dates, text)

    def _written(self, written: IcalProperty, text: str | None = None) -> IcalTime:
        at = self._moment(written, text)
        is_day = not isinstance(at, datetime)
        names_none = is_day or not (written.params.get("TZID") or _is_utc(at))
        return IcalTime(_naive(at), None if names_none else self._zone(written, at), is_day)

    def _within(self, written: IcalTime, event: CalendarEvent, dates: IcalProperty, text: str) -> datetime:
        try:
            return written.within(event)
        except OverflowError:
            raise self._not_a_value(dates, text) from None

    def _listed(self, dates: IcalProperty) -> list[str]:
        texts = [text for text in dates.value.split(",") if text.strip()]
        self._work.spend(10 * len(texts))
        return texts

    def _date_or_period(
        self, dates: IcalProperty, text: str, event: CalendarEvent
    ) -> datetime | tuple[datetime, datetime]:
        begins, is_period, ends = text.partition("/")
        start = self._within(self._written(dates, begins), event, dates, begins)
        if not is_period:
            return start
        lasts = ends.strip().upper().startswith(("P", "+P", "-P"))
        end = self._after(start, dates, ends, event.zone) if lasts else self._local(dates, event.zone, ends)
        if end < start:
            raise _Unreadable(dates.line, FaultKind.EVENT_ENDS_FIRST)
        return start, end

    def _after(self, start: datetime, dates: IcalProperty, lasts: str, zone: tzinfo) -> datetime:
        """Return the local end of a period that is given by its length."""
        days, exact = self._length(dates, lasts)
        return shown_in(zone, (start + days).replace(tzinfo=zone).astimezone(UTC) + exact, UTC)

    def _local(self, written: IcalProperty, zone: tzinfo, text: str | None = None) -> datetime:
        """Return a time of a property as the clock in ``zone`` shows it; one that names no zone is of ``zone``."""
        found = self._written(written, text)
        try:
            return found.at if found.zone in {None, zone} else shown_in(zone, found.at, found.zone)
        except OverflowError:
            raise self._not_a_value(written, text) from None

    def _moment(self, written: IcalProperty, text: str | None = None) -> datetime | date:
        try:
            found = moment(written.value if text is None else text)
        except ValueError:
            raise self._not_a_value(written, text) from None
        if not FIRST_YEAR <= found.year <= LAST_YEAR:
            raise self._not_a_value(written, text)
        return found

    def _length(self, written: IcalProperty, text: str | None = None) -> tuple[timedelta, timedelta]:
        """Return the days of a length, and what is counted in hours beside them."""
        try:
            days, exact = length(written.value if text is None else text)
        except (ValueError, OverflowError):
            raise self._not_a_value(written, text) from None
        if not timedelta() <= days + exact <= 3660 * _DAY:
            raise self._not_a_value(written, text)
        return days, exact

    def _zone(self, written: IcalProperty, at: datetime | date) -> tzinfo:
        if isinstance(at, datetime) and at.tzinfo:
            return UTC
        name = written.params.get("TZID", "")
        if not name or not isinstance(at, datetime):
            return self._zones.floating
        try:
            return self._zones.of(name)
        except UnknownZone as unknown:
            values = {"name": shown(unknown.name)}
            raise _Unreadable(written.line, FaultKind.EVENT_ZONE, unknown.nearest, **values) from None
        except InvalidZone as bad:
            raise _Unreadable(bad.line, FaultKind.CALENDAR_ZONE, name=shown(name)) from None

    def _not_a_value(self, written: IcalProperty, text: str | None) -> _Unreadable:
        value = shown(written.value if text is None else text, 40)
        return _Unreadable(written.line, FaultKind.EVENT_VALUE, key=written.name, value=value)


def _is_utc(at: datetime | date) -> bool:
    return isinstance(at, datetime) and at.tzinfo is not None


def _naive(at: datetime | date) -> datetime:
    return at.replace(tzinfo=None, fold=0) if isinstance(at, datetime) else datetime.combine(at, time(0))


def _text(component: IcalComponent, name: str) -> str:
    found = component.first(name)
    return _ESCAPED.sub(lambda sign: "\n" if sign[1] in "nN" else sign[1], found.value).strip() if found else ""


def _sequence(component: IcalComponent) -> int:
    digits = _text(component, "SEQUENCE")
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= 9 else 0


def _called(component: IcalComponent) -> str:
    """An event of which nothing is known yet, in the words of the file."""
    begins = component.first("DTSTART")
    uid = _text(component, "UID")
    parts = (
        f"“{shown(_text(component, 'SUMMARY'))}”", shown(begins.value, 20) if begins else "",
        f"UID {shown(uid)}" if uid else "",
    )  # fmt: skip
    return ", ".join(filter(None, parts))
