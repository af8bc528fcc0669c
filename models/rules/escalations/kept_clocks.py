"""Which promises of a case were kept: our acknowledgement, and 21Vianet's first response. From its history alone."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from models.rules.escalations.clocks import CaseTimeline, TimelineEntry, find_due_time
from models.rules.escalations.desk_hours import DeskHours, IsWorkday
from models.rules.escalations.escalation import HistoryEntry, Move
from models.rules.policy.reminders import ReminderTimes
from models.rules.policy.vendor import VendorPolicy


@dataclass(frozen=True)
class KeptCount:
    """How many times a clock was kept and missed. Cases that are not decided yet are in neither."""

    kept: int = 0
    missed: int = 0


def count_kept(verdicts: Iterable[bool | None]) -> KeptCount:
    """Count verdicts; None is not decided."""
    decided = [verdict for verdict in verdicts if verdict is not None]
    return KeptCount(decided.count(True), decided.count(False))


def is_acknowledged_in_time(
    entries: Sequence[HistoryEntry | TimelineEntry], times: ReminderTimes, now: datetime
) -> bool | None:
    """Return whether somebody took the case in time after it was raised, by the severity it was raised with.

    None while there is time left, and when it ended before anybody had to.
    """
    raised = next((entry for entry in entries if entry.move is Move.RAISE), None)
    severity = str(raised.changes.get("severity")) if raised else ""
    if raised is None or severity not in times.acknowledge:
        return None
    due: datetime = raised.at + times.acknowledge[severity]
    taken = next((entry for entry in entries if entry.move in _TAKING), None)
    if taken is not None:
        return taken.at <= due
    withdrawn = next((entry for entry in entries if entry.move is Move.WITHDRAW), None)
    return False if (withdrawn.at if withdrawn else now) > due else None


def is_answered_in_time(
    timeline: CaseTimeline, policy: VendorPolicy, is_workday: IsWorkday, now: datetime
) -> bool | None:
    """Return whether 21Vianet gave its first response in time; None without a target, or while there is time left.

    A return as inappropriate is a first response.
    """
    target = timeline.facts.find_target(policy)
    if target is None or not timeline.awaited:
        return None
    due = find_due_time(target, DeskHours(target.desk, is_workday), timeline.awaited)
    answered = timeline.facts.answered_at
    if answered is not None:
        return due is None or answered <= due
    return False if due is not None and due < now else None


_TAKING = frozenset({Move.ACKNOWLEDGE, Move.RECORD, Move.RESOLVE})
"""Moves after which the case is in somebody's hands."""
