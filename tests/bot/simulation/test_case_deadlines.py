"""The simulator's auditor finds the same deadlines as the program, from the history alone."""

from datetime import timedelta
from typing import Any

import pytest

from bot.simulation.checks.case_deadlines import list_deadlines
from models.rules.escalations.deadlines import find_deadline
from models.rules.escalations.escalation import HistoryEntry, Move
from models.rules.escalations.reviews import ReviewPolicy, add_review
from models.rules.escalations.transitions import advance, raise_escalation
from models.rules.policy.reader import load_packaged
from tests.models.samples import CHANNEL, LI, NOW, WANG, customer_request, step

MoveMade = tuple[Move, dict[str, Any]]
HOUR = timedelta(hours=1)
POLICY = load_packaged()
REVIEW = ReviewPolicy(POLICY.review, {"A": timedelta(), "B": 3 * HOUR, "C": 3 * HOUR})
PROMISED: tuple[MoveMade, ...] = (
    (Move.DUPLICATE, {}),
    (Move.ACKNOWLEDGE, {}),
    (Move.TELL, {"until": NOW + 7.5 * HOUR}),
)
"""What is due for its customer only: at 7.5 hours, and its owner is reminded at 6 hours."""
SNOOZE: MoveMade = (Move.SNOOZE, {"until": NOW + 7 * HOUR})
NOTE: MoveMade = (Move.NOTE, {})


def live(*moves: MoveMade, area: str = "") -> tuple[list[HistoryEntry], list[Any]]:
    """One move each hour: the history, and what the program says is due after each entry."""
    request = customer_request(severity="B", answers={"impact": "Nobody works", **({"area": area} if area else {})})
    escalation, entry = add_review(*raise_escalation(request, 7, CHANNEL, WANG, NOW), REVIEW)
    entries, due = [entry], []
    for n, (move, more) in enumerate(moves, 1):
        escalation, entry = advance(escalation, step(move, LI, NOW + n * HOUR, **more))
        entries.append(entry)
        due.append(find_deadline(escalation, POLICY.reminder_times))
    return entries, due


def test_a_duplicate_is_due_for_its_own_customer_only() -> None:
    entries, due = live(
        (Move.DUPLICATE, {}),
        (Move.ACKNOWLEDGE, {}),
        (Move.TELL, {"until": NOW + 5 * HOUR}),
        (Move.RESOLVE, {}),
        (Move.TELL, {}),
    )

    found = list(list_deadlines(entries, POLICY, NOW + 100 * HOUR))

    assert [deadline and deadline.due_at for deadline in due[:2]] == [None, None]
    assert [one.due_at for one in found] == [due[-1].due_at]
    late = list(list_deadlines(entries[:4], POLICY, NOW + 100 * HOUR))
    assert [(one.due_at, one.early_at) for one in late] == [(due[2].due_at, due[2].early_at)]


@pytest.mark.parametrize(
    ("moves", "early"),
    [
        ([NOTE], 6),
        ([SNOOZE], None),
        ([SNOOZE, NOTE], None),
        ([SNOOZE, (Move.WAKE, {})], 6),
        ([NOTE, NOTE, NOTE, (Move.SNOOZE, {"until": NOW + 7.4 * HOUR})], 6),
    ],
)
def test_a_snooze_beyond_two_thirds_of_the_time_leaves_the_early_reminder_out(
    moves: list[MoveMade], early: float | None
) -> None:
    entries, due = live(*PROMISED, *moves)

    found = list(list_deadlines(entries, POLICY, NOW + 100 * HOUR))

    expected = None if early is None else NOW + early * HOUR
    assert [(one.due_at, one.early_at) for one in found] == [(NOW + 7.5 * HOUR, expected)]
    assert {one.due_at for one in due[2:]} == {NOW + 7.5 * HOUR}
    assert expected in {one.early_at for one in due[3:]}


@pytest.mark.parametrize("moves", [[], [NOTE], [NOTE, NOTE, (Move.RELEASE, {})], [(Move.APPROVE, {})]])
def test_the_time_to_submit_counts_from_the_end_of_the_review(moves: list[MoveMade]) -> None:
    entries, due = live((Move.ACKNOWLEDGE, {}), *moves, area="how_to")

    found = list(list_deadlines(entries, POLICY, NOW + 100 * HOUR))

    assert found[-1].due_at == due[-1].due_at


def test_a_case_in_a_parent_is_due_for_its_own_customer_only() -> None:
    entries, due = live((Move.ACKNOWLEDGE, {}), (Move.PARENT, {}))

    found = list(list_deadlines(entries, POLICY, NOW + 1.5 * HOUR))

    assert due[-1] is None
    assert list(list_deadlines(entries, POLICY, NOW + 100 * HOUR)) == found
