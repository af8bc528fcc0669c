"""Turn a reminder into messages: which, where and to whom. This module writes nothing."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from models.oncall.gap_register import GapRecord
from models.oncall.snapshot import OnCallSnapshot
from models.outbox.messages import OutgoingMessage
from models.reminders.changeover import find_people
from models.reminders.due import DueSubject
from models.reminders.settings import ReminderSettings
from models.rules.escalations.escalation import Escalation
from models.rules.escalations.request import Severity
from models.rules.outbox.message_kinds import MessageKind
from models.rules.outbox.reminder_details import Audience
from models.rules.reminders import subjects
from models.rules.reminders.digest import week_after
from models.rules.reminders.escalation import EARLY_STEP, UNACKNOWLEDGED_STEP
from models.rules.reminders.gap import ENDED, OPEN, WITH_CARD, find_candidates
from models.rules.reminders.step import OVER, ReminderStep
from models.rules.reminders.subjects import GapName, HandoverName

A = Audience
MOST_CANDIDATES = 10  # people who get a message about a gap that they could take


class NotificationRouter:
    """Makes the messages of one tick."""

    def __init__(self, snapshot: OnCallSnapshot, settings: ReminderSettings, now: datetime) -> None:
        self._snapshot, self._settings, self._now = snapshot, settings, now

    def find_messages(self, subject: DueSubject, step: ReminderStep) -> list[OutgoingMessage]:
        """Return the messages of one reminder."""
        facts = subject.facts
        if isinstance(facts, GapRecord):
            return self._gap(facts, step)
        if isinstance(facts, Escalation):
            is_urgent = facts.current_severity is Severity.A
            messages = self._escalation(facts, step, subject.called)
            return [replace(message, is_urgent=is_urgent) for message in messages]
        if step.what is MessageKind.REMINDER:
            return list(self._shift_or_handover(step, is_handover=isinstance(subject.name, HandoverName)))
        if step.step == OVER and isinstance(subject.name, HandoverName):
            return list(self._redraw_card(replace(step, what=MessageKind.HANDOVER_REFRESH)))
        routes: dict[MessageKind, Callable[[ReminderStep], Iterator[OutgoingMessage]]] = {
            MessageKind.SHIFT: self._private,
            MessageKind.HANDOVER: self._handover,
            MessageKind.HANDOVER_REFRESH: self._redraw_card, MessageKind.REMINDER_REFRESH: self._nothing,
            MessageKind.ON_NOW: self._on_now,
            MessageKind.DIGEST: self._digest, MessageKind.WEEK: self._week, MessageKind.PICTURE: self._picture,
            MessageKind.HOLIDAY_REVIEW: self._picture, MessageKind.HOLIDAY_REVIEW_REFRESH: self._redraw_card,
        }  # fmt: skip
        return list(routes[step.what](step))

    def list_far_gaps(self, steps: Iterable[tuple[GapName, ReminderStep]]) -> tuple[str, list[OutgoingMessage]]:
        """Return one message that lists far gaps, and the key of the reminder that stands for the others."""
        _, first = min(steps, key=lambda named: (named[0].number, named[1].key))
        key = f"gaps/{first.key}"
        return first.key, [
            OutgoingMessage(
                MessageKind.GAPS, key, "gaps", "gaps", self._settings.oncall_channel, reminder=first.details
            )
        ]

    # Gaps ----------------------------------------------------------------------------------------------------------

    def _gap(self, gap: GapRecord, step: ReminderStep) -> list[OutgoingMessage]:
        """Return the card, which is posted once and before anything else in its lane, and what follows it."""
        name, lane, channel = step.subject, step.subject, self._settings.oncall_channel
        messages = [OutgoingMessage(MessageKind.GAP, f"{name}/card", name, lane, channel)]
        if step.step not in WITH_CARD or step.to & {A.LEADS, A.EVERYONE}:
            messages.append(OutgoingMessage(MessageKind.REMINDER, step.key, name, lane, channel, reminder=step.details))
        if step.step == ENDED or (step.step == OPEN and step.n == 0):
            messages.append(OutgoingMessage(MessageKind.GAP_REFRESH, f"{step.key}/card", name, f"{lane}/card", channel))
        snapshot = self._snapshot
        if A.CANDIDATES in step.to and snapshot.rota_state:
            absent = snapshot.find_absent(self._now)
            rota, shifts = snapshot.rota_state.rota, snapshot.shifts
            members = find_candidates(rota, shifts, snapshot.in_force, gap.gap, absent, self._now)
            messages += self._direct(step, (member.slack_id for member in members[:MOST_CANDIDATES]))
        return messages

    # Shifts and handovers ------------------------------------------------------------------------------------------

    def _private(self, step: ReminderStep) -> Iterator[OutgoingMessage]:
        yield from self._direct(step, self._people(step))

    def _shift_or_handover(self, step: ReminderStep, *, is_handover: bool) -> Iterator[OutgoingMessage]:
        if A.CHANNEL in step.to:
            lane = step.subject if is_handover else subjects.DUTY
            yield OutgoingMessage(
                MessageKind.REMINDER, step.key, step.subject, lane, self._settings.oncall_channel, reminder=step.details
            )
        yield from self._direct(step, self._people(step))

    def _handover(self, step: ReminderStep) -> Iterator[OutgoingMessage]:
        channel = self._settings.oncall_channel
        yield OutgoingMessage(
            MessageKind.HANDOVER, step.key, step.subject, step.subject, channel, reminder=step.details
        )
        yield from self._direct(step, self._people(step))

    def _redraw_card(self, step: ReminderStep) -> Iterator[OutgoingMessage]:
        lane = f"{step.subject}/card"
        yield OutgoingMessage(step.what, step.key, step.subject, lane, self._settings.oncall_channel)

    def _nothing(self, step: ReminderStep) -> Iterator[OutgoingMessage]:  # noqa: ARG002 - every route takes a step
        """Send nothing new: earlier messages are redrawn (see ``models.reminders.engine``)."""
        return iter(())

    def _on_now(self, step: ReminderStep) -> Iterator[OutgoingMessage]:
        """Announce who is on call, and set the topic and the user group: each in a lane, as only the newest counts."""
        channel = self._settings.oncall_channel
        yield OutgoingMessage(MessageKind.ON_NOW, step.key, step.subject, subjects.DUTY, channel, reminder=step.details)
        yield OutgoingMessage(MessageKind.TOPIC, f"{step.key}/topic", step.subject, "topic", channel)
        if self._settings.usergroup:
            yield OutgoingMessage(MessageKind.GROUP, f"{step.key}/group", step.subject, "group", channel)

    # Escalations and what comes at its time ------------------------------------------------------------------------

    def _escalation(self, case: Escalation, step: ReminderStep, called: Collection[str]) -> Iterator[OutgoingMessage]:
        """Write into its thread and to each person; from some step on also into the on-call channel.

        When a snooze is over, only the card is redrawn. Before the deadline only its owner is asked.
        """
        if step.what is MessageKind.REFRESH:
            yield OutgoingMessage(
                step.what, step.key, step.subject, f"{case.name}/card", case.channel, number=case.number
            )
            return
        if step.step == EARLY_STEP:
            yield from self._direct(step, self._people(step), case.number)
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
        yield from self._direct(step, self._to_be_called(people or self._settings.leads, step, called), case.number)
        if A.CHANNEL in step.to or not people:
            yield OutgoingMessage(
                MessageKind.REMINDER, f"{step.key}/channel", step.subject, subjects.DUTY, self._settings.oncall_channel,
                reminder=step.details, number=case.number,
            )  # fmt: skip

    def _to_be_called(self, people: Sequence[str], step: ReminderStep, called: Collection[str]) -> Sequence[str]:
        """Return the people a step is for.

        The first step of an unacknowledged escalation leaves out those who were called at once. It goes to the backup;
        without a backup, to the leads.
        """
        is_first = step.step == UNACKNOWLEDGED_STEP and step.n == 0
        if not is_first or not called:
            return people
        not_called = [user for user in people if user not in called]
        if not_called or self._snapshot.backup(self._now):
            return not_called
        return [user for user in self._settings.leads if user not in called] or people

    def _digest(self, step: ReminderStep) -> Iterator[OutgoingMessage]:
        channel = self._settings.escalation_channel
        yield OutgoingMessage(step.what, step.key, step.subject, step.subject, channel, reminder=step.details)

    def _week(self, step: ReminderStep) -> Iterator[OutgoingMessage]:
        """Write to each person who has not confirmed all of their shifts in that week."""
        start, end = week_after(step.due_at, self._settings.zone)
        shifts = [shift for shift in self._snapshot.unconfirmed() if start <= shift.start < end]
        for user in sorted({self._snapshot.user_of(shift.member) for shift in shifts} - {""}):
            yield OutgoingMessage(
                MessageKind.WEEK, f"{step.key}/{user}", step.subject, f"dm:{user}", user=user, reminder=step.details
            )

    def _picture(self, step: ReminderStep) -> Iterator[OutgoingMessage]:
        channel = self._settings.oncall_channel
        yield OutgoingMessage(step.what, step.key, step.subject, step.subject, channel, reminder=step.details)

    # People --------------------------------------------------------------------------------------------------------

    def _people(self, step: ReminderStep) -> Iterator[str]:
        """Yield everybody a step calls, by Slack id, who is in the workspace."""
        called = find_people(step, self._snapshot, self._settings.leads, self._now)
        yield from (user for user in called if not self._snapshot.is_gone(user, self._now))

    def _direct(
        self, step: ReminderStep, people: Iterable[str], number: int | None = None
    ) -> Iterator[OutgoingMessage]:
        what = MessageKind.SHIFT if step.what is MessageKind.SHIFT else MessageKind.REMINDER
        for user in dict.fromkeys(people):
            key, lane = f"{step.key}/{user}", f"dm:{user}"
            yield OutgoingMessage(what, key, step.subject, lane, user=user, reminder=step.details, number=number)
