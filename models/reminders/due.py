"""Compute which steps of a subject are owed by now.

Facts come from the store and the snapshot, rules from ``models.rules.reminders``. This module only reads. It does not
leave out the reminders that were made before.
"""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import chain
from typing import Any

from sqlalchemy import Connection, RowMapping, bindparam, select

from models.escalations import escalation_rows
from models.oncall import availability, gap_register, rota_versions
from models.oncall.snapshot import OnCallSnapshot
from models.reminders import no_successor
from models.reminders.log import Time, made_between
from models.reminders.settings import ReminderSettings
from models.rules.delivery import Audience, MessageKind
from models.rules.escalations.escalation import Escalation
from models.rules.reminders import departure, digest, escalation, gap, handover, holiday_review, shift, subjects
from models.rules.reminders.handover import CARD_BEFORE, HandoverFacts
from models.rules.reminders.holiday_review import WeekFacts
from models.rules.reminders.shift import ShiftFacts
from models.rules.reminders.step import DueSteps, ReminderStep
from models.rules.rota.gaps import GapKind
from models.rules.rota.holidays import HolidayWeek
from models.rules.rota.on_call import Handover, ShiftEventKind, Slot, find_confirmation
from models.rules.rota.shifts import Shift
from models.store import departures
from models.store.tables import OUTBOX, escalation_from

# Built once: putting a statement together costs more than running it.
LAST_TOLD = (
    select(OUTBOX.c.position, OUTBOX.c.step)
    .where(OUTBOX.c.subject == subjects.DUTY, OUTBOX.c.what == MessageKind.ON_NOW)
    .order_by(OUTBOX.c.position.desc())
    .limit(1)
)
CALLED = (
    select(OUTBOX.c.number, OUTBOX.c.user, OUTBOX.c.created_at)
    .where(OUTBOX.c.number.in_(bindparam("numbers", expanding=True)), OUTBOX.c.what == MessageKind.CALL)
    .where(OUTBOX.c.user.is_not(None))
)
UNCOVERED = GapKind.UNCOVERED


@dataclass(frozen=True)
class DueSubject:
    """A subject that is looked at: what is owed of it, the facts its messages are addressed by, and who was ``called``
    when it began to wait.
    """

    name: str
    owed: DueSteps
    facts: Any = None
    called: frozenset[str] = frozenset()


@dataclass(frozen=True)
class ReadBatch:
    """What was read for all the subjects of one look at once. A row that can't be read is an error, at its place."""

    escalations: Mapping[int, Any]
    gaps: Mapping[int, Any]
    made_between: Mapping[str, Time]
    first_plan: datetime | None = None
    last_words: Mapping[str, datetime] = field(default_factory=dict)
    last_told: tuple[int, str] = (0, "")
    """The position of the newest message that said who is on call, and the hash of what it said."""
    called: Mapping[int, frozenset[str]] = field(default_factory=dict)
    owned: Mapping[str, int] = field(default_factory=dict)
    gone: Collection[str] = ()


def read(connection: Connection, names: Collection[str], snapshot: OnCallSnapshot) -> ReadBatch:
    """Read what the subjects of one look need."""
    cases = subjects.numbers(subjects.ESCALATION, names)
    numbers = subjects.numbers(subjects.GAP, names)
    escalations = escalation_rows.find_rows(connection, cases)
    return ReadBatch(
        escalations,
        gap_register.find_rows(connection, numbers) if numbers else {},
        made_between(connection, names),
        *(_of_weeks(connection, snapshot.holiday_weeks) if subjects.REHEARSAL in names else (None, {})),
        _last_told(connection) if subjects.DUTY in names else (0, ""),
        _called(connection, escalations) if escalations else {},
        *_of_departures(connection, names),
    )


def _last_told(connection: Connection) -> tuple[int, str]:
    row = connection.execute(LAST_TOLD).first()
    return (row.position, row.step or "") if row else (0, "")


