"""What one case adds to the report of a month. Pure.

A case counts as raised in the month it was raised in, and as solved in the month of its last resolution. While it is
not solved and not withdrawn it is open, so these numbers always add up: open before + raised + reopened = solved +
withdrawn + open at the end.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from models.rules.escalations.clocks import CaseTimeline, TimelineEntry, build_timeline
from models.rules.escalations.desk_hours import IsWorkday
from models.rules.escalations.escalation import ENDED, Escalation, Move, Status, Turn
from models.rules.escalations.kept_clocks import is_acknowledged_in_time
from models.rules.escalations.request import RequestKind
from models.rules.escalations.transitions import FOLLOWS
from models.rules.policy.vendor import VendorPolicy
from models.rules.reports.filings import Filing, list_filings
from models.rules.reports.month import ReportPeriod
from models.rules.times import parse_utc

NOT_GIVEN = "-"
"""Stands for the service of a customer request that names none."""
SOLVED = frozenset({Status.RESOLVED, Status.CLOSED})
_NOT_OPEN = frozenset({Status.RESOLVED, *ENDED})
_TAKES = frozenset({Move.ACKNOWLEDGE, Move.RECORD, Move.RESOLVE})


def find_service(case: Escalation) -> str:
    """Return the service of a case; empty for Partner Center, and :data:`NOT_GIVEN` when a customer named none."""
    return case.service or (NOT_GIVEN if case.kind is RequestKind.CUSTOMER else "")


class CaseOutcome(StrEnum):
    """How a case stands at the end of the month, if it was open in it."""

    OPEN = "open"
    SOLVED = "solved"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True)
class ReportRules:
    """By what cases are judged: 21Vianet's rules by version, and China's workdays."""

    policy_of: Callable[[int], VendorPolicy]
    is_workday: IsWorkday


@dataclass(frozen=True)
class CaseMonth:
    """One case in one month."""

    case: Escalation
    was_open: bool  # when the month began.
    is_raised: bool
    is_reopened: bool  # it was solved or withdrawn before the month.
    outcome: CaseOutcome | None  # None when it was not open in the month.
    ended_at: datetime | None  # when it was solved or withdrawn.
    is_fix_copied: bool  # how it was solved was written for another case, perhaps of another customer.
    is_without_vendor: bool  # it was solved and 21Vianet never got it.
    is_returned: bool  # 21Vianet found it inappropriate on a day of the month.
    acknowledged_after: timedelta | None  # of a case raised in the month.
    is_acknowledged_in_time: bool | None
    recorded_after: timedelta | None  # from raising to 21Vianet's number.
    turns: Mapping[Turn, timedelta]  # within the month, while it was open.
    filings: Sequence[Filing]  # whose number was recorded in the month.
    promises: Sequence[bool]  # due in the month: whether the customer heard from us in time

    @property
    def is_shown(self) -> bool:
        """Whether it belongs to the month at all."""
        return self.outcome is not None or self.is_returned or bool(self.promises) or bool(self.filings)


def judge_case(
    case: Escalation, entries: Sequence[TimelineEntry], rules: ReportRules, period: ReportPeriod
) -> CaseMonth:
    """Return what a case adds to a month. ``entries`` is its whole history, in order.

    How it stood follows from what was done before the end of the month. Whether a promise was kept follows from
    everything that is known.
    """
    seen = [entry for entry in entries if entry.at < period.end]
    before = [entry for entry in seen if entry.at < period.start]
    open_times = list(_list_open_times(seen, period.end))
    was_open = bool(before) and before[-1].status_to not in _NOT_OPEN
    is_raised = period.has(case.raised_at)
    is_open_in_month = was_open or is_raised or any(since >= period.start for since, _ in open_times)
    outcome = _find_outcome(seen[-1].status_to) if seen and is_open_in_month else None
    policy, timeline = rules.policy_of(case.policy_version), build_timeline(entries)
    return CaseMonth(
        case=case,
        was_open=was_open,
        is_raised=is_raised,
        is_reopened=outcome is not None and not was_open and not is_raised,
        outcome=outcome,
        ended_at=open_times[-1][1] if outcome not in {None, CaseOutcome.OPEN} and open_times else None,
        is_fix_copied=case.has_named_fix or _followed_original(entries),
        is_without_vendor=outcome is CaseOutcome.SOLVED and _is_without_vendor(case, seen),
        is_returned=case.returned_on is not None and _is_day_of(case, period),
        acknowledged_after=_find_delay(case, entries, _TAKES) if is_raised else None,
        is_acknowledged_in_time=(
            is_acknowledged_in_time(entries, policy.reminder_times, period.now) if is_raised else None
        ),
        recorded_after=_find_delay(case, entries, frozenset({Move.RECORD})) if is_raised else None,
        turns=_sum_turns(timeline if len(seen) == len(entries) else build_timeline(seen), open_times, period),
        filings=[
            replace(filing, service=find_service(case))
            for filing in list_filings(entries, timeline, policy, rules.is_workday, period.now)
            if period.has(filing.recorded_at)
        ],
        promises=[is_kept for due, is_kept in list_promises(entries, period.now) if period.has(due)],
    )


def _followed_original(entries: Sequence[TimelineEntry]) -> bool:
    """Return whether it was last solved with the case that it repeats, whose resolution it got."""
    last = next((entry for entry in reversed(entries) if entry.move is Move.RESOLVE), None)
    return last is not None and FOLLOWS in last.changes


def _is_without_vendor(case: Escalation, seen: Sequence[TimelineEntry]) -> bool:
    """Return whether 21Vianet never got it; what followed another case or an incident is not counted so."""
    return not (case.duplicate_of or case.parent or case.incident_id) and all(
        entry.move is not Move.RECORD for entry in seen
    )


def list_promises(entries: Sequence[TimelineEntry], now: datetime) -> Iterator[tuple[datetime, bool]]:
    """Yield when each promise to the customer was due, and whether they heard from us by then.

    A promise that was replaced, or whose case ended, before it was due is left out; so is one that is not due yet.
    """
    due: datetime | None = None
    for entry in entries:
        promised = entry.changes.get("promised_at")
        new_due = parse_utc(promised[1]) if promised and promised[1] else None
        if due is not None and entry.move is Move.TELL:
            yield due, entry.at <= due
            due = None
        elif due is not None and (new_due or entry.status_to in ENDED):
            if entry.at > due:
                yield due, False
            due = None
        due = new_due or due
    if due is not None and due < now:
        yield due, False


def _list_open_times(entries: Sequence[TimelineEntry], end: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Yield from when to when it was open; one that is open still until ``end``."""
    since: datetime | None = None
    for entry in entries:
        is_open = entry.status_to not in _NOT_OPEN
        if since is not None and not is_open:
            yield since, entry.at
            since = None
        elif since is None and is_open:
            since = entry.at
        elif since is None and entry.move is Move.RAISE:
            yield entry.at, entry.at  # raised as solved
    if since is not None:
        yield since, end


