"""Three clocks of an escalation, computed from its history alone: ours, 21Vianet's first response, the customer's.

Ours and the customer's run while it is their turn, around the clock. 21Vianet's runs from its number until its first
response, in the hours of the desk that keeps the target (:mod:`models.rules.escalations.desk_hours`). A return as
inappropriate is a first response too: who finds it so has read it (docs/domain.md, the three clocks). The target is
that of the service, workload and severity as they are now: a correction counts from the beginning, so that no change
loses or invents a second.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from models.rules.escalations.desk_hours import DAY, EPOCH, FIRST_DAY, DeskHours, IsWorkday
from models.rules.escalations.escalation import ENDED, HistoryEntry, Move, Status, Turn
from models.rules.escalations.moves import TURN_AFTER
from models.rules.policy.vendor import ResponseTarget, VendorPolicy
from models.rules.times import parse_utc

Interval = tuple[datetime, datetime | None]
"""A time that something lasted; without an end it lasts still."""

CHANGED_FIELDS = frozenset({
    "turn", "service", "workload", "severity", "severity_given", "request_number", "first_contact_at",
})  # fmt: skip
"""Fields of an escalation that the clocks depend on."""


class CaseClockName(StrEnum):
    """The three clocks."""

    OURS = "ours"
    VENDOR = "vendor"
    CUSTOMER = "customer"


@dataclass(frozen=True)
class CaseClock:
    """One clock at one instant."""

    name: CaseClockName
    running: bool  # whether it counts at this instant
    since: datetime | None  # when what it counts began last; None while it counts nothing
    elapsed: timedelta  # what it has counted in all
    due_at: datetime | None = None  # when its target is reached; None without a target


class TimelineEntry(NamedTuple):
    """What the clocks need of an entry of the history; reading thousands of whole ones takes twice as long."""

    at: datetime
    move: Move
    status_to: Status
    changes: Mapping[str, Any]


@dataclass(frozen=True)
class CaseFacts:
    """What the clocks know of an escalation after an entry of its history."""

    status: Status = Status.OPEN
    turn: Turn = Turn.OURS
    service: str = ""
    workload: str = ""
    severity: str = ""
    severity_given: str | None = None
    request_number: str | None = None
    first_contact_at: datetime | None = None  # as somebody recorded it
    returned_at: datetime | None = None  # when 21Vianet answered by returning it as inappropriate

    @property
    def answered_at(self) -> datetime | None:
        """When 21Vianet gave its first response: as recorded, or by returning the case before that."""
        answers = [at for at in (self.first_contact_at, self.returned_at) if at is not None]
        return min(answers, default=None)

    @property
    def awaits_first_response(self) -> bool:
        """Whether 21Vianet has the case and has not responded yet."""
        return self.status is Status.SUBMITTED and self.answered_at is None

    def find_target(self, policy: VendorPolicy) -> ResponseTarget | None:
        """Return 21Vianet's target for it; None when its pages name none."""
        return policy.service(self.service).find_target(self.severity_given or self.severity, self.workload)


@dataclass(frozen=True)
class CaseTimeline:
    """What lasted when, from the history up to its last entry."""

    facts: CaseFacts = field(default_factory=CaseFacts)
    turns: Mapping[Turn, Sequence[Interval]] = field(default_factory=dict)  # while the case was open
    awaited: Sequence[Interval] = ()  # the first response to 21Vianet's current number

    @property
    def turn_since(self) -> datetime | None:
        """When the current turn began; None when the case has ended."""
        intervals = self.turns.get(self.facts.turn, ())
        return intervals[-1][0] if intervals and intervals[-1][1] is None else None


@dataclass(frozen=True)
class CaseTimes:
    """What deadlines need of a history. Instants are in UTC."""

    turn_since: datetime | None = None  # when the current turn began
    answer_due_at: datetime | None = None  # when 21Vianet's first response is due; None when it awaits none


NO_TIMES = CaseTimes()
"""Nothing is known of the history."""


