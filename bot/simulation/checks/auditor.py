"""Judge a simulation by what could be seen in Slack, against a rota that is worked out minute by minute.

The auditor never asks the reminder engine what is due: the few times it needs are defined here again.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from sqlalchemy import select

from bot.simulation.checks.audit_names import format_span, format_time, name_escalation, name_subject
from bot.simulation.checks.evidence import HOUR, LATE, PROMPT, Evidence, Violation, round_up_to_minute
from bot.simulation.checks.holidays import check_holiday_reviews
from bot.simulation.checks.on_call import check_responsible
from bot.simulation.checks.recurring_messages import check_digests, check_silent_escalations, check_unconfirmed_shifts
from bot.simulation.checks.reference_rota import MINUTE, ReferenceInterval
from bot.simulation.checks.seen_messages import ObservedGap, ObservedMessage
from bot.simulation.checks.told_elsewhere import check_pages
from bot.simulation.world import World
from handlers.i18n.words import N_
from models.rules.outbox.delivery import UNFINISHED, DeliveryState
from models.rules.outbox.message_kinds import MessageKind
from models.rules.policy.reminders import ReminderTimes
from models.rules.reminders import subjects
from models.store.oncall_tables import LEDGER, PREFERENCE
from models.store.tables import HISTORY, OUTBOX

USUAL = (24 * 60, 60, 10)
"""Minutes before a shift at which its person is reminded. After a confirmation only the last reminder is sent."""
OPEN_GAP, OPEN_HANDOVER = timedelta(minutes=15), timedelta(minutes=30)
"""How often an open gap and an incomplete handover are mentioned at least."""


class Auditor:
    """Judges a world as it is now."""

    def __init__(self, world: World, start: datetime) -> None:
        self._evidence = Evidence(world, start)
        self._start, self._end = start, self._evidence.end
        self._outages = self._evidence.outages
        self.rota = self._evidence.rota

    def find_violations(self) -> list[Violation]:
        """Return every promise that was broken, oldest first."""
        violations = [
            *self._find_duplicates(), *self._find_unsent_messages(), *self._find_surprises(),
            *self._find_unreported_gaps(), *self._find_silent_gaps(),
            *self._find_missing_reminders(), *self._find_silent_handovers(),
            *self._find_late_calls(), *self._find_silent_waits(), *self._check_ledger(),
            *check_digests(self._evidence), *check_silent_escalations(self._evidence),
            *check_unconfirmed_shifts(self._evidence), *check_responsible(self._evidence),
            *check_holiday_reviews(self._evidence),
            *check_pages(self._evidence, self._acknowledgement_waits(self._end)),
        ]  # fmt: skip
        return sorted(violations, key=lambda violation: violation.at)

    # Messages ------------------------------------------------------------------------------------------------------

    def _find_duplicates(self) -> Iterator[Violation]:
        counts = Counter(message.outbox_id for message in self._evidence.messages)
        for message in self._evidence.messages:
            if counts.pop(message.outbox_id, 1) > 1:
                yield Violation(N_("sent twice"), message.at, f"{name_subject(message.subject)} ({message.kind})")

    def _find_unsent_messages(self) -> Iterator[Violation]:
        for row in self._evidence.rows(select(OUTBOX).where(OUTBOX.c.what != MessageKind.PAGE)):
            waits = row.state in UNFINISHED and self._outages.measure_uptime(row.created_at, self._end) > HOUR
            if row.state == DeliveryState.DEAD or waits:
                about = f"CSP-{row.number}" if row.number else name_subject(row.subject or row.note)
                yield Violation(N_("a message was not sent"), row.created_at, f"{about} ({row.what}, {row.state})")

    def _find_surprises(self) -> Iterator[Violation]:
        for entry in self._evidence.world.sandbox.slack.notices.surprises.entries:
            if entry["kind"] != "not_acked":
                yield Violation(
                    N_("the local Slack got an unexpected request"), self._end, f"{entry['kind']} {entry['detail']}"
                )

    # Gaps ----------------------------------------------------------------------------------------------------------

    def _gaps(self) -> Iterator[tuple[ReferenceInterval, list[ObservedGap]]]:
        """Yield each gap of a seat with the messages about it."""
        for seat in self.rota.history:
            messages = [message for message in self._evidence.gap_messages if message.seat == seat]
            for gap in self.rota.gaps(seat):
                yield (
                    gap,
                    [message for message in messages if message.start < gap.end and gap.start < message.end + MINUTE],
                )

    def _find_unreported_gaps(self) -> Iterator[Violation]:
        for gap, messages in self._gaps():
            known_since = max(gap.since, self._start)
            by = self._outages.add_uptime(known_since, PROMPT)
            if min(by, gap.end) > self._end or gap.end - max(gap.start, known_since) <= 2 * MINUTE:
                continue
            lasted = gap.end >= by or self._outages.measure_uptime(max(known_since, gap.start), gap.end) == timedelta()
            if lasted and not any(
                message.at <= max(by, self._outages.add_uptime(gap.end, PROMPT)) for message in messages
            ):
                yield Violation(N_("a gap was not reported"), gap.start, f"{gap}")
            elif lasted and gap.end >= by and not any(message.at <= by for message in messages):
                yield Violation(N_("a gap was reported late"), gap.start, f"{gap}")

    def _find_silent_gaps(self) -> Iterator[Violation]:
        for gap, messages in self._gaps():
            heard = [message.at for message in messages]
            for begins, ends in self._evidence.find_silences(
                max(gap.start, gap.since), gap.end, heard, OPEN_GAP + LATE
            ):
                yield Violation(N_("an open gap got no reminder"), begins, f"{gap.seat}, {format_span(begins, ends)}")

    # Shifts --------------------------------------------------------------------------------------------------------

    def _shifts(self) -> Iterator[ReferenceInterval]:
        for seat in self.rota.history:
            for shift in self.rota.shifts(seat):
                if shift.cell and not shift.cell.absent and self._start < shift.start < self._end:
                    yield shift

    def _find_missing_reminders(self) -> Iterator[Violation]:
        by_shift: dict[tuple[str, str, datetime], list[ObservedMessage]] = {}
        for message in self._evidence.messages:
            if message.subject.startswith(subjects.SHIFT):
                name = subjects.shift_of(message.subject)
                by_shift.setdefault((name.place.seat, name.person, round_up_to_minute(name.start)), []).append(message)
        preferences = self._evidence.rows(select(PREFERENCE).order_by(PREFERENCE.c.id))
        for shift in self._shifts():
            cell = shift.cell
            assert cell is not None  # noqa: S101 - only such are asked for
            user = self._evidence.world.rota.members[cell.member].slack_id
            messages = by_shift.get((shift.seat, cell.member, shift.start), [])
            own_messages = [message for message in messages if message.user == user]
            confirmed_at = self._evidence.first_presses.get((shift.seat, shift.start, "confirmed"))
            offsets = _reminder_minutes(preferences, user, shift.start)
            for minutes in offsets:
                due = shift.start - minutes * MINUTE
                is_settled = (
                    offsets is USUAL and minutes != min(USUAL) and confirmed_at and confirmed_at <= due + PROMPT
                )
                if due > max(shift.since, self._start) and not is_settled:
                    yield from self._check_reminder(shift, due, f"/{minutes}min", own_messages)

    def _check_reminder(
        self, shift: ReferenceInterval, due: datetime, step: str, mine: Sequence[ObservedMessage]
    ) -> Iterator[Violation]:
        """Check one reminder: sent in time, or sent late and marked as late, or merged into one that is marked."""
        about = f"{shift} ({step})"
        own = [message for message in mine if any(key.endswith(step) for key in message.keys)]
        if len(own) > 1:
            yield Violation(N_("reminded twice"), due, about)
        if own and self._outages.measure_uptime(own[0].at, due) > MINUTE:
            yield Violation(N_("reminded too early"), due, f"{about}, {format_time(own[0].at)}")
        prompt = [message for message in own if message.at - due <= LATE or message.is_marked_late]
        merged_and_late = [message for message in mine if message.at > due and message.is_marked_late]
        if own and not prompt and self._outages.measure_uptime(due - LATE, own[0].at) > 2 * LATE:
            yield Violation(N_("a late reminder did not say so"), due, f"{about}, {format_time(own[0].at)}")
        if (
            not own
            and not merged_and_late
            and self._outages.measure_uptime(due, min(shift.start, self._end)) > PROMPT / 3
        ):
            yield Violation(N_("a reminder is missing"), due, about)

    def _find_silent_handovers(self) -> Iterator[Violation]:
        """Find handovers that lack a press and are not mentioned again and again."""
        pressed = self._evidence.first_presses
        heard: dict[tuple[str, datetime], list[datetime]] = {}
        for message in self._evidence.messages:
            if message.subject.startswith(subjects.HANDOVER):
                name = subjects.handover_of(message.subject)
                heard.setdefault((name.place.seat, round_up_to_minute(name.at)), []).append(message.at)
        for before, shift in self._handovers():
            held, took = (pressed.get((shift.seat, shift.start, kind)) for kind in ("hand_over", "take_over"))
            if (before.seat, before.start, "confirmed") not in pressed or shift.since > shift.start - HOUR:
                continue
            done = max(held, took) if held and took else shift.end
            times = heard.get((shift.seat, shift.start), [])
            for begins, ends in self._evidence.find_silences(
                shift.start, min(done, shift.end), times, OPEN_HANDOVER + LATE
            ):
                yield Violation(
                    N_("a waiting handover got no reminder"), begins, f"{shift}: {format_span(begins, ends)}"
                )

    def _handovers(self) -> Iterator[tuple[ReferenceInterval, ReferenceInterval]]:
        for seat in self.rota.history:
            planned = [shift for shift in self.rota.shifts(seat) if shift.cell and not shift.cell.absent]
            for before, shift in pairwise(planned):
                same = before.cell and shift.cell and before.cell.member == shift.cell.member
                if before.end == shift.start and not same and self._start < shift.start < self._end:
                    yield before, shift

    # Escalations ---------------------------------------------------------------------------------------------------

    def _find_late_calls(self) -> Iterator[Violation]:
        """Find calls that did not arrive at once although Slack and the bot were there."""
        for row in self._evidence.rows(select(OUTBOX).where(OUTBOX.c.what == MessageKind.CALL)):
            sent = row.settled_at or self._end
            if self._outages.measure_uptime(row.created_at, sent) > LATE:
                yield Violation(N_("a call came late"), row.created_at, f"CSP-{row.number}, {format_time(sent)}")

    def _find_silent_waits(self) -> Iterator[Violation]:
        """Find escalations that nobody acknowledged in time and that were not mentioned again and again."""
        policy = self._evidence.world.config.pages.reminder_times
        heard: dict[str, list[datetime]] = {}
        for message in self._evidence.messages:
            if message.kind == MessageKind.REMINDER:
                heard.setdefault(message.subject, []).append(message.at)
        for number, severity, begins, ends in self._acknowledgement_waits(self._end):
            due = begins + policy.acknowledge[severity]
            times = heard.get(f"escalation:{number}", [])
            if ends > due + MINUTE:
                yield from self._check_silence(number, (due, ends), times, policy, severity)

    def _check_silence(
        self,
        number: int,
        waited: tuple[datetime, datetime],
        heard: Sequence[datetime],
        policy: ReminderTimes,
        severity: str,
    ) -> Iterator[Violation]:
        first = self._outages.add_uptime(waited[0], PROMPT)
        if waited[1] > first and not any(waited[0] - MINUTE <= at <= first for at in heard):
            yield Violation(N_("nobody was reminded of an escalation"), waited[0], name_escalation(number, severity))
        most = policy.repeat[severity].cap + PROMPT
        for begins, ends in self._evidence.find_silences(waited[0], waited[1], heard, most):
            yield Violation(N_("an escalation was forgotten"), begins, name_escalation(number, severity, begins, ends))

    def _acknowledgement_waits(self, end: datetime) -> Iterator[tuple[int, str, datetime, datetime]]:
        """Yield each time an escalation waited to be acknowledged."""
        waiting: dict[int, tuple[str, datetime]] = {}
        severities: dict[int, str] = {}
        facts: dict[int, dict[str, Any]] = {}
        for row in self._evidence.rows(select(HISTORY).order_by(HISTORY.c.at, HISTORY.c.number, HISTORY.c.seq)):
            severities[row.number] = row.changes.get("severity", severities.get(row.number, "C"))
            begun = waiting.pop(row.number, None)
            if begun and row.move in {"note", "tell", "correct", "snooze", "wake"}:
                waiting[row.number] = begun
            elif begun:
                yield row.number, *begun, row.at
            case = facts.setdefault(row.number, {})
            case |= {name: row.changes[name][1] for name in ("acknowledged_at", "duplicate_of") if name in row.changes}
            is_followed = case.get("duplicate_of") and row.status_to != "resolved"
            is_alone_again = row.move == "duplicate" and not case.get("acknowledged_at")
            if (row.move in {"raise", "hand_over", "reopen"} or is_alone_again) and not is_followed:
                waiting[row.number] = (severities[row.number], row.at)
        for number, begun in waiting.items():
            yield number, *begun, end

    # The ledger ----------------------------------------------------------------------------------------------------

    def _check_ledger(self) -> Iterator[Violation]:
        """Find holes in the ledger, and minutes at which it disagrees with the rota about an empty seat."""
        for seat in self.rota.history:
            rows = self._evidence.rows(
                select(LEDGER).where(LEDGER.c.seat == seat, ~LEDGER.c.corrects).order_by(LEDGER.c.start)
            )
            at = self._start
            for row in rows:
                if row.start != at:
                    yield Violation(
                        N_("the coverage record has a hole or an overlap"), at, f"{seat}, {format_time(row.start)}"
                    )
                at = row.end
                yield from self._compare_entry(seat, row)
            if self._outages.measure_uptime(at, self._end) > timedelta(days=2):
                yield Violation(N_("the coverage record was not continued"), at, seat)

    def _compare_entry(self, seat: str, row: Any) -> Iterator[Violation]:
        """Compare whole minutes of an entry only: a change was made within the others."""
        first = max(0, -((self._start - row.start) // MINUTE))
        last = (min(row.end, self._end) - self._start) // MINUTE
        wrong = [m for m in range(first, last) if self._differs(seat, m, row)]
        if wrong:
            details = (
                f"{seat}, {row.person or '–'}, {format_span(row.start, row.end)} ({row.evidence}): {len(wrong)} min"
            )
            yield Violation(N_("the coverage record is wrong"), self.rota.at(wrong[0]), details)

    def _differs(self, seat: str, minute: int, row: Any) -> bool:
        """Whether an entry can't be true: nobody where somebody was on call, or somebody where nobody was."""
        empty = self.rota.is_empty(seat, minute)
        stayed = row.evidence.startswith("watch:")  # who was not relieved stays on
        return (row.verdict == "uncovered") != empty and not (empty and stayed)


def _reminder_minutes(preferences: Iterable[Any], user: str, start: datetime) -> Sequence[int]:
    """Return when somebody is reminded of a shift, in minutes; nothing if they changed this shortly before it."""
    own_rows = [row for row in preferences if row.user == user]
    if any(start - timedelta(days=8) < row.at < start for row in own_rows):
        return ()
    before = [row for row in own_rows if row.at <= start]
    return tuple(before[-1].reminders) if before else USUAL
