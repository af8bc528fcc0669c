"""Put together who is on call around an instant, and keep it in memory until something changes. Reads only."""

import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any, TypeVar

from sqlalchemy import Connection, Row, RowMapping, select

from models.oncall import override_rows, rota_versions, shift_event_rows
from models.oncall.confirmations import USUAL_REMINDERS
from models.oncall.forecast import AHEAD, HORIZON, Forecast
from models.oncall.override_rows import override_from
from models.oncall.rota_store import REVISION_PARTS, RotaStore
from models.oncall.shift_event_rows import event_from
from models.rules.rota import on_call as rota_on_call
from models.rules.rota.departures import NO_ABSENCES, MemberAbsences, WorkspaceAbsences, has_left
from models.rules.rota.gaps import Gap
from models.rules.rota.holidays import HolidayWeek, make_workday_test
from models.rules.rota.impact import RotaState
from models.rules.rota.on_call import LOOK_BACK, Confirmation, Handover, OnCallInterval, ShiftEvent, Slot
from models.rules.rota.overrides import Override, select_in_force
from models.rules.rota.rota import BACKUP, PRIMARY, Rota
from models.rules.rota.shifts import Shift
from models.rules.times import EARLIEST, ENDLESS
from models.store import departures
from models.store.database import Store

Revision = tuple[int, ...]
HOUR = timedelta(hours=1)
ROTA_PARTS = len(REVISION_PARTS)
"""How many numbers of a revision belong to the rota; the others belong to shift events and preferences."""
T = TypeVar("T")
_REVISION = select(
    *REVISION_PARTS,
    shift_event_rows.LAST_EVENT_ID,
    shift_event_rows.LAST_PREFERENCE_ID,
)


def find_revision(connection: Connection) -> Revision:
    """Return numbers that change with each rota version, override, departure, shift event and preference.

    This is quick enough for every tick.
    """
    return tuple(connection.execute(_REVISION).one())