def find_case_times(timeline: CaseTimeline, policy: VendorPolicy, is_workday: IsWorkday) -> CaseTimes:
    """Return what deadlines need of a history, as it is after its last entry."""
    target = timeline.facts.find_target(policy) if timeline.facts.awaits_first_response else None
    if target is None:
        return CaseTimes(timeline.turn_since)
    return CaseTimes(timeline.turn_since, find_due_time(target, DeskHours(target.desk, is_workday), timeline.awaited))


def build_timeline(entries: Iterable[HistoryEntry | TimelineEntry]) -> CaseTimeline:
    """Return what lasted when. ``entries`` are in order, from the first."""
    entries, facts = list(entries), CaseFacts()
    returns = _find_returns(entries)
    turns: dict[Turn, list[Interval]] = {turn: [] for turn in Turn}
    awaited: list[Interval] = []
    for position, entry in enumerate(entries):
        before, facts = facts, _apply(facts, entry)
        if position in returns:
            facts = _answer_by_return(facts, awaited, returns[position])
        if facts is before:
            continue  # as after a note: nothing begins or ends
        if _is_new_case_of_vendor(before, facts, entry):
            awaited, facts = [], replace(facts, returned_at=None)
        _mark(awaited, entry.at, is_on=facts.awaits_first_response)
        for turn, intervals in turns.items():
            _mark(intervals, entry.at, is_on=facts.turn is turn and facts.status not in ENDED)
    return CaseTimeline(facts, turns, awaited)


def _find_returns(entries: Sequence[HistoryEntry | TimelineEntry]) -> dict[int, datetime]:
    """Return by position the entries that recorded a return, and by when 21Vianet had answered with it (UTC).

    Only its day is known: it counts from when it was recorded, or from the end of the day if that was before. A
    corrected day counts; a return that was taken back is left out.
    """
    answers: dict[int, datetime] = {}
    recorded: int | None = None  # position of the return of the current number
    number, status = None, Status.OPEN
    for position, entry in enumerate(entries):
        changes = entry.changes
        if entry.move is Move.RECORD and "request_number" in changes:
            is_another = number not in {None, changes["request_number"][1]} and status is not Status.SUBMITTED
            number, recorded = changes["request_number"][1], None if is_another else recorded
        elif entry.move is Move.RETURNED and "returned_on" in changes:
            day = changes["returned_on"][1]
            recorded = position if recorded is None else recorded
            answers.pop(recorded, None)
            if day is None:
                recorded = None
            else:
                answers[recorded] = min(entries[recorded].at, _find_end_of_day(date.fromisoformat(str(day))))
        status = entry.status_to
    return answers


def _find_end_of_day(day: date) -> datetime:
    """Return when a day ends in Beijing, as 21Vianet counts its days (UTC)."""
    return EPOCH + (day.toordinal() + 1 - FIRST_DAY) * DAY


def _answer_by_return(facts: CaseFacts, awaited: list[Interval], at: datetime) -> CaseFacts:
    """End the waiting for a first response by a return; one that came after the waiting had ended changes nothing."""
    if facts.answered_at is not None or not awaited:
        return facts
    start, end = awaited[-1]
    answered_at = max(start, at)
    if end is not None and end < answered_at:
        return facts
    awaited[-1] = (start, answered_at)
    return replace(facts, returned_at=answered_at)


def _mark(intervals: list[Interval], at: datetime, *, is_on: bool) -> None:
    """Begin or end an interval when something begins or ends."""
    is_lasting = bool(intervals) and intervals[-1][1] is None
    if is_on and not is_lasting:
        intervals.append((at, None))
    elif is_lasting and not is_on:
        intervals[-1] = (intervals[-1][0], at)


def _is_new_case_of_vendor(before: CaseFacts, after: CaseFacts, entry: HistoryEntry | TimelineEntry) -> bool:
    """Return whether 21Vianet got another case: another number, after the first one came back to us."""
    is_recorded = entry.move is Move.RECORD and before.status is not Status.SUBMITTED
    return is_recorded and before.request_number not in {None, after.request_number}


