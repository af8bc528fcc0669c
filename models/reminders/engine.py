"""One tick: make every reminder that is due and was not made before.

The way of a tick, from top to bottom:

1. record that the bot is alive (:mod:`models.store.heartbeat_rows`);
2. bring the queue in step with the rota (:mod:`models.reminders.rota_watch`);
3. take the due subjects from the queue;
4. read their facts (:mod:`models.reminders.due`);
5. compute the steps that are due (:mod:`models.rules.reminders`), and leave out those that were made;
6. turn each step into messages to its recipients (:mod:`models.reminders.routing`);
7. write the rows of reminders and messages, all in one transaction with steps 3 to 6;
8. while Slack is silent, page what people were asked before (:mod:`models.reminders.open_asks`).

Several replicas may tick at the same time. A lock lets one after another write, and each reminder has a unique key.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from models.escalations import draft_rows
from models.escalations.automatic_moves import move_cases, release_review
from models.escalations.vendor_policies import VendorPolicies
from models.oncall.snapshot import OnCallSnapshot, SnapshotCache
from models.outbox import messages as outbox_messages
from models.outbox.messages import OutgoingMessage
from models.outbox.week_lists import redraw_weeks
from models.reminders import changeover, log
from models.reminders.clock_correction import correct_times_after
from models.reminders.due import DueFacts, DueSubject, read_facts
from models.reminders.open_asks import OpenAsks
from models.reminders.paging import SentStep, enqueue_pages
from models.reminders.rota_watch import RotaWatch
from models.reminders.routing import NotificationRouter
from models.reminders.settings import ReminderSettings
from models.rules.errors import NotSaved
from models.rules.escalations.escalation import Escalation
from models.rules.outbox.message_kinds import MessageKind
from models.rules.reminders import gap, handover, review, shift
from models.rules.reminders.departure import REASSIGNED
from models.rules.reminders.escalation import counted_from
from models.rules.reminders.holiday_review import BEGUN
from models.rules.reminders.returned import BELOW
from models.rules.reminders.step import OVER, MergedReminder, ReminderStep, collapse
from models.rules.reminders.subjects import GapName, HandoverName
from models.rules.times import EARLIEST
from models.store import heartbeat_rows, reminder_queue
from models.store.database import Store

SUBJECTS_AT_ONCE = 200  # subjects in one transaction
ALL_SUBJECTS = 20_000  # subjects that are read to find some by name
MAX_TRANSACTIONS = 100  # per tick; the rest is due at the next tick
TRY_AGAIN = timedelta(minutes=5)
"""How long a subject waits whose facts could not be understood."""
ROTA = "rota"
"""Stands for the rota as a whole among the failed subjects."""
LAST_STEPS = frozenset(
    {gap.ENDED, handover.DONE, shift.CONFIRMED, OVER, REASSIGNED, BELOW, review.LET_GO, review.DECIDED}
)
"""Steps after which nothing is left to press: the newest reminders of their subjects then say how it ended."""
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

    def __init__(
        self, store: Store, snapshots: SnapshotCache, settings: ReminderSettings,
        policies: VendorPolicies | None = None,
    ) -> None:  # fmt: skip
        self._store, self._snapshots, self._settings = store, snapshots, settings
        self._policies = policies or VendorPolicies(store, settings.policy)
        self._rota_watch, self._open_asks = RotaWatch(store, settings), OpenAsks(store, settings)
        self._snapshot = _NOTHING

    def tick(self, now: datetime, ran: timedelta | None = None) -> TickResult:
        """Make every reminder that is due by ``now`` (UTC).

        ``ran`` is how long ago this process ticked before, by a clock that nobody can set. Raises NotSaved when the
        store cannot be written; then nothing is lost.
        """
        last_tick, next_due = self._store.write(
            lambda connection: (record_tick(connection, now, ran), reminder_queue.find_next_due(connection))
        )
        followed = self._snapshot
        failed = self._follow_rota(now, last_tick or now)
        if failed or self._snapshot is not followed:  # the queue may have changed
            next_due = self._store.read(reminder_queue.find_next_due)
        result = TickResult(failed=failed, next_due=next_due)
        for _ in range(MAX_TRANSACTIONS):
            if result.next_due is None or result.next_due > now:
                break
            result = result.add(self._make_due(now))
        if not self._settings.reach.people:
            return result
        return replace(result, messages=result.messages + self._open_asks.page(self._snapshot, now))

    def _follow_rota(self, now: datetime, last_tick: datetime) -> Mapping[str, Exception]:
        """Bring the queue in step with the rota; return what of the rota could not be understood.

        A rota that cannot be understood stops only the reminders about it.
        """
        try:
            snapshot = self._snapshots.at(now)
            if snapshot is not self._snapshot and self._rota_watch.follow(snapshot, now, last_tick):
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
        due = _take_due(connection, now, only)
        facts = read_facts(connection, due, self._snapshot, self._settings, self._policies, now)
        due_subjects, failed = _find_steps(facts, due)
        rows = ReminderRows(connection, self._snapshot, self._settings, now)
        rows.redraw_outdated(due_subjects, facts)
        for subject, reminder in _leave_out_made(connection, due_subjects):
            rows.add(subject, reminder)
        messages = rows.write()
        next_due = _reschedule(connection, due, due_subjects, failed, now)
        return TickResult(len(rows.reminders), messages, next_due, failed)


def record_tick(connection: Connection, now: datetime, ran: timedelta | None) -> datetime | None:
    """Record that a tick runs; return when the last one ran, None for the first.

    When that is in the future, the clock was set back: what it put off is due now.
    """
    last_tick = heartbeat_rows.record_tick(connection, now, ran)
    if last_tick and last_tick - now > heartbeat_rows.SKEW:
        correct_times_after(connection, now)
    if last_tick is None or last_tick.date() != now.date():  # once a day
        draft_rows.delete_old(connection, now)
    return last_tick


def _take_due(connection: Connection, now: datetime, only: str | None) -> Mapping[str, datetime]:
    """Return the due subjects, or one of them, each with the instant since when it is due."""
    due = reminder_queue.take_due(connection, now, ALL_SUBJECTS if only else SUBJECTS_AT_ONCE)
    return due if only is None else {subject: at for subject, at in due.items() if subject == only}


def _find_steps(facts: DueFacts, due: Mapping[str, datetime]) -> tuple[list[DueSubject], dict[str, Exception]]:
    """Return the due steps of each subject that still exists, and the subjects whose facts are not valid."""
    due_subjects: list[DueSubject] = []
    failed: dict[str, Exception] = dict(facts.unreadable)
    for subject, since in due.items():
        try:
            due_subject = None if subject in failed else facts.find_steps(subject, since)
        except Exception as error:  # one bad row must not stop anybody else's reminders
            failed[subject] = error
        else:
            due_subjects += [due_subject] if due_subject else []
    return due_subjects, failed


def _leave_out_made(
    connection: Connection, due_subjects: Iterable[DueSubject]
) -> Iterator[tuple[DueSubject, MergedReminder]]:
    """Yield the reminders that were not made before. Several missed steps of a subject become one."""
    with_steps = [subject for subject in due_subjects if subject.due.steps]
    made = log.find_made(connection, {step.key for subject in with_steps for step in subject.due.steps})
    for subject in with_steps:
        for reminder in collapse([step for step in subject.due.steps if step.key not in made]):
            yield subject, reminder


def _reschedule(
    connection: Connection, due: Iterable[str], due_subjects: Iterable[DueSubject], failed: Iterable[str], now: datetime
) -> datetime | None:
    """Write when each subject is due next, drop those that are not due any more; return the instant of the next."""
    next_due = {subject.subject: subject.due.next_due for subject in due_subjects if subject.due.next_due}
    next_due |= dict.fromkeys(failed, now + TRY_AGAIN)
    return reminder_queue.reschedule(connection, next_due, [subject for subject in due if subject not in next_due])


class ReminderRows:
    """The reminders and messages of one transaction, collected until :meth:`write`."""

    def __init__(
        self, connection: Connection, snapshot: OnCallSnapshot, settings: ReminderSettings, now: datetime
    ) -> None:
        self._connection, self._snapshot, self._settings, self._now = connection, snapshot, settings, now
        self._router = NotificationRouter(snapshot, settings, now)
        self._messages: list[OutgoingMessage] = []
        self._far_gaps: list[tuple[GapName, ReminderStep]] = []
        self._sent: list[SentStep] = []
        self._settled: list[tuple[str, datetime]] = []
        """People (Slack ids), and the starts of their shifts that are confirmed or over."""
        self._asked: set[tuple[str, datetime]] = set()
        """People (Slack ids), and the instants of the changeovers that they are asked about."""
        self.reminders: list[dict[str, Any]] = []

    def redraw_outdated(self, due_subjects: Iterable[DueSubject], facts: DueFacts) -> None:
        """Redraw messages that ask for something that is no longer due."""
        shifts = [subject for subject in due_subjects if isinstance(subject.facts, shift.ShiftFacts)]
        self._redraw_no_successor([subject.subject for subject in shifts if not subject.facts.alone_since])
        for subject in due_subjects:
            if isinstance(subject.facts, Escalation) and subject.subject in facts.made_between:
                still_due = counted_from(subject.deadline) or EARLIEST
                self._messages += outbox_messages.redraw_ended(self._connection, subject.subject, still_due)

    def add(self, subject: DueSubject, reminder: MergedReminder) -> None:
        """Add a reminder with those it replaces, and its messages."""
        step = reminder.step
        if isinstance(subject.name, GapName) and (step.what is MessageKind.GAPS or self._is_silent_end(step)):
            self._far_gaps.append((subject.name, step))
        else:
            messages = self._combine(subject, step, self._router.find_messages(subject, step))
            self._messages += messages
            self._sent.append((subject, step, messages))
        self._redraw_earlier(subject, step)
        self._pass_on_cases(subject, step)
        if step.step == review.LET_GO:
            release_review(self._connection, subject.facts.case.number, self._now)
        self.reminders.append(self._row(step, ""))
        self.reminders += [self._row(merged, step.key) for merged in reminder.merged]

    def write(self) -> int:
        """Write everything; return the number of messages."""
        if self._far_gaps:
            self._merge_far_gaps()
        if self._settled:
            self._messages += redraw_weeks(self._connection, self._settled, self._settings.zone)
        log.add(self._connection, self.reminders)
        count = outbox_messages.enqueue_newest(self._connection, self._messages, self._now)
        if self._settings.reach.people:
            enqueue_pages(self._connection, self._sent, self._settings, self._snapshot.names, self._now)
        return count

    def _combine(
        self, subject: DueSubject, step: ReminderStep, messages: Sequence[OutgoingMessage]
    ) -> Sequence[OutgoingMessage]:
        """Leave out messages to a person who gets another one about changes at the same instant: it shows them all."""
        name = subject.name
        if isinstance(name, HandoverName):  # its messages show the shift that begins with it too
            messages = [replace(message, covers=(str(name), str(name.shift))) for message in messages]
        if isinstance(name, changeover.ChangeName) and messages and step.step not in shift.ABOUT_ITS_END:
            return list(self._keep_first(messages, name))
        return messages

    def _keep_first(
        self, messages: Iterable[OutgoingMessage], name: changeover.ChangeName
    ) -> Iterator[OutgoingMessage]:
        at = changeover.find_instant(name)
        simultaneous = frozenset(str(other) for other in changeover.find_simultaneous(self._snapshot, name))
        for message in messages:
            if not message.user or message.what not in outbox_messages.ASKING:
                yield message
            elif (message.user, at) not in self._asked:
                self._asked.add((message.user, at))
                yield replace(message, covers={message.subject, *message.covers, *simultaneous})

    def _redraw_earlier(self, subject: DueSubject, step: ReminderStep) -> None:
        """Redraw the earlier messages of a subject that a step makes outdated."""
        if step.step in {shift.CONFIRMED, OVER} and isinstance(subject.facts, shift.ShiftFacts):
            self._settled.append((subject.facts.user, subject.facts.name.start))
        if step.step in LAST_STEPS:
            self._messages += outbox_messages.redraw_ended(self._connection, step.subject)
            self._messages += self._redraw_same_changeover(subject)
        if step.step == handover.PRESSED:
            self._messages += outbox_messages.redraw_pressed(self._connection, step.subject)
        if step.what is MessageKind.HOLIDAY_REVIEW or step.step == BEGUN:
            self._messages += outbox_messages.redraw_week_cards(self._connection, step.subject, step.key)
        if step.step == shift.NOT_ALONE:
            self._redraw_no_successor([step.subject])

    def _pass_on_cases(self, subject: DueSubject, step: ReminderStep) -> None:
        """Give the open cases of one person to the next, together with the reminder that says so, never without it."""
        if step.what is MessageKind.HANDOVER_REFRESH and step.step == handover.DONE:
            outgoing, incoming, came_by = subject.facts.outgoing, subject.facts.incoming, subject.facts.taken_by
        elif step.step == shift.RELIEVES:
            outgoing, incoming, came_by = subject.facts.relieves, subject.facts.user, subject.facts.confirmed_by
        else:
            return
        if outgoing and incoming and outgoing != incoming:
            move_cases(self._connection, outgoing, incoming, self._now, came_by)

    def _redraw_no_successor(self, shifts: Sequence[str]) -> None:
        """Redraw what asked about shifts that nobody follows: somebody does now, or nobody can any more."""
        if shifts:
            self._messages += outbox_messages.redraw_followed(self._connection, shifts)

    def _redraw_same_changeover(self, subject: DueSubject) -> list[OutgoingMessage]:
        """Redraw messages about other changes of the same instant that also show a subject that has ended."""
        if not isinstance(subject.name, changeover.ChangeName):
            return []
        others = changeover.find_in_other_slots(self._snapshot, subject.name)
        return outbox_messages.redraw_direct(self._connection, [str(name) for name in others], subject.subject)

    def _merge_far_gaps(self) -> None:
        """Make one list of all far gaps; the first reminder stands for the others."""
        first_key, messages = self._router.list_far_gaps(self._far_gaps)
        self._messages += messages
        merged = {step.key for _, step in self._far_gaps} - {first_key}
        for row in self.reminders:
            row["merged_into"] = first_key if row["key"] in merged else row["merged_into"]

    def _is_silent_end(self, step: ReminderStep) -> bool:
        """Return whether a gap ends that never had a card: it ends in the list of far gaps."""
        return step.step == gap.ENDED and not outbox_messages.was_enqueued(self._connection, f"{step.subject}/card")

    def _row(self, step: ReminderStep, merged_into: str) -> dict[str, Any]:
        return {
            "key": step.key, "subject": step.subject, "step": step.name, "due_at": step.due_at,
            "made_at": self._now, "merged_into": merged_into,
        }  # fmt: skip
