"""What is known of the duty at an instant, put together once and kept until something of it differs. Reads only."""

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, TypeVar

from sqlalchemy import Connection, Row, RowMapping, select

from models.oncall import override_rows, rota_versions, shift_event_rows
from models.oncall.confirmations import LOOK_BACK, USUAL_REMINDERS
from models.oncall.forecast import AHEAD, HORIZON, Forecast
from models.oncall.override_rows import override_from
from models.oncall.rota_store import REVISION_PARTS, RotaStore
from models.oncall.shift_event_rows import event_from
from models.rules.rota import on_call as rota_on_call
from models.rules.rota.departures import NO_ABSENCES, MemberAbsences, WorkspaceAbsences, has_left
from models.rules.rota.gaps import Gap
from models.rules.rota.holidays import HolidayWeek
from models.rules.rota.impact import RotaState
from models.rules.rota.on_call import Handover, OnCallInterval, ShiftEvent, Slot
from models.rules.rota.rota import BACKUP, PRIMARY, Rota
from models.rules.rota.shifts import Shift
from models.rules.times import EARLIEST, ENDLESS
from models.store import departures
from models.store.database import Store

Revision = tuple[int, ...]
HOUR = timedelta(hours=1)
ROTA_PARTS = len(REVISION_PARTS)
"""So many of a revision's numbers are the rota's; the others are presses and wishes."""
T = TypeVar("T")
_COUNTS = select(
    *REVISION_PARTS,
    shift_event_rows.LAST_EVENT_ID,
    shift_event_rows.LAST_PREFERENCE_ID,
)


def revision(connection: Connection) -> Revision:
    """Differs as soon as the plan, a change, a press, a wish or who left differs: cheap enough for every tick."""
    return tuple(connection.execute(_COUNTS).one())


