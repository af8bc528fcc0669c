"""When the events of a calendar take place: series, exceptions, moved and cancelled dates. Knows no people.

A series is reckoned in the local time of its own zone, so that a shift keeps its hours across clock changes. What
``recurring_ical_events`` is given is local and without a zone: it knows an occurrence by its time in UTC and also by
its local time, and would take 08:00 in Shanghai for 00:00 of the same day.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

import icalendar
from icalendar.prop import vDDDLists, vDDDTypes
from recurring_ical_events import EventAdapter, Occurrence, Series

from models.rules.rota.ical.events import CalendarEvent
from models.rules.rota.ical.rrules import RecurrenceRule, TooMuchWork

MOST_FOLLOWING = 50
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class EventOccurrence:
    """One time at which an event takes place, as instants in UTC."""

    event: CalendarEvent
    start: datetime
    end: datetime


def taking_place(events: Iterable[CalendarEvent], start: datetime, end: datetime) -> Iterator[EventOccurrence]:
    """Every occurrence that shares time with the window or begins in it; cancelled ones too. Raises TooMuchWork."""
    for series in _series(events):
        yield from _occurrences(series, start, end)


def _series(events: Iterable[CalendarEvent]) -> Iterator[list[CalendarEvent]]:
    """Events of one UID: the one that recurs, first, and its exceptions. Without UID each is alone.

    An older version (SEQUENCE) of the same event is left out; several of one version are all meant, as some tools
    give every shift the same UID.
    """
    groups: dict[object, list[CalendarEvent]] = defaultdict(list)
    for event in events:
        groups[event.uid or event.line].append(event)
    for group in groups.values():
        exceptions = [event for event in group if event.moved]
        newest = max((event.sequence for event in group if not event.moved), default=0)
        masters = [event for event in group if not event.moved and event.sequence == newest]
        if masters or exceptions:
            yield [*masters[:1], *exceptions]
        for event in masters[1:]:
            yield [event]


def _occurrences(events: list[CalendarEvent], start: datetime, end: datetime) -> Iterator[EventOccurrence]:
    first = events[0]
    zone = first.zone
    if len(events) == 1 and not (first.rules or first.more or first.fewer or first.moved):
        yield from _within(first, first.start, first.end, start, end)
        return
    if sum(event.following for event in events) > MOST_FOLLOWING:
        raise TooMuchWork  # the library looks through all of them at each occurrence
    adapters = [_Adapter(event, first) for event in events]
    window = (moment.astimezone(zone).replace(tzinfo=None, fold=0) for moment in (start - _DAY, end + _DAY))
    for one in _Series(adapters).between(*window):
        yield from _within(one.event, one.start, one.end, start, end, zone)


def _within(
    event: CalendarEvent, begins: datetime, ends: datetime, start: datetime, end: datetime, zone: tzinfo | None = None
) -> Iterator[EventOccurrence]:
    """A local time as instants, if it shares time with the window or begins in it.

    Hours of a length are exact. What begins in the hour that a clock change leaves out begins later, and keeps its
    length where it would end before.
    """
    here = zone or event.zone
    first, last = (at.replace(tzinfo=here).astimezone(UTC) for at in (begins, ends - event.exact))
    last += event.exact
    if last <= first:
        last = first + (ends - begins)
    if first < end and (last > start or first >= start):
        yield EventOccurrence(event, first, last)


class _Adapter(EventAdapter):  # type: ignore[misc]  # untyped
    """An event as ``recurring_ical_events`` wants it."""

    def __init__(self, event: CalendarEvent, first: CalendarEvent) -> None:
        self.event = event
        super().__init__(_component(event, first))
        self.rules: Mapping[str, RecurrenceRule] = event.rules


def _component(event: CalendarEvent, first: CalendarEvent) -> icalendar.Event:
    component = icalendar.Event()
    component["UID"] = event.uid or str(event.line)
    component["SEQUENCE"] = event.sequence
    component["DTSTART"], component["DTEND"] = (vDDDTypes(_in(first, event, at)) for at in (event.start, event.end))
    if event.moved:
        component["RECURRENCE-ID"] = vDDDTypes(event.moved.within(first))
        if event.following:
            component["RECURRENCE-ID"].params["RANGE"] = "THISANDFUTURE"
    if event.rules:
        component["RRULE"] = list(map(_Named, event.rules))
    for name, dates in (("RDATE", event.more), ("EXDATE", event.fewer)):
        if dates:
            component[name] = vDDDLists(dates)
    return component


def _in(first: CalendarEvent, event: CalendarEvent, at: datetime) -> datetime:
    """A time of an exception as the clock of its series shows it."""
    if event.zone is first.zone:
        return at
    return at.replace(tzinfo=event.zone).astimezone(first.zone).replace(tzinfo=None, fold=0)


class _Named(str):
    """The text of a rule, which is all the library asks of it."""

    def to_ical(self) -> bytes:
        return self.encode()


class _Occurrence(Occurrence):  # type: ignore[misc]  # untyped
    def __init__(
        self, adapter: _Adapter, start: datetime | None = None, end: datetime | None = None, sequence: int = -1
    ) -> None:
        super().__init__(adapter, start, end, sequence)
        self.event = adapter.event


class _Series(Series):  # type: ignore[misc]  # untyped
    """A series whose rules know where to stop."""

    class RecurrenceRules(Series.RecurrenceRules):  # type: ignore[misc]  # untyped
        """The library makes its own rules of texts; here they are there already."""

        def create_rule_with_start(self, rule_string: str) -> RecurrenceRule:
            """The rule of this text."""
            adapter: _Adapter = self.core
            return adapter.rules[rule_string]

    def occurrence(self, adapter: _Adapter, start: datetime | None = None, end: datetime | None = None) -> _Occurrence:
        """An occurrence that remembers its event."""
        return _Occurrence(adapter, start, end, self.sequence)
