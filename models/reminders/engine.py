"""One tick of the vigil. Any number of replicas may tick at once: one after another makes reminders, each key once."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, insert, select, text
from sqlalchemy.exc import DBAPIError

from models.escalations.commands import move_cases
from models.oncall import gap_register
from models.oncall.snapshot import OnCallSnapshot, SnapshotCache, revision
from models.outbox import messages as outbox_messages
from models.reminders import changeover, no_successor
from models.reminders.due import DueReminders, DueSubject, handover_name, read, shift_name
from models.reminders.heartbeat import beat
from models.reminders.log import made_of
from models.reminders.routing import NotificationRouter
from models.reminders.settings import ReminderSettings
from models.rules.delivery import MessageKind
from models.rules.errors import NotSaved
from models.rules.escalations.deadlines import due_by
from models.rules.escalations.escalation import Escalation
from models.rules.reminders import digest, gap, subjects
from models.rules.reminders.departure import REASSIGNED
from models.rules.reminders.escalation import counted_from
from models.rules.reminders.handover import DONE, HandoverFacts
from models.rules.reminders.holiday_review import BEGUN
from models.rules.reminders.shift import NOT_ALONE, RELIEVES, ShiftFacts
from models.rules.reminders.step import OVER as NOTHING_LEFT
from models.rules.reminders.step import MergedReminder, ReminderStep, collapse
from models.rules.rota.impact import RotaState
from models.rules.times import EARLIEST
from models.store import reminder_queue
from models.store.database import Store
from models.store.oncall_tables import REMINDER
from models.store.tables import ESCALATION, is_not_ended

VIGIL_LOCK = 0x435350_05
AT_ONCE = 200
"""So many subjects are looked at in one transaction."""
MOST_LOOKS = 100
"""So many transactions make one tick at most: the rest is due at the next."""
TRY_AGAIN = timedelta(minutes=5)
"""When a subject is looked at again whose facts could not be understood."""
OVER = frozenset({gap.ENDED, DONE, "confirmed", NOTHING_LEFT, REASSIGNED})
"""Steps after which nothing is left to press: the newest reminders of their subjects then say how it ended."""
ROTA = "rota"
"""What is to blame when the rota as a whole can't be understood."""


@dataclass(frozen=True)
class TickResult:
    """What a tick did: how many reminders it made and messages it enqueued, when the next subject is due, and whose
    facts could not be understood, with the error.
    """

    made: int = 0
    told: int = 0
    next_due: datetime | None = None
    failed: Mapping[str, Exception] = field(default_factory=dict)


