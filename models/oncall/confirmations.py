"""Presses at shifts: who confirmed, handed over, took over; so who is on duty, and when people want to be reminded."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, RowMapping, bindparam, insert, select

from models.oncall.rota_store import RotaStore
from models.oncall.rota_versions import lock
from models.rules.errors import refuse
from models.rules.people import Actor
from models.rules.rota import on_call
from models.rules.rota.departures import NO_ABSENCES, MemberAbsences
from models.rules.rota.on_call import CoverageStatus, Handover, OnCallInterval, ShiftEvent, ShiftEventKind, Slot
from models.rules.rota.shifts import Shift
from models.rules.times import truncate_to_second
from models.store.database import Store
from models.store.oncall_tables import PREFERENCE, WATCH

LOOK_BACK = timedelta(days=15)
"""How far before an instant shifts are resolved to know who stood there: a week's turn, whole, and the one before."""
USUAL_REMINDERS = (24 * 60, 60, 10)
"""Minutes before a shift at which its person is reminded, unless they chose otherwise; once it is confirmed, only the
last."""

# Built once: putting a statement together costs more than running it.
PRESSED = (
    select(WATCH)
    .where(
        ((WATCH.c.shift_start >= bindparam("since")) & (WATCH.c.shift_start < bindparam("until")))
        | WATCH.c.shift_start.in_(bindparam("older", expanding=True))
    )
    .order_by(WATCH.c.id)
)
SAME = select(WATCH).where(
    *(WATCH.c[name] == bindparam(name) for name in ("seat", "place", "shift_start", "person", "kind"))
)
BY_KEY = select(WATCH).where(WATCH.c.key == bindparam("key"))


class Confirmations:
    """The watch in a store; each write is one transaction."""

    def __init__(self, store: Store, rota_store: RotaStore) -> None:
        self._store = store
        self._rota_store = rota_store

    def press(self, press: ShiftEvent, by: Actor, key: str) -> ShiftEvent:
        """Keep what somebody pressed at a shift; the same ``key``, or the same press again, changes nothing.

        Raises Refused when it is neither theirs nor a lead's to press, NotSaved.
        """
        self._check(press, by)
        return self._store.write(lambda connection: _pressed(connection, press, by.id, key))

    def press_all(self, presses: Sequence[ShiftEvent], by: Actor, key: str) -> None:
        """As :meth:`press`, of several that belong together: all or none."""
        for press in presses:
            self._check(press, by)

        def unit(connection: Connection) -> None:
            for n, press in enumerate(presses):
                _pressed(connection, press, by.id, f"{key}/{n}")

        self._store.write(unit)

    def _check(self, press: ShiftEvent, by: Actor) -> None:
        rota = self._rota_store.rota(press.at)
        member = None if rota is None else rota.members.get(press.person)
        if member is None:
            raise refuse("no_such_shift")
        # A lead can hand over for somebody who fell ill; that somebody stands there only they can say.
        leaves = press.kind in {ShiftEventKind.HAND_OVER, ShiftEventKind.NOTE}
        if member.slack_id != by.id and not by.is_lead:
            raise refuse("not_yours_to_hand_over" if leaves else "not_your_shift", who=press.person)
        if member.slack_id != by.id and not leaves:
            raise refuse("only_themselves", who=press.person)

    def presses(self, start: datetime, end: datetime, shifts: Iterable[Shift] = ()) -> list[ShiftEvent]:
        """What was pressed at shifts that begin between two instants, and at those of ``shifts`` that began before;
        oldest first.
        """
        older = {shift.start for shift in shifts if shift.start < start}
        time = {"since": start, "until": end, "older": list(older)}
        return self._store.read(lambda c: [press_from(row._mapping) for row in c.execute(PRESSED, time)])

    def on_duty(self, at: datetime) -> list[OnCallInterval]:
        """Who is responsible at an instant, by place, as known then; an empty person where nobody is."""
        start, end = at, at + timedelta(seconds=1)
        shifts, absences = self._around(at, at - LOOK_BACK, at + LOOK_BACK)
        return on_call.find_on_call_intervals(shifts, self._pressed_by(at, shifts), start, end, absences)

    def unheard(self, place: Slot, person: str, at: datetime) -> bool:
        """Whether somebody is on in a place, took over from nobody, and has not said that they are on call."""
        there = (one for one in self.on_duty(at) if one.slot == place and one.person == person)
        return any(one.status is CoverageStatus.PLANNED and not one.awaited for one in there)

    def handovers(self, start: datetime, end: datetime, known_at: datetime) -> list[Handover]:
        """The handovers due between two instants, as known at a third."""
        shifts, absences = self._around(known_at, start - LOOK_BACK, end + LOOK_BACK)
        return on_call.find_handovers(shifts, self._pressed_by(known_at, shifts), start, end, absences)

    def _around(self, known_at: datetime, start: datetime, end: datetime) -> tuple[list[Shift], MemberAbsences]:
        """The final shifts between two instants as known at a third, and who was not in the workspace."""
        known = self._rota_store.rota_state(known_at, start)
        if known is None:
            return [], NO_ABSENCES
        return self._rota_store.whole_shifts(known_at, start, end), known.member_absences

    def _pressed_by(self, at: datetime, shifts: Iterable[Shift]) -> list[ShiftEvent]:
        return [press for press in self.presses(at - 2 * LOOK_BACK, at + LOOK_BACK, shifts) if press.at <= at]

    def prefer(self, user: str, minutes: Collection[int], now: datetime) -> None:
        """Remind somebody so many minutes before each of their shifts from now on."""
        row = {"at": now, "user": user, "reminders": sorted(minutes, reverse=True)}
        self._store.write(lambda connection: connection.execute(insert(PREFERENCE), [row]))

    def preferred(self, user: str) -> tuple[int, ...]:
        """How many minutes before each shift somebody is reminded, the longest first."""
        chosen = self.chosen(user)
        return USUAL_REMINDERS if chosen is None else chosen

    def chosen(self, user: str) -> tuple[int, ...] | None:
        """The same as somebody chose it; None for who did not choose, and is reminded once of what is confirmed."""
        newest = select(PREFERENCE.c.reminders).where(PREFERENCE.c.user == user).order_by(PREFERENCE.c.id.desc())
        found = self._store.read(lambda c: c.execute(newest.limit(1)).first())
        return None if found is None else tuple(found.reminders)


def _pressed(connection: Connection, press: ShiftEvent, by: str, key: str) -> ShiftEvent:
    lock(connection)
    row = {
        "key": key, "at": press.at, "by": by, "kind": str(press.kind), "seat": press.slot.seat,
        "place": press.slot.number, "shift_start": press.shift_start, "person": press.person, "text": press.text,
    }  # fmt: skip
    there = connection.execute(BY_KEY if press.kind is ShiftEventKind.NOTE else SAME, row).first()
    if there is None:
        connection.execute(insert(WATCH), [row])
        there = connection.execute(BY_KEY, row).one()
    return press_from(there._mapping)


def press_from(row: RowMapping) -> ShiftEvent:
    """The press a row holds, at the whole second in which it was made. Raises ValueError when it is none."""
    return ShiftEvent(
        row["id"], truncate_to_second(row["at"]), row["by"], ShiftEventKind(row["kind"]),
        Slot(row["seat"], row["place"]), row["shift_start"], row["person"], row["text"],
    )  # fmt: skip
