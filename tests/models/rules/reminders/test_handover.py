"""The steps of a handover goes on until both presses are there."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from models.rules.reminders.handover import HandoverFacts, find_steps
from models.rules.reminders.subjects import HandoverName
from models.rules.rota.on_call import Slot

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
NAME = HandoverName(Slot("primary"), AT, "李娜", "王伟")


def test_a_handover_that_waits_is_looked_at_again_after_each_reminder_until_the_shift_is_over() -> None:
    end = AT + timedelta(hours=12)
    facts = HandoverFacts(NAME, end, "U0LINA", "U0WANG", AT - timedelta(days=30))

    now, due = AT, []
    while following := find_steps(facts, now).next_due:
        due.append(following)
        now = following

    waits = [later - earlier for earlier, later in pairwise(due)]
    assert due[0] == AT + timedelta(minutes=10)
    assert max(waits) == timedelta(minutes=30)
    assert end - due[-1] <= timedelta(minutes=30)
