"""From a reminder that is owed to the messages that carry it out: which, where, to whom. Writes nothing itself."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import datetime

from models.oncall.gap_register import GapRecord
from models.oncall.snapshot import OnCallSnapshot
from models.outbox.messages import OutgoingMessage
from models.reminders.changeover import people_of
from models.reminders.due import DueSubject
from models.reminders.settings import ReminderSettings
from models.rules.delivery import Audience, MessageKind
from models.rules.escalations.escalation import Escalation
from models.rules.reminders import subjects
from models.rules.reminders.candidates import candidates
from models.rules.reminders.digest import week_after
from models.rules.reminders.escalation import UNACKNOWLEDGED_STEP
from models.rules.reminders.gap import ENDED, OPEN, WITH_CARD
from models.rules.reminders.step import MergedReminder, ReminderStep

A = Audience
PEOPLE_TOLD = 10
"""So many candidates are written to at most."""


class NotificationRouter:
    """Makes the messages of one tick."""

    def __init__(self, snapshot: OnCallSnapshot, services: ReminderSettings, now: datetime) -> None:
        self._snapshot, self._services, self._now = snapshot, services, now

    def messages(self, subject: DueSubject, spoken: MergedReminder) -> list[OutgoingMessage]:
        """The messages of one reminder; far gaps have none of their own (see :meth:`far_gaps`)."""
        step = spoken.step
        facts = subject.facts
        if isinstance(facts, GapRecord):
            return list(self._gap(facts, step))
        if isinstance(facts, Escalation):
            return list(self._escalation(facts, step, subject.called))
        ways: dict[MessageKind, Callable[[ReminderStep], Iterator[OutgoingMessage]]] = {
            MessageKind.SHIFT: self._private, MessageKind.REMINDER: self._shift_or_handover,
            MessageKind.HANDOVER: self._handover,
            MessageKind.HANDOVER_REFRESH: self._redrawn, MessageKind.REMINDER_REFRESH: self._nothing,
            MessageKind.ON_NOW: self._on_now,
            MessageKind.DIGEST: self._digest, MessageKind.WEEK: self._week, MessageKind.PICTURE: self._picture,
            MessageKind.REHEARSAL: self._picture, MessageKind.REHEARSAL_REFRESH: self._redrawn,
        }  # fmt: skip
        return list(ways[step.what](step))

    def far_gaps(self, steps: Iterable[ReminderStep]) -> tuple[str, list[OutgoingMessage]]:
        """One list for all far gaps of a look: the key of the reminder that speaks for the others, and the message."""
        first = min(steps, key=lambda step: (subjects.number_of(step.subject), step.key))
        key = f"gaps/{first.key}"
        return first.key, [
            OutgoingMessage(
                MessageKind.GAPS, key, "gaps", "gaps", self._services.oncall_channel, reminder=first.details
            )
        ]

    # Gaps ----------------------------------------------------------------------------------------------------------

    def _gap(self, gap: GapRecord, step: ReminderStep) -> Iterator[OutgoingMessage]:
        """The card is posted before anything else is said of it, once; its lane keeps that order."""
        name, lane = step.subject, step.subject
        if step.what is MessageKind.GAPS:
            return
        channel = self._services.oncall_channel
        yield OutgoingMessage(MessageKind.GAP, f"{name}/card", name, lane, channel)
        if step.step not in WITH_CARD or step.to & {A.LEADS, A.EVERYONE}:
            yield OutgoingMessage(MessageKind.REMINDER, step.key, name, lane, channel, reminder=step.details)
        if step.step == ENDED or (step.step == OPEN and step.n == 0):
            yield OutgoingMessage(MessageKind.GAP_REFRESH, f"{step.key}/card", name, f"{lane}/card", channel)
        if A.CANDIDATES in step.to:
            state = self._snapshot.rota_state
            able = candidates(state, self._snapshot.shifts, gap.gap, self._now) if state else []
            yield from self._direct(step, (member.slack_id for member in able[:PEOPLE_TOLD]))

    # Shifts and handovers ------------------------------------------------------------------------------------------

    def _private(self, step: ReminderStep) -> Iterator[OutgoingMessage]:
        yield from self._direct(step, self._people(step))

    def _shift_or_handover(self, step: ReminderStep) -> Iterator[OutgoingMessage]:
        if A.CHANNEL in step.to:
            lane = step.subject if step.subject.startswith(subjects.HANDOVER) else subjects.DUTY
            yield OutgoingMessage(
                MessageKind.REMINDER, step.key, step.subject, lane, self._services.oncall_channel, reminder=step.details
            )
        yield from self._direct(step, self._people(step))

    def _handover(self, step: ReminderStep) -> Iterator[OutgoingMessage]:
        channel = self._services.oncall_channel
        yield OutgoingMessage(
            MessageKind.HANDOVER, step.key, step.subject, step.subject, channel, reminder=step.details
        )
        yield from self._direct(step, self._people(step))

    def _redrawn(self, step: ReminderStep) -> Iterator[OutgoingMessage]:
        lane = f"{step.subject}/card"
        yield OutgoingMessage(step.what, step.key, step.subject, lane, self._services.oncall_channel)

    def _nothing(self, step: ReminderStep) -> Iterator[OutgoingMessage]:  # noqa: ARG002 - every step is asked alike
        """Only what was said before is drawn anew (see ``models.reminders.engine``)."""
        return iter(())

    def _on_now(self, step: ReminderStep) -> Iterator[OutgoingMessage]:
        """What was said, and what is to be so: only the newest of it counts, so each waits behind the one before."""
        channel = self._services.oncall_channel
        yield OutgoingMessage(MessageKind.ON_NOW, step.key, step.subject, subjects.DUTY, channel, reminder=step.details)
        yield OutgoingMessage(MessageKind.TOPIC, f"{step.key}/topic", step.subject, "topic", channel)
        if self._services.usergroup:
            yield OutgoingMessage(MessageKind.GROUP, f"{step.key}/group", step.subject, "group", channel)

    # Escalations and what comes at its time ------------------------------------------------------------------------

    def _escalation(self, case: Escalation, step: ReminderStep, called: Collection[str]) -> Iterator[OutgoingMessage]:
        """A line in its thread, a word to each who is called, and from some step on a line in the on-call channel; when
        a snooze is over, only the card is drawn anew.
        """
        if step.what is MessageKind.REFRESH:
            yield OutgoingMessage(
                step.what, step.key, step.subject, f"{case.name}/card", case.channel, number=case.number
            )
            return
        yield OutgoingMessage(
            MessageKind.REMINDER,
            step.key,
            step.subject,
            case.name,
            case.channel,
            reminder=step.details,
            number=case.number,
        )
        people = list(self._people(step))
        yield from self._direct(step, self._to_be_called(people or self._services.leads, step, called), case.number)
        if A.CHANNEL in step.to or not people:
            yield OutgoingMessage(
                MessageKind.REMINDER, f"{step.key}/channel", step.subject, subjects.DUTY, self._services.oncall_channel,
                reminder=step.details, number=case.number,
            )  # fmt: skip

    def _to_be_called(self, people: Sequence[str], step: ReminderStep, called: Collection[str]) -> Sequence[str]:
        """Those a step is for. The first of an escalation nobody took leaves out who was called at once: it is the
        backup's, and without a backup the leads'.
        """
        is_first = step.step == UNACKNOWLEDGED_STEP and step.n == 0
        if not is_first or not called:
            return people
        fresh = [user for user in people if user not in called]
        if fresh or self._snapshot.backup(self._now):
            return fresh
        return [user for user in self._services.leads if user not in called] or people

    def _digest(self, step: ReminderStep) -> Iterator[OutgoingMessage]:
        channel = self._services.escalation_channel
        yield OutgoingMessage(step.what, step.key, step.subject, step.subject, channel, reminder=step.details)

    def _week(self, step: ReminderStep) -> Iterator[OutgoingMessage]:
        """To each who has not confirmed all of their shifts in that week."""
        start, end = week_after(step.due_at, self._services.zone)
        open_ = [planned for planned in self._snapshot.unconfirmed() if start <= planned.start < end]
        for user in sorted({self._snapshot.user_of(planned.member) for planned in open_} - {""}):
            yield OutgoingMessage(
                MessageKind.WEEK, f"{step.key}/{user}", step.subject, f"dm:{user}", user=user, reminder=step.details
            )

    def _picture(self, step: ReminderStep) -> Iterator[OutgoingMessage]:
        channel = self._services.oncall_channel
        yield OutgoingMessage(step.what, step.key, step.subject, step.subject, channel, reminder=step.details)

    # People --------------------------------------------------------------------------------------------------------

    def _people(self, step: ReminderStep) -> Iterator[str]:
        """Everybody a step calls, by Slack id, who is in the workspace."""
        called = people_of(step, self._snapshot, self._services.leads, self._now)
        yield from (user for user in called if not self._snapshot.is_gone(user, self._now))

    def _direct(
        self, step: ReminderStep, people: Iterable[str], number: int | None = None
    ) -> Iterator[OutgoingMessage]:
        what = MessageKind.SHIFT if step.what is MessageKind.SHIFT else MessageKind.REMINDER
        for user in dict.fromkeys(people):
            key, lane = f"{step.key}/{user}", f"dm:{user}"
            yield OutgoingMessage(what, key, step.subject, lane, user=user, reminder=step.details, number=number)
