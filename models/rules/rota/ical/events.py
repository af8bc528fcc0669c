"""The events of a calendar as written: times, series, exceptions. Knows no people and expands no series."""

import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from models.rules.rota.ical.parser import IcalComponent, IcalProperty, shorten
from models.rules.rota.ical.rrules import (
    InvalidRule,
    RecurrenceRule,
    WorkBudget,
    build_rule,
    find_day,
    read_duration,
    read_time,
    to_zone,
)
from models.rules.rota.ical.zones import CalendarZones, InvalidZone, UnknownZone
from models.rules.toml.tables import FaultKind, FileFault

LONGEST_SUMMARY = 500  # characters
FIRST_YEAR, LAST_YEAR = 1600, 2500
"""Outlook dates zones from 1601. Events that last centuries would leave the years that Python can count."""
_DAY = timedelta(days=1)
_ESCAPED = re.compile(r"\\(.)")
_Dates = list[datetime | date | tuple[datetime, datetime]]


@dataclass(frozen=True)
class IcalTime:
    """A time as written in an exception."""

    at: datetime  # local in ``zone``
    zone: tzinfo | None  # None when it names none
    is_day: bool  # a date without a time

    def to_start_of(self, series: "CalendarEvent") -> datetime:
        """Return the start of an occurrence as the clock of its series shows it.

        In a series of whole days it is a day, however it is written: Exchange writes it with a zone or in UTC. Raises
        OverflowError.
        """
        if series.whole_days:
            return datetime.combine(find_day(self.at, self.zone, series.zone), time(0))
        if self.is_day:
            return datetime.combine(self.at, series.start.time())
        return self.at if self.zone in {None, series.zone} else to_zone(series.zone, self.at, self.zone)


@dataclass(eq=False)
class CalendarEvent:
    """One VEVENT. Times are local in ``zone`` and carry no zone."""

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
    # part of its duration in hours: unaffected by clock changes, unlike days (RFC 5545, 3.3.6).
    exact_hours: timedelta = timedelta()
    recurrence_id: IcalTime | None = None  # when the series would have had this occurrence.
    changes_following: bool = False  # all later occurrences change too.
    rules: dict[str, RecurrenceRule] = field(default_factory=dict)
    extra_dates: _Dates = field(default_factory=list)  # RDATE.
    excluded_dates: list[datetime | date] = field(default_factory=list)  # EXDATE.

    @property
    def label(self) -> str:
        """How a person finds it again in their calendar."""
        parts = (
            f"“{shorten(self.summary)}”",
            f"{self.start:%Y-%m-%d %H:%M}",
            f"UID {shorten(self.uid)}" if self.uid else "",
        )
        return ", ".join(filter(None, parts))


class _Unreadable(Exception):
    """A property of an event is invalid."""

    def __init__(self, line: int, kind: FaultKind, nearest: str = "", **values: object) -> None:
        super().__init__(line, kind)
        self.line, self.kind, self.nearest, self.values = line, kind, nearest, values


# From components to events -------------------------------------------------------------------------------------


