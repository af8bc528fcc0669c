"""Read the facts of the due subjects, and compute their steps.

Facts come from the store and the snapshot, rules from ``models.rules.reminders``. This module only reads. It does not
leave out the reminders that were made before.
"""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import chain
from typing import Any

from sqlalchemy import Connection, RowMapping

from models.escalations import escalation_rows, history_rows, returned_cases
from models.escalations.vendor_policies import VendorPolicies
from models.oncall import availability, gap_register, rota_versions
from models.oncall.gap_register import GapRecord
from models.oncall.snapshot import OnCallSnapshot
from models.outbox import message_queries
from models.remediation import records
from models.reminders.log import Time, find_due_ranges, find_step_names
from models.reminders.settings import ReminderSettings
from models.reminders.shift_facts import find_handover_facts, find_shift_facts
from models.rules.escalations.clocks import build_timeline
from models.rules.escalations.deadlines import Deadline, find_deadline_from_history
from models.rules.escalations.escalation import Escalation
from models.rules.escalations.returned_rates import find_level, find_window
from models.rules.outbox.message_kinds import MessageKind
from models.rules.outbox.reminder_details import Audience
from models.rules.remediation.record import Remediation
from models.rules.reminders import (
    departure,
    digest,
    escalation,
    gap,
    handover,
    holiday_review,
    remediation,
    returned,
    review,
    shift,
    subjects,
)
from models.rules.reminders.holiday_review import WeekFacts
from models.rules.reminders.step import OVER, DueSteps, ReminderStep
from models.rules.reminders.subjects import (
    DepartureName,
    EscalationName,
    GapName,
    HandoverName,
    RemediationActionName,
    RemediationName,
    ReturnedName,
    ReviewName,
    ShiftName,
    SubjectName,
)
from models.rules.rota.gaps import GapKind
from models.rules.rota.holidays import HolidayWeek
from models.rules.rota.on_call import Slot
from models.store import departures
from models.store.tables import escalation_from, timeline_entry_from

UNCOVERED = GapKind.UNCOVERED
OF_REMEDIATION = (RemediationName, RemediationActionName)
SCHEDULES = {subjects.DIGEST: digest.daily, subjects.PICTURE: digest.weekly, subjects.WEEK: digest.week_ahead}
"""The subjects with a fixed time of the day."""


@dataclass(frozen=True)
class DueSubject:
    """A subject that is due, with the steps that follow from its facts."""

    subject: str
    name: SubjectName | None
    due: DueSteps
    facts: Any = None
    called: frozenset[str] = frozenset()
    """Who was called when an escalation began to wait (Slack ids)."""
    deadline: Deadline | None = None
    """The deadline that runs for an escalation."""


@dataclass(frozen=True)
class ReadBatch:
    """What was read for all subjects of one transaction."""

    escalations: Mapping[int, Any]  # rows that are not converted yet: an invalid one must not fail the others
    histories: Mapping[int, Sequence[Any]]  # the same
    gaps: Mapping[int, GapRecord]
    made_between: Mapping[str, Time]
    first_plan: datetime | None = None
    last_answers: Mapping[str, datetime] = field(default_factory=dict)
    last_announced: tuple[int, str] = (0, "")
    """The position of the newest message that said who is on call, and the hash of what it said."""
    called: Mapping[int, frozenset[str]] = field(default_factory=dict)
    owned: Mapping[str, int] = field(default_factory=dict)
    gone: Collection[str] = ()
    returned_facts: returned.ReturnedFacts | None = None
    remediations: Mapping[int, Remediation] = field(default_factory=dict)
    cards: Collection[str] = ()
    """The handovers whose card is in Slack."""


