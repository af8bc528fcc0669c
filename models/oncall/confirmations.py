"""What people confirm at their shifts: on call, handed over, taken over. From it follows who is on call.

The SQL is in :mod:`models.oncall.shift_event_rows`.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection

from models.oncall import shift_event_rows
from models.oncall.rota_store import RotaStore
from models.oncall.rota_versions import lock
from models.rules.errors import refuse
from models.rules.people import Actor
from models.rules.rota import on_call
from models.rules.rota.departures import NO_ABSENCES, MemberAbsences
from models.rules.rota.on_call import (
    LOOK_BACK,
    CoverageStatus,
    Handover,
    OnCallInterval,
    ShiftEvent,
    ShiftEventKind,
    Slot,
)
from models.rules.rota.shifts import Shift
from models.store.database import Store

USUAL_REMINDERS = (24 * 60, 60, 10)
"""Minutes before a shift at which its person is reminded, unless they chose otherwise.

Once the shift is confirmed only the last one is sent.
"""


class Confirmations:
    """The shift events in a store. Each write is one transaction."""

    def __init__(self, store: Store, rota_store: RotaStore) -> None:
        self._store = store
        self._rota_store = rota_store

    def record(self, event: ShiftEvent, by: Actor, key: str) -> ShiftEvent:
        """Record the button somebody pressed at a shift; the same ``key``, or the same event again, changes nothing.

        Raises Refused when it is neither theirs nor a lead's to press, NotSaved.
        """
        self._check(event, by)

        def unit(connection: Connection) -> ShiftEvent:
            lock(connection)
            return shift_event_rows.save(connection, event, by.id, key)

        return self._store.write(unit)

    def record_all(self, events: Sequence[ShiftEvent], by: Actor, key: str) -> None:
        """Record several events that belong together, all or none. Raises as :meth:`record`."""
        for event in events:
            self._check(event, by)

        def unit(connection: Connection) -> None:
            lock(connection)
            for n, event in enumerate(events):
                shift_event_rows.save(connection, event, by.id, f"{key}/{n}")

        self._store.write(unit)

    def _check(self, event: ShiftEvent, by: Actor) -> None:
        rota = self._rota_store.rota(event.at)
        member = None if rota is None else rota.members.get(event.person)
        if member is None:
            raise refuse("no_such_shift")
        # A lead can hand over for somebody who fell ill. Only the person can confirm that they are on call.
        lead_may = event.kind in {ShiftEventKind.HAND_OVER, ShiftEventKind.NOTE}
        if member.slack_id != by.id and not by.is_lead:
            raise refuse("not_yours_to_hand_over" if lead_may else "not_your_shift", who=event.person)
        if member.slack_id != by.id and not lead_may:
            raise refuse("only_themselves", who=event.person)

    def find_events(self, start: datetime, end: datetime, shifts: Iterable[Shift] = ()) -> list[ShiftEvent]:
        """Return the events of shifts that start between two instants, oldest first.

        Events of those of ``shifts`` that started before are among them.
        """
        starts = {shift.start for shift in shifts if shift.start < start}
        rows = self._store.read(lambda connection: shift_event_rows.find_rows(connection, start, end, starts))
        return [shift_event_rows.event_from(row._mapping) for row in rows]

    def find_on_call(self, at: datetime) -> list[OnCallInterval]:
        """Return who is on call at an instant, by slot, as known then; with an empty person where nobody is."""
        start, end = at, at + timedelta(seconds=1)
        shifts, absences = self._find_shifts(at, at - LOOK_BACK, at + LOOK_BACK)
        return on_call.find_on_call_intervals(shifts, self._find_events_until(at, shifts), start, end, absences)

    def is_unconfirmed(self, slot: Slot, person: str, at: datetime) -> bool:
        """Return whether somebody is on call in a slot, took over from nobody and never confirmed it."""
        intervals = (
            interval for interval in self.find_on_call(at) if interval.slot == slot and interval.person == person
        )
        return any(interval.status is CoverageStatus.PLANNED and not interval.awaited for interval in intervals)

    def handovers(self, start: datetime, end: datetime, known_at: datetime) -> list[Handover]:
        """Return the handovers due between two instants, as known at a third."""
        shifts, absences = self._find_shifts(known_at, start - LOOK_BACK, end + LOOK_BACK)
        return on_call.find_handovers(shifts, self._find_events_until(known_at, shifts), start, end, absences)

    def _find_shifts(self, known_at: datetime, start: datetime, end: datetime) -> tuple[list[Shift], MemberAbsences]:
        """Return the final shifts between two instants as known at a third, and who was not in the workspace."""
        state = self._rota_store.rota_state(known_at, start)
        if state is None:
            return [], NO_ABSENCES
        return self._rota_store.shift_bounds(known_at, start, end), state.member_absences

    def _find_events_until(self, at: datetime, shifts: Iterable[Shift]) -> list[ShiftEvent]:
        return [event for event in self.find_events(at - 2 * LOOK_BACK, at + LOOK_BACK, shifts) if event.at <= at]

    def set_reminder_times(self, user: str, minutes: Collection[int], now: datetime) -> None:
        """Remind somebody (a Slack id) so many minutes before each of their shifts from now on."""
        self._store.write(lambda connection: shift_event_rows.save_preference(connection, user, minutes, now))

    def reminder_times(self, user: str) -> tuple[int, ...]:
        """Return how many minutes before each shift somebody is reminded, the longest first."""
        chosen = self.chosen_reminder_times(user)
        return USUAL_REMINDERS if chosen is None else chosen

    def chosen_reminder_times(self, user: str) -> tuple[int, ...] | None:
        """Return the same for somebody who chose; None for others, who get one reminder once a shift is confirmed."""
        return self._store.read(lambda connection: shift_event_rows.find_preference(connection, user))