@dataclass(frozen=True)
class OnCallSnapshot:
    """The rota, shifts, gaps and handovers around ``at``. All are empty when there is no rota.

    ``shifts`` are whole and final, from :data:`models.oncall.confirmations.LOOK_BACK` before ``at`` to :data:`AHEAD`
    after it. Only a shift that ended soon after ``begins`` is cut off there.
    """

    revision: Revision
    at: datetime  # a full hour
    rota_state: RotaState | None  # None when there is no rota
    planned_at: datetime  # when the rota version was saved
    begins: datetime = EARLIEST
    shifts: Sequence[Shift] = ()
    gaps: Sequence[Gap] = ()  # of the year ahead, and those that ended in the last days
    in_force: Sequence[Override] = ()  # the overrides that count, oldest first
    shift_events: Sequence[ShiftEvent] = ()
    preferences: Mapping[str, tuple[int, ...]] = field(default_factory=dict)  # reminder minutes by Slack id
    holiday_weeks: Sequence[HolidayWeek] = ()  # of the year ahead
    unreadable: Mapping[str, Exception] = field(default_factory=dict)  # invalid rows, by table and id
    workspace_absences: WorkspaceAbsences = field(default_factory=dict)

    @property
    def rota(self) -> Rota:
        """Return the rota; an empty one when there is none."""
        return self.rota_state.rota if self.rota_state else Rota(seats=())

    @property
    def is_workday(self) -> Callable[[date], bool]:
        """The function that says whether a day is a workday in China, with the corrections of the rota."""
        return make_workday_test(self.rota.calendar)

    @cached_property
    def handovers(self) -> Sequence[Handover]:
        """Return the handovers of the last days and of the time ahead."""
        return rota_on_call.find_handovers(
            self.shifts, self.shift_events, self.at - LOOK_BACK, self.at + AHEAD, self.absences
        )

    def find_intervals(self, start: datetime, end: datetime) -> list[OnCallInterval]:
        """Return who is on call in each slot between two instants around ``at``."""
        return rota_on_call.find_on_call_intervals(self.shifts, self.shift_events, start, end, self.absences)

    def intervals_at(self, now: datetime) -> list[OnCallInterval]:
        """Return who is on call at an instant, by slot; with an empty person where nobody is."""
        if self.at <= now < self.at + HOUR:
            return [interval for interval in self._this_hour if interval.start <= now < interval.end]
        return self.find_intervals(now, now + timedelta(seconds=1))

    @cached_property
    def _this_hour(self) -> Sequence[OnCallInterval]:
        """Return who is on call in the hour of this snapshot: computed once, because every click needs it."""
        return self.find_intervals(self.at, self.at + HOUR)

    def gaps_at(self, now: datetime) -> list[Gap]:
        """Return the gaps that run at an instant around ``at``."""
        return [gap for gap in self.gaps if gap.start <= now < gap.end]

    def reminder_minutes(self, user: str) -> tuple[int, ...]:
        """Return how many minutes before each shift somebody (a Slack id) is reminded."""
        return self.preferences.get(user, USUAL_REMINDERS)

    def has_chosen(self, user: str) -> bool:
        """Return whether somebody chose when to be reminded."""
        return user in self.preferences

    def user_of(self, member: str) -> str:
        """Return the Slack id of a member by the rota's name; empty when they have none."""
        entry = self.rota.members.get(member)
        return entry.slack_id if entry else ""

    def member_of(self, user: str) -> str:
        """Return the rota's name of somebody with this Slack id; empty when they are not in the rota."""
        return next((member.name for member in self.rota.members.values() if member.slack_id == user), "")

    @cached_property
    def names(self) -> Mapping[str, str]:
        """Return the rota's names of its members, by Slack id."""
        return {member.slack_id: member.name for member in self.rota.members.values() if member.slack_id}

    def on_call(self, now: datetime) -> tuple[str, ...]:
        """Return the Slack ids of those on call as primary.

        A rota without a seat of that name has no primary: then those on call in any seat but backup are returned.
        """
        names = {seat.name for seat in self.rota.seats}
        first = {PRIMARY} if PRIMARY in names else names - {BACKUP}
        return self._users(interval for interval in self.intervals_at(now) if interval.slot.seat in first)

    def backup(self, now: datetime) -> tuple[str, ...]:
        """Return the Slack ids of those on call as backup."""
        return self._users(interval for interval in self.intervals_at(now) if interval.slot.seat == BACKUP)

    def everybody_on_call(self, now: datetime) -> tuple[str, ...]:
        """Return the Slack ids of everybody on call, those of :meth:`on_call` first."""
        return tuple(dict.fromkeys((*self.on_call(now), *self._users(self.intervals_at(now)))))

    def _users(self, intervals: Iterable[OnCallInterval]) -> tuple[str, ...]:
        users = (self.user_of(interval.person) for interval in intervals if interval.person)
        return tuple(dict.fromkeys(user for user in users if user))

    def is_gone(self, user: str, at: datetime) -> bool:
        """Return whether somebody (a Slack id) was known to have left the workspace at an instant."""
        return has_left(self.workspace_absences, user, at)

    def find_absent(self, at: datetime) -> frozenset[str]:
        """Return the Slack ids of everybody who was known not to be in the workspace at an instant."""
        return frozenset(user for user in self.workspace_absences if has_left(self.workspace_absences, user, at))

    @property
    def absences(self) -> MemberAbsences:
        """Return which members of the rota were not in the workspace, and when."""
        return self.rota_state.member_absences if self.rota_state else NO_ABSENCES

    def shift(self, slot: Slot, start: datetime, member: str) -> Shift | None:
        """Return a shift that is still planned so.

        Return None when it is not planned so any more, when its person is absent, or when it ended long ago.
        """
        return self._shifts_by_key.get((slot, start, member))

    @cached_property
    def _shifts_by_key(self) -> Mapping[tuple[Slot, datetime, str], Shift]:
        shifts = (shift for shift in self.shifts if not shift.absent and shift.start != self.begins)
        return {(Slot(shift.seat, shift.slot_number), shift.start, shift.member): shift for shift in shifts}

    def has_shift_from(self, slot: Slot, at: datetime) -> bool:
        """Return whether a shift of somebody with a Slack id begins in a slot at an instant."""
        return (slot, at) in self._starts

    @cached_property
    def _starts(self) -> frozenset[tuple[Slot, datetime]]:
        shifts = (shift for shift in self.shifts if not shift.absent and self.user_of(shift.member))
        return frozenset((Slot(shift.seat, shift.slot_number), shift.start) for shift in shifts)

    def unconfirmed(self) -> Iterator[Shift]:
        """Yield the shifts whose person has not confirmed that they are on call."""
        return (shift for shift in self._shifts_by_key.values() if not self.confirmation_of(shift))

    def confirmation_of(self, shift: Shift) -> Confirmation | None:
        """Return how the person of a shift confirmed it, or None."""
        events = self._events_by_shift.get((Slot(shift.seat, shift.slot_number), shift.start), ())
        return rota_on_call.find_confirmation(shift, events)

    @cached_property
    def _events_by_shift(self) -> Mapping[tuple[Slot, datetime], Sequence[ShiftEvent]]:
        events: dict[tuple[Slot, datetime], list[ShiftEvent]] = defaultdict(list)
        for event in self.shift_events:
            events[event.slot, event.shift_start].append(event)
        return events

    def handover(self, slot: Slot, at: datetime, outgoing: str, incoming: str) -> Handover | None:
        """Return a planned handover between two members of the rota, or None."""
        handover = self._handovers_by_key.get((slot, at, incoming))
        return handover if handover and handover.outgoing == outgoing else None

    def handover_to(self, shift: Shift) -> Handover | None:
        """Return the handover with which a shift begins, or None."""
        handover = self._handovers_by_key.get((Slot(shift.seat, shift.slot_number), shift.start, shift.member))
        return handover if handover and handover.incoming == shift else None

    @cached_property
    def _handovers_by_key(self) -> Mapping[tuple[Slot, datetime, str], Handover]:
        """Return each handover by its slot, its instant and who comes: a slot has one shift at a time."""
        return {(handover.slot, handover.at, handover.incoming.member): handover for handover in self.handovers}

    def is_planned(self, shift: Shift) -> bool:
        """Return whether :meth:`shift` returns it."""
        return (Slot(shift.seat, shift.slot_number), shift.start, shift.member) in self._shifts_by_key

    def assigned_at(self, shift: Shift) -> datetime:
        """Return when a shift was given to its person. They are not reminded of what was due before."""
        kind, _, number = shift.source.partition(":")
        if kind != "change" or self.rota_state is None:
            return self.planned_at
        return next((change.at for change in self.rota_state.overrides if str(change.id) == number), self.planned_at)


