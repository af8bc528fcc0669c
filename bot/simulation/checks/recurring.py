"""Judge the messages that recur.

They are the daily digest, the chart of each Monday, and reminders of silent escalations and unconfirmed shifts. The
times are defined here again.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from typing import Any

from sqlalchemy import select

from bot.simulation.checks.evidence import HOUR, LATE, PROMPT, Evidence, Violation, round_up_to_minute
from bot.simulation.checks.labels import format_span, format_time, name_escalation
from bot.simulation.checks.reference_rota import MINUTE, ReferenceInterval
from handlers.i18n.words import N_
from models.rules.delivery import MessageKind
from models.rules.policy.reminders import ReminderTimes
from models.rules.reminders import subjects
from models.store.tables import HISTORY

NINE = time(9)
MONDAY = 0
BEFORE = timedelta(minutes=10)
"""How long before an unconfirmed shift others are called."""
UNCONFIRMED = timedelta(minutes=15)
"""How often an unconfirmed shift is mentioned from its start on."""
MISSED = {MessageKind.DIGEST: N_("no digest of the day"), MessageKind.PICTURE: N_("no rota picture this week")}
ENDED = frozenset({"closed", "withdrawn"})


def check_digests(evidence: Evidence) -> Iterator[Violation]:
    """Check that each digest and each chart was seen, or another message that stands for it."""
    zone = evidence.world.config.settings.timezone if evidence.world.config.settings else UTC
    heard = {key: message.at for message in reversed(evidence.messages) for key in message.keys}
    day = evidence.start.astimezone(zone).date()
    while (due := datetime.combine(day, NINE, zone).astimezone(UTC)) < evidence.end:
        by = evidence.outages.add_uptime(due, PROMPT)
        for kind in (MessageKind.DIGEST, MessageKind.PICTURE) if day.weekday() == MONDAY else (MessageKind.DIGEST,):
            seen = heard.get(f"{kind}/{day}")
            if due > evidence.start and by < evidence.end and (seen is None or seen > by):
                yield Violation(MISSED[kind], due, format_time(seen) if seen else "–")
        day += timedelta(days=1)


# Escalations -------------------------------------------------------------------------------------------------------


def check_silent_escalations(evidence: Evidence) -> Iterator[Violation]:
    """Check that acknowledged escalations without activity are mentioned again and again."""
    policy = evidence.world.config.pages.reminder_times
    heard: dict[str, list[datetime]] = {}
    for message in evidence.messages:
        if message.kind == MessageKind.REMINDER:
            heard.setdefault(message.subject, []).append(message.at)
    for number, severity, begins, ends in _silent_intervals(evidence, policy):
        times = heard.get(f"escalation:{number}", [])
        first = evidence.outages.add_uptime(begins, PROMPT)
        if ends > first and not any(begins - MINUTE <= at <= first for at in times):
            yield Violation(N_("nobody was reminded of a silent escalation"), begins, name_escalation(number, severity))
        most = policy.repeat[severity].cap + PROMPT
        for since, until in evidence.find_silences(begins, ends, times, most):
            yield Violation(
                N_("a silent escalation was forgotten"), since, name_escalation(number, severity, since, until)
            )


def _silent_intervals(evidence: Evidence, policy: ReminderTimes) -> Iterator[tuple[int, str, datetime, datetime]]:
    """Yield when each escalation had no activity for longer than allowed, and was not snoozed."""
    histories: dict[int, list[Any]] = {}
    for row in evidence.rows(select(HISTORY).order_by(HISTORY.c.number, HISTORY.c.seq)):
        histories.setdefault(row.number, []).append(row)
    for number, rows in histories.items():
        severity = rows[0].changes["severity"]
        state = _EscalationState()
        for row, following in pairwise([*rows, None]):
            state.after(row)
            due = state.due(policy, severity)
            until = following.at if following else evidence.end
            if due and due < until:
                yield number, severity, due, until


class _EscalationState:
    """The state of an escalation after a history entry."""

    def __init__(self) -> None:
        self._status, self._is_taken, self._is_customer_informed = "", False, False
        self._last_activity: datetime | None = None
        self._snoozed_until: datetime | None = None

    def after(self, row: Any) -> None:
        """Apply one more entry."""
        self._status = row.status_to or self._status
        self._is_taken = (self._is_taken or row.move == "acknowledge") and row.move not in {"hand_over", "reopen"}
        self._is_customer_informed = self._is_customer_informed or row.move == "tell"
        if row.move == "snooze":
            self._snoozed_until = datetime.fromisoformat(row.changes["snoozed_until"][1])
            return
        self._snoozed_until = None if row.status_to or row.move == "wake" else self._snoozed_until
        self._last_activity = row.at

    def due(self, policy: ReminderTimes, severity: str) -> datetime | None:
        """Return by when activity was due; None when none was."""
        if not self._is_taken or self._last_activity is None or self._status in ENDED:
            return None
        closing = policy.close if self._is_customer_informed else policy.tell
        patience: Mapping[str, timedelta] = {"submitted": policy.submitted[severity], "resolved": closing}
        due = self._last_activity + patience.get(self._status, policy.acknowledged[severity])
        return max(due, self._snoozed_until) if self._snoozed_until else due


# Shifts ------------------------------------------------------------------------------------------------------------


def check_unconfirmed_shifts(evidence: Evidence) -> Iterator[Violation]:
    """Check that others hear of an unconfirmed shift before it begins, and all repeatedly while it lasts."""
    heard: dict[tuple[str, str, datetime], list[datetime]] = {}
    for message in evidence.messages:
        if message.kind == MessageKind.REMINDER and message.subject.startswith(subjects.SHIFT):
            name = subjects.shift_of(message.subject)
            heard.setdefault((name.place.seat, name.person, round_up_to_minute(name.start)), []).append(message.at)
    for shift, is_handed in _shifts(evidence):
        assert shift.cell is not None  # noqa: S101 - only such are told
        due = shift.start - BEFORE
        said = evidence.first_presses.get((shift.seat, shift.start, "confirmed"), shift.end)
        times = heard.get((shift.seat, shift.cell.member, shift.start), [])
        yield from _check_silence(evidence, shift, (due, min(said, shift.end)), times, is_handed)


def _check_silence(
    evidence: Evidence,
    shift: ReferenceInterval,
    waited: tuple[datetime, datetime],
    heard: Sequence[datetime],
    is_handed: bool,
) -> Iterator[Violation]:
    due, until = waited
    first = evidence.outages.add_uptime(due, PROMPT)
    if (
        shift.since < due
        and until > first
        and first < evidence.end
        and not any(due - LATE <= at <= first for at in heard)
    ):
        yield Violation(N_("an unconfirmed shift was not reported"), due, f"{shift}")
    if not is_handed:  # else the handover is what is waited for
        for begins, ends in evidence.find_silences(max(shift.start, shift.since), until, heard, UNCONFIRMED + LATE):
            yield Violation(N_("an unconfirmed shift got no reminder"), begins, f"{shift}: {format_span(begins, ends)}")


def _shifts(evidence: Evidence) -> Iterator[tuple[ReferenceInterval, bool]]:
    """Yield each shift assigned at least an hour before its start, and whether it waits for a handover."""
    handed = {
        (name.place.seat, round_up_to_minute(name.at))
        for name in (
            subjects.handover_of(message.subject)
            for message in evidence.messages
            if message.kind == MessageKind.HANDOVER
        )
    }
    for seat in evidence.rota.history:
        for shift in evidence.rota.shifts(seat):
            is_assigned = shift.cell is not None and not shift.cell.absent
            if is_assigned and evidence.start + HOUR < shift.start < evidence.end and shift.end - shift.start > MINUTE:
                yield shift, (seat, shift.start) in handed