def read_facts(
    connection: Connection, due: Mapping[str, datetime], snapshot: OnCallSnapshot, settings: ReminderSettings,
    policies: VendorPolicies, now: datetime,
) -> "DueFacts":  # fmt: skip
    """Read what the steps of the due subjects depend on."""
    names, unreadable = subjects.read_names(due)
    cases = [name.number for name in names.values() if isinstance(name, EscalationName | ReviewName)]
    gap_names = {name.number: subject for subject, name in names.items() if isinstance(name, GapName)}
    gaps, invalid_gaps = gap_register.find_records(connection, gap_names) if gap_names else ({}, {})
    unreadable |= {gap_names[number]: error for number, error in invalid_gaps.items()}
    escalations = escalation_rows.find_rows(connection, cases) if cases else {}
    weeks = snapshot.holiday_weeks if subjects.HOLIDAY_REVIEW in due else None
    departed = [name.user for name in names.values() if isinstance(name, DepartureName)]
    batch = ReadBatch(
        escalations=escalations,
        histories=history_rows.find_timeline_rows(connection, list(escalations)) if escalations else {},
        gaps=gaps,
        made_between=find_due_ranges(connection, due),
        first_plan=rota_versions.find_first_saved(connection) if weeks is not None else None,
        last_answers=_find_last_answers(connection, weeks or ()),
        last_announced=_find_last_announced(connection) if subjects.DUTY in due else (0, ""),
        called=_find_called(connection, escalations) if escalations else {},
        owned=escalation_rows.count_open_by_owner(connection, set(departed)) if departed else {},
        gone=departures.find_absent_users(connection) if departed else (),
        returned_facts=_find_returned(connection, settings, now) if subjects.RETURNED in due else None,
        remediations=records.find_all(connection) if any(isinstance(n, OF_REMEDIATION) for n in names.values()) else {},
        cards=message_queries.find_posted(connection, due, MessageKind.HANDOVER) if settings.reach.people else (),
    )
    return DueFacts(names, unreadable, batch, snapshot, settings, policies, now)


def _find_last_announced(connection: Connection) -> tuple[int, str]:
    return message_queries.find_last_step(connection, subjects.DUTY, MessageKind.ON_NOW)


def _find_called(connection: Connection, escalations: Mapping[int, RowMapping]) -> Mapping[int, frozenset[str]]:
    """Return who was called about these escalations when their present waiting began."""
    called: dict[int, set[str]] = defaultdict(set)
    for call in message_queries.find_calls_to_people(connection, escalations):
        escalation_row = escalations[call.number]
        if call.user and call.created_at == (escalation_row["waiting_since"] or escalation_row["raised_at"]):
            called[call.number].add(call.user)
    return {number: frozenset(users) for number, users in called.items()}


def _find_last_answers(connection: Connection, weeks: Iterable[HolidayWeek]) -> Mapping[str, datetime]:
    """Return when somebody last answered about each of these weeks."""
    names = [week_name(week) for week in weeks]
    return availability.find_last_answers(connection, names) if names else {}


def _find_returned(connection: Connection, settings: ReminderSettings, now: datetime) -> returned.ReturnedFacts:
    """Return how far the threshold of returned cases is passed, and what was said of it last."""
    counts = returned_cases.count_all(connection, find_window(now, settings.zone))
    level = find_level(*counts, settings.reminder_times.returned)
    return returned.ReturnedFacts(level, returned.find_last(find_step_names(connection, subjects.RETURNED)))