class ReminderEngine:
    """Keeps watch over a store. A tick too many or too few changes nothing."""

    def __init__(self, store: Store, snapshots: SnapshotCache, services: ReminderSettings) -> None:
        self._store, self._snapshots, self._services = store, snapshots, services
        self._known: OnCallSnapshot | None = None
        self._snapshot = _NOTHING
        self._began = False

    def tick(self, now: datetime, ran: timedelta | None = None) -> TickResult:
        """Make every reminder that is due by ``now``. Raises NotSaved when the store can't take it; then nothing is
        lost. ``ran`` is how long ago this process ticked before, by a clock that nobody can set.
        """
        before = self._store.write(lambda connection: beat(connection, now, ran))
        ticked = replace(self._caught_up(now, before or now), next_due=self._store.read(reminder_queue.next_due))
        for _ in range(MOST_LOOKS):
            if ticked.next_due is None or ticked.next_due > now:
                break
            ticked = _sum(ticked, self._look(now))
        return ticked

    # The scene -----------------------------------------------------------------------------------------------------

    def _caught_up(self, now: datetime, before: datetime) -> TickResult:
        """Look at the duty anew when something of it differs, or an hour has begun; a rota that can't be understood
        stops nobody's reminders but those it is about.
        """
        try:
            snapshot = self._snapshots.at(now)
            if snapshot is not self._known and self._store.write(lambda c: self._catch_up(c, snapshot, now, before)):
                self._known = self._snapshot = snapshot
                self._began = True
        except (NotSaved, DBAPIError):
            raise
        except Exception as error:  # whatever is wrong with the rota, escalations must go on
            if not self._began:
                self._store.write(lambda c: self._remember_cases(c, now))
                self._began = True
            return TickResult(failed={ROTA: error})
        return TickResult(failed=self._snapshot.unreadable)

    def _catch_up(self, connection: Connection, snapshot: OnCallSnapshot, now: datetime, before: datetime) -> bool:
        """Bring the gap book and the agenda in step with a scene; False when it is an old one already."""
        lock(connection)
        if revision(connection) != snapshot.revision:
            return False
        since = max(min(before, now), snapshot.planned_at)
        known = snapshot.rota_state or RotaState(snapshot.rota)
        found = gap_register.bring_up_to_date(connection, snapshot.gaps, known, now, since)
        touched = (*found.opened, *found.moved, *found.ended)
        reminder_queue.put(connection, {subjects.gap(one.number): now for one in touched})
        outbox_messages.tell(connection, _redrawn(found.moved, self._services), now)
        self._remember_shifts(connection, snapshot, now)
        if not self._began:
            self._remember_cases(connection, now)
        return True

    def _remember_shifts(self, connection: Connection, snapshot: OnCallSnapshot, now: datetime) -> None:
        """The agenda of the duty, made anew: all of it is looked at, which makes nothing twice."""
        recent = now - no_successor.RECENT
        names = {str(shift_name(shift)) for shift in snapshot.shifts if shift.end > recent and snapshot.is_known(shift)}
        names |= {str(handover_name(handover)) for handover in snapshot.handovers if handover.incoming.end > recent}
        there = reminder_queue.named(connection, subjects.SHIFT) | reminder_queue.named(connection, subjects.HANDOVER)
        reminder_queue.drop(connection, there - names)
        outbox_messages.tell(connection, outbox_messages.alarms_over(connection, there - names), now)
        known = self._known
        if known is None or known.revision != snapshot.revision:
            reminder_queue.put(connection, dict.fromkeys({*names, subjects.DUTY, subjects.REHEARSAL}, now))
        else:
            reminder_queue.add(connection, dict.fromkeys(names - there, now))

    def _remember_cases(self, connection: Connection, now: datetime) -> None:
        """At the start: whatever is not on the agenda, because it was thrown away or is older than it, comes on it."""
        cases = connection.scalars(select(ESCALATION.c.number).where(is_not_ended(ESCALATION.c.status)))
        reminder_queue.add(connection, {subjects.escalation(number): now for number in cases})
        reminder_queue.add(
            connection, {subjects.gap(record.number): now for record in gap_register.open_gaps(connection)}
        )
        zone = self._services.zone
        rhythms = {
            subjects.DIGEST: digest.daily, subjects.PICTURE: digest.weekly, subjects.WEEK: digest.week_ahead,
        }  # fmt: skip
        reminder_queue.add(
            connection, {name: rhythm(now, now, zone).next_due or now for name, rhythm in rhythms.items()}
        )

    # What is due ---------------------------------------------------------------------------------------------------

    def _look(self, now: datetime) -> TickResult:
        """Look at the next subjects that are due; whatever becomes of it, none of them is due afterwards."""
        try:
            return self._store.write(lambda c: self._looked(c, now))
        except DBAPIError:
            # What one subject has written can't be kept. One by one it shows which, and only that one waits.
            return self._one_by_one(now)

    def _one_by_one(self, now: datetime) -> TickResult:
        ticked = TickResult()
        for name in self._store.read(lambda c: reminder_queue.due(c, now, AT_ONCE)):
            try:
                ticked = _sum(ticked, self._store.write(lambda c, name=name: self._looked_at(c, now, [name])))  # type: ignore[misc]
            except NotSaved:
                raise
            except Exception as error:  # one bad subject must not stop anybody else's reminders
                ticked = _sum(ticked, TickResult(failed={name: error}))
                self._store.write(lambda c, name=name: reminder_queue.put(c, {name: now + TRY_AGAIN}))  # type: ignore[misc]
        return replace(ticked, next_due=self._store.read(reminder_queue.next_due))

    def _looked(self, connection: Connection, now: datetime) -> TickResult:
        lock(connection)
        return self._at(connection, now, reminder_queue.due(connection, now, AT_ONCE))

    def _looked_at(self, connection: Connection, now: datetime, names: Sequence[str]) -> TickResult:
        lock(connection)
        due = reminder_queue.due(connection, now, 100 * AT_ONCE)
        return self._at(connection, now, {name: due[name] for name in names if name in due})

    def _at(self, connection: Connection, now: datetime, due: Mapping[str, datetime]) -> TickResult:
        """Look at these subjects: their reminders, messages and next times, in one transaction."""
        owing, batch = DueReminders(self._snapshot, self._services, now), read(connection, due, self._snapshot)
        seen: dict[str, DueSubject | None] = {}
        failed: dict[str, Exception] = {}
        for name, since in due.items():
            try:
                seen[name] = owing.of(name, since, batch)
            except Exception as error:  # one bad row must not stop anybody else's reminders
                failed[name] = error
        made = _Made(connection, self._snapshot, self._services, now)
        shifts = {name: one.facts for name, one in seen.items() if one and isinstance(one.facts, ShiftFacts)}
        made.followed(name for name, facts in shifts.items() if not facts.alone_since)
        made.redraw(one.facts for name, one in seen.items() if one and name in batch.made_between)
        for subject, spoken in _not_yet(connection, seen.values()):
            made.add(subject, spoken)
        told = made.write()
        following = {name: one.owed.next_due for name, one in seen.items() if one}
        reminder_queue.put(connection, {name: at for name, at in following.items() if at})
        reminder_queue.put(connection, dict.fromkeys(failed, now + TRY_AGAIN))
        reminder_queue.drop(connection, (name for name in seen if following.get(name) is None))
        return TickResult(len(made.reminders), told, reminder_queue.next_due(connection), failed)