class EventReader:
    """Reads events from components; what is invalid is noted as a fault."""

    def __init__(self, zones: CalendarZones, work: WorkBudget, faults: list[FileFault]) -> None:
        self._zones = zones
        self._work = work
        self._faults = faults

    def read(self, component: IcalComponent, cancelled: bool = False) -> CalendarEvent | None:
        """Return the event, or None when it has a fault.

        ``cancelled`` says that the whole calendar withdraws its events.
        """
        try:
            return self._read(component, cancelled)
        except _Unreadable as wrong:
            values = {"event": _describe(component), **wrong.values}
            self._faults.append(FileFault(wrong.line, wrong.kind, values, wrong.nearest))
            return None

    def _read(self, component: IcalComponent, cancelled: bool) -> CalendarEvent:
        begins = component.first("DTSTART")
        if begins is None:
            raise _Unreadable(component.line, FaultKind.EVENT_NO_START)
        if old := component.first("EXRULE"):
            raise _Unreadable(old.line, FaultKind.EVENT_OLD, key="EXRULE")
        at = self._read_time(begins)
        zone = self._find_zone(begins, at)
        end, exact = self._read_end(component, at, zone)
        event = CalendarEvent(
            component.line, _read_text(component, "UID"), _read_text(component, "SUMMARY")[:LONGEST_SUMMARY],
            tuple(component.all("ATTENDEE")), cancelled or _read_text(component, "STATUS").upper() == "CANCELLED",
            _read_sequence(component), zone, _drop_zone(at), end, not isinstance(at, datetime), exact,
        )  # fmt: skip
        if moved := component.first("RECURRENCE-ID"):
            self._read_exception(event, moved)
        else:
            self._read_series(event, component)
        return event

    def _read_end(self, component: IcalComponent, at: datetime | date, zone: tzinfo) -> tuple[datetime, timedelta]:
        """Return when an event ends, and how much of its duration is exact hours."""
        start, exact = _drop_zone(at), timedelta()
        if ends := component.first("DTEND"):
            end = self._read_local(ends, zone)
        elif duration := component.first("DURATION"):
            days, exact = self._read_duration(duration)
            end = start + days + exact
        else:
            end = start if isinstance(at, datetime) else start + _DAY
        if end < start:
            raise _Unreadable((ends or component).line, FaultKind.EVENT_ENDS_FIRST)
        return end, exact

    def _read_exception(self, event: CalendarEvent, moved: IcalProperty) -> None:
        event.changes_following = moved.params.get("RANGE", "").upper() == "THISANDFUTURE"
        if "RANGE" in moved.params and not event.changes_following:
            raise _Unreadable(moved.line, FaultKind.EVENT_OLD, key=f"RANGE={shorten(moved.params['RANGE'], 20)}")
        event.recurrence_id = self._read_written(moved)

    def _read_series(self, event: CalendarEvent, component: IcalComponent) -> None:
        for written in component.all("RRULE"):
            try:
                event.rules[written.value] = build_rule(
                    written.value, event.start, event.whole_days, event.zone, self._work
                )
            except InvalidRule as bad:
                values = {"rule": shorten(written.value), "part": bad.part}
                raise _Unreadable(written.line, bad.kind, "", **values) from None
        for dates in component.all("RDATE"):
            event.extra_dates += [self._read_date_or_period(dates, text, event) for text in self._split_dates(dates)]
        for dates in component.all("EXDATE"):
            event.excluded_dates += [self._read_excluded(dates, text, event) for text in self._split_dates(dates)]

    def _read_excluded(self, dates: IcalProperty, text: str, event: CalendarEvent) -> datetime | date:
        written = self._read_written(dates, text)
        if written.is_day and not event.whole_days:
            return written.at.date()
        return self._find_start(written, event, dates, text)

    def _read_written(self, written: IcalProperty, text: str | None = None) -> IcalTime:
        at = self._read_time(written, text)
        is_day = not isinstance(at, datetime)
        names_none = is_day or not (written.params.get("TZID") or _is_utc(at))
        return IcalTime(_drop_zone(at), None if names_none else self._find_zone(written, at), is_day)

    def _find_start(self, written: IcalTime, event: CalendarEvent, dates: IcalProperty, text: str) -> datetime:
        try:
            return written.to_start_of(event)
        except OverflowError:
            raise self._refuse_value(dates, text) from None

    def _split_dates(self, dates: IcalProperty) -> list[str]:
        texts = [text for text in dates.value.split(",") if text.strip()]
        self._work.spend(10 * len(texts))
        return texts

    def _read_date_or_period(
        self, dates: IcalProperty, text: str, event: CalendarEvent
    ) -> datetime | tuple[datetime, datetime]:
        begins, is_period, ends = text.partition("/")
        start = self._find_start(self._read_written(dates, begins), event, dates, begins)
        if not is_period:
            return start
        is_duration = ends.strip().upper().startswith(("P", "+P", "-P"))
        end = (
            self._find_period_end(start, dates, ends, event.zone)
            if is_duration
            else self._read_local(dates, event.zone, ends)
        )
        if end < start:
            raise _Unreadable(dates.line, FaultKind.EVENT_ENDS_FIRST)
        return start, end

    def _find_period_end(self, start: datetime, dates: IcalProperty, duration: str, zone: tzinfo) -> datetime:
        """Return the local end of a period that is given by its duration."""
        days, exact = self._read_duration(dates, duration)
        return to_zone(zone, (start + days).replace(tzinfo=zone).astimezone(UTC) + exact, UTC)

    def _read_local(self, written: IcalProperty, zone: tzinfo, text: str | None = None) -> datetime:
        """Return a time of a property as the clock in ``zone`` shows it; a time without a zone is in ``zone``."""
        written_time = self._read_written(written, text)
        try:
            return (
                written_time.at
                if written_time.zone in {None, zone}
                else to_zone(zone, written_time.at, written_time.zone)
            )
        except OverflowError:
            raise self._refuse_value(written, text) from None

    def _read_time(self, written: IcalProperty, text: str | None = None) -> datetime | date:
        try:
            moment = read_time(written.value if text is None else text)
        except ValueError:
            raise self._refuse_value(written, text) from None
        if not FIRST_YEAR <= moment.year <= LAST_YEAR:
            raise self._refuse_value(written, text)
        return moment

    def _read_duration(self, written: IcalProperty, text: str | None = None) -> tuple[timedelta, timedelta]:
        """Return the days of a duration, and its exact hours."""
        try:
            days, exact = read_duration(written.value if text is None else text)
        except (ValueError, OverflowError):
            raise self._refuse_value(written, text) from None
        if not timedelta() <= days + exact <= 3660 * _DAY:
            raise self._refuse_value(written, text)
        return days, exact

    def _find_zone(self, written: IcalProperty, at: datetime | date) -> tzinfo:
        if isinstance(at, datetime) and at.tzinfo:
            return UTC
        name = written.params.get("TZID", "")
        if not name or not isinstance(at, datetime):
            return self._zones.floating
        try:
            return self._zones.find(name)
        except UnknownZone as unknown:
            values = {"name": shorten(unknown.name)}
            raise _Unreadable(written.line, FaultKind.EVENT_ZONE, unknown.nearest, **values) from None
        except InvalidZone as bad:
            raise _Unreadable(bad.line, FaultKind.CALENDAR_ZONE, name=shorten(name)) from None

    def _refuse_value(self, written: IcalProperty, text: str | None) -> _Unreadable:
        value = shorten(written.value if text is None else text, 40)
        return _Unreadable(written.line, FaultKind.EVENT_VALUE, key=written.name, value=value)


def _is_utc(at: datetime | date) -> bool:
    return isinstance(at, datetime) and at.tzinfo is not None


def _drop_zone(at: datetime | date) -> datetime:
    return at.replace(tzinfo=None, fold=0) if isinstance(at, datetime) else datetime.combine(at, time(0))


def _read_text(component: IcalComponent, name: str) -> str:
    written = component.first(name)
    return _ESCAPED.sub(lambda sign: "\n" if sign[1] in "nN" else sign[1], written.value).strip() if written else ""


def _read_sequence(component: IcalComponent) -> int:
    digits = _read_text(component, "SEQUENCE")
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= 9 else 0


def _describe(component: IcalComponent) -> str:
    """Return the description of an event that could not be read, in the words of the file."""
    begins = component.first("DTSTART")
    uid = _read_text(component, "UID")
    parts = (
        f"“{shorten(_read_text(component, 'SUMMARY'))}”", shorten(begins.value, 20) if begins else "",
        f"UID {shorten(uid)}" if uid else "",
    )  # fmt: skip
    return ", ".join(filter(None, parts))
