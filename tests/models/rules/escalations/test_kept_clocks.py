"""Which promises were kept: decided from the history, and not before the time is over."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from models.rules.escalations.clocks import build_timeline
from models.rules.escalations.escalation import HistoryEntry, Move, Status
from models.rules.escalations.kept_clocks import KeptCount, count_kept, is_acknowledged_in_time, is_answered_in_time
from models.rules.policy.reader import load_packaged

NOW = datetime(2026, 11, 23, 2, tzinfo=UTC)  # a Monday, 10:00 in Beijing
POLICY = load_packaged()
TIMES = POLICY.reminder_times


def entry(seq: int, move: Move, at: datetime, status: Status, **changes: Any) -> HistoryEntry:
    return HistoryEntry(number=1, seq=seq, move=move, by="U1", at=at, status_to=status, changes=changes)


RAISED = entry(1, Move.RAISE, NOW, Status.OPEN, severity="A", service="azure", answers={})


def weekdays(_: object) -> bool:
    return True


@pytest.mark.parametrize(("after", "verdict"), [(timedelta(0), True), (timedelta(days=1), False)])
def test_an_acknowledgement_is_kept_or_missed_by_the_severity_it_was_raised_with(
    after: timedelta, verdict: bool
) -> None:
    taken = entry(2, Move.ACKNOWLEDGE, NOW + after, Status.ACKNOWLEDGED)

    assert is_acknowledged_in_time([RAISED, taken], TIMES, NOW + timedelta(days=2)) is verdict


def test_an_acknowledgement_is_undecided_while_there_is_time_and_missed_afterwards() -> None:
    assert is_acknowledged_in_time([RAISED], TIMES, NOW) is None
    assert is_acknowledged_in_time([RAISED], TIMES, NOW + timedelta(days=1)) is False


@pytest.mark.parametrize(
    ("after", "verdict"), [(timedelta(minutes=10), True), (timedelta(days=3), False), (None, False)]
)
def test_a_first_response_is_kept_or_missed_by_its_target(after: timedelta | None, verdict: bool) -> None:
    entries = [RAISED, entry(2, Move.RECORD, NOW, Status.SUBMITTED, request_number=[None, "1"])]
    if after is not None:
        at = NOW + after
        entries.append(
            entry(
                3, Move.CONTACT, at, Status.SUBMITTED, first_contact_at=[None, at.isoformat()], turn=["vendor", "ours"]
            )
        )

    now = NOW + timedelta(days=9)

    assert is_answered_in_time(build_timeline(entries), POLICY, weekdays, now) is verdict


def test_a_case_that_21vianet_has_not_got_decides_nothing() -> None:
    assert is_answered_in_time(build_timeline([RAISED]), POLICY, weekdays, NOW) is None


def test_only_decided_clocks_are_counted() -> None:
    assert count_kept([True, None, False, True]) == KeptCount(kept=2, missed=1)