class _Made:
    """The reminders of one look and their messages, to be written together."""

    def __init__(
        self, connection: Connection, snapshot: OnCallSnapshot, services: ReminderSettings, now: datetime
    ) -> None:
        self._connection, self._snapshot, self._services, self._now = connection, snapshot, services, now
        self._telling = NotificationRouter(snapshot, services, now)
        self._messages: list[outbox_messages.OutgoingMessage] = []
        self._far: list[ReminderStep] = []
        self.reminders: list[dict[str, Any]] = []

    def add(self, subject: DueSubject, spoken: MergedReminder) -> None:
        """A reminder with those it speaks for."""
        if spoken.step.what is MessageKind.GAPS or self._is_silent_end(spoken.step):
            self._far.append(spoken.step)
        else:
            self._messages += self._telling.messages(subject, spoken)
        if spoken.step.step in OVER:
            self._messages += outbox_messages.over(self._connection, spoken.step.subject)
            self._messages += self._beside(spoken.step.subject)
        if spoken.step.what is MessageKind.REHEARSAL or spoken.step.step == BEGUN:
            self._messages += outbox_messages.cards_over(self._connection, spoken.step.subject, spoken.step.key)
        if spoken.step.what is MessageKind.HANDOVER_REFRESH and spoken.step.step == DONE:
            self._move_cases(subject.facts)
        if spoken.step.step == NOT_ALONE:
            self.followed([spoken.step.subject])
        if spoken.step.step == RELIEVES:
            self._pass_on(subject.facts.relieves, subject.facts.user)
        self.reminders.append(self._row(spoken.step, ""))
        self.reminders += [self._row(step, spoken.step.key) for step in spoken.merged]

    def redraw(self, reminded: Iterable[Any]) -> None:
        """Escalations people were reminded of: what asks for something that is not due any more is drawn anew."""
        for case in reminded:
            if isinstance(case, Escalation):
                still = counted_from(due_by(case, self._services.reminder_times)) or EARLIEST
                name = subjects.escalation(case.number)
                self._messages += outbox_messages.over(self._connection, name, still)

    def followed(self, names: Iterable[str]) -> None:
        """Shifts that somebody follows, or nobody can any more: what asks for it is drawn anew."""
        if shifts := list(names):
            self._messages += outbox_messages.followed(self._connection, shifts)

    def write(self) -> int:
        """Write everything; how many messages there are."""
        if self._far:
            speaks, messages = self._telling.far_gaps(self._far)
            self._messages += messages
            silent = {step.key for step in self._far} - {speaks}
            for row in self.reminders:
                row["merged_into"] = speaks if row["key"] in silent else row["merged_into"]
        if self.reminders:
            self._connection.execute(insert(REMINDER), self.reminders)
        new = list(self._one_each(self._messages))
        messages = [*new, *outbox_messages.older(self._connection, new, self._spoken_for)]
        told = outbox_messages.tell(self._connection, messages, self._now)
        for message in self._messages:
            if message.what is MessageKind.REMINDER and message.number and message.user:
                # What called them is folded: the reminder asks for the same.
                anew = outbox_messages.calls_anew(
                    self._connection, message.number, message.key, self._now, {message.user}
                )
                outbox_messages.enqueue(self._connection, list(anew))
        return told

    def _move_cases(self, handover: HandoverFacts) -> None:
        """Both presses are there: with the reminder that says so, and never without, the open cases change hands."""
        self._pass_on(handover.outgoing, handover.incoming)

    def _one_each(
        self, messages: Iterable[outbox_messages.OutgoingMessage]
    ) -> Iterator[outbox_messages.OutgoingMessage]:
        """Of the messages to one person about what changes at one instant only the first: it is drawn with all."""
        seen: set[tuple[str, datetime]] = set()
        for message in messages:
            if (
                message.user
                and message.what in outbox_messages.ASKING
                and changeover.is_of_one(message.subject, message.reminder.step)
            ):
                about = message.user, changeover.instant(message.subject)
                if about in seen:
                    continue
                seen.add(about)
            yield message

    def _spoken_for(self, new: outbox_messages.OutgoingMessage) -> Collection[str]:
        """The subjects a reminder speaks for: to one person all that changes at the same instant."""
        own = subjects.spoken_for(new.subject)
        if not new.user or not changeover.is_of_one(new.subject, new.reminder.step):
            return own
        return {*own, *changeover.names(self._snapshot, new.subject)}

    def _beside(self, subject: str) -> list[outbox_messages.OutgoingMessage]:
        """Messages about something else of the same instant that also speak of a subject nothing is left of."""
        if not changeover.is_of_one(subject, ""):
            return []
        others = changeover.elsewhere(self._snapshot, subject)
        return outbox_messages.drawn_anew(self._connection, others, subject)

    def _pass_on(self, outgoing_user: str, incoming_user: str) -> None:
        """The open cases of one become the other's."""
        if outgoing_user and incoming_user and outgoing_user != incoming_user:
            move_cases(self._connection, outgoing_user, incoming_user, self._now)

    def _is_silent_end(self, step: ReminderStep) -> bool:
        """A gap that never had a card ends in the list of far gaps."""
        return step.step == gap.ENDED and not outbox_messages.was_told(self._connection, f"{step.subject}/card")

    def _row(self, step: ReminderStep, merged_into: str) -> dict[str, Any]:
        return {
            "key": step.key, "subject": step.subject, "step": step.name, "due_at": step.due_at,
            "made_at": self._now, "merged_into": merged_into,
        }  # fmt: skip