@dataclass(frozen=True)
class OnCallSnapshot:
    """The duty around ``at``. Without a plan there is nothing in it. ``planned_at`` is when the plan became known.

    ``shifts`` are the final ones from :data:`models.oncall.confirmations.LOOK_BACK` before to :data:`AHEAD`,
    as long as they are;
    those that were over soon after ``begins`` are cut off there. ``gaps`` are those of the year ahead, with those that
    ended in the last days; ``wishes`` how long before a shift people want to be reminded; ``weeks`` the holiday weeks
    of the year ahead; ``unreadable`` names rows that could not be understood; ``left`` tells who was not in the
    workspace when.
    """

    revision: Revision
    at: datetime
    rota_state: RotaState | None
    planned_at: datetime
    begins: datetime = EARLIEST
    shifts: Sequence[Shift] = ()
    gaps: Sequence[Gap] = ()
    presses: Sequence[ShiftEvent] = ()
    wishes: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    weeks: Sequence[HolidayWeek] = ()
    unreadable: Mapping[str, Exception] = field(default_factory=dict)
    left: WorkspaceAbsences = field(default_factory=dict)

    @property
    def rota(self) -> Rota:
        """The plan; an empty one when there is none."""
        return self.rota_state.rota if self.rota_state else Rota(seats=())

    @cached_property
    def handovers(self) -> Sequence[Handover]:
        """The handovers of the last and the next days, as far as they are known."""
        return rota_on_call.find_handovers(
            self.shifts, self.presses, self.at - LOOK_BACK, self.at + AHEAD, self.absences
        )

    def stretches(self, start: datetime, end: datetime) -> list[OnCallInterval]:
        """Who is responsible between two instants of these days."""
        return rota_on_call.find_on_call_intervals(self.shifts, self.presses, start, end, self.absences)

    def on_duty(self, now: datetime) -> list[OnCallInterval]:
        """Who is responsible at an instant, by place; an empty person where nobody is."""
        if self.at <= now < self.at + HOUR:
            return [interval for interval in self._this_hour if interval.start <= now < interval.end]
        return self.stretches(now, now + timedelta(seconds=1))

    @cached_property
    def _this_hour(self) -> Sequence[OnCallInterval]:
        """Who is responsible in the hour of this scene: worked out once, for it is asked at every press."""
        return self.stretches(self.at, self.at + HOUR)

    def gaps_at(self, now: datetime) -> list[Gap]:
        """The gaps that run at an instant of these days."""
        return [gap for gap in self.gaps if gap.start <= now < gap.end]

    def preferred(self, user: str) -> tuple[int, ...]:
        """How many minutes before each shift somebody is reminded."""
        return self.wishes.get(user, USUAL_REMINDERS)

    def has_chosen(self, user: str) -> bool:
        """Whether somebody chose when to be reminded."""
        return user in self.wishes

    def user_of(self, member: str) -> str:
        """The Slack id of somebody by the plan's name; empty when they have none."""
        entry = self.rota.members.get(member)
        return entry.slack_id if entry else ""

    def member_of(self, user: str) -> str:
        """What the plan calls somebody with this Slack id; empty when it does not know them."""
        return next((member.name for member in self.rota.members.values() if member.slack_id == user), "")

    @cached_property
    def names(self) -> Mapping[str, str]:
        """What the plan calls people, by Slack id."""
        return {member.slack_id: member.name for member in self.rota.members.values() if member.slack_id}

    def on_call(self, now: datetime) -> tuple[str, ...]:
        """The Slack ids of who is responsible in the first seat; all seats but the backup when none is called so."""
        names = {seat.name for seat in self.rota.seats}
        first = {PRIMARY} if PRIMARY in names else names - {BACKUP}
        return self._users(interval for interval in self.on_duty(now) if interval.slot.seat in first)

    def backup(self, now: datetime) -> tuple[str, ...]:
        """The Slack ids of who is responsible as backup."""
        return self._users(interval for interval in self.on_duty(now) if interval.slot.seat == BACKUP)

    def everybody_on(self, now: datetime) -> tuple[str, ...]:
        """The Slack ids of everybody who is on, first seats first."""
        return tuple(dict.fromkeys((*self.on_call(now), *self._users(self.on_duty(now)))))

    def _users(self, stretches: Iterable[OnCallInterval]) -> tuple[str, ...]:
        users = (self.user_of(stretch.person) for stretch in stretches if stretch.person)
        return tuple(dict.fromkeys(user for user in users if user))

    def is_gone(self, user: str, at: datetime) -> bool:
        """Whether somebody (a Slack id), in the plan or not, was known not to be in the workspace at an instant."""
        return has_left(self.left, user, at)

    @property
    def absences(self) -> MemberAbsences:
        """Who of the plan was not in the workspace, and when."""
        return self.rota_state.member_absences if self.rota_state else NO_ABSENCES

    def shift(self, place: Slot, start: datetime, person: str) -> Shift | None:
        """A shift that is still planned so; None when it is not any more, its person is away, or it was over before
        these days.
        """
        return self._by_name.get((place, start, person))

    @cached_property
    def _by_name(self) -> Mapping[tuple[Slot, datetime, str], Shift]:
        there = (shift for shift in self.shifts if not shift.absent and shift.start != self.begins)
        return {(Slot(shift.seat, shift.slot_number), shift.start, shift.member): shift for shift in there}

    def begins_at(self, place: Slot, at: datetime) -> bool:
        """Whether somebody who can be reached is planned in a place from an instant on."""
        return (place, at) in self._beginnings

    @cached_property
    def _beginnings(self) -> frozenset[tuple[Slot, datetime]]:
        there = (shift for shift in self.shifts if not shift.absent and self.user_of(shift.member))
        return frozenset((Slot(shift.seat, shift.slot_number), shift.start) for shift in there)

    def unconfirmed(self) -> Iterator[Shift]:
        """The shifts whose person has not said that they are on call."""
        pressed: dict[tuple[Slot, datetime], list[ShiftEvent]] = {}
        for press in self.presses:
            pressed.setdefault((press.slot, press.shift_start), []).append(press)
        for (place, start, _), shift in self._by_name.items():
            if not rota_on_call.find_confirmation(shift, pressed.get((place, start), ())):
                yield shift

    def is_known(self, shift: Shift) -> bool:
        """Whether it can be spoken of as somebody's shift (see :meth:`shift`)."""
        return (Slot(shift.seat, shift.slot_number), shift.start, shift.member) in self._by_name

    def since(self, shift: Shift) -> datetime:
        """When a shift became its person's: what was due before was never owed to them."""
        kind, _, number = shift.source.partition(":")
        if kind != "change" or self.rota_state is None:
            return self.planned_at
        return next((change.at for change in self.rota_state.overrides if str(change.id) == number), self.planned_at)


