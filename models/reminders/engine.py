"""One tick: make every reminder that is due and was not made before.

The way of a tick, from top to bottom:

1. record that the bot is alive (:mod:`models.reminders.heartbeat`);
2. bring the queue in step with the rota (:mod:`models.reminders.rota_watch`);
3. take the due subjects from the queue;
4. read their facts (:mod:`models.reminders.due`);
5. compute the steps owed, and leave out those that were made;
6. turn each step into messages to its recipients (:mod:`models.reminders.routing`);
7. write reminders and messages in one transaction (:mod:`models.reminders.rows`).

Several replicas may tick at the same time. A lock lets one after another write, and each reminder has a unique key.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from models.oncall.snapshot import OnCallSnapshot, SnapshotCache
from models.reminders.due import DueReminders, DueSubject, ReadBatch, read
from models.reminders.heartbeat import beat
from models.reminders.log import made_of
from models.reminders.rota_watch import RotaWatch
from models.reminders.rows import ReminderRows
from models.reminders.settings import ReminderSettings
from models.rules.errors import NotSaved
from models.rules.reminders.step import MergedReminder, collapse
from models.rules.times import EARLIEST
from models.store import reminder_queue
from models.store.database import Store

SUBJECTS_AT_ONCE = 200  # subjects in one transaction
ALL_SUBJECTS = 20_000  # subjects that are read to find some by name
MAX_TRANSACTIONS = 100  # per tick; the rest is due at the next tick
TRY_AGAIN = timedelta(minutes=5)
"""How long a subject waits whose facts could not be understood."""
ROTA = "rota"
"""Stands for the rota as a whole among the failed subjects."""
_NOTHING = OnCallSnapshot((), EARLIEST, None, EARLIEST)


@dataclass(frozen=True)
class TickResult:
    """What a tick did."""

    reminders: int = 0
    messages: int = 0
    next_due: datetime | None = None  # UTC; when the next subject is due
    failed: Mapping[str, Exception] = field(default_factory=dict)  # by subject: facts that could not be understood

    def add(self, other: "TickResult") -> "TickResult":
        """Return the sum of both; the other is the later one."""
        failed = {**self.failed, **other.failed}
        return TickResult(self.reminders + other.reminders, self.messages + other.messages, other.next_due, failed)


class ReminderEngine:
    """Makes reminders over one store. A tick too many or too few changes nothing."""

    def __init__(self, store: Store, snapshots: SnapshotCache, settings: ReminderSettings) -> None:
        self._store, self._snapshots, self._settings = store, snapshots, settings
        self._rota_watch = RotaWatch(store, settings)
        self._snapshot = _NOTHING

    def tick(self, now: datetime, ran: timedelta | None = None) -> TickResult:
        """Make every reminder that is due by ``now`` (UTC).

        ``ran`` is how long ago this process ticked before, by a clock that nobody can set. Raises NotSaved when the
        store cannot be written; then nothing is lost.
        """
        last_beat = self._store.write(lambda connection: beat(connection, now, ran))
        failed = self._follow_rota(now, last_beat or now)
        result = TickResult(failed=failed, next_due=self._store.read(reminder_queue.find_next_due))
        for _ in range(MAX_TRANSACTIONS):
            if result.next_due is None or result.next_due > now:
                break
            result = result.add(self._make_due(now))
        return result

    def _follow_rota(self, now: datetime, last_beat: datetime) -> Mapping[str, Exception]:
        """Bring the queue in step with the rota; return what of the rota could not be understood.

        A rota that cannot be understood stops only the reminders about it.
        """
        try:
            snapshot = self._snapshots.at(now)
            if self._rota_watch.follow(snapshot, now, last_beat):
                self._snapshot = snapshot
        except (NotSaved, DBAPIError):
            raise
        except Exception as error:  # whatever is wrong with the rota, escalations must go on
            self._rota_watch.follow_escalations(now)
            return {ROTA: error}
        return self._snapshot.unreadable

    def _make_due(self, now: datetime) -> TickResult:
        """Make the reminders of the next due subjects; afterwards none of these subjects is due."""
        try:
            return self._store.write(lambda connection: self._make_in_transaction(connection, now))
        except DBAPIError:
            # What one subject wants to write was refused. Subject by subject, only that one waits.
            return self._make_one_by_one(now)

    def _make_one_by_one(self, now: datetime) -> TickResult:
        result = TickResult()
        for name in self._store.read(lambda connection: reminder_queue.find_due(connection, now, SUBJECTS_AT_ONCE)):
            try:
                result = result.add(self._store.write(lambda c, name=name: self._make_in_transaction(c, now, name)))  # type: ignore[misc]
            except NotSaved:
                raise
            except Exception as error:  # one bad subject must not stop anybody else's reminders
                result = result.add(TickResult(failed={name: error}))
                self._store.write(lambda c, name=name: reminder_queue.put(c, {name: now + TRY_AGAIN}))  # type: ignore[misc]
        return replace(result, next_due=self._store.read(reminder_queue.find_next_due))

    def _make_in_transaction(self, connection: Connection, now: datetime, only: str | None = None) -> TickResult:
        """Make the reminders of the due subjects, or of one: their rows, their messages, and when they are due next."""
        reminder_queue.lock(connection)
        due = _find_due(connection, now, only)
        facts = read(connection, due, self._snapshot)
        due_subjects, failed = self._find_owed(due, facts, now)
        rows = ReminderRows(connection, self._snapshot, self._settings, now)
        rows.redraw_changed(due_subjects, facts.made_between)
        for subject, reminder in _leave_out_made(connection, due_subjects):
            rows.add(subject, reminder)
        messages = rows.write()
        _put_back(connection, due_subjects, due.keys() - failed.keys(), failed, now)
        return TickResult(len(rows.reminders), messages, reminder_queue.find_next_due(connection), failed)

    def _find_owed(
        self, due: Mapping[str, datetime], facts: ReadBatch, now: datetime
    ) -> tuple[list[DueSubject], dict[str, Exception]]:
        """Return what is owed of each subject that still exists, and the subjects that could not be understood."""
        due_reminders = DueReminders(self._snapshot, self._settings, now)
        due_subjects: list[DueSubject] = []
        failed: dict[str, Exception] = {}
        for name, since in due.items():
            try:
                subject = due_reminders.of(name, since, facts)
            except Exception as error:  # one bad row must not stop anybody else's reminders
                failed[name] = error
            else:
                due_subjects += [subject] if subject else []
        return due_subjects, failed


def _find_due(connection: Connection, now: datetime, only: str | None) -> Mapping[str, datetime]:
    """Return the due subjects, each with the instant since when it is due."""
    if only is None:
        return reminder_queue.find_due(connection, now, SUBJECTS_AT_ONCE)
    due = reminder_queue.find_due(connection, now, ALL_SUBJECTS)
    return {only: due[only]} if only in due else {}


def _leave_out_made(
    connection: Connection, due_subjects: Iterable[DueSubject]
) -> Iterator[tuple[DueSubject, MergedReminder]]:
    """Yield the reminders that were not made before. Several missed steps of a subject become one."""
    with_steps = [subject for subject in due_subjects if subject.owed.steps]
    made = made_of(connection, {step.key for subject in with_steps for step in subject.owed.steps})
    for subject in with_steps:
        for reminder in collapse([step for step in subject.owed.steps if step.key not in made]):
            yield subject, reminder


def _put_back(
    connection: Connection,
    due_subjects: Iterable[DueSubject],
    names: Collection[str],
    failed: Collection[str],
    now: datetime,
) -> None:
    """Write into the queue when each subject is due next; drop those of which nothing more will come."""
    next_due = {subject.name: subject.owed.next_due for subject in due_subjects if subject.owed.next_due}
    reminder_queue.put(connection, next_due)
    reminder_queue.put(connection, dict.fromkeys(failed, now + TRY_AGAIN))
    reminder_queue.drop(connection, [name for name in names if name not in next_due])
