"""Judges what comes again and again, whatever happens: the digest of each day, the picture of each Monday, words about
cases that went silent and about shifts nobody confirmed. The times are written here once more.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from typing import Any

from sqlalchemy import select

from bot.simulation.checks.evidence import HOUR, LATE, PROMPT, Evidence, Violation, whole
from bot.simulation.checks.labels import case, clock, span
from bot.simulation.checks.reference_rota import MINUTE, ReferenceInterval
from handlers.i18n.words import N_
from models.rules.delivery import MessageKind
from models.rules.policy.reminders import ReminderTimes
from models.rules.reminders import subjects
from models.store.tables import HISTORY

NINE = time(9)
MONDAY = 0
BEFORE = timedelta(minutes=10)
"""So long before a shift others are called when nobody confirmed it."""
UNCONFIRMED = timedelta(minutes=15)
"""How often it is spoken of from its start on."""
MISSED = {MessageKind.DIGEST: N_("no digest of the day"), MessageKind.PICTURE: N_("no picture of the week")}
ENDED = frozenset({"closed", "withdrawn"})


def rounds(all_: Evidence) -> Iterator[Violation]:
    """Each digest and each picture was seen, or another that speaks for it."""
    zone = all_.world.config.settings.timezone if all_.world.config.settings else UTC
    heard = {key: one.at for one in reversed(all_.seen) for key in one.keys}
    day = all_.start.astimezone(zone).date()
    while (due := datetime.combine(day, NINE, zone).astimezone(UTC)) < all_.end:
        by = all_.shade.after(due, PROMPT)
        for what in (MessageKind.DIGEST, MessageKind.PICTURE) if day.weekday() == MONDAY else (MessageKind.DIGEST,):
            seen = heard.get(f"{what}/{day}")
            if due > all_.start and by < all_.end and (seen is None or seen > by):
                yield Violation(MISSED[what], due, clock(seen) if seen else "–")
        day += timedelta(days=1)


# Cases -------------------------------------------------------------------------------------------------------------


def silent_cases(all_: Evidence) -> Iterator[Violation]:
    """A case that was acknowledged, and of which nothing is heard for too long, is spoken of again and again."""
    policy = all_.world.config.pages.reminder_times
    heard: dict[str, list[datetime]] = {}
    for one in all_.seen:
        if one.what == MessageKind.REMINDER:
            heard.setdefault(one.subject, []).append(one.at)
    for number, severity, begins, ends in _silent_times(all_, policy):
        told = heard.get(f"escalation:{number}", [])
        first = all_.shade.after(begins, PROMPT)
        if ends > first and not any(begins - MINUTE <= one <= first for one in told):
            yield Violation(N_("nobody was reminded of a silent escalation"), begins, case(number, severity))
        most = policy.repeat[severity].cap + PROMPT
        for since, until in all_.silences(begins, ends, told, most):
            yield Violation(N_("a silent escalation was forgotten"), since, case(number, severity, since, until))


def _silent_times(all_: Evidence, policy: ReminderTimes) -> Iterator[tuple[int, str, datetime, datetime]]:
    """When each case was silent for longer than it may be, and nobody put it off."""
    histories: dict[int, list[Any]] = {}
    for row in all_.rows(select(HISTORY).order_by(HISTORY.c.number, HISTORY.c.seq)):
        histories.setdefault(row.number, []).append(row)
    for number, rows in histories.items():
        severity = rows[0].changes["severity"]
        known = _Known()
        for row, following in pairwise([*rows, None]):
            known.after(row)
            due = known.due(policy, severity)
            until = following.at if following else all_.end
            if due and due < until:
                yield number, severity, due, until


class _Known:
    """What an entry after another tells of a case."""

    def __init__(self) -> None:
        self._status, self._is_taken, self._is_told = "", False, False
        self._spoke: datetime | None = None
        self._put_off: datetime | None = None

    def after(self, row: Any) -> None:
        """One more entry."""
        self._status = row.status_to or self._status
        self._is_taken = (self._is_taken or row.move == "acknowledge") and row.move not in {"hand_over", "reopen"}
        self._is_told = self._is_told or row.move == "tell"
        if row.move == "snooze":
            self._put_off = datetime.fromisoformat(row.changes["snoozed_until"][1])
            return
        self._put_off = None if row.status_to or row.move == "wake" else self._put_off
        self._spoke = row.at

    def due(self, policy: ReminderTimes, severity: str) -> datetime | None:
        """By when something had to be said; None when nothing had."""
        if not self._is_taken or self._spoke is None or self._status in ENDED:
            return None
        closing = policy.close if self._is_told else policy.tell
        patience: Mapping[str, timedelta] = {"submitted": policy.submitted[severity], "resolved": closing}
        due = self._spoke + patience.get(self._status, policy.acknowledged[severity])
        return max(due, self._put_off) if self._put_off else due


# Shifts ------------------------------------------------------------------------------------------------------------


def unconfirmed(all_: Evidence) -> Iterator[Violation]:
    """Of a shift nobody confirmed others are told before it begins, and all again and again while it lasts."""
    heard: dict[tuple[str, str, datetime], list[datetime]] = {}
    for one in all_.seen:
        if one.what == MessageKind.REMINDER and one.subject.startswith(subjects.SHIFT):
            name = subjects.shift_of(one.subject)
            heard.setdefault((name.place.seat, name.person, whole(name.start)), []).append(one.at)
    for shift, is_handed in _shifts(all_):
        assert shift.cell is not None  # noqa: S101 - only such are told
        due = shift.start - BEFORE
        said = all_.pressed.get((shift.seat, shift.start, "there"), shift.end)
        told = heard.get((shift.seat, shift.cell.member, shift.start), [])
        yield from _unspoken(all_, shift, (due, min(said, shift.end)), told, is_handed)


def _unspoken(
    all_: Evidence,
    shift: ReferenceInterval,
    waited: tuple[datetime, datetime],
    told: Sequence[datetime],
    is_handed: bool,
) -> Iterator[Violation]:
    due, until = waited
    first = all_.shade.after(due, PROMPT)
    if shift.since < due and until > first and first < all_.end and not any(due - LATE <= one <= first for one in told):
        yield Violation(N_("nobody was told of an unconfirmed shift"), due, f"{shift}")
    if not is_handed:  # else the handover is what is waited for
        for begins, ends in all_.silences(max(shift.start, shift.since), until, told, UNCONFIRMED + LATE):
            yield Violation(N_("an unconfirmed shift was not spoken of"), begins, f"{shift}: {span(begins, ends)}")


def _shifts(all_: Evidence) -> Iterator[tuple[ReferenceInterval, bool]]:
    """Each shift that was somebody's for an hour before it began, and whether it waits for a handover."""
    handed = {
        (name.place.seat, whole(name.at))
        for name in (subjects.handover_of(one.subject) for one in all_.seen if one.what == MessageKind.HANDOVER)
    }
    for seat in all_.minutes.lived:
        for shift in all_.minutes.shifts(seat):
            is_somebodys = shift.cell is not None and not shift.cell.absent
            if is_somebodys and all_.start + HOUR < shift.start < all_.end and shift.end - shift.start > MINUTE:
                yield shift, (seat, shift.start) in handed