class SnapshotCache:
    """Puts scenes together, and keeps the newest."""

    def __init__(self, store: Store, rota_store: RotaStore) -> None:
        self._store, self._rota_store = store, rota_store
        self._kept: OnCallSnapshot | None = None
        self._outlook = Forecast()
        self._making = threading.Lock()

    def at(self, now: datetime) -> OnCallSnapshot:
        """The scene at ``now``, from memory when nothing differs and it is of the same hour. Raises NotSaved."""
        hour = _hour(now)
        if (same := self._same(hour)) and same.at == hour:
            return same
        with self._making:  # of many who ask at once one puts it together, and the others find it there
            same = self._same(hour)
            if same and same.at == hour:
                return same
            facts = same or self._store.read(lambda connection: self._facts(connection, hour))
            self._kept = made = self._made(facts, now)
            return made

    def _same(self, hour: datetime) -> OnCallSnapshot | None:
        """What is kept, if nothing differs since; of an hour, or of an earlier one: with the hours it only grows old,
        of a later one nothing is missing.
        """
        kept = self._kept
        newest = self._store.read(revision)
        return kept if kept and kept.revision == newest and kept.at <= hour else None

    def _made(self, facts: OnCallSnapshot, now: datetime) -> OnCallSnapshot:
        hour = _hour(now)
        parts = facts.revision[:ROTA_PARTS]
        if not self._outlook.serves(parts, hour):
            self._outlook = Forecast.of(facts.rota_state, parts, now, self._rota_store)
        outlook = self._outlook
        shifts = outlook.shifts_around(hour)
        made = replace(
            facts, at=hour, begins=outlook.start, shifts=shifts, gaps=outlook.gaps_from(hour), weeks=outlook.weeks,
            presses=self._with_older(facts.presses, shifts, hour),
        )  # fmt: skip
        _ = made.handovers  # computed here, and not while somebody holds the store
        return made

    def _with_older(
        self, presses: Sequence[ShiftEvent], shifts: Iterable[Shift], hour: datetime
    ) -> Sequence[ShiftEvent]:
        """What was pressed, also at the shifts that began long ago and still go on."""
        starts = {shift.start for shift in shifts if shift.start <= hour - 2 * LOOK_BACK}
        if not starts:
            return presses
        older = self._store.read(
            lambda c: _Readable().read("watch", shift_event_rows.find_rows(c, ENDLESS, starts=starts), event_from)
        )
        return list({event.id: event for event in (*older, *presses)}.values())

    def _facts(self, connection: Connection, hour: datetime) -> OnCallSnapshot:
        """What is kept, of one moment: a scene whose shifts and gaps are not worked out yet."""
        # What was known is asked for the end of the hour: the newest is known now, whatever clock it was written by.
        rota = self._rota_store.known_rota(connection, hour + HORIZON)
        rows = _Readable()
        since = hour - 2 * LOOK_BACK
        pressed = rows.read("watch", shift_event_rows.find_rows(connection, since), event_from)
        gone = departures.find_absences(connection)
        overrides = override_rows.find_rows(connection, since) if rota else ()
        changes = rows.read("rota_change", overrides, override_from)
        known = RotaState(rota, changes, gone) if rota else None
        wishes = shift_event_rows.find_preferences(connection)
        planned_at = rota_versions.find_last_saved(connection) or hour
        return OnCallSnapshot(
            revision(connection), hour, known, planned_at, presses=pressed, wishes=wishes,
            unreadable=rows.not_understood, left=gone,
        )  # fmt: skip


class _Readable:
    """Reads rows one by one: what can't be understood is left out, and told."""

    def __init__(self) -> None:
        self.not_understood: dict[str, Exception] = {}

    def read(self, table: str, rows: Iterable[Row[Any]], make: Callable[[RowMapping], T]) -> list[T]:
        """What the rows of a query hold."""
        found = []
        for row in rows:
            try:
                found.append(make(row._mapping))
            except (ValueError, TypeError) as error:
                self.not_understood[f"{table}:{row.id}"] = error
        return found


def _hour(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)