def _called(connection: Connection, escalations: Mapping[int, RowMapping]) -> Mapping[int, frozenset[str]]:
    """Who was called about these escalations when they began to wait as they wait now."""
    called: dict[int, set[str]] = defaultdict(set)
    for row in connection.execute(CALLED, {"numbers": list(escalations)}):
        escalation_row = escalations[row.number]
        if row.created_at == (escalation_row["waiting_since"] or escalation_row["raised_at"]):
            called[row.number].add(row.user)
    return {number: frozenset(users) for number, users in called.items()}


def _of_departures(connection: Connection, names: Iterable[str]) -> tuple[Mapping[str, int], Collection[str]]:
    """How many open escalations each of those owns who left, and who is gone now."""
    users = {subjects.left_of(name)[0] for name in names if name.startswith(subjects.LEFT)}
    if not users:
        return {}, ()
    owned = escalation_rows.count_open_by_owner(connection, users)
    return owned, departures.find_absent_users(connection)


def _of_weeks(connection: Connection, weeks: Iterable[HolidayWeek]) -> tuple[datetime | None, Mapping[str, datetime]]:
    """When there was a rota first, and when somebody last offered to work in each of these weeks."""
    first = rota_versions.find_first_saved(connection)
    return first, availability.find_last_answers(connection, [week_name(week) for week in weeks])


