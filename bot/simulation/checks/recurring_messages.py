"""Judge the messages that recur.

They are the daily digest, the chart of each Monday, and reminders of silent escalations and unconfirmed shifts. The
times are defined here again.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any

from sqlalchemy import select

from bot.simulation.checks.audit_names import format_span, format_time, name_escalation
from bot.simulation.checks.case_deadlines import ExpectedDeadline, list_deadlines
from bot.simulation.checks.evidence import HOUR, LATE, PROMPT, Evidence, Violation, round_up_to_minute
from bot.simulation.checks.reference_rota import MINUTE, ReferenceInterval
from bot.simulation.checks.seen_messages import ObservedMessage
from handlers.i18n.words import N_
from models.rules.outbox.message_kinds import MessageKind
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
    """Check that acknowledged escalations are mentioned when they are due, again and again, and before to the owner."""
    policy = evidence.world.config.pages
    heard: dict[str, list[ObservedMessage]] = {}
    for message in evidence.messages:
        if message.kind == MessageKind.REMINDER:
            heard.setdefault(message.subject, []).append(message)
    histories: dict[int, list[Any]] = {}
    for row in evidence.rows(select(HISTORY).order_by(HISTORY.c.number, HISTORY.c.seq)):
        histories.setdefault(row.number, []).append(row)
    for number, rows in histories.items():
        for deadline in list_deadlines(rows, policy, evidence.end):
            messages = heard.get(f"escalation:{number}", [])
            yield from _check_deadline(evidence, deadline, [message.at for message in messages], policy.reminder_times)
            yield from _check_early(evidence, deadline, messages)


def _check_deadline(
    evidence: Evidence, deadline: ExpectedDeadline, times: Sequence[datetime], policy: ReminderTimes
) -> Iterator[Violation]:
    number, severity, begins = deadline.number, deadline.severity, deadline.begins
    first = evidence.outages.add_uptime(begins, PROMPT)
    is_new = begins == deadline.due_at  # else it may have been reminded of the same deadline before
    if is_new and deadline.ends > first and not any(begins - MINUTE <= at <= first for at in times):
        yield Violation(N_("nobody was reminded of a silent escalation"), begins, name_escalation(number, severity))
    most = policy.repeat[severity].cap + PROMPT
    for since, until in evidence.find_silences(begins, deadline.ends, times, most):
        yield Violation(N_("a silent escalation was forgotten"), since, name_escalation(number, severity, since, until))


def _check_early(
    evidence: Evidence, deadline: ExpectedDeadline, messages: Sequence[ObservedMessage]
) -> Iterator[Violation]:
    """Check that the owner alone heard of it at two thirds of the time."""
    early = deadline.early_at
    if early is None:
        return
    by, name = evidence.outages.add_uptime(early, PROMPT), name_escalation(deadline.number, deadline.severity)
    heard = [message for message in messages if early - MINUTE <= message.at <= by]
    if min(deadline.ends, deadline.due_at) > by and not any(message.user == deadline.owner for message in heard):
        yield Violation(N_("the owner was not reminded before the deadline"), early, name)
    before = [message for message in messages if early <= message.at < deadline.due_at - MINUTE]
    if any(
        message.user != deadline.owner for message in before if f"early@{deadline.due_at:%Y%m%dT%H%M%S}" in message.key
    ):
        yield Violation(N_("others were reminded before the deadline"), early, name)


# Shifts ------------------------------------------------------------------------------------------------------------


def check_unconfirmed_shifts(evidence: Evidence) -> Iterator[Violation]:
    """Check that others hear of an unconfirmed shift before it begins, and all repeatedly while it lasts.

    Where nobody could speak of it before it began with a handover, the handover is what people hear of.
    """
    heard: dict[tuple[str, str, datetime], list[datetime]] = {}
    of_handovers: dict[tuple[str, str, datetime], list[datetime]] = {}
    for message in evidence.messages:
        if message.kind == MessageKind.REMINDER and message.subject.startswith(subjects.SHIFT):
            name = subjects.shift_of(message.subject)
            heard.setdefault((name.place.seat, name.person, round_up_to_minute(name.start)), []).append(message.at)
        elif message.kind == MessageKind.REMINDER and message.subject.startswith(subjects.HANDOVER):
            change = subjects.handover_of(message.subject)
            key = change.place.seat, change.incoming, round_up_to_minute(change.at)
            of_handovers.setdefault(key, []).append(message.at)
    for shift, is_handed in _shifts(evidence):
        assert shift.cell is not None  # noqa: S101 - only such are told
        due = shift.start - BEFORE
        confirmed_at = evidence.first_presses.get((shift.seat, shift.start, "confirmed"), shift.end)
        key = shift.seat, shift.cell.member, shift.start
        times = heard.get(key, [])
        if is_handed and evidence.outages.measure_uptime(due, shift.start) <= LATE:
            times = [*times, *of_handovers.get(key, [])]
        yield from _check_silence(evidence, shift, (due, min(confirmed_at, shift.end)), times, is_handed)


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