def _apply(facts: CaseFacts, entry: HistoryEntry | TimelineEntry) -> CaseFacts:
    """Return the facts after an entry; the same object where it changed none."""
    if entry.move is Move.RAISE:
        answers = entry.changes.get("answers") or {}
        service, severity = (str(entry.changes.get(name) or "") for name in ("service", "severity"))
        return CaseFacts(service=service, severity=severity, workload=str(answers.get("workload") or ""))
    changed: dict[str, Any] = {name: entry.changes[name][1] for name in entry.changes.keys() & CHANGED_FIELDS}
    if "turn" in changed:
        changed["turn"] = Turn(changed["turn"])
    elif entry.move in TURN_AFTER:  # entries of before turns were recorded
        changed["turn"] = TURN_AFTER[entry.move]
    if changed.get("first_contact_at"):
        changed["first_contact_at"] = parse_utc(changed["first_contact_at"])
    for name in ("service", "workload"):
        if name in changed:
            changed[name] = changed[name] or ""
    if not changed and facts.status is entry.status_to:
        return facts
    return replace(facts, status=entry.status_to, **changed)


def compute_clocks(
    timeline: CaseTimeline,
    policy: VendorPolicy,
    is_workday: IsWorkday,
    now: datetime,
    due_at: datetime | None = None,
) -> tuple[CaseClock, CaseClock, CaseClock]:
    """Return ours, 21Vianet's and the customer's clock at an instant.

    ``due_at`` is when the deadline of the current turn ends, if it is ours or the customer's
    (:mod:`models.rules.escalations.deadlines`).
    """
    ours, customer = (
        _count_turn(name, timeline.turns.get(turn, ()), now, due_at)
        for name, turn in ((CaseClockName.OURS, Turn.OURS), (CaseClockName.CUSTOMER, Turn.CUSTOMER))
    )
    return ours, count_first_response(timeline, policy, is_workday, now), customer


def _count_turn(name: CaseClockName, intervals: Sequence[Interval], now: datetime, due: datetime | None) -> CaseClock:
    is_running = bool(intervals) and intervals[-1][1] is None
    elapsed = sum(((end or now) - start for start, end in intervals), timedelta())
    return CaseClock(name, is_running, intervals[-1][0] if is_running else None, elapsed, due if is_running else None)


def count_first_response(
    timeline: CaseTimeline, policy: VendorPolicy, is_workday: IsWorkday, now: datetime
) -> CaseClock:
    """Return 21Vianet's clock at an instant. Without a target it counts nothing and is never due."""
    target, awaited = timeline.facts.find_target(policy), timeline.awaited
    is_awaited = bool(awaited) and awaited[-1][1] is None
    since = awaited[-1][0] if is_awaited else None
    if target is None:
        return CaseClock(CaseClockName.VENDOR, False, since, timedelta())
    hours = DeskHours(target.desk, is_workday)
    elapsed = sum((hours.counted(start, end or now) for start, end in awaited), timedelta())
    is_counting = is_awaited and (hours.is_open(now) or not target.desk.runs_only_when_open)
    return CaseClock(CaseClockName.VENDOR, is_counting, since, elapsed, find_due_time(target, hours, awaited))


def find_due_time(target: ResponseTarget, hours: DeskHours, awaited: Sequence[Interval]) -> datetime | None:
    """Return when a target is or was reached while the response was awaited; None when it ended before."""
    if target.workdays is not None:
        ends = (end for interval in awaited for end in _workday_ends(hours, interval))
        return next((end for n, end in enumerate(ends, 1) if n == target.workdays), None)
    missing = timedelta(minutes=target.minutes or 0)
    for start, end in awaited:
        if end is None or hours.counted(start, end) >= missing:
            return hours.add(start, missing)
        missing -= hours.counted(start, end)
    return None


def _workday_ends(hours: DeskHours, interval: Interval) -> Iterator[datetime]:
    """Yield when workdays ended in an interval; without end in one that lasts still."""
    start, until = interval
    for end in hours.list_workday_ends(start):
        if until is not None and end > until:
            return
        yield end