class SnapshotCache:
    """Makes snapshots, and keeps the newest."""

    def __init__(self, store: Store, rota_store: RotaStore) -> None:
        self._store, self._rota_store = store, rota_store
        self._kept: OnCallSnapshot | None = None
        self._forecast = Forecast()
        self._making = threading.Lock()

    def at(self, now: datetime) -> OnCallSnapshot:
        """Return the snapshot at ``now``, from memory when it is of this hour and nothing changed. Raises NotSaved."""
        hour = _hour(now)
        if (unchanged := self._find_unchanged(hour)) and unchanged.at == hour:
            return unchanged
        with self._making:  # of several threads that ask at once, one makes it and the others find it in memory
            unchanged = self._find_unchanged(hour)
            if unchanged and unchanged.at == hour:
                return unchanged
            facts = unchanged or self._store.read(lambda connection: _read_facts(connection, self._rota_store, hour))
            self._kept = snapshot = self._make(facts, now)
            return snapshot

    def _find_unchanged(self, hour: datetime) -> OnCallSnapshot | None:
        """Return the snapshot in memory if nothing changed since and it is not of a later hour.

        One of an earlier hour has all the facts. One of a later hour may lack older ones.
        """
        kept = self._kept
        newest = self._store.read(find_revision)
        return kept if kept and kept.revision == newest and kept.at <= hour else None

    def _make(self, facts: OnCallSnapshot, now: datetime) -> OnCallSnapshot:
        """Return the facts with the shifts, gaps and handovers around ``now``."""
        hour = _hour(now)
        rota_revision = facts.revision[:ROTA_PARTS]
        if not self._forecast.is_current(rota_revision, hour):
            self._forecast = Forecast.of(facts.rota_state, rota_revision, now, self._rota_store)
        forecast = self._forecast
        shifts = forecast.shifts_around(hour)
        snapshot = replace(
            facts, at=hour, begins=forecast.start, shifts=shifts, gaps=forecast.gaps_from(hour),
            holiday_weeks=forecast.holiday_weeks, shift_events=self._add_older(facts.shift_events, shifts, hour),
        )  # fmt: skip
        _ = snapshot.handovers  # computed here, and not while somebody holds the store
        return snapshot

    def _add_older(self, events: Sequence[ShiftEvent], shifts: Iterable[Shift], hour: datetime) -> Sequence[ShiftEvent]:
        """Return the events with those of shifts that began long ago and still run."""
        starts = {shift.start for shift in shifts if shift.start <= hour - 2 * LOOK_BACK}
        if not starts:
            return events
        older = self._store.read(
            lambda c: _RowReader().read("watch", shift_event_rows.find_rows(c, ENDLESS, starts=starts), event_from)
        )
        return list({event.id: event for event in (*older, *events)}.values())


def _read_facts(connection: Connection, rota_store: RotaStore, hour: datetime) -> OnCallSnapshot:
    """Read a snapshot whose shifts and gaps are not computed yet."""
    # Ask for the rota known far in the future, because the newest version counts even if a wrong clock wrote it.
    rota = rota_store.known_rota(connection, hour + HORIZON)
    reader = _RowReader()
    since = hour - 2 * LOOK_BACK
    events = reader.read("watch", shift_event_rows.find_rows(connection, since), event_from)
    absences = departures.find_absences(connection)
    override_rows_since = override_rows.find_rows(connection, since) if rota else ()
    overrides = reader.read("rota_change", override_rows_since, override_from)
    return OnCallSnapshot(
        find_revision(connection),
        hour,
        RotaState(rota, overrides, absences) if rota else None,
        rota_versions.find_last_saved(connection) or hour,
        in_force=select_in_force(overrides),
        shift_events=events,
        preferences=shift_event_rows.find_preferences(connection),
        unreadable=reader.unreadable,
        workspace_absences=absences,
    )


class _RowReader:
    """Converts rows one by one. A row that is not valid is left out and recorded in ``unreadable``."""

    def __init__(self) -> None:
        self.unreadable: dict[str, Exception] = {}

    def read(self, table: str, rows: Iterable[Row[Any]], convert: Callable[[RowMapping], T]) -> list[T]:
        """Return what the valid rows of a query hold."""
        values = []
        for row in rows:
            try:
                values.append(convert(row._mapping))
            except (ValueError, TypeError) as error:
                self.unreadable[f"{table}:{row.id}"] = error
        return values


def _hour(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)