class DueFacts:
    """The facts of the due subjects of one transaction, and the steps that follow from them."""

    def __init__(
        self, names: Mapping[str, SubjectName | None], unreadable: Mapping[str, Exception], batch: ReadBatch,
        snapshot: OnCallSnapshot, settings: ReminderSettings, policies: VendorPolicies, now: datetime,
    ) -> None:  # fmt: skip
        self.unreadable = unreadable
        self.made_between = batch.made_between
        self._names, self._batch = names, batch
        self._snapshot, self._settings, self._policies, self._now = snapshot, settings, policies, now

    def find_steps(self, subject: str, since: datetime) -> DueSubject | None:
        """Return the steps of a subject that has been due ``since`` an instant; None when it does not exist any more.

        Raises whatever is wrong with its facts.
        """
        name = self._names[subject]
        finders: Mapping[type[Any], Callable[[str, Any], DueSubject | None]] = {
            EscalationName: self._escalation, GapName: self._gap, ShiftName: self._shift, HandoverName: self._handover,
            DepartureName: self._departure, ReturnedName: self._returned, RemediationName: self._remediation,
            RemediationActionName: self._remediation_action, ReviewName: self._review,
        }  # fmt: skip
        if find := finders.get(type(name)):
            return find(subject, name)
        return self._of_rota(subject, since)

    def _of_rota(self, subject: str, since: datetime) -> DueSubject | None:
        """Return the steps of a subject that stands for the rota as a whole, or that has a fixed time of the day."""
        if subject == subjects.DUTY:
            return self._duty(subject)
        if subject == subjects.HOLIDAY_REVIEW:
            return self._holiday_weeks(subject)
        schedule = SCHEDULES.get(subject)
        return DueSubject(subject, None, schedule(since, self._now, self._settings.zone)) if schedule else None

    def _escalation(self, subject: str, name: EscalationName) -> DueSubject | None:
        row = self._batch.escalations.get(name.number)
        case: Escalation | None = escalation_from(row) if row is not None else None
        if case is None:
            return None
        deadline = self._find_deadline(case)
        steps = escalation.find_steps(case, deadline, self._settings.reminder_times, self._now)
        return DueSubject(subject, name, steps, case, self._batch.called.get(case.number, frozenset()), deadline)

    def _find_deadline(self, case: Escalation) -> Deadline | None:
        entries = (timeline_entry_from(row) for row in self._batch.histories.get(case.number, ()))
        policy = self._policies.of_version(case.policy_version)
        return find_deadline_from_history(case, build_timeline(entries), policy, self._snapshot.is_workday)

    def _gap(self, subject: str, name: GapName) -> DueSubject | None:
        record = self._batch.gaps.get(name.number)
        if record is None:
            return None
        made = self.made_between.get(subject)
        facts = gap.GapFacts(
            subject, record.start, record.end, record.found_at, record.ended_at, made[1] if made else None
        )
        return DueSubject(subject, name, gap.find_steps(facts, self._now), record)

    def _shift(self, subject: str, name: ShiftName) -> DueSubject | None:
        facts = find_shift_facts(self._snapshot, name, self.made_between.get(subject))
        return DueSubject(subject, name, shift.find_steps(facts, self._now), facts) if facts else None

    def _handover(self, subject: str, name: HandoverName) -> DueSubject | None:
        planned = find_handover_facts(self._snapshot, name, self.made_between.get(subject))
        if planned is None:
            return None
        facts = replace(planned, looks=bool(self._settings.reach.people), has_card=subject in self._batch.cards)
        return DueSubject(subject, name, handover.find_steps(facts, self._now), facts)

    def _departure(self, subject: str, name: DepartureName) -> DueSubject:
        batch = self._batch
        facts = departure.DepartureFacts(
            subject, name.since, name.user in batch.gone, batch.owned.get(name.user, 0), subject in batch.made_between
        )
        to = Audience.LEADS if self._settings.leads else Audience.CHANNEL
        return DueSubject(subject, name, departure.find_steps(facts, to, self._now), facts)

    def _review(self, subject: str, name: ReviewName) -> DueSubject | None:
        row = self._batch.escalations.get(name.number)
        if row is None:
            return None
        facts = review.ReviewFacts(escalation_from(row), subject in self.made_between)
        to = Audience.LEADS if self._settings.leads else Audience.CHANNEL
        return DueSubject(subject, name, review.find_steps(facts, to, self._now), facts)

    def _remediation(self, subject: str, name: RemediationName) -> DueSubject | None:
        record = self._batch.remediations.get(name.number)
        if record is None:
            return None
        due = remediation.find_record_steps(record, self._now, self._settings.zone)
        return DueSubject(subject, name, self._leave_out_end(subject, due), record)

    def _remediation_action(self, subject: str, name: RemediationActionName) -> DueSubject | None:
        record = self._batch.remediations.get(name.number)
        action = record.action(name.action) if record else None
        if record is None or action is None:
            return None
        due = remediation.find_action_steps(record, action, self._now, self._settings.zone)
        return DueSubject(subject, name, self._leave_out_end(subject, due), action)

    def _leave_out_end(self, subject: str, due: DueSteps) -> DueSteps:
        """Return the steps without the end of a subject of which nothing was said: nothing is left to redraw."""
        if subject in self.made_between:
            return due
        return replace(due, steps=[step for step in due.steps if step.step != OVER])

    def _returned(self, subject: str, name: ReturnedName) -> DueSubject | None:
        """Look each morning, because cases leave the window, and whenever one is returned."""
        facts, next_look = self._batch.returned_facts, digest.daily(self._now, self._now, self._settings.zone).next_due
        to = Audience.LEADS if self._settings.leads else Audience.CHANNEL
        return DueSubject(subject, name, returned.find_steps(facts, to, self._now, next_look), facts) if facts else None

    def _duty(self, subject: str) -> DueSubject:
        """Announce who is on call whenever it differs from the last announcement."""
        snapshot, now = self._snapshot, self._now
        edges = (edge for shift in snapshot.shifts for edge in (shift.start, shift.end) if edge > now)
        gap_edges = (edge for gap in snapshot.gaps for edge in (gap.start, gap.end) if edge > now)
        # A press is in the future when a clock that was ahead wrote it, or this one is behind.
        presses = (event.at for event in snapshot.shift_events if event.at > now)
        following = min(chain(edges, gap_edges, presses), default=None)
        if not snapshot.rota.seats:
            return DueSubject(subject, None, DueSteps((), following))
        on_call = list(self._find_on_call())
        below = (f"{gap.seat}!{gap.reason}" for gap in snapshot.gaps_at(now) if gap.kind is not UNCOVERED)
        described = "|".join([*(f"{slot.name}={person}@{since}" for slot, person, since in on_call), *sorted(below)])
        digest_, (position, last_digest) = (
            hashlib.sha256(described.encode()).hexdigest()[:20], self._batch.last_announced,
        )  # fmt: skip
        if digest_ == last_digest:
            return DueSubject(subject, None, DueSteps((), following))
        due_at = max((since for *_, since in on_call if since), default=snapshot.planned_at)
        to = frozenset({Audience.CHANNEL})
        # The position makes it another reminder when the same people are on call again later.
        step = ReminderStep(subject, digest_, due_at, MessageKind.ON_NOW, to, own_name=f"{digest_}.{position + 1}")
        return DueSubject(subject, None, DueSteps([step], following))

    def _holiday_weeks(self, subject: str) -> DueSubject:
        """Return the steps of all holiday weeks ahead.

        They are due each morning, because the days of a week may be announced or corrected.
        """
        zone, now = self._settings.zone, self._now
        since = self._batch.first_plan or self._snapshot.planned_at
        weeks = [
            holiday_review.find_steps(
                WeekFacts(name, week.start, since, self._find_last_change(week, name, since)), now, zone
            )
            for week in self._snapshot.holiday_weeks
            for name in [week_name(week)]
        ]  # fmt: skip
        steps = list(chain.from_iterable(week.steps for week in weeks))
        next_due = (at for at in (digest.daily(now, now, zone).next_due, *(week.next_due for week in weeks)) if at)
        return DueSubject(subject, None, DueSteps(steps, min(next_due, default=None)))

    def _find_last_change(self, week: HolidayWeek, name: str, since: datetime) -> datetime:
        """Return when something last changed that the card of a week shows: the plan, an override or an answer."""
        state = self._snapshot.rota_state
        overrides = state.overrides if state else ()
        by_id = {override.id: override for override in overrides}
        begins, ends = week.times(self._snapshot.rota.zone)
        # A cancellation counts for the time of the override it cancels.
        effective = [(by_id.get(override.of or 0, override), override.at) for override in overrides]
        changes = (at for override, at in effective if override.start < ends and begins < override.end)
        return max(self._snapshot.planned_at, self._batch.last_answers.get(name, since), *changes)

    def _find_on_call(self) -> Iterator[tuple[Slot, str, datetime | None]]:
        """Yield who is responsible in each slot now, and since when; None for longer than the snapshot reaches."""
        begin = self._snapshot.at - timedelta(days=10)
        runs: dict[Slot, tuple[str, datetime]] = {}
        for interval in self._snapshot.find_intervals(begin, self._now + timedelta(seconds=1)):
            if interval.slot not in runs or runs[interval.slot][0] != interval.person:
                runs[interval.slot] = (interval.person, interval.start)
        for slot, (person, since) in sorted(runs.items(), key=lambda run: (run[0].seat, run[0].number)):
            yield slot, person, since if since > begin else None


def week_name(week: HolidayWeek) -> str:
    """Return the name of a holiday week."""
    return subjects.holiday_review(week.festival, week.start.year)