def _not_yet(connection: Connection, seen: Iterable[DueSubject | None]) -> Iterator[tuple[DueSubject, MergedReminder]]:
    """What is owed and was not made before, several missed steps of a subject as one."""
    there = [one for one in seen if one and one.owed.steps]
    made = made_of(connection, {step.key for one in there for step in one.owed.steps})
    for one in there:
        for spoken in collapse([step for step in one.owed.steps if step.key not in made]):
            yield one, spoken


def _redrawn(
    moved: Iterable[gap_register.GapRecord], services: ReminderSettings
) -> Iterator[outbox_messages.OutgoingMessage]:
    """The cards of gaps whose edges moved; a gap without one is not drawn, and its redrawing finds that out."""
    for one in moved:
        name = subjects.gap(one.number)
        key = f"{name}/card{one.version}"
        yield outbox_messages.OutgoingMessage(
            MessageKind.GAP_REFRESH, key, name, f"{name}/card", services.oncall_channel
        )


def _sum(one: TickResult, other: TickResult) -> TickResult:
    return TickResult(one.made + other.made, one.told + other.told, other.next_due, {**one.failed, **other.failed})


def lock(connection: Connection) -> None:
    """One replica after another makes reminders; SQLite has one writer anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": VIGIL_LOCK})


_NOTHING = OnCallSnapshot((), EARLIEST, None, EARLIEST)
