"""What leads and owners read of returned cases and remediation plans, and how it folds once nothing is left to do."""

from datetime import date

import pytest

from handlers.notifications.message import Message
from models.remediation.records import RemediationRecords
from models.rules.escalations.escalation import Move
from models.rules.escalations.moves import ReturnFinding
from models.rules.remediation.moves import RemediationStep
from models.rules.remediation.record import RemediationMove
from models.store.database import Store
from tests.handlers import block_limits
from tests.handlers.notifications.test_reminders import DutyWithOutbox
from tests.models.reminders.conftest import DAY, HOUR, MINUTE, hasty
from tests.models.samples import EMMA, LI, NOW, raised, step

M = RemediationMove
TODAY = date(2026, 11, 22)


@pytest.fixture
def stage(store: Store) -> DutyWithOutbox:
    """A duty without a rota: nothing else is due."""
    return DutyWithOutbox(hasty(store))


def tell(stage: DutyWithOutbox, subject: str, hours: int, begin: int = 0) -> list[Message]:
    """What was said of a subject between two instants, in hours from now."""
    said = stage.until(NOW + begin * HOUR, NOW + hours * HOUR)
    return [m for d, m in said if (d.subject or "").startswith(subject) and isinstance(m, Message)]


def begin_plan(stage: DutyWithOutbox) -> RemediationRecords:
    """A record with a meeting on Wednesday 15:30 and an action that is due on Tuesday."""
    records = RemediationRecords(stage.store)
    values = {"requested_on": TODAY, "meeting_at": NOW + 3 * DAY}
    records.carry_out(RemediationStep(M.OPEN, LI, NOW, TODAY, values=values), "open")
    action = {"text": "Read <the> *article*", "owner": EMMA.id, "due": date(2026, 11, 24)}
    records.carry_out(RemediationStep(M.ADD_ACTION, LI, NOW, TODAY, values=action), "add", 1)
    return records


def test_the_warning_says_how_many_and_where_and_folds_below_the_threshold(stage: DutyWithOutbox) -> None:
    numbers = [raised(stage.commands, f"case-{n}").number for n in range(3)]
    for number in numbers:
        stage.commands.move(number, step(Move.RECORD), f"record-{number}")
        stage.commands.move(number, step(Move.RETURNED, LI), f"back-{number}")

    (warning,) = tell(stage, "returned", 1)

    read = block_limits.read(warning.blocks)
    assert "3 of 3 (100%)" in read
    assert "█ 3 of 3 (100%) · " in read, "each area says of how many"
    taken_back = step(Move.RETURNED, LI, NOW + HOUR, finding=ReturnFinding(None, "", TODAY), text="")
    stage.commands.move(numbers[0], taken_back, "taken-back")
    (folded,) = tell(stage, "returned", 3, 2)
    assert folded.update_ts
    assert "2 of 3 (67%)" in folded.text


def test_an_overdue_action_is_told_to_its_owner_and_the_leads_with_its_button(stage: DutyWithOutbox) -> None:
    records = begin_plan(stage)

    said = [m for m in tell(stage, "remediation_action:", 72) if not m.update_ts]

    assert {m.user for m in said} == {EMMA.id, LI.id}
    last = said[-1]
    assert "remediation.done" in str(last.blocks)
    assert "Read &lt;the&gt; ∗article∗" in str(last.blocks)
    records.carry_out(RemediationStep(M.FINISH_ACTION, EMMA, NOW + 73 * HOUR, TODAY, action=1), "done", 1)
    folded = tell(stage, "remediation_action:", 76, 73)
    assert folded
    assert all(m.update_ts and "remediation.done" not in str(m.blocks) for m in folded)


def test_a_meeting_that_was_moved_is_announced_at_its_new_time_only(stage: DutyWithOutbox) -> None:
    records = begin_plan(stage)
    values = {"requested_on": TODAY, "meeting_at": NOW + 10 * DAY}
    stage.at(NOW + MINUTE)
    records.carry_out(RemediationStep(M.CHANGE, LI, NOW + HOUR, TODAY, values=values), "move", 1)

    assert tell(stage, "remediation:", 5 * 24, 2) == []
    announced = [m for m in tell(stage, "remediation:", 11 * 24, 6 * 24) if not m.update_ts]
    assert [m.user for m in announced] == [LI.id, LI.id]
    assert "remediation.show" in str(announced[0].blocks)
