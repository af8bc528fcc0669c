"""The reminders of one transaction and their messages, collected and then written together."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert

from models.escalations.commands import move_cases
from models.oncall.snapshot import OnCallSnapshot
from models.outbox import messages as outbox_messages
from models.outbox.messages import OutgoingMessage
from models.reminders import changeover
from models.reminders.due import DueSubject
from models.reminders.routing import NotificationRouter
from models.reminders.settings import ReminderSettings
from models.rules.delivery import MessageKind
from models.rules.escalations.deadlines import due_by
from models.rules.escalations.escalation import Escalation
from models.rules.reminders import gap, subjects
from models.rules.reminders.departure import REASSIGNED
from models.rules.reminders.escalation import counted_from
from models.rules.reminders.handover import DONE
from models.rules.reminders.holiday_review import BEGUN
from models.rules.reminders.shift import NOT_ALONE, RELIEVES, ShiftFacts
from models.rules.reminders.step import OVER as NOTHING_LEFT
from models.rules.reminders.step import MergedReminder, ReminderStep
from models.rules.times import EARLIEST
from models.store.oncall_tables import REMINDER

LAST_STEPS = frozenset({gap.ENDED, DONE, "confirmed", NOTHING_LEFT, REASSIGNED})
"""Steps after which nothing is left to press: the newest reminders of their subjects then say how it ended."""


class ReminderRows:
    """Collects reminders and messages until :meth:`write`."""

    def __init__(
        self, connection: Connection, snapshot: OnCallSnapshot, settings: ReminderSettings, now: datetime
    ) -> None:
        self._connection, self._snapshot, self._settings, self._now = connection, snapshot, settings, now
        self._router = NotificationRouter(snapshot, settings, now)
        self._messages: list[OutgoingMessage] = []
        self._far_gaps: list[ReminderStep] = []
        self.reminders: list[dict[str, Any]] = []

    def redraw_changed(self, due_subjects: Sequence[DueSubject], reminded: Collection[str]) -> None:
        """Redraw messages that ask for something that is no longer due.

        ``reminded`` are the subjects that people were reminded of before.
        """
        shifts = [subject for subject in due_subjects if isinstance(subject.facts, ShiftFacts)]
        self._redraw_no_successor([shift.name for shift in shifts if not shift.facts.alone_since])
        for subject in due_subjects:
            if isinstance(subject.facts, Escalation) and subject.name in reminded:
                still_due = counted_from(due_by(subject.facts, self._settings.reminder_times)) or EARLIEST
                self._messages += outbox_messages.over(self._connection, subject.name, still_due)

    def add(self, subject: DueSubject, reminder: MergedReminder) -> None:
        """Add a reminder with those it replaces, and its messages."""
        step = reminder.step
        if step.what is MessageKind.GAPS or self._is_silent_end(step):
            self._far_gaps.append(step)
        else:
            self._messages += self._router.messages(subject, reminder)
        self._redraw_earlier(step)
        self._pass_on_cases(subject, step)
        self.reminders.append(self._row(step, ""))
        self.reminders += [self._row(merged, step.key) for merged in reminder.merged]

    def write(self) -> int:
        """Write everything; return the number of messages."""
        if self._far_gaps:
            self._merge_far_gaps()
        if self.reminders:
            self._connection.execute(insert(REMINDER), self.reminders)
        new = list(self._keep_first_of_changeover(self._messages))
        older = outbox_messages.older(self._connection, new, self._find_replaced_subjects)
        count = outbox_messages.tell(self._connection, [*new, *older], self._now)
        self._fold_calls()
        return count

    def _redraw_earlier(self, step: ReminderStep) -> None:
        """Redraw the earlier messages of a subject that a step makes outdated."""
        if step.step in LAST_STEPS:
            self._messages += outbox_messages.over(self._connection, step.subject)
            self._messages += self._redraw_same_changeover(step.subject)
        if step.what is MessageKind.REHEARSAL or step.step == BEGUN:
            self._messages += outbox_messages.cards_over(self._connection, step.subject, step.key)
        if step.step == NOT_ALONE:
            self._redraw_no_successor([step.subject])

    def _pass_on_cases(self, subject: DueSubject, step: ReminderStep) -> None:
        """Give the open cases of one person to the next, together with the reminder that says so, never without it."""
        if step.what is MessageKind.HANDOVER_REFRESH and step.step == DONE:
            outgoing, incoming = subject.facts.outgoing, subject.facts.incoming
        elif step.step == RELIEVES:
            outgoing, incoming = subject.facts.relieves, subject.facts.user
        else:
            return
        if outgoing and incoming and outgoing != incoming:
            move_cases(self._connection, outgoing, incoming, self._now)

    def _redraw_no_successor(self, shifts: Sequence[str]) -> None:
        """Redraw what asked about shifts that nobody follows: somebody does now, or nobody can any more."""
        if shifts:
            self._messages += outbox_messages.followed(self._connection, shifts)

    def _merge_far_gaps(self) -> None:
        """Make one list of all far gaps; the first reminder stands for the others."""
        first_key, messages = self._router.far_gaps(self._far_gaps)
        self._messages += messages
        merged = {step.key for step in self._far_gaps} - {first_key}
        for row in self.reminders:
            row["merged_into"] = first_key if row["key"] in merged else row["merged_into"]

    def _fold_calls(self) -> None:
        """Fold the calls of a case whose owner is reminded: the reminder asks for the same."""
        for message in self._messages:
            if message.what is MessageKind.REMINDER and message.number and message.user:
                folded = outbox_messages.calls_anew(
                    self._connection, message.number, message.key, self._now, {message.user}
                )
                outbox_messages.enqueue(self._connection, list(folded))

    def _keep_first_of_changeover(self, messages: Iterable[OutgoingMessage]) -> Iterator[OutgoingMessage]:
        """Of the messages to one person about changes at one instant, yield only the first: it shows them all."""
        seen: set[tuple[str, datetime]] = set()
        for message in messages:
            if message.user and message.what in outbox_messages.ASKING and _is_changeover(message):
                person_and_instant = message.user, changeover.instant(message.subject)
                if person_and_instant in seen:
                    continue
                seen.add(person_and_instant)
            yield message

    def _find_replaced_subjects(self, message: OutgoingMessage) -> Collection[str]:
        """Return the subjects a message speaks for: to one person, everything that changes at the same instant."""
        own = subjects.find_covered(message.subject)
        if not message.user or not _is_changeover(message):
            return own
        return {*own, *changeover.names(self._snapshot, message.subject)}

    def _redraw_same_changeover(self, subject: str) -> list[OutgoingMessage]:
        """Redraw messages about other changes of the same instant that also show a subject that has ended."""
        if not changeover.is_of_one(subject, ""):
            return []
        others = changeover.elsewhere(self._snapshot, subject)
        return outbox_messages.drawn_anew(self._connection, others, subject)

    def _is_silent_end(self, step: ReminderStep) -> bool:
        """Whether a gap ends that never had a card: it ends in the list of far gaps."""
        return step.step == gap.ENDED and not outbox_messages.was_told(self._connection, f"{step.subject}/card")

    def _row(self, step: ReminderStep, merged_into: str) -> dict[str, Any]:
        return {
            "key": step.key, "subject": step.subject, "step": step.name, "due_at": step.due_at,
            "made_at": self._now, "merged_into": merged_into,
        }  # fmt: skip


def _is_changeover(message: OutgoingMessage) -> bool:
    """Whether a message is about what changes at an instant, where a seat begins or is handed over."""
    return changeover.is_of_one(message.subject, message.reminder.step)
