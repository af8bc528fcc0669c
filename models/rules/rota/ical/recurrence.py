"""When the events of a calendar take place: series, exceptions, moved and cancelled dates. Knows no people.

A series is computed in the local time of its own zone, so that a shift keeps its hours across clock changes.

``recurring_ical_events`` gets local times without a zone. It identifies an occurrence by its UTC time and by its local
time. With zones it would take 08:00 in Shanghai for 00:00 of the same day.
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

MOST_FOLLOWING = 50  # exceptions that change all later occurrences
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class EventOccurrence:
    """One time at which an event takes place."""

    event: CalendarEvent
    start: datetime  # UTC, like ``end``
    end: datetime


def find_occurrences(events: Iterable[CalendarEvent], start: datetime, end: datetime) -> Iterator[EventOccurrence]:
    """Return every occurrence that overlaps the window or begins in it, cancelled ones too. Raises TooMuchWork."""
    for series in _group_series(events):
        yield from _expand_series(series, start, end)


def _group_series(events: Iterable[CalendarEvent]) -> Iterator[list[CalendarEvent]]:
    """Return the events of each UID: the recurring one first, then its exceptions. Without a UID each is alone.

    Older versions (SEQUENCE) of an event are left out. Several of one version all count, as some tools give every shift
    the same UID.
    """
    groups: dict[object, list[CalendarEvent]] = defaultdict(list)
    for event in events:
        groups[event.uid or event.line].append(event)
    for group in groups.values():
        exceptions = [event for event in group if event.recurrence_id]
        newest = max((event.sequence for event in group if not event.recurrence_id), default=0)
        masters = [event for event in group if not event.recurrence_id and event.sequence == newest]
        if masters or exceptions:
            yield [*masters[:1], *exceptions]
        for event in masters[1:]:
            yield [event]


def _expand_series(events: list[CalendarEvent], start: datetime, end: datetime) -> Iterator[EventOccurrence]:
    first = events[0]
    zone = first.zone
    if len(events) == 1 and not (first.rules or first.extra_dates or first.excluded_dates or first.recurrence_id):
        yield from _to_instants(first, first.start, first.end, start, end)
        return
    if sum(event.changes_following for event in events) > MOST_FOLLOWING:
        raise TooMuchWork  # the library examines all of them at each occurrence
    adapters = [_Adapter(event, first) for event in events]
    window = (moment.astimezone(zone).replace(tzinfo=None, fold=0) for moment in (start - _DAY, end + _DAY))
    for occurrence in _Series(adapters).between(*window):
        yield from _to_instants(occurrence.event, occurrence.start, occurrence.end, start, end, zone)


def _to_instants(
    event: CalendarEvent, begins: datetime, ends: datetime, start: datetime, end: datetime, zone: tzinfo | None = None
) -> Iterator[EventOccurrence]:
    """Return a local time as instants, if it overlaps the window or begins in it.

    Hours of a duration are exact. A time in the hour that a clock change skips begins later, and keeps its length where
    it would end before.
    """
    local_zone = zone or event.zone
    first, last = (at.replace(tzinfo=local_zone).astimezone(UTC) for at in (begins, ends - event.exact_hours))
    last += event.exact_hours
    if last <= first:
        last = first + (ends - begins)
    if first < end and (last > start or first >= start):
        yield EventOccurrence(event, first, last)


class _Adapter(EventAdapter):  # type: ignore[misc]  # untyped
    """An event in the form that ``recurring_ical_events`` needs."""

    def __init__(self, event: CalendarEvent, first: CalendarEvent) -> None:
        self.event = event
        super().__init__(_build_component(event, first))
        self.rules: Mapping[str, RecurrenceRule] = event.rules


def _build_component(event: CalendarEvent, first: CalendarEvent) -> icalendar.Event:
    component = icalendar.Event()
    component["UID"] = event.uid or str(event.line)
    component["SEQUENCE"] = event.sequence
    component["DTSTART"], component["DTEND"] = (
        vDDDTypes(_to_series_time(first, event, at)) for at in (event.start, event.end)
    )
    if event.recurrence_id:
        component["RECURRENCE-ID"] = vDDDTypes(event.recurrence_id.to_start_of(first))
        if event.changes_following:
            component["RECURRENCE-ID"].params["RANGE"] = "THISANDFUTURE"
    if event.rules:
        component["RRULE"] = list(map(_RuleText, event.rules))
    for name, dates in (("RDATE", event.extra_dates), ("EXDATE", event.excluded_dates)):
        if dates:
            component[name] = vDDDLists(dates)
    return component


def _to_series_time(first: CalendarEvent, event: CalendarEvent, at: datetime) -> datetime:
    """Return a time of an exception as the clock of its series shows it."""
    if event.zone is first.zone:
        return at
    return at.replace(tzinfo=event.zone).astimezone(first.zone).replace(tzinfo=None, fold=0)


class _RuleText(str):
    """The text of a rule, which is all the library reads of it."""

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
        """The library builds its own rules from text; these exist already."""

        def create_rule_with_start(self, rule_string: str) -> RecurrenceRule:
            """Return the rule of this text."""
            adapter: _Adapter = self.core
            return adapter.rules[rule_string]

    def occurrence(self, adapter: _Adapter, start: datetime | None = None, end: datetime | None = None) -> _Occurrence:
        """Return an occurrence that keeps its event."""
        return _Occurrence(adapter, start, end, self.sequence)
