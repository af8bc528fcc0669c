"""The simulator's auditor finds the same deadlines of duplicates as the program, from the history alone."""

from datetime import timedelta
from typing import Any

from bot.simulation.checks.case_deadlines import list_deadlines
from models.rules.escalations.deadlines import find_deadline
from models.rules.escalations.escalation import HistoryEntry, Move
from models.rules.escalations.transitions import advance, raise_escalation
from models.rules.policy.reader import load_packaged
from tests.models.samples import CHANNEL, LI, NOW, WANG, customer_request, step

HOUR = timedelta(hours=1)
POLICY = load_packaged()


def live(*moves: tuple[Move, dict[str, Any]]) -> tuple[list[HistoryEntry], list[Any]]:
    """One move each hour: the history, and what the program says is due after each entry."""
    request = customer_request(severity="B", answers={"impact": "Nobody works"})
    escalation, entry = raise_escalation(request, 7, CHANNEL, WANG, NOW)
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
