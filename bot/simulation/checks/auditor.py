"""Judges a simulation by what could be seen in Slack, against a rota worked out minute by minute (``minutes``).

It asks neither the vigil nor its ladders what was owed: the few times it needs are written here once more.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from sqlalchemy import select

from bot.simulation.checks.evidence import HOUR, LATE, PROMPT, Evidence, Violation, whole
from bot.simulation.checks.holidays import rehearsals
from bot.simulation.checks.labels import case, clock, span, subject
from bot.simulation.checks.observed import ObservedGap, ObservedMessage
from bot.simulation.checks.on_call import standing
from bot.simulation.checks.recurring import rounds, silent_cases, unconfirmed
from bot.simulation.checks.reference_rota import MINUTE, ReferenceInterval
from bot.simulation.world import World
from handlers.i18n.words import N_
from models.rules.delivery import UNFINISHED, DeliveryState, MessageKind
from models.rules.policy.reminders import ReminderTimes
from models.rules.reminders import subjects
from models.store.oncall_tables import LEDGER, PREFERENCE
from models.store.tables import HISTORY, OUTBOX

USUAL = (24 * 60, 60, 10)
"""Minutes before a shift at which its person is reminded; of a confirmed one only at the last."""
OPEN_GAP, OPEN_HANDOVER = timedelta(minutes=15), timedelta(minutes=30)
"""How often one hears of a gap that is open, and of a handover that is not complete, at least."""


class Auditor:
    """Judges a world as it stands now."""

    def __init__(self, world: World, start: datetime) -> None:
        self._all = Evidence(world, start)
        self._start, self._end = start, self._all.end
        self._shade = self._all.shade
        self.minutes = self._all.minutes

    def violations(self) -> list[Violation]:
        """Every promise that was broken, oldest first."""
        found = [
            *self._doubles(), *self._unreported(), *self._silent_gaps(), *self._unreminded(), *self._handovers(),
            *self._called_late(), *self._unacknowledged(), *self._ledger(), *self._stuck(), *self._surprises(),
            *rounds(self._all), *silent_cases(self._all), *unconfirmed(self._all), *standing(self._all),
            *rehearsals(self._all),
        ]  # fmt: skip
        return sorted(found, key=lambda one: one.at)

    # Messages ------------------------------------------------------------------------------------------------------

    def _doubles(self) -> Iterator[Violation]:
        marks = Counter(one.mark for one in self._all.seen)
        for one in self._all.seen:
            if marks.pop(one.mark, 1) > 1:
                yield Violation(N_("sent twice"), one.at, f"{subject(one.subject)} ({one.what})")

    def _stuck(self) -> Iterator[Violation]:
        for row in self._all.rows(select(OUTBOX)):
            waits = row.state in UNFINISHED and self._shade.light(row.created_at, self._end) > HOUR
            if row.state == DeliveryState.DEAD or waits:
                about = f"CSP-{row.number}" if row.number else subject(row.subject or row.note)
                yield Violation(N_("a message was not sent"), row.created_at, f"{about} ({row.what}, {row.state})")

    def _surprises(self) -> Iterator[Violation]:
        for entry in self._all.world.sandbox.slack.notices.surprises.entries:
            if entry["kind"] != "not_acked":
                yield Violation(N_("the local Slack was surprised"), self._end, f"{entry['kind']} {entry['detail']}")

    # Gaps ----------------------------------------------------------------------------------------------------------

    def _gaps(self) -> Iterator[tuple[ReferenceInterval, list[ObservedGap]]]:
        """Each gap of a seat, with the messages about it."""
        for seat in self.minutes.lived:
            told = [one for one in self._all.told if one.seat == seat]
            for gap in self.minutes.gaps(seat):
                yield gap, [one for one in told if one.start < gap.end and gap.start < one.end + MINUTE]

    def _unreported(self) -> Iterator[Violation]:
        for gap, told in self._gaps():
            known = max(gap.since, self._start)
            by = self._shade.after(known, PROMPT)
            if min(by, gap.end) > self._end or gap.end - max(gap.start, known) <= 2 * MINUTE:
                continue
            lasted = gap.end >= by or self._shade.light(max(known, gap.start), gap.end) == timedelta()
            if lasted and not any(one.at <= max(by, self._shade.after(gap.end, PROMPT)) for one in told):
                yield Violation(N_("a gap nobody heard of"), gap.start, f"{gap}")
            elif lasted and gap.end >= by and not any(one.at <= by for one in told):
                yield Violation(N_("a gap heard of late"), gap.start, f"{gap}")

    def _silent_gaps(self) -> Iterator[Violation]:
        for gap, told in self._gaps():
            heard = [one.at for one in told]
            for begins, ends in self._all.silences(max(gap.start, gap.since), gap.end, heard, OPEN_GAP + LATE):
                yield Violation(N_("an open gap was not spoken of"), begins, f"{gap.seat}, {span(begins, ends)}")

    # Shifts --------------------------------------------------------------------------------------------------------

    def _shifts(self) -> Iterator[ReferenceInterval]:
        for seat in self.minutes.lived:
            for shift in self.minutes.shifts(seat):
                if shift.cell and not shift.cell.absent and self._start < shift.start < self._end:
                    yield shift

    def _unreminded(self) -> Iterator[Violation]:
        by_shift: dict[tuple[str, str, datetime], list[ObservedMessage]] = {}
        for one in self._all.seen:
            if one.subject.startswith(subjects.SHIFT):
                name = subjects.shift_of(one.subject)
                by_shift.setdefault((name.place.seat, name.person, whole(name.start)), []).append(one)
        wishes = self._all.rows(select(PREFERENCE).order_by(PREFERENCE.c.id))
        for shift in self._shifts():
            cell = shift.cell
            assert cell is not None  # noqa: S101 - only such are asked for
            user = self._all.world.plan.members[cell.member].slack_id
            told = by_shift.get((shift.seat, cell.member, shift.start), [])
            mine = [one for one in told if one.user == user]
            said = self._all.pressed.get((shift.seat, shift.start, "there"))
            wished = _wished(wishes, user, shift.start)
            for minutes in wished:
                due = shift.start - minutes * MINUTE
                is_settled = wished is USUAL and minutes != min(USUAL) and said and said <= due + PROMPT
                if due > max(shift.since, self._start) and not is_settled:
                    yield from self._unsent(shift, due, f"/{minutes}min", mine)

    def _unsent(
        self, shift: ReferenceInterval, due: datetime, step: str, mine: Sequence[ObservedMessage]
    ) -> Iterator[Violation]:
        """One reminder that was owed: sent in time, or sent late and saying so, or spoken for by one that says so."""
        about = f"{shift} ({step})"
        own = [one for one in mine if any(key.endswith(step) for key in one.keys)]
        if len(own) > 1:
            yield Violation(N_("reminded twice"), due, about)
        if own and self._shade.light(own[0].at, due) > MINUTE:
            yield Violation(N_("reminded too early"), due, f"{about}, {clock(own[0].at)}")
        prompt = [one for one in own if one.at - due <= LATE or one.says_late]
        spoken_for = [one for one in mine if one.at > due and one.says_late]
        if own and not prompt and self._shade.light(due - LATE, own[0].at) > 2 * LATE:
            yield Violation(N_("late without a word"), due, f"{about}, {clock(own[0].at)}")
        if not own and not spoken_for and self._shade.light(due, min(shift.start, self._end)) > PROMPT / 3:
            yield Violation(N_("not reminded"), due, about)

    def _handovers(self) -> Iterator[Violation]:
        """A handover that lacks a press is spoken of again and again."""
        pressed = self._all.pressed
        heard: dict[tuple[str, datetime], list[datetime]] = {}
        for one in self._all.seen:
            if one.subject.startswith(subjects.HANDOVER):
                name = subjects.handover_of(one.subject)
                heard.setdefault((name.place.seat, whole(name.at)), []).append(one.at)
        for before, shift in self._changes_of_person():
            held, took = (pressed.get((shift.seat, shift.start, kind)) for kind in ("hand_over", "take_over"))
            if (before.seat, before.start, "there") not in pressed or shift.since > shift.start - HOUR:
                continue
            done = max(held, took) if held and took else shift.end
            told = heard.get((shift.seat, shift.start), [])
            for begins, ends in self._all.silences(shift.start, min(done, shift.end), told, OPEN_HANDOVER + LATE):
                yield Violation(N_("a handover that waits was not spoken of"), begins, f"{shift}: {span(begins, ends)}")

    def _changes_of_person(self) -> Iterator[tuple[ReferenceInterval, ReferenceInterval]]:
        for seat in self.minutes.lived:
            standing = [one for one in self.minutes.shifts(seat) if one.cell and not one.cell.absent]
            for before, shift in pairwise(standing):
                same = before.cell and shift.cell and before.cell.member == shift.cell.member
                if before.end == shift.start and not same and self._start < shift.start < self._end:
                    yield before, shift

    # Escalations ---------------------------------------------------------------------------------------------------

    def _called_late(self) -> Iterator[Violation]:
        """Whoever is called at once has the message at once, while Slack and the bot are there."""
        for row in self._all.rows(select(OUTBOX).where(OUTBOX.c.what == MessageKind.CALL)):
            sent = row.settled_at or self._end
            if self._shade.light(row.created_at, sent) > LATE:
                yield Violation(N_("a call came late"), row.created_at, f"CSP-{row.number}, {clock(sent)}")

    def _unacknowledged(self) -> Iterator[Violation]:
        """Whatever nobody took in time was spoken of, and then again and again."""
        policy = self._all.world.config.pages.reminder_times
        heard: dict[str, list[datetime]] = {}
        for one in self._all.seen:
            if one.what == MessageKind.REMINDER:
                heard.setdefault(one.subject, []).append(one.at)
        for number, severity, begins, ends in self._waits(self._end):
            due = begins + policy.acknowledge[severity]
            told = heard.get(f"escalation:{number}", [])
            if ends > due + MINUTE:
                yield from self._unspoken(number, (due, ends), told, policy, severity)

    def _unspoken(
        self,
        number: int,
        waited: tuple[datetime, datetime],
        told: Sequence[datetime],
        policy: ReminderTimes,
        severity: str,
    ) -> Iterator[Violation]:
        first = self._shade.after(waited[0], PROMPT)
        if waited[1] > first and not any(waited[0] - MINUTE <= one <= first for one in told):
            yield Violation(N_("nobody was reminded of an escalation"), waited[0], case(number, severity))
        most = policy.repeat[severity].cap + PROMPT
        for begins, ends in self._all.silences(waited[0], waited[1], told, most):
            yield Violation(N_("an escalation was forgotten"), begins, case(number, severity, begins, ends))

    def _waits(self, end: datetime) -> Iterator[tuple[int, str, datetime, datetime]]:
        """Each time an escalation waited to be acknowledged."""
        waiting: dict[int, tuple[str, datetime]] = {}
        severities: dict[int, str] = {}
        for row in self._all.rows(select(HISTORY).order_by(HISTORY.c.at, HISTORY.c.number, HISTORY.c.seq)):
            severities[row.number] = row.changes.get("severity", severities.get(row.number, "C"))
            begun = waiting.pop(row.number, None)
            if begun and row.move in {"note", "tell", "correct", "snooze", "wake"}:
                waiting[row.number] = begun
            elif begun:
                yield row.number, *begun, row.at
            if row.move in {"raise", "hand_over", "reopen"}:
                waiting[row.number] = (severities[row.number], row.at)
        for number, begun in waiting.items():
            yield number, *begun, end

    # The ledger ----------------------------------------------------------------------------------------------------

    def _ledger(self) -> Iterator[Violation]:
        """Its hours add up, and it says of no minute that somebody stood where nobody did, or the other way round."""
        for seat in self.minutes.lived:
            rows = self._all.rows(
                select(LEDGER).where(LEDGER.c.seat == seat, ~LEDGER.c.corrects).order_by(LEDGER.c.start)
            )
            at = self._start
            for row in rows:
                if row.start != at:
                    yield Violation(N_("the ledger has a hole or an overlap"), at, f"{seat}, {clock(row.start)}")
                at = row.end
                yield from self._misjudged(seat, row)
            if self._shade.light(at, self._end) > timedelta(days=2):
                yield Violation(N_("the ledger was not kept"), at, seat)

    def _misjudged(self, seat: str, row: Any) -> Iterator[Violation]:
        """Whole minutes only: within the others a change was made."""
        first = max(0, -((self._start - row.start) // MINUTE))
        last = (min(row.end, self._end) - self._start) // MINUTE
        wrong = [m for m in range(first, last) if self._differs(seat, m, row)]
        if wrong:
            told = f"{seat}, {row.person or '–'}, {span(row.start, row.end)} ({row.evidence}): {len(wrong)} min"
            yield Violation(N_("the ledger errs"), self.minutes.at(wrong[0]), told)

    def _differs(self, seat: str, minute: int, row: Any) -> bool:
        """Whether an entry can't be true: it names nobody where somebody stood, or somebody where nobody did."""
        empty = self.minutes.is_empty(seat, minute)
        stayed = row.evidence.startswith("watch:")  # who was not relieved stays on
        return (row.verdict == "uncovered") != empty and not (empty and stayed)


def _wished(wishes: Iterable[Any], user: str, start: datetime) -> Sequence[int]:
    """When somebody is reminded of a shift; nothing is said of shifts around which they changed their mind."""
    mine = [row for row in wishes if row.user == user]
    if any(start - timedelta(days=8) < row.at < start for row in mine):
        return ()
    before = [row for row in mine if row.at <= start]
    return tuple(before[-1].reminders) if before else USUAL