class DueReminders:
    """Looks at one subject after another. ``due`` is since when it has been due on the agenda."""

    def __init__(self, snapshot: OnCallSnapshot, services: ReminderSettings, now: datetime) -> None:
        self._snapshot, self._services, self._now = snapshot, services, now

    def of(self, name: str, due: datetime, batch: ReadBatch) -> DueSubject | None:
        """What is owed of a subject; None when it is not there any more. Raises whatever is wrong with its facts."""
        for beginning, look in self._looks(batch):
            if name.startswith(beginning):
                return look(name)
        if name == subjects.DUTY:
            return self._duty(name, batch.last_told)
        if name == subjects.REHEARSAL:
            return self._rehearsals(batch)
        rhythm = {
            subjects.DIGEST: digest.daily, subjects.PICTURE: digest.weekly, subjects.WEEK: digest.week_ahead,
        }.get(name)  # fmt: skip
        return DueSubject(name, rhythm(due, self._now, self._services.zone)) if rhythm else None

    def _looks(self, batch: ReadBatch) -> Iterator[tuple[str, Callable[[str], DueSubject | None]]]:
        yield subjects.ESCALATION, lambda name: self._escalation(name, batch)
        yield subjects.GAP, lambda name: self._gap(name, batch)
        yield subjects.SHIFT, lambda name: self._shift(name, batch.made_between.get(name))
        yield subjects.HANDOVER, lambda name: self._handover(name, batch.made_between.get(name))
        yield subjects.LEFT, lambda name: self._departure(name, batch)

    def _escalation(self, name: str, batch: ReadBatch) -> DueSubject | None:
        row = batch.escalations.get(subjects.number_of(name))
        case: Escalation | None = escalation_from(row) if row is not None else None
        if case is None:
            return None
        called = batch.called.get(case.number, frozenset())
        return DueSubject(name, escalation.ladder(case, self._services.reminder_times, self._now), case, called)

    def _gap(self, name: str, batch: ReadBatch) -> DueSubject | None:
        row = batch.gaps.get(subjects.number_of(name))
        if row is None:
            return None
        kept = gap_register.gap_from(row)
        made = batch.made_between.get(name)
        facts = gap.GapFacts(kept.number, kept.start, kept.end, kept.found_at, kept.ended_at, made[1] if made else None)
        return DueSubject(name, gap.ladder(facts, self._now), kept)

    def _shift(self, name: str, made: Time | None) -> DueSubject | None:
        facts = shift_facts(self._snapshot, subjects.shift_of(name), made)
        return DueSubject(name, shift.ladder(facts, self._now), facts) if facts else None

    def _handover(self, name: str, made: Time | None) -> DueSubject | None:
        facts = handover_facts(self._snapshot, subjects.handover_of(name), made)
        return DueSubject(name, handover.ladder(facts, self._now), facts) if facts else None

    def _departure(self, name: str, batch: ReadBatch) -> DueSubject:
        user, since = subjects.left_of(name)
        facts = departure.DepartureFacts(
            name, since, user in batch.gone, batch.owned.get(user, 0), name in batch.made_between
        )
        to = Audience.LEADS if self._services.leads else Audience.CHANNEL
        return DueSubject(name, departure.ladder(facts, to, self._now), facts)

    def _duty(self, name: str, last_told: tuple[int, str]) -> DueSubject:
        """Who is on is told once each time it differs from what was told last, also when it is as it once was."""
        snapshot = self._snapshot
        edges = (edge for shift in snapshot.shifts for edge in (shift.start, shift.end) if edge > self._now)
        gap_edges = (edge for gap in snapshot.gaps for edge in (gap.start, gap.end) if edge > self._now)
        following = min(chain(edges, gap_edges), default=None)
        standing = list(self.standing())
        if not self._snapshot.rota.seats:
            return DueSubject(name, DueSteps((), following))
        below = (f"{gap.seat}!{gap.reason}" for gap in self._snapshot.gaps_at(self._now) if gap.kind is not UNCOVERED)
        described = "|".join([*(f"{place.name}={person}@{since}" for place, person, since in standing), *sorted(below)])
        facts, (position, last_facts) = hashlib.sha256(described.encode()).hexdigest()[:20], last_told
        if facts == last_facts:
            return DueSubject(name, DueSteps((), following))
        due_at = max((since for *_, since in standing if since), default=self._snapshot.planned_at)
        to = frozenset({Audience.CHANNEL})
        # The position makes it another reminder when the same people are on call again later.
        step = ReminderStep(name, facts, due_at, MessageKind.ON_NOW, to, own_name=f"{facts}.{position + 1}")
        return DueSubject(name, DueSteps([step], following))

    def _rehearsals(self, batch: ReadBatch) -> DueSubject:
        """All holiday weeks ahead; looked at each morning, because their days may be announced or corrected."""
        zone, now = self._services.zone, self._now
        since = batch.first_plan or self._snapshot.planned_at
        owed = [
            holiday_review.ladder(
                WeekFacts(name, week.start, since, self._changed(week, batch.last_words.get(name, since))), now, zone
            )
            for week in self._snapshot.holiday_weeks
            for name in [week_name(week)]
        ]  # fmt: skip
        steps = list(chain.from_iterable(due_steps.steps for due_steps in owed))
        looks = (
            at for at in (digest.daily(now, now, zone).next_due, *(due_steps.next_due for due_steps in owed)) if at
        )
        return DueSubject(subjects.REHEARSAL, DueSteps(steps, min(looks, default=None)))

    def _changed(self, week: HolidayWeek, said: datetime) -> datetime:
        """When something last differed that the card of a week shows: the plan, a change in it, a word of somebody."""
        state = self._snapshot.rota_state
        changes = state.overrides if state else ()
        by_id = {change.id: change for change in changes}
        begins, ends = week.times(self._snapshot.rota.zone)
        meant = [(by_id.get(change.of or 0, change), change.at) for change in changes]
        return max(self._snapshot.planned_at, said, *(at for one, at in meant if one.start < ends and begins < one.end))

    def standing(self) -> Iterator[tuple[Slot, str, datetime | None]]:
        """Who is responsible in each place now, and since when; None since longer than is known here."""
        begin = self._snapshot.at - timedelta(days=10)
        runs: dict[Slot, tuple[str, datetime]] = {}
        for stretch in self._snapshot.find_intervals(begin, self._now + timedelta(seconds=1)):
            if stretch.slot not in runs or runs[stretch.slot][0] != stretch.person:
                runs[stretch.slot] = (stretch.person, stretch.start)
        for place, (person, since) in sorted(runs.items(), key=lambda run: (run[0].seat, run[0].number)):
            yield place, person, since if since > begin else None