def _find_outcome(status: Status) -> CaseOutcome:
    if status in SOLVED:
        return CaseOutcome.SOLVED
    return CaseOutcome.WITHDRAWN if status is Status.WITHDRAWN else CaseOutcome.OPEN


def _is_day_of(case: Escalation, period: ReportPeriod) -> bool:
    """Return whether 21Vianet's finding is of a day of the month."""
    return case.returned_on is not None and period.month.first_day <= case.returned_on <= period.month.last_day


def _find_delay(case: Escalation, entries: Sequence[TimelineEntry], moves: frozenset[Move]) -> timedelta | None:
    """Return how long after it was raised one of these moves came first."""
    first = next((entry.at for entry in entries if entry.move in moves), None)
    return None if first is None else max(timedelta(), first - case.raised_at)


def _sum_turns(
    timeline: CaseTimeline, open_times: Sequence[tuple[datetime, datetime]], period: ReportPeriod
) -> dict[Turn, timedelta]:
    """Return how long it was whose turn within the month, while it was open."""
    turns = timeline.turns
    return {
        turn: sum(
            (
                _overlap((start, end or period.end), open_time, (period.start, period.end))
                for start, end in turns.get(turn, ())
                for open_time in open_times
            ),
            timedelta(),
        )
        for turn in Turn
    }


def _overlap(*intervals: tuple[datetime, datetime]) -> timedelta:
    """Return how long all intervals last at once."""
    start, end = max(interval[0] for interval in intervals), min(interval[1] for interval in intervals)
    return max(timedelta(), end - start)
