"""An action of a remediation plan: reminded until it is done, and quiet then."""

from datetime import date

from models.remediation.records import RemediationRecords
from models.rules.outbox.message_kinds import MessageKind
from models.rules.remediation.moves import RemediationStep
from models.rules.remediation.record import RemediationMove
from tests.models.reminders.conftest import DAY, HOUR, MINUTE, Duty
from tests.models.samples import EMMA, LI, NOW

TODAY = date(2026, 11, 22)
M = RemediationMove


def test_an_overdue_action_reminds_its_owner_and_the_leads_daily_until_it_is_done(duty: Duty) -> None:
    records = RemediationRecords(duty.store)
    opening = RemediationStep(M.OPEN, LI, NOW, TODAY, values={"requested_on": TODAY})
    records.carry_out(opening, "open")
    action = {"text": "Train", "owner": EMMA.id, "due": date(2026, 11, 25)}
    records.carry_out(RemediationStep(M.ADD_ACTION, LI, NOW, TODAY, values=action), "add", 1)

    duty.ticks(NOW + MINUTE, NOW + 5 * DAY)  # until Friday 27 November, 15:30

    told = [(one.to, one.at.day) for one in duty.said("remediation_action:1.1")]
    assert told == [(EMMA.id, 24), (EMMA.id, 25), (EMMA.id, 26), (LI.id, 26), (EMMA.id, 27), (LI.id, 27)]

    done = RemediationStep(M.FINISH_ACTION, EMMA, NOW + 5 * DAY + HOUR, date(2026, 11, 27), action=1)
    records.carry_out(done, "done", 1)
    duty.ticks(NOW + 5 * DAY + 2 * HOUR, NOW + 9 * DAY)
    assert [one for one in duty.said("remediation_action:", [MessageKind.REMINDER]) if one.at > done.at] == []


def test_the_meeting_is_announced_to_the_leads_a_day_before_and_on_the_day(duty: Duty) -> None:
    records = RemediationRecords(duty.store)
    values = {"requested_on": TODAY, "meeting_at": NOW + 3 * DAY}
    records.carry_out(RemediationStep(M.OPEN, LI, NOW, TODAY, values=values), "open")

    duty.ticks(NOW + MINUTE, NOW + 5 * DAY)

    assert [(one.to, one.at.day) for one in duty.said("remediation:1")] == [(LI.id, 24), (LI.id, 25)]