def shift_facts(snapshot: OnCallSnapshot, name: subjects.ShiftName, made: Time | None = None) -> ShiftFacts | None:
    """What the ladder needs to know of a shift; None when it is not planned so any more, or nobody can be reminded."""
    planned = snapshot.shift(name.place, name.start, name.person)
    user = snapshot.user_of(name.person)
    if planned is None or not user:
        return None
    said = find_confirmation(planned, snapshot.shift_events)
    handed = any(handover.incoming == planned for handover in snapshot.handovers)
    since, after = _since(snapshot, planned, made), made[1] if made else None
    return ShiftFacts(
        name, planned.end, user, snapshot.reminder_minutes(user), since, said.at if said else None, handed, after,
        snapshot.has_chosen(user), **_of_its_end(snapshot, planned),
        relieves=no_successor.on_before_gap(snapshot, planned),
    )  # fmt: skip


def _of_its_end(snapshot: OnCallSnapshot, shift: Shift) -> dict[str, Any]:
    """What the ladder needs to know of the end of a shift that nobody follows; nothing of any other."""
    gap = no_successor.gap_after(snapshot, shift)
    if gap is None:
        return {}
    place = Slot(shift.seat, shift.slot_number)
    said = (
        press
        for press in snapshot.shift_events
        if press.kind is ShiftEventKind.CANNOT_STAY and press.shift_start == shift.start
    )
    cannot = next((one.at for one in said if (one.slot, one.person) == (place, shift.member)), None)
    since, on_at_end = no_successor.known_since(snapshot, shift), no_successor.on_at_end(snapshot, shift)
    until = min(gap.end, shift.end + no_successor.LONGEST_HOLE)
    return {"alone_since": since, "alone_until": until, "on_at_end": on_at_end, "cannot_stay_at": cannot}


def handover_facts(
    snapshot: OnCallSnapshot, name: subjects.HandoverName, made: Time | None = None
) -> HandoverFacts | None:
    """What the ladder needs to know of a handover; None when it is not due any more."""
    planned = next((handover for handover in snapshot.handovers if handover_name(handover) == name), None)
    if planned is None:
        return None
    outgoing, incoming = snapshot.user_of(name.outgoing), snapshot.user_of(name.incoming)
    unheard = find_confirmation(planned.incoming, snapshot.shift_events) is None
    since, after = _since(snapshot, planned.incoming, made), made[1] if made else None
    card_recipients = tuple(
        user for user in (outgoing, "" if _is_reminded(snapshot, incoming, planned.at, since) else incoming) if user
    )
    pressed = min((press.at for press in (planned.handed_over, planned.taken_over) if press), default=None)
    return HandoverFacts(
        name, planned.incoming.end, outgoing, incoming, since, card_recipients, unheard, pressed, planned.done_at, after
    )


def _since(snapshot: OnCallSnapshot, shift: Shift, made: Time | None) -> datetime:
    """Since when it is its person's. Whoever was reminded of it before had it before: another version of the rota in
    which it is the same does not make it new.
    """
    known_at = snapshot.assigned_at(shift)
    return min(known_at, made[0]) if made else known_at


def _is_reminded(snapshot: OnCallSnapshot, user: str, at: datetime, since: datetime) -> bool:
    """Whether a reminder of their own follows the card of a handover: it has the same button."""
    waits = (timedelta(minutes=lead) for lead in snapshot.reminder_minutes(user))
    return any(wait <= CARD_BEFORE and at - wait > since for wait in waits)


def week_name(week: HolidayWeek) -> str:
    """What a holiday week is called."""
    return subjects.rehearsal(week.festival, week.start.year)


def shift_name(planned: Shift) -> subjects.ShiftName:
    """What a shift is called."""
    return subjects.ShiftName(Slot(planned.seat, planned.slot_number), planned.start, planned.member)


def handover_name(planned: Handover) -> subjects.HandoverName:
    """What a handover is called."""
    return subjects.HandoverName(planned.slot, planned.at, planned.outgoing, planned.incoming.member)
